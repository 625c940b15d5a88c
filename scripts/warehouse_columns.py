"""Writes into docs/warehouses.md which tables and columns PostgreSQL gets, from its own catalog.

The schema of each stream is given to the loader that Meltano runs, and PostgreSQL is asked what it
made of it: `make conformance`. A test holds the page to it.
"""

from __future__ import annotations

import io
import json
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psycopg
from customerly.singer.postgres import WarehouseTarget
from tap_customerly.streams import LOCAL_STREAMS, STREAMS

if TYPE_CHECKING:
    from tap_customerly.streams import CustomerlyStream

PAGE = Path(__file__).resolve().parents[1] / "docs" / "warehouses.md"
MARKS = ("<!-- written by scripts/warehouse_columns.py -->", "<!-- end of the tables -->")
SCHEMA = "columns"

_SHORT = {"timestamp with time zone": "timestamptz"}
_COLUMNS = """
SELECT attname, format_type(atttypid, atttypmod), col_description(attrelid, attnum)
FROM pg_attribute
WHERE attrelid = to_regclass(%s) AND attnum > 0 AND NOT attisdropped
ORDER BY attnum
"""
_ABOUT = "SELECT obj_description(to_regclass(%s), 'pg_class')"

Row = tuple[str, str, str]


def tables(warehouse: str) -> str:
    """The tables that each stream's schema makes, as Markdown.

    Args:
        warehouse: PostgreSQL's address; the schema `columns` there is made anew.
    """
    streams = STREAMS | {name: stream for name, (_, stream) in LOCAL_STREAMS.items()}
    with psycopg.connect(warehouse, autocommit=True) as connection:
        connection.execute(f"DROP SCHEMA IF EXISTS {SCHEMA} CASCADE")
        _make(warehouse, [_message(name, stream) for name, stream in streams.items()])
        found = {name: _asked(connection, name) for name in streams}
    ours = {
        name: (about, [row for row in rows if not row[0].startswith("_sdc_")])
        for name, (about, rows) in found.items()
    }
    parts = [
        _table(", ".join(f"`{name}`" for name in names), *content)
        for content, names in groupby(ours, key=ours.__getitem__)
    ]
    _, rows = found["users"]
    metadata = [row for row in rows if row[0].startswith("_sdc_")]
    return "\n\n".join([*parts, _table("each table", "What the loader adds", metadata)])


def put(page: str, text: str, marks: tuple[str, str]) -> str:
    """A page with another text between two marks."""
    before, _, rest = page.partition(marks[0])
    _, _, after = rest.partition(marks[1])
    return f"{before}{marks[0]}\n\n{text}\n\n{marks[1]}{after}"


def _message(name: str, stream: type[CustomerlyStream]) -> dict[str, Any]:
    keys = list(stream.primary_keys)
    message = {"type": "SCHEMA", "stream": name, "key_properties": keys}
    return {**message, "schema": stream.record_schema}


def _make(warehouse: str, messages: list[dict[str, Any]]) -> None:
    address = warehouse.replace("://", "+psycopg://")
    target = WarehouseTarget(config={"sqlalchemy_url": address, "default_target_schema": SCHEMA})
    target.listen(io.StringIO("".join(json.dumps(message) + "\n" for message in messages)))


def _asked(connection: psycopg.Connection, name: str) -> tuple[str, list[Row]]:
    table = [f"{SCHEMA}.{name}"]
    ((about,),) = connection.execute(_ABOUT, table).fetchall()
    return about, connection.execute(_COLUMNS, table).fetchall()


def _table(name: str, about: str, rows: list[Row]) -> str:
    lines = [f"**{name}**: {about}.", "", "| column | type | |", "| --- | --- | --- |"]
    lines += [
        f"| `{column}` | `{_SHORT.get(kind, kind)}` | {says} |" for column, kind, says in rows
    ]
    return "\n".join(lines)
