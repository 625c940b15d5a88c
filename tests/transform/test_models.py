"""Each mart against the sandbox's own state, in both warehouses, and of two projects united."""

from __future__ import annotations

import json
from collections import Counter
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import psycopg
import pytest

from tests.transform import truth
from tests.transform.building import VARIABLE
from tests.transform.conftest import UNITED

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tests.transform.building import Dbt, Row
    from tests.transform.conftest import Models


def plain(value: Any) -> Any:
    """A value as either warehouse tells it."""
    if isinstance(value, Decimal):
        return float(value)
    return value.isoformat() if isinstance(value, date | datetime) else value


def same(found: Iterable[Row], wanted: Iterable[Row], *key: str) -> None:
    """Each wanted row was found, and no other; columns that no wanted row has don't matter."""
    by_key = [
        {tuple(str(row[name]) for name in key): row for row in rows} for rows in (found, wanted)
    ]
    assert by_key[0].keys() == by_key[1].keys()
    for name, row in by_key[1].items():
        assert {column: plain(by_key[0][name][column]) for column in row} == row


def test_contacts(models: Models) -> None:
    found = models.rows("customerly__contacts", "NOT is_deleted")
    same(found, truth.contacts(models.story.state), "contact_id")


def test_daily_contacts(models: Models) -> None:
    rows = sorted(models.rows("customerly__daily_contacts"), key=lambda row: row["date_day"])
    new = truth.daily(models.story.state)
    gone = models.rows("customerly__contacts", "is_deleted")
    for row in gone:
        day = plain(row["first_seen_at"])[:10]
        new[day] = new.get(day, 0) + 1
    assert {
        plain(row["date_day"]): row["new_contacts"] for row in rows if row["new_contacts"]
    } == new
    assert rows[-1]["contacts"] == len(truth.living(models.story.state))
    assert sum(row["deleted_contacts"] for row in rows) == len(gone)


def test_acquisition(models: Models) -> None:
    found = models.rows("customerly__acquisition")
    keys = ("utm_source", "utm_medium", "utm_campaign")
    same(found, truth.acquisition(models.story.state), *keys)


def test_tags(models: Models) -> None:
    found = models.rows("customerly__tags")
    same(found, truth.tags(models.story.state), "tag")


def test_deliverability(models: Models) -> None:
    found = models.rows("customerly__deliverability")
    same(found, truth.deliverability(models.story.state), "contact_type")


def test_nps(models: Models) -> None:
    found = models.rows("customerly__nps")
    same(found, truth.nps(models.story.state), "contact_type")


def test_attributes(models: Models) -> None:
    found = models.rows("customerly__attributes", "attribute = 'plan'")
    wanted = truth.attributes(models.story.state, "plan")
    assert {row["value"]: row["contacts"] for row in found} == wanted


def test_article_performance(models: Models) -> None:
    found = models.rows("customerly__article_performance")
    same(found, truth.articles(models.story.state), "article_id")


def test_webhook_events_by_day(models: Models) -> None:
    found = models.rows("customerly__webhook_events_daily")
    sent = models.story.deliveries
    wanted = [
        {
            "date_day": "2026-09-21",
            "event": event,
            "deliveries": sum(name == event for name, _ in sent),
            "distinct_deliveries": len({email for name, email in sent if name == event}),
            "contacts": len({email for name, email in sent if name == event}),
        }
        for event in {name for name, _ in sent}
    ]
    same(found, wanted, "event")


def test_events_segments_and_companies_of_each_contact(models: Models) -> None:
    contacts = truth.living(models.story.state)
    there = f"contact_key IN (SELECT contact_key FROM {models.schema}.customerly__contacts"
    there += " WHERE NOT is_deleted)"
    events = models.rows("stg_customerly__contact_events", there)
    same(
        events,
        [
            {
                "contact_id": contact["crmhero_user_id"],
                "event": name,
                "first_at": truth.moment(event["first"]),
                "last_at": truth.moment(event["last"]),
                "times": event["count"],
            }
            for contact in contacts
            for name, event in contact["user_events"].items()
        ],
        *("contact_id", "event"),
    )
    segments = models.rows("stg_customerly__contact_segments", there)
    same(
        segments,
        [
            {
                "contact_id": contact["crmhero_user_id"],
                "segment_id": str(segment["segment_id"]),
                "segment": segment["name"],
                "entered_at": truth.moment(segment["entry_date"]),
            }
            for contact in contacts
            for segment in contact["user_segments"]
        ],
        *("contact_id", "segment_id"),
    )
    companies = models.rows("stg_customerly__contact_companies", there)
    same(
        companies,
        [
            {
                "contact_id": contact["crmhero_user_id"],
                "company_id": company["company_id"],
                "company": company["company_name"],
            }
            for contact in contacts
            for company in contact["companies"]
        ],
        *("contact_id", "company_id"),
    )


def test_what_changed_between_two_builds_is_told(in_postgres: Models) -> None:
    rows = in_postgres.rows("customerly__contact_changes")
    found: dict[str, set[int]] = {}
    for row in rows:
        found.setdefault(row["change"], set()).add(row["contact_id"])
    assert found == in_postgres.story.done


