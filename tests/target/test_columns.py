"""The columns of a stream: fields, attributes, names, dates, blanks."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tap_customerly.tap import TapCustomerly
from target_customerly.intake.columns import Columns
from target_customerly.intake.resources.contacts import READ_ONLY_FIELDS, Users
from target_customerly.intake.rules import Rules
from target_customerly.intake.values import BadValue
from target_customerly.settings import Settings

from tests.support.target import record, schema

ADA = {"email": "ada@example.com"}
TEXT = {"type": ["string", "null"]}
MOMENT = {"type": ["string", "null"], "format": "date-time"}


def attributes(target: Any, **fields: Any) -> Any:
    """What becomes of the attributes of one user; what is no column is a setting."""
    config = {name[1:]: fields.pop(name) for name in list(fields) if name.startswith("_")}
    run = target.apply("users", {**ADA, **fields}, **config)
    assert run.code == 0, run.stderr
    return target.of("users", "ada@example.com")["attributes"]


def test_nothing_that_the_tap_emits_becomes_an_attribute(target: Any, make_sandbox: Any) -> None:
    writable = {"email", "user_id", "name", "attributes", "user_tags"}
    copied = {"unsubscribe", "companies", "additional_fields"}  # read, but never as attributes
    tap = TapCustomerly(config={"access_token": "t", "api_url": make_sandbox(1, 1).url})
    for stream in ("users", "leads", "user_details", "lead_details"):
        columns = set(tap.streams[stream].schema["properties"])
        assert columns - writable - copied - READ_ONLY_FIELDS == set()
    made = dict.fromkeys(READ_ONLY_FIELDS, 1) | {"additional_fields": {"x": 1}, "plan": "pro"}
    assert attributes(target, **made) == {"plan": "pro"}


def test_other_columns_are_attributes_and_the_object_wins(target: Any) -> None:
    found = attributes(
        target, plan="free", seats=5, beta=True, attributes={"plan": "pro", "Team name": "Red"}
    )
    assert found == {"plan": "pro", "seats": 5, "beta": True, "team_name": "Red"}


def test_attributes_come_as_json_text_too(target: Any) -> None:
    assert attributes(target, attributes='{"plan": "pro", "n": 1.5}') == {"plan": "pro", "n": 1.5}


@pytest.mark.parametrize("value", ["[1]", "{oops", 5, [1], '"x"'])
def test_what_is_no_object_rejects_the_record(target: Any, value: Any) -> None:
    run = target.apply("users", {**ADA, "attributes": value})
    assert run.code == 1
    assert "attributes" in run.rejects[0]["reason"]
    assert not target.writes()


def test_dates_go_out_as_seconds(target: Any) -> None:
    properties = {
        "email": TEXT,
        "at": MOMENT,
        "day": {"type": "string", "format": "date"},
        "any": {"anyOf": [MOMENT, {"type": "null"}]},
        "text": TEXT,
        "attributes": {"type": "object", "properties": {"in": MOMENT, "out": TEXT}},
    }
    made = {
        "at": "2026-01-02T00:00:00Z",
        "day": "2026-01-02",
        "any": "2026-01-02T00:00:00+00:00",
        "text": "2026-01-02",
        "attributes": {"in": "2026-01-02T00:00:00Z", "out": "2026-01-02T00:00:00Z"},
    }
    run = target.apply("users", {**ADA, **made}, properties=properties)
    assert run.code == 0, run.stderr
    assert target.of("users", "ada@example.com")["attributes"] == {
        **dict.fromkeys(("at", "day", "any", "in"), 1767312000),
        "text": "2026-01-02",
        "out": "2026-01-02T00:00:00Z",
    }


def test_a_schema_without_properties_knows_no_dates(target: Any) -> None:
    assert attributes(target, day="2026-01-02") == {"day": "2026-01-02"}


@pytest.mark.parametrize("how", ["normalise", "keep", "reject"])
def test_attribute_names(make_target: Any, how: str) -> None:
    target = make_target(attribute_names="accept")
    run = target.apply("users", {**ADA, "Team name": "Red"}, attribute_names=how)
    if how == "reject":
        assert run.code == 1
        assert run.rejects[0]["reason"].startswith("check: Team name")
        return
    name = "team_name" if how == "normalise" else "Team name"
    assert target.of("users", "ada@example.com")["attributes"] == {name: "Red"}


def test_two_columns_that_become_one_are_an_error_before_anything_is_sent(target: Any) -> None:
    properties = {"email": TEXT, "Team name": TEXT, "team_name": TEXT}
    run = target.apply("users", ADA, properties=properties)
    assert (run.code, len(run.complaints)) == (1, 1)
    assert "Team name" in run.complaints[0]
    assert "team_name" in run.complaints[0]
    assert not target.sandbox.requests


def test_two_keys_that_become_one_reject_only_that_record(target: Any) -> None:
    run = target.apply(
        "users",
        {"email": "a@x.org", "attributes": {"a b": 1, "a-b": 2}},
        {"email": "b@x.org", "attributes": {"a b": 1}},
    )
    assert [(r["line"], "attributes" in r["reason"]) for r in run.rejects] == [(2, True)]
    assert target.of("users", "b@x.org")["attributes"] == {"a_b": 1}


def test_long_text(target: Any) -> None:
    run = target.apply("users", {**ADA, "bio": "x" * 300})
    assert "bio" in run.rejects[0]["reason"]
    assert "300" in run.rejects[0]["reason"]
    assert attributes(target, bio="x" * 300, _long_text="truncate") == {"bio": "x" * 128}


def test_unknown_fields(target: Any) -> None:
    assert attributes(target, plan="pro", _unknown_fields="ignore") == {}
    run = target.apply("users", {**ADA, "plan": "pro"}, unknown_fields="reject")
    assert run.rejects[0]["reason"].startswith("check: plan")
    assert attributes(target, plan=None, unsubscribe=False, _unknown_fields="reject") == {}


def test_a_resource_without_attributes_ignores_them_with_one_warning(target: Any) -> None:
    target.sandbox.upsert("users", ADA)
    more = {"tag": "vip", **ADA, "plan": "pro"}
    run = target.apply("tags", more, {**more, "tag": "new"}, properties={"plan": TEXT})
    assert run.code == 0
    assert [("plan" in line) for line in run.complaints] == [True]
    assert target.tags("ada@example.com") == ["new", "vip"]
    run = target.apply(
        "tags", {**ADA, "tag": "late", "plan": "pro"}, {**ADA, "tag": "b", "plan": 1}
    )
    assert [("plan" in line) for line in run.complaints] == [True]


def test_blank_cells_wipe_nothing_unless_told(target: Any) -> None:
    target.sandbox.upsert("users", {**ADA, "name": "Ada", "attributes": {"plan": "pro", "n": 1}})
    blank = {"name": "", "plan": None, "attributes": {"n": " "}, "user_id": ""}
    assert attributes(target, **blank) == {"plan": "pro", "n": 1}
    assert target.of("users", "ada@example.com")["name"] == "Ada"
    assert attributes(target, **blank, _empty_values="send") == {"plan": "", "n": ""}
    assert not target.of("users", "ada@example.com")["name"]


def test_a_schema_may_change_midway(target: Any) -> None:
    run = target.run(
        [
            schema("users", {"email": TEXT, "at": TEXT}),
            record("users", email="a@x.org", at="2026-01-02"),
            schema("users", {"email": TEXT, "at": {"type": "string", "format": "date"}}),
            record("users", email="b@x.org", at="2026-01-02"),
        ]
    )
    assert run.code == 0, run.stderr
    assert target.of("users", "a@x.org")["attributes"] == {"at": "2026-01-02"}
    assert target.of("users", "b@x.org")["attributes"] == {"at": 1767312000}


def test_stream_maps_and_flattening_work(target: Any) -> None:
    run = target.apply(
        "people",
        {"mail": "ADA@x.org", "team": {"name": "Red"}},
        {"mail": None, "team": {"name": "Red"}},
        properties={"mail": TEXT, "team": {"type": "object", "properties": {"name": TEXT}}},
        streams={"people": {"resource": "leads"}},
        stream_maps={"people": {"email": "mail.lower()", "mail": None}},
        flattening_enabled=True,
        flattening_max_depth=1,
    )
    assert target.of("leads", "ada@x.org")["attributes"] == {"team__name": "Red"}
    assert [(r["line"], r["record"]["mail"]) for r in run.rejects] == [(3, None)]


@pytest.mark.parametrize(("validate", "rejected"), [(True, [3]), (False, [])])
def test_validate_records(target: Any, validate: bool, rejected: list[int]) -> None:
    properties = {"email": TEXT, "price": {"type": "number", "multipleOf": 0.01}}
    run = target.apply(
        "users",
        {"email": "a@x.org", "price": 19.99},
        {"email": "b@x.org", "price": "dear"},
        properties=properties,
        validate_records=validate,
    )
    assert [r["line"] for r in run.rejects] == rejected
    assert "dear" not in run.stderr


def test_a_record_with_ten_thousand_columns(target: Any) -> None:
    wide = {f"c{i}": i for i in range(10_000)}
    assert attributes(target, **wide) == wide


def test_very_large_numbers_and_nul_characters(target: Any) -> None:
    run = target.apply(
        "users",
        {"email": "a@x.org", "n": 10**40, "name": "x"},
        {"email": "b@x.org", "name": "nul\x00name", "n": 2**62},
    )
    assert [(r["line"], r["record"]["n"]) for r in run.rejects] == [(2, 10**40)]
    assert target.of("users", "b@x.org")["attributes"] == {"n": 2**62}


_cell = st.one_of(
    st.sampled_from(["pro", "", " ", "Ada\u200b", "x" * 129, "-1", "2026-01-31"]),
    st.sampled_from([0, 1.5, 2**60, 10**20, True, None, float("inf"), [], ["a", 1], {"x": 1}]),
)
_object = st.dictionaries(st.sampled_from(["plan", "Plan", "Team name", "at", "plän"]), _cell)


@settings(max_examples=40)
@given(st.lists(st.tuples(_cell, _object), min_size=2, max_size=6))
def test_what_a_record_becomes_hangs_on_no_record_before(records: list[tuple[Any, Any]]) -> None:
    at = {"type": "object", "properties": {"at": MOMENT}}
    properties = {"email": TEXT, "plan": TEXT, "attributes": at}

    def fresh() -> Columns:
        rules = Settings.from_config({"streams": {"users": {"resource": "users"}}})
        rule = Rules(rules).of("users")
        assert rule is not None
        return Columns("users", {"properties": properties}, rule, Users(), rules, lambda _: None)

    def became(columns: Columns, plan: Any, given: Any) -> object:
        record = {**ADA, "plan": plan, "attributes": copy.deepcopy(given)}
        try:
            return columns.attributes(columns.read(record)[1])
        except BadValue as error:
            return str(error)
        finally:
            assert record == {**ADA, "plan": plan, "attributes": given}

    used = fresh()
    for plan, given_object in records:
        expected = became(fresh(), plan, given_object)
        assert became(used, plan, given_object) == expected
