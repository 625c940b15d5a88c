"""The columns that target-postgres makes, their comments, and those that were there before."""

from __future__ import annotations

import io
import json
from typing import TYPE_CHECKING, Any

import psycopg
import pytest
import sqlalchemy
import warehouse_columns
from customerly.singer import postgres
from customerly.singer.postgres import WarehouseTarget
from tap_customerly.streams import STREAMS
from target_postgres.target import TargetPostgres

if TYPE_CHECKING:
    from collections.abc import Iterator

SCHEMA = "types"
TABLE = f"{SCHEMA}.people"
PROPERTIES: dict[str, dict[str, Any]] = {
    "id": {"type": ["integer"], "description": "The key"},
    "seen_at": {"type": ["string", "null"], "format": "date-time", "description": "When 'seen'"},
    "tags": {"type": ["array", "null"], "items": {"type": ["string", "null"]}},
    "segments": {"type": ["array", "null"], "items": {"type": "object"}},
    "events": {"type": ["object", "null"], "description": "How often what was done"},
}
ADA = {
    "id": 1,
    "seen_at": "2026-01-31T12:00:00.250000+00:00",
    "tags": ["vip", "a, b", 'quoted "x"', "\\"],
    "segments": [{"name": "trials", "rank": 1}, {"name": None}],
    "events": {"login": {"count": 3}},
}
NOBODY = {"id": 2, "seen_at": None, "tags": None, "segments": None, "events": None}
KINDS = {
    "id": "bigint",
    "seen_at": "timestamp with time zone",
    "tags": "text[]",
    "segments": "jsonb",
    "events": "jsonb",
}


@pytest.fixture
def database(warehouse: str) -> Iterator[psycopg.Connection]:
    """A connection to the server, whose zone is far from UTC, and an empty schema."""
    with psycopg.connect(warehouse, autocommit=True) as connection:
        connection.execute(f"DROP SCHEMA IF EXISTS {SCHEMA} CASCADE")
        (name,) = connection.execute("SELECT current_database()").fetchone() or ()
        connection.execute(f"ALTER DATABASE {name} SET timezone = 'Pacific/Auckland'")
        yield connection
        connection.execute(f"ALTER DATABASE {name} RESET timezone")


def load(
    warehouse: str,
    *records: dict[str, Any],
    kind: type[TargetPostgres] = WarehouseTarget,
    version: int | None = None,
    **config: Any,
) -> None:
    """Load records, and say that they are all there is where a version is given."""
    schema = {"type": "object", "description": "Everybody", "properties": PROPERTIES}
    messages: list[dict[str, Any]] = [
        {"type": "SCHEMA", "stream": "people", "schema": schema, "key_properties": ["id"]}
    ]
    for record in records:
        more = {"version": version} if version else {}
        messages.append({"type": "RECORD", "stream": "people", "record": record, **more})
    if version:
        messages.append({"type": "ACTIVATE_VERSION", "stream": "people", "version": version})
    settings = {
        "sqlalchemy_url": warehouse.replace("://", "+psycopg://"),
        "default_target_schema": SCHEMA,
        "validate_records": False,
        **config,
    }
    kind(config=settings).listen(io.StringIO("".join(json.dumps(m) + "\n" for m in messages)))


def kinds(database: psycopg.Connection) -> dict[str, str]:
    """The type of each column, as `\\d` shows it."""
    return dict(
        database.execute(
            "SELECT attname, format_type(atttypid, atttypmod) FROM pg_attribute"
            " WHERE attrelid = to_regclass(%s) AND attnum > 0",
            [TABLE],
        ).fetchall()
    )


def comments(database: psycopg.Connection) -> dict[str, str]:
    """The comment of each column; the table's is that of `people`."""
    return dict(
        database.execute(
            "SELECT coalesce(attname, 'people'), description FROM pg_description"
            " LEFT JOIN pg_attribute ON attrelid = objoid AND attnum = objsubid AND attnum > 0"
            " WHERE objoid = to_regclass(%s)",
            [TABLE],
        ).fetchall()
    )


