"""Loading a sandbox into a warehouse and building the models there, without Meltano."""

from __future__ import annotations

import io
import json
import os
import subprocess
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import psycopg
from customerly.singer.postgres import WarehouseTarget
from pipelines import ROOT
from psycopg.rows import dict_row

from tests.support.tap import discovered, run_tap

if TYPE_CHECKING:
    from customerly_sandbox import Sandbox
    from target_postgres.target import TargetPostgres

DBT_PYTHON = ROOT / ".meltano" / "utilities" / "dbt-postgres" / "venv" / "bin" / "python"
TARGET_DUCKDB = ROOT / ".meltano" / "loaders" / "target-duckdb" / "venv" / "bin" / "target-duckdb"
PROJECT = ROOT / "transform"
VARIABLE = "TARGET_POSTGRES_SQLALCHEMY_URL"

Row = dict[str, Any]


@dataclass
class Loader:
    """Reads a sandbox with the tap, with state, and loads what it wrote into PostgreSQL.

    Args:
        sandbox: What is read.
        warehouse: PostgreSQL's address.
        schema: Where the tables are.
        more: More of the tap's settings.
        written: What the tap wrote last.
    """

    sandbox: Sandbox
    warehouse: str
    schema: str = "customerly"
    more: Row = field(default_factory=dict)
    written: str = ""
    _state: Row | None = None

    def load(self, *, full: bool = False) -> None:
        """Read every stream, and load it.

        Args:
            full: Read everything again, so that what is gone is marked.
        """
        self.read(full=full)
        self.put()

    def read(self, *, full: bool = False) -> None:
        """Read every stream."""
        config = {**self.sandbox.config, **self.more}
        catalog = discovered(config)
        for entry in catalog["streams"]:
            entry["replication_method"] = "FULL_TABLE" if full else entry["replication_method"]
            for item in entry["metadata"]:
                item["metadata"]["selected"] = True
                if full and not item["breadcrumb"]:
                    item["metadata"]["forced-replication-method"] = "FULL_TABLE"
        run = run_tap(config, catalog=catalog, state=None if full else self._state)
        assert run.code == 0, run.stderr[-3000:]
        self.written, self._state = run.stdout, run.state

    def put(self, kind: type[TargetPostgres] = WarehouseTarget) -> None:
        """Load what was read last."""
        config = {
            "sqlalchemy_url": driven(self.warehouse),
            "default_target_schema": self.schema,
            "validate_records": False,
            "hard_delete": False,
        }
        kind(config=config).listen(io.StringIO(self.written))


def driven(warehouse: str) -> str:
    """PostgreSQL's address with the driver's name, as the plugins want it."""
    return warehouse.replace("://", "+psycopg://")


def load_duckdb(messages: str, folder: Path) -> Path:
    """Load what a tap wrote with target-duckdb; returns the path of the DuckDB file."""
    path, config = folder / "warehouse.duckdb", folder / "duckdb.json"
    settings = {"default_target_schema": "customerly", "add_metadata_columns": True}
    config.write_text(json.dumps({"path": str(path), "hard_delete": False, **settings}))
    done = subprocess.run(
        [TARGET_DUCKDB, "--config", config],
        input=messages,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return path


class Dbt:
    """dbt, in one process that does one thing after the other; for a `with` block.

    Args:
        folder: Where its output goes, and its log.
    """

    def __init__(self, folder: Path) -> None:
        self.target = folder / "target"
        self._logs = folder / "logs"

    def __enter__(self) -> Self:
        assert DBT_PYTHON.exists(), "dbt is missing: run `make install`"
        self._logs.mkdir(parents=True)
        with (self._logs / "worker.log").open("wb") as log:
            self._process = subprocess.Popen(
                [DBT_PYTHON, Path(__file__).with_name("dbt_worker.py")],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
                env={**os.environ, "NO_COLOR": "1"},
            )
        return self

    def __exit__(self, *_: object) -> None:
        with self._process:
            self._process.kill()  # it holds nothing that is still to be written

    def __call__(self, *arguments: str, **variables: str) -> None:
        """Run dbt on the project.

        Args:
            *arguments: What it is to do.
            **variables: Environment variables.
        """
        env = {
            "DBT_PROJECT_DIR": str(PROJECT),
            "DBT_PROFILES_DIR": str(PROJECT),
            "DBT_TARGET_PATH": str(self.target),
            "DBT_LOG_PATH": str(self._logs),
            **variables,
        }
        failed = self._do({"dbt": arguments, "env": env})["failed"]
        assert failed is None, failed

    def ask_duckdb(self, path: Path, sql: str) -> list[Row]:
        """The rows of a query; dates and times are ISO texts."""
        rows: list[Row] = self._do({"duckdb_path": str(path), "sql": sql})["rows"]
        return rows

    def _do(self, task: Row) -> Row:
        self._process.stdin.write(json.dumps(task) + "\n")
        self._process.stdin.flush()
        answer = self._process.stdout.readline()
        assert answer, (self._logs / "worker.log").read_text()[-3000:]
        found: Row = json.loads(answer)
        return found


def ask_postgres(warehouse: str, sql: str) -> list[Row]:
    """The rows of a query."""
    with psycopg.connect(warehouse, row_factory=dict_row) as connection:
        connection.execute("SET TIME ZONE 'UTC'")
        return connection.execute(sql.encode()).fetchall()
