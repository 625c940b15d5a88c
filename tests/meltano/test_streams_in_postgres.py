"""Every stream in a real PostgreSQL, column by column, as the plugin target-postgres loads it."""

from __future__ import annotations

import datetime as dt
import json
from decimal import Decimal
from typing import Any

import psycopg
import pytest
from customerly.singer.postgres import WarehouseTarget
from customerly.webhooks.delivery import NewDelivery
from customerly.webhooks.spool import Spool
from psycopg.rows import dict_row
from tap_customerly.streams import STREAMS
from target_postgres.target import TargetPostgres

from tests.support.run import invoke
from tests.support.tap import discovered, run_tap, selecting

SCHEMA = "streams"


@pytest.fixture
def load(warehouse, tmp_path):
    """Loads what the tap wrote, and returns a function that reads a table."""
    with psycopg.connect(warehouse) as connection:
        connection.execute(f"DROP SCHEMA IF EXISTS {SCHEMA} CASCADE")
    config = tmp_path / "target.json"
    config.write_text(
        json.dumps(
            {
                "sqlalchemy_url": warehouse.replace("postgresql:", "postgresql+psycopg:"),
                "default_target_schema": SCHEMA,
                "sanitize_null_text_characters": True,
                "use_copy": True,
                "validate_records": False,
            }
        )
    )

    def loaded(run, target=WarehouseTarget, **settings):
        assert run.code == 0, run.stderr
        config.write_text(json.dumps({**json.loads(config.read_text()), **settings}))
        given = tmp_path / "messages.jsonl"
        given.write_text(run.stdout)
        done = invoke(lambda: target.cli, "--config", str(config), "--input", str(given))
        assert done.code == 0, done.stderr[-2000:]
        return lambda table, order="1": rows(warehouse, table, order)

    return loaded


def rows(warehouse, table, order) -> list[dict[str, Any]]:
    with psycopg.connect(warehouse, row_factory=dict_row) as connection:
        return connection.execute(f'SELECT * FROM {SCHEMA}."{table}" ORDER BY {order}').fetchall()


def as_record(value: Any) -> Any:
    """A column's value in the form in which the record has it."""
    if isinstance(value, dt.datetime):
        return value.astimezone(dt.UTC).isoformat()
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    return value


def in_seconds(value: Any) -> Any:
    if isinstance(value, str) and value.endswith("Z") and value[4:5] == "-":
        return dt.datetime.fromisoformat(value).isoformat()
    return value


def test_every_stream_arrives_column_by_column(load, make_sandbox, tmp_path):
    sandbox = make_sandbox(users=120, leads=40)
    with Spool(tmp_path / "spool") as spool:
        bodies = [b'{"event": "x", "data": {"user": {"data": {"email": "a@b.cd"}}}}', b"plain"]
        spool.append([NewDelivery(10**15, "hook", {"a": "1"}, {"h": "v"}, body) for body in bodies])
    config = {
        **sandbox.config,
        "webhook_spool": str(tmp_path / "spool"),
        "custom_streams": [{"name": "team", "path": "accounts/", "primary_keys": ["account_id"]}],
    }
    names = [*STREAMS, "webhook_events", "team"]
    run = run_tap(config, catalog=selecting(*names, config=config))
    table = load(run)
    for name in names:
        records, fields = run.records(name), run.schema(name)["properties"]
        assert records, name
        (key,) = run.of("SCHEMA", name)[0]["key_properties"]
        stored = {str(row[key]): row for row in table(name)}
        assert len(stored) == len({record[key] for record in records}), name
        for record in records:
            row = stored[str(record[key])]
            for field, value in record.items():
                kinds = fields[field]["type"]
                expected = in_seconds(value)
                if "integer" in kinds and "string" in kinds:  # a key of unknown type
                    expected = str(value)
                assert as_record(row[field]) == expected, (name, field)


FLAT = {"discover_attributes": True, "flattening_enabled": True, "flattening_max_depth": 1}


def flat_run(config, state=None):
    """A run as Meltano makes it: it discovers first, and then reads with that catalog."""
    catalog = discovered(config)
    for entry in catalog["streams"]:
        root = next(item for item in entry["metadata"] if not item["breadcrumb"])
        root["metadata"]["selected"] = entry["tap_stream_id"] == "users"
    return run_tap(config, catalog=catalog, state=state)


def attributes_of(row):
    """All that a row holds of the contact's attributes, as a person would look for it."""
    flat = {k.removeprefix("attributes__"): v for k, v in row.items() if k.startswith("attributes")}
    kept = json.loads(row["additional_fields"] or "{}").get("attributes", {})
    return {**{k: as_record(v) for k, v in flat.items() if v is not None}, **kept}