@pytest.mark.parametrize("use_copy", [True, False])
def test_columns_have_types_for_people_who_query(
    warehouse: str, database: psycopg.Connection, use_copy: bool
) -> None:
    load(warehouse, ADA, NOBODY, use_copy=use_copy)
    found = kinds(database)
    assert {name: found[name] for name in KINDS} == KINDS
    assert not {"timestamp without time zone", "jsonb[]"} & {*found.values()}
    asked = f"SELECT id FROM {TABLE} WHERE 'a, b' = ANY (tags) AND seen_at = %s"
    assert database.execute(asked, [ADA["seen_at"]]).fetchall() == [(1,)]
    empty = f"SELECT id FROM {TABLE} WHERE num_nulls(seen_at, tags, segments, events) = 4"
    assert database.execute(empty).fetchall() == [(2,)]


def test_tables_and_columns_say_what_they_hold(
    warehouse: str, database: psycopg.Connection
) -> None:
    load(warehouse, ADA)
    found = comments(database)
    assert found["people"] == "Everybody"
    assert found["seen_at"] == "When 'seen'"
    assert found["_sdc_deleted_at"].startswith("When a full read found the record gone")
    database.execute(f"COMMENT ON COLUMN {TABLE}.seen_at IS 'our own words'")
    database.execute(f"COMMENT ON COLUMN {TABLE}.events IS NULL")
    load(warehouse, ADA)
    assert comments(database) == {**found, "seen_at": "our own words"}


def test_who_does_not_own_the_tables_can_load_into_them(
    warehouse: str, database: psycopg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The server has one role, so what the server refuses is a comment on a table of its own.
    refused = sqlalchemy.text("COMMENT ON TABLE pg_catalog.pg_class IS 'ours'")
    monkeypatch.setattr(postgres, "_comments", lambda *_: [refused])
    load(warehouse, ADA)
    assert database.execute(f"SELECT count(*) FROM {TABLE}").fetchone() == (1,)
    assert comments(database) == {}


@pytest.mark.parametrize("use_copy", [True, False])
def test_a_table_of_older_forms_keeps_them_and_takes_what_comes(
    warehouse: str, database: psycopg.Connection, use_copy: bool
) -> None:
    load(warehouse, {**ADA, "id": 3}, NOBODY, kind=TargetPostgres)
    database.execute(
        f"ALTER TABLE {TABLE} ALTER COLUMN tags TYPE jsonb USING to_jsonb(tags),"
        " ALTER COLUMN events TYPE text USING events::text"
    )
    before = kinds(database)
    assert before["seen_at"] == "timestamp without time zone"
    assert before["segments"] == "jsonb[]"
    load(warehouse, ADA, NOBODY, version=7, use_copy=use_copy)
    assert kinds(database) == before
    assert database.execute(
        f"SELECT seen_at::text, tags, to_jsonb(segments), events::jsonb FROM {TABLE} WHERE id = 1"
    ).fetchone() == ("2026-01-31 12:00:00.25", ADA["tags"], ADA["segments"], ADA["events"])
    empty = f"SELECT id FROM {TABLE} WHERE num_nulls(seen_at, tags, segments, events) = 4"
    assert database.execute(empty).fetchall() == [(2,)]
    marked = (
        f"SELECT id FROM {TABLE} WHERE"
        " _sdc_deleted_at > now() AT TIME ZONE 'UTC' - interval '1 hour'"
        " AND _sdc_deleted_at <= now() AT TIME ZONE 'UTC'"
    )
    assert database.execute(marked).fetchall() == [(3,)]


def test_every_stream_describes_itself_and_all_its_fields() -> None:
    for name, stream in STREAMS.items():
        schema = stream.record_schema
        assert schema["description"], name
        assert all(field["description"] for field in schema["properties"].values()), name


def test_the_docs_show_each_table_as_it_is(warehouse: str) -> None:
    page = warehouse_columns.PAGE.read_text()
    shown = warehouse_columns.tables(warehouse)
    marks = warehouse_columns.MARKS
    assert warehouse_columns.put(page, shown, marks) == page, "run `make conformance`"
