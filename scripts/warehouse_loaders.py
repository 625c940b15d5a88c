"""The loaders that are held against the tap: how each is run, and how its store is asked."""

from __future__ import annotations

import csv
import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psycopg
from psycopg.rows import dict_row

if TYPE_CHECKING:
    from collections.abc import Callable

Row = dict[str, Any]
VENVS = Path(__file__).resolve().parents[1] / ".warehouses"
BIN = Path(sys.executable).parent


@dataclass(frozen=True)
class Loader:
    """A Singer target.

    Args:
        name: Its short name, and its environment's.
        title: Its name and version, as the table has it.
        packages: What is installed into an environment of its own; nothing: it is ours.
        command: Its command there, relative to the environment's programs.
        config: Makes its configuration, of a folder and PostgreSQL's address.
        rows: Asks its store for all users, likewise.
    """

    name: str
    title: str
    packages: tuple[str, ...]
    command: tuple[str, ...]
    config: Callable[[Path, str], Row]
    rows: Callable[[Path, str], list[Row]]

    def load(self, messages: Path, folder: Path, warehouse: str) -> None:
        """Load a file of Singer messages."""
        config = folder / "config.json"
        config.write_text(json.dumps(self.config(folder, warehouse)))
        program, *rest = self.command
        with messages.open("rb") as source:
            subprocess.run(
                [_bin(self) / program, *rest, "--config", str(config)],
                stdin=source,
                stdout=subprocess.DEVNULL,
                stderr=(folder / "log").open("wb"),
                cwd=folder,
                check=True,
            )


def prepared(loader: Loader, root: Path) -> None:
    """Install a loader, once."""
    venv = VENVS / loader.name
    if loader.packages and not (venv / "installed").exists():
        subprocess.run([sys.executable, "-m", "venv", venv], check=True)
        uv = [BIN / "uv", "pip", "install", "--quiet", "--python", venv / "bin" / "python"]
        subprocess.run([*uv, *loader.packages], check=True, cwd=root)
        (venv / "installed").touch()


def _bin(loader: Loader) -> Path:
    return VENVS / loader.name / "bin" if loader.packages else BIN


def _postgres_rows(_: Path, warehouse: str) -> list[Row]:
    with psycopg.connect(warehouse, row_factory=dict_row) as connection:
        return connection.execute(
            "SELECT crmhero_user_id, email, name, first_seen_at::text, last_activity::text,"
            " attributes, _sdc_deleted_at FROM customerly.users"
        ).fetchall()


def _jsonl_rows(folder: Path, _: str) -> list[Row]:
    return [json.loads(line) for line in (folder / "users.jsonl").read_text("utf-8").splitlines()]


def _csv_rows(folder: Path, _: str) -> list[Row]:
    csv.field_size_limit(10**7)
    with (folder / "users.csv").open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


_ASK = """
import json, sys
import duckdb
connection = duckdb.connect(sys.argv[1])
found = connection.execute(
    "SELECT crmhero_user_id, email, name, attributes, _sdc_deleted_at,"
    " first_seen_at::varchar AS first_seen_at, last_activity::varchar AS last_activity"
    " FROM customerly.users"
)
names = [column[0].lower() for column in found.description]
print(json.dumps([dict(zip(names, row)) for row in found.fetchall()], default=str))
"""


def _duckdb_rows(folder: Path, _: str) -> list[Row]:
    program = VENVS / "duckdb" / "bin" / "python"
    done = subprocess.run(
        [program, "-c", _ASK, folder / "warehouse.duckdb"], check=True, stdout=subprocess.PIPE
    )
    rows: list[Row] = json.loads(done.stdout)
    return rows


LOADERS = (
    Loader(
        "postgres",
        "customerly-target-postgres",
        (),
        ("customerly-target-postgres",),
        lambda _, warehouse: {
            "sqlalchemy_url": warehouse.replace("://", "+psycopg://"),
            "default_target_schema": "customerly",
            "sanitize_null_text_characters": True,
            "validate_records": False,
            "use_copy": True,
        },
        _postgres_rows,
    ),
    Loader(
        "duckdb",
        "target-duckdb 0.8.0",
        ("target-duckdb==0.8.0", "duckdb==1.2.2"),
        ("target-duckdb",),
        lambda folder, _: {
            "path": str(folder / "warehouse.duckdb"),
            "default_target_schema": "customerly",
            "add_metadata_columns": True,
        },
        _duckdb_rows,
    ),
    Loader(
        "jsonl",
        "target-jsonl 0.1.4",
        ("target-jsonl==0.1.4",),
        ("target-jsonl",),
        lambda folder, _: {"destination_path": str(folder), "do_timestamp_file": False},
        _jsonl_rows,
    ),
    Loader(
        "csv",
        "target-csv 0.5.0",
        ("meltanolabs-target-csv==0.5.0",),
        ("target-csv",),
        lambda folder, _: {
            "output_path": str(folder),
            "overwrite_behavior": "replace_file",
            "validate_records": False,
        },
        _csv_rows,
    ),
)
"""Each loader, in the order of the table."""