def test_flattened_attributes_stay_current_whatever_becomes_of_their_types(load, make_sandbox):
    sandbox = make_sandbox(users=0, leads=0)
    config = {**sandbox.config, **FLAT}
    long = "n" * 60
    twins = {"t" * 51 + end: end for end in ("one", "two")}
    state, table = None, None
    alike = {"Case": 1, "case": 2}
    for seats, trial in ((5, True), (1.5, 5), ("many", "soon"), (7, False)):
        contact = {"seats": seats, "trial": trial, long: seats, **twins, **alike}
        sandbox.upsert("users", {"email": "ada@example.com", "attributes": contact})
        run = flat_run(config, state)
        table, state = load(run), run.state
        (row,) = table("users")
        kept = sandbox.find("users", email="ada@example.com")["attributes"]
        assert attributes_of(row) == kept
        assert all(len(column.encode()) <= 63 for column in row)
        sandbox.advance(60)


def test_an_attribute_outside_the_sample_reaches_the_warehouse(load, make_sandbox):
    sandbox = make_sandbox(users=0, leads=0)
    config = {**sandbox.config, **FLAT}
    people = [
        {"email": f"{n}@example.com", "attributes": {"rare": n} if n == 150 else {"plan": "pro"}}
        for n in range(300)
    ]
    for person in people:
        sandbox.upsert("users", person)
        sandbox.advance(1)
    table = load(flat_run(config))
    rare = next(row for row in table("users") if row["email"] == "150@example.com")
    assert attributes_of(rare) == {"rare": 150}


def test_an_attribute_that_leaves_the_sample_stays_current(load, make_sandbox):
    sandbox = make_sandbox(users=0, leads=0)
    config = {**sandbox.config, **FLAT, "lookback": 0}
    for number in range(150):
        sandbox.upsert("users", {"email": f"old{number}@example.com"})
    sandbox.advance(60)
    sandbox.upsert("users", {"email": "ada@example.com", "attributes": {"seats": 1}})
    first = flat_run(config)
    load(first)
    sandbox.advance(60)
    for number in range(250):
        sandbox.upsert("users", {"email": f"{number}@example.com", "attributes": {"plan": "pro"}})
    sandbox.advance(60)
    sandbox.upsert("users", {"email": "ada@example.com", "attributes": {"seats": 2}})
    sandbox.advance(60)
    for number in range(250):
        sandbox.upsert("users", {"email": f"{number}@example.com", "attributes": {"plan": "x"}})
    catalog = discovered(config)
    users = next(e for e in catalog["streams"] if e["tap_stream_id"] == "users")
    assert "seats" not in users["schema"]["properties"]["attributes"]["properties"]
    table = load(run_tap(config, catalog=catalog, state=first.state))
    ada = next(row for row in table("users") if row["email"] == "ada@example.com")
    assert ada["attributes__seats"] == 2


def json_nulls(warehouse) -> dict[str, int]:
    """How often each JSON column holds JSON `null`, which is no missing value to SQL."""
    with psycopg.connect(warehouse) as connection:
        columns = connection.execute(
            "SELECT table_name, column_name FROM information_schema.columns "
            f"WHERE table_schema = '{SCHEMA}' AND data_type = 'jsonb'"
        ).fetchall()
        found = {}
        for table, column in columns:
            query = f"""SELECT count(*) FROM {SCHEMA}."{table}" WHERE "{column}" = 'null'"""
            ((found[f"{table}.{column}"],),) = connection.execute(query)
    return found


@pytest.mark.parametrize("use_copy", [True, False])
def test_a_missing_object_or_list_is_sql_null(load, warehouse, make_sandbox, tmp_path, use_copy):
    sandbox = make_sandbox(users=5, leads=0)
    with Spool(tmp_path / "spool") as spool:
        bodies = [b"plain", b'{"event": "x", "data": {"a": 1}}']
        spool.append([NewDelivery(10**15, "hook", {}, {}, body) for body in bodies])
    config = {**sandbox.config, "webhook_spool": str(tmp_path / "spool")}
    names = ("user_details", "webhook_events")
    run = run_tap(config, catalog=selecting(*names, config=config))
    load(run, TargetPostgres)
    before = json_nulls(warehouse)
    assert before["webhook_events.body"] == 1
    table = load(run, use_copy=use_copy)  # into the tables that the library's own target made
    assert set(json_nulls(warehouse).values()) == {0}
    assert [row["body"] for row in table("webhook_events", "sequence")] == [
        None,
        json.loads(bodies[1]),
    ]


def test_odd_tag_names_let_the_rest_be_loaded(load, make_sandbox):
    sandbox = make_sandbox(users=3, leads=0)
    for name in ("x" * 4000, "é" * 3000, "VIP", "vip", "Vip", " ", "a\u0000b", "🦊" * 400):
        sandbox.upsert("users", {"email": "ada@example.com", "tags": [name]})
    run = run_tap(sandbox.config, catalog=selecting("tags", "user_details"))
    table = load(run)
    stored = {row["name"] for row in table("tags")}
    assert {"VIP", "vip", "Vip", "🦊" * 400} <= stored
    assert any("2 records without name, or with one of more than" in c for c in run.complaints)
    assert len(table("user_details")) == 4