def test_times_have_a_zone_and_tags_can_be_asked_for_with_any(in_postgres: Models) -> None:
    asked = (
        "SELECT contact_id FROM customerly_models.customerly__contacts"
        f" WHERE 'brand new' = ANY (tags) AND project = '{in_postgres.project}'"
    )
    tagged = {
        contact["crmhero_user_id"]
        for contact in truth.living(in_postgres.story.state)
        if "brand new" in contact["user_tags"]
    }
    assert tagged
    assert {row["contact_id"] for row in in_postgres.ask(asked)} == tagged
    naive = in_postgres.ask(
        "SELECT table_name, column_name FROM information_schema.columns"
        " WHERE table_schema = 'customerly_models' AND column_name NOT LIKE 'dbt\\_%'"
        " AND column_name <> 'seen_at' AND data_type = 'timestamp without time zone'"
    )
    assert naive == []


@pytest.mark.parametrize("warehouse_of", ["in_postgres", "in_duckdb"])
def test_what_activate_writes_is_one_row_a_user(
    request: pytest.FixtureRequest, warehouse_of: str
) -> None:
    models: Models = request.getfixturevalue(warehouse_of)
    found = models.ask("SELECT email FROM customerly_models.customerly_users")
    wanted = {user["email"] for user in models.story.state["users"] if user["email"]}
    assert sorted(row["email"] for row in found) == sorted(wanted)


def test_what_each_run_of_the_target_did(models: Models) -> None:
    found = models.rows("customerly__operations")
    kinds = ("run", "stream", "operation", "status", "reason")
    wanted = Counter(tuple(str(line[name]) for name in kinds) for line in models.story.log)
    assert wanted or not found
    by_kind = {
        tuple(str(row[name]) for name in ("run_id", *kinds[1:])): row["operations"] for row in found
    }
    assert by_kind == wanted


def test_tables_of_older_types_are_read_as_well(in_postgres: Models) -> None:
    types = in_postgres.ask(
        "SELECT table_schema, udt_name FROM information_schema.columns"
        " WHERE table_name = 'users' AND column_name = 'last_update' AND table_schema <> 'large'"
    )
    found = {row["table_schema"]: row["udt_name"] for row in types}
    assert found == {"customerly": "timestamptz", "older": "timestamp"}


def test_a_table_that_dbt_has_not_noticed_yet_is_found(
    in_postgres: Models, warehouse: str, dbt: Dbt
) -> None:
    """As where another thread is listing its schema: dbt then knows some tables of it."""
    assert in_postgres.rows("customerly__contacts")
    noticed = "api.Relation.create(database='customerly', schema='older', identifier='leads')"
    query = (
        f"{{% do adapter.cache_added({noticed}) %}}"
        "select count(*) from {{ table_of('users', 'older') }}"
    )
    dbt("show", "--inline", query, **{VARIABLE: warehouse}, **UNITED)


def test_how_old_each_source_is_can_be_asked(in_postgres: Models, warehouse: str, dbt: Dbt) -> None:
    dbt("source", "freshness", **{VARIABLE: warehouse}, **UNITED)
    found = json.loads((dbt.target / "sources.json").read_text())["results"]
    ages = {each["unique_id"].rpartition(".")[2]: each for each in found}
    assert {name: each["status"] for name, each in ages.items()} == dict.fromkeys(
        ("users", "leads", "tags"), "pass"
    )
    (newest,) = in_postgres.ask("SELECT max(_sdc_extracted_at) AS at FROM customerly.users")
    said = datetime.fromisoformat(ages["users"]["max_loaded_at"])
    assert said == newest["at"]


def test_an_address_with_odd_characters_reaches_dbt_as_it_is_meant(
    warehouse: str, dbt: Dbt
) -> None:
    password = "p@ss:w/örd%41?&=#"
    change = f"ALTER ROLE customerly PASSWORD '{password}'"
    with psycopg.connect(warehouse, autocommit=True) as connection:
        connection.execute(change.encode())
        try:
            odd = warehouse.replace(":sandbox@", f":{quote(password, safe='')}@")
            dbt("debug", "--connection", **{VARIABLE: odd})
        finally:
            connection.execute("ALTER ROLE customerly PASSWORD 'sandbox'")


def test_the_documentation_is_one_page_with_every_model(
    in_postgres: Models, warehouse: str, dbt: Dbt
) -> None:
    dbt("docs", "generate", "--static", "--no-compile", **{VARIABLE: warehouse}, **UNITED)
    page = (dbt.target / "static_index.html").read_text()
    manifest = json.loads((dbt.target / "manifest.json").read_text())
    models = [
        node
        for node in manifest["nodes"].values()
        if node["resource_type"] in {"model", "snapshot"}
    ]
    assert len(models) > 20
    for model in models:
        assert model["name"] in page
        assert model["description"], model["name"]
    columns = json.loads((dbt.target / "catalog.json").read_text())["nodes"]
    for model in models:
        built = columns[model["unique_id"]]["columns"]
        described = {name for name, each in model["columns"].items() if each["description"]}
        assert set(built) == described, model["name"]
