"""Loading a sandbox into a warehouse and building the models there, without Meltano."""

from __future__ import annotations

import json
import os
import subprocess
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import psycopg
from pipelines import ROOT
from psycopg.rows import dict_row

from tests.support.run import BIN

if TYPE_CHECKING:
    from pathlib import Path

    from customerly_sandbox import Sandbox

PLUGIN = ROOT / ".meltano" / "utilities" / "dbt-postgres" / "venv" / "bin"
DBT, DBT_PYTHON = PLUGIN / "dbt", PLUGIN / "python"

TARGET_DUCKDB = ROOT / ".meltano" / "loaders" / "target-duckdb" / "venv" / "bin" / "target-duckdb"

Row = dict[str, Any]


@dataclass
class Loader:
    """Runs the tap on a sandbox, with state, into the PostgreSQL of an address.

    Args:
        sandbox: What is read.
        warehouse: PostgreSQL's address.
        folder: Where configuration, state and output go.
        more: More of the tap's settings.
    """

    sandbox: Sandbox
    warehouse: str
    folder: Path
    more: Row = field(default_factory=dict)

    def load(self, *, full: bool = False, schema: str = "customerly") -> Path:
        """Read every stream; returns what the tap wrote.

        Args:
            full: Read everything again, so that what is gone is marked.
            schema: Where the tables are.
        """
        tap = self._file("tap", {**self.sandbox.config, **self.more})
        target = {
            "sqlalchemy_url": self.warehouse.replace("://", "+psycopg://"),
            "default_target_schema": schema,
            "validate_records": False,
            "hard_delete": False,
        }
        catalog = self._file("catalog", self._catalog(tap, full=full))
        state = self.folder / "state.json"
        command = [BIN / "tap-customerly", "--config", tap, "--catalog", catalog]
        if state.exists() and not full:
            command += ["--state", state]
        messages = self.folder / "messages.singer"
        with messages.open("wb") as output:
            run(command, stdout=output)
        with messages.open("rb") as source:
            loaded = run(
                [BIN / "customerly-target-postgres", "--config", self._file("target", target)],
                stdin=source,
                stdout=subprocess.PIPE,
            )
        state.write_bytes(loaded.strip().splitlines()[-1])
        return messages

    def _catalog(self, tap: Path, *, full: bool) -> Row:
        discovered = run(
            [BIN / "tap-customerly", "--config", tap, "--discover"], stdout=subprocess.PIPE
        )
        catalog: Row = json.loads(discovered)
        for entry in catalog["streams"]:
            if full:
                entry["replication_method"] = "FULL_TABLE"
            for item in entry["metadata"]:
                item["metadata"]["selected"] = True
                if full and not item["breadcrumb"]:
                    item["metadata"]["forced-replication-method"] = "FULL_TABLE"
        return catalog

    def _file(self, name: str, content: Row) -> Path:
        path = self.folder / f"{name}.json"
        path.write_text(json.dumps(content), encoding="utf-8")
        return path


def run(command: list[Any], **options: Any) -> bytes:
    """Run a command that has to go well; returns its standard output."""
    done = subprocess.run(command, stderr=subprocess.PIPE, check=False, **options)
    assert done.returncode == 0, (done.stderr or done.stdout or b"").decode(errors="replace")[
        -3000:
    ]
    return done.stdout or b""


def dbt(*arguments: str, folder: Path, **variables: str) -> None:
    """Run dbt on the project, with a target folder of its own.

    Args:
        *arguments: What it is to do.
        folder: Where its output goes.
        **variables: Environment variables.
    """
    assert DBT.exists(), "dbt is missing: run `make install`"
    project = ROOT / "transform"
    env = {
        key: value for key, value in os.environ.items() if not key.startswith(("DBT_", "TARGET_"))
    }
    env |= {
        "DBT_TARGET_PATH": str(folder / "target"),
        "DBT_LOG_PATH": str(folder / "logs"),
        **variables,
    }
    env |= {"DBT_PROJECT_DIR": str(project), "DBT_PROFILES_DIR": str(project), "NO_COLOR": "1"}
    options = ["--quiet", "--no-use-colors", "--warn-error-options", '{"error": "all"}']
    done = subprocess.run(
        [DBT, *options, *arguments],
        env=env,
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]


def load_duckdb(messages: Path, folder: Path) -> Path:
    """Load what a tap wrote with target-duckdb; returns the path of the DuckDB file."""
    path = folder / "warehouse.duckdb"
    config = folder / "duckdb.json"
    config.write_text(
        json.dumps(
            {
                "path": str(path),
                "default_target_schema": "customerly",
                "add_metadata_columns": True,
                "hard_delete": False,
            }
        )
    )
    with messages.open("rb") as source:
        run([TARGET_DUCKDB, "--config", config], stdin=source, stdout=subprocess.DEVNULL)
    return path


def ask_postgres(warehouse: str, sql: str) -> list[Row]:
    """The rows of a query."""
    with psycopg.connect(warehouse, row_factory=dict_row) as connection:
        connection.execute("SET TIME ZONE 'UTC'")
        return connection.execute(sql.encode()).fetchall()


_ASK_DUCKDB = """
import datetime, decimal, json, sys, duckdb
def plain(value):
    if isinstance(value, decimal.Decimal):
        return float(value)
    return value.isoformat() if isinstance(value, datetime.date) else value
connection = duckdb.connect(sys.argv[1], read_only=True)
connection.execute("SET TimeZone = 'UTC'")
found = connection.execute(sys.argv[2])
names = [column[0] for column in found.description]
print(json.dumps([dict(zip(names, row)) for row in found.fetchall()], default=plain))
"""


def ask_duckdb(path: Path, sql: str) -> list[Row]:
    """The rows of a query; dates and times are ISO texts."""
    found = run([DBT_PYTHON, "-c", _ASK_DUCKDB, path, sql], stdout=subprocess.PIPE)
    rows: list[Row] = json.loads(found)
    return rows
