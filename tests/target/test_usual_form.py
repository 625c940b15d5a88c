"""A record of the usual form becomes what the way of all records makes of it."""

from __future__ import annotations

from dataclasses import astuple, replace
from decimal import Decimal
from typing import Any

import pytest
from customerly.text import trimmed
from hypothesis import given, settings
from hypothesis import strategies as st
from target_customerly.intake.plan import BadRecord, StreamPlan, plan_stream
from target_customerly.intake.resources import Context
from target_customerly.intake.rules import Rules
from target_customerly.operations import Origin
from target_customerly.ordering.keys import KeyMaker
from target_customerly.settings import Settings

TEXT = {"type": ["string", "null"]}
SCHEMA = {
    "properties": {
        **dict.fromkeys(("email", "name", "tags", "plan", "score", "note"), TEXT),
        "joined": {"type": "string", "format": "date-time"},
        "attributes": {
            "type": "object",
            "properties": {"since": {"type": "string", "format": "date"}},
        },
        **dict.fromkeys(("unsubscribe", "companies", "user_tags", "first_seen_at"), TEXT),
        **dict.fromkeys(("_operation", "_sdc_deleted_at", "_sdc_batched_at"), TEXT),
    }
}
BLANKS = ["", " ", "\u200b", "\u3164", None]
SCALARS: list[Any] = [
    "pro",
    "ÄÖ 1",
    " x ",
    "-",
    "x" * 300,
    7,
    0,
    2**63,
    1.5,
    1e300,
    True,
    *BLANKS,
    [],
    {},
]
NAMES = ["plan", "Team name", "since", "ø"]
EMAILS = ["ada@example.com", "Ada.L+1@Sub.Example.org", "a@b", "a@-b.com", "a@b.invalid", "é@x.de"]
IDS: list[Any] = [
    "u-1",
    "17",
    17,
    "NULL",
    "NULLA",
    0,
    -5,
    "4f2a-9c",
    "4.9E+11",
    "17.0",
    "a b",
    "x\ny",
    "ü1",
    17.0,
    1e20,
    True,
]
PERSONS = ["Ada", "Ada L.", "Zoë (x)", "a\nb", "x" * 501, "\u115fAda", "Ada\u3164", 7, False]
TAGS: list[Any] = [
    ["vip", " vip", "b"],
    [],
    ["a\nb"],
    [7, None],
    "a;b",
    '["x"]',
    5,
    [{"name": "n"}],
]
DATES = ["2026-01-02", "2026-01-02T03:04:05Z", "yesterday", 1767312000]


def mostly(usual: list[Any], odd: list[Any]) -> st.SearchStrategy[Any]:
    return st.one_of(st.sampled_from(usual), st.sampled_from([*usual, *odd]))


RECORDS = st.fixed_dictionaries(
    {"email": mostly(EMAILS[:2], [*EMAILS, *BLANKS, 5, ["ada@example.com"]])},
    optional={
        "user_id": mostly(IDS[:3], [*IDS, *BLANKS, Decimal(17), []]),
        "name": mostly(PERSONS[:3], [*PERSONS, *BLANKS, []]),
        "tags": mostly([["vip", "b"], None], [*TAGS, *BLANKS]),
        "plan": mostly(["pro", 7, None], SCALARS),
        "score": st.sampled_from(SCALARS),
        "joined": st.sampled_from([*DATES, *BLANKS]),
        "attributes": st.one_of(
            st.dictionaries(st.sampled_from(NAMES), st.sampled_from([*SCALARS, *DATES])),
            st.sampled_from([None, "", '{"plan": "x"}', "no JSON", 5]),
        ),
        "unsubscribe": st.sampled_from([None, None, "yes", False, "perhaps"]),
        "companies": st.sampled_from([None, [], [{"company_id": 1}]]),
        "user_tags": st.sampled_from([None, ["x"]]),
        "first_seen_at": st.sampled_from([None, 5]),
        "_operation": st.sampled_from([None, None, "", "delete", "unsubscribe", "fly"]),
        "_sdc_deleted_at": st.sampled_from([None, None, "2026-01-02"]),
        "_sdc_batched_at": st.just("2026-01-02"),
        "late": st.just("not in the SCHEMA"),
        "": st.sampled_from(["u-2", None]),
    },
)


def plan(stream: str, rule: dict[str, Any], **config: Any) -> StreamPlan:
    given = Settings.from_config({"streams": {stream: rule}, **config})
    context = Context(
        KeyMaker(), clears=given.empty_values == "send", inlines_tags=given.inlines_tags
    )
    made = plan_stream(stream, SCHEMA, Rules(given), given, context, lambda _line: None)
    assert made is not None
    return made


def outcome(made: StreamPlan, record: dict[str, Any]) -> Any:
    """What becomes of a record: the operation, or why it is none."""
    try:
        return astuple(made.operation(Origin("users", 1, record), record))
    except BadRecord as error:
        return error.operation, str(error)


@pytest.mark.parametrize(
    ("rule", "config"),
    [
        ({}, {}),
        ({}, {"empty_values": "send"}),
        ({}, {"tags_mode": "inline", "attribute_names": "keep", "long_text": "truncate"}),
        ({"tag": "fair", "tag_separator": "|"}, {"unknown_fields": "reject"}),
        ({"mapping": {"name": None, "plan": "name", "score": "tier"}}, {}),
        ({"mapping": {"plan": "name", "name": "name"}, "types": {"score": "number"}}, {}),
        ({"operation": "update"}, {"unknown_fields": "ignore"}),
        ({"operation": "delete"}, {}),
    ],
)
@given(
    stream=st.sampled_from(["users", "leads"]),
    records=st.lists(RECORDS, min_size=1, max_size=8),
)
@settings(max_examples=30, deadline=None)
def test_both_ways_come_to_the_same(
    stream: str, rule: dict[str, Any], config: dict[str, Any], records: list[dict[str, Any]]
) -> None:
    quick = plan(stream, rule, **config)
    slow = replace(plan(stream, rule, **config), usual_form=None)
    for record in records:
        assert outcome(quick, record) == outcome(slow, record)


def test_most_records_have_the_usual_form() -> None:
    made = plan("users", {})
    usual = {
        "email": "ada@example.com",
        "user_id": "u-1",
        "name": "Ada Lovelace",
        "tags": ["vip"],
        "plan": "pro",
        "joined": "2026-01-02",
        "attributes": {"seats": 5},
        "_sdc_deleted_at": None,
    }
    outcome(made, usual)  # the first one brings a column that the SCHEMA lacks
    for left_out in (None, "user_id", "name", "tags", "attributes"):
        record = {name: value for name, value in usual.items() if name != left_out}
        assert made.usual_form is not None
        assert made.usual_form.operation(Origin("users", 1, record), record) is not None


def test_no_name_of_the_usual_form_has_blanks_at_its_ends() -> None:
    made = plan("users", {})
    letters = [chr(code) for code in (*range(0x3200), *range(0xF900, 0x10000))]
    assert made.usual_form is not None
    for letter in letters:
        if letter != trimmed(letter):
            record = {"email": "ada@example.com", "name": f"A{letter}"}
            assert made.usual_form.operation(Origin("users", 1, record), record) is None
