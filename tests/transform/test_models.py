"""Each mart against the sandbox's own state, in both warehouses."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from tests.transform import truth

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tests.transform.building import Row
    from tests.transform.conftest import Models

pytestmark = pytest.mark.xdist_group("transform")  # which builds the models once


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
    found = models.ask("SELECT * FROM customerly_models.customerly__contacts WHERE NOT is_deleted")
    same(found, truth.contacts(models.story.state), "contact_id")


def test_daily_contacts(models: Models) -> None:
    rows = models.ask(
        "SELECT * FROM customerly_models.customerly__daily_contacts ORDER BY date_day"
    )
    new = truth.daily(models.story.state)
    gone = models.ask(
        "SELECT CAST(first_seen_at AS date) AS date_day, count(*) AS n"
        " FROM customerly_models.customerly__contacts WHERE is_deleted GROUP BY 1"
    )
    for row in gone:
        new[plain(row["date_day"])] = new.get(plain(row["date_day"]), 0) + row["n"]
    assert {
        plain(row["date_day"]): row["new_contacts"] for row in rows if row["new_contacts"]
    } == new
    assert rows[-1]["contacts"] == len(truth.living(models.story.state))
    assert sum(row["deleted_contacts"] for row in rows) == sum(row["n"] for row in gone)


def test_acquisition(models: Models) -> None:
    found = models.ask("SELECT * FROM customerly_models.customerly__acquisition")
    keys = ("utm_source", "utm_medium", "utm_campaign")
    same(found, truth.acquisition(models.story.state), *keys)


def test_tags(models: Models) -> None:
    found = models.ask("SELECT * FROM customerly_models.customerly__tags")
    same(found, truth.tags(models.story.state), "tag")


def test_deliverability(models: Models) -> None:
    found = models.ask("SELECT * FROM customerly_models.customerly__deliverability")
    same(found, truth.deliverability(models.story.state), "contact_type")


def test_nps(models: Models) -> None:
    found = models.ask("SELECT * FROM customerly_models.customerly__nps")
    same(found, truth.nps(models.story.state), "contact_type")


def test_attributes(models: Models) -> None:
    found = models.ask(
        "SELECT value, contacts FROM customerly_models.customerly__attributes"
        " WHERE attribute = 'plan'"
    )
    wanted = truth.attributes(models.story.state, "plan")
    assert {row["value"]: row["contacts"] for row in found} == wanted


def test_article_performance(models: Models) -> None:
    found = models.ask("SELECT * FROM customerly_models.customerly__article_performance")
    same(found, truth.articles(models.story.state), "article_id")


def test_webhook_events_by_day(models: Models) -> None:
    found = models.ask("SELECT * FROM customerly_models.customerly__webhook_events_daily")
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
    there = (
        "INNER JOIN customerly_models.customerly__contacts AS c USING (contact_key)"
        " WHERE NOT c.is_deleted"
    )
    table = "customerly_models.stg_customerly__contact"
    events = models.ask(f"SELECT e.* FROM {table}_events AS e {there}")
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
    segments = models.ask(f"SELECT s.* FROM {table}_segments AS s {there}")
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
    companies = models.ask(f"SELECT m.* FROM {table}_companies AS m {there}")
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
    rows = in_postgres.ask("SELECT * FROM customerly_models.customerly__contact_changes")
    found: dict[str, set[int]] = {}
    for row in rows:
        found.setdefault(row["change"], set()).add(row["contact_id"])
    assert found == in_postgres.story.done


def test_times_have_a_zone_and_tags_can_be_asked_for_with_any(in_postgres: Models) -> None:
    asked = (
        "SELECT contact_id FROM customerly_models.customerly__contacts"
        " WHERE 'brand new' = ANY (tags)"
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


def test_what_activate_writes_is_one_row_a_user(models: Models) -> None:
    found = models.ask("SELECT email FROM customerly_models.customerly_users")
    wanted = {user["email"] for user in models.story.state["users"] if user["email"]}
    assert sorted(row["email"] for row in found) == sorted(wanted)
