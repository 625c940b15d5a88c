"""The target's stream maps: what expressions make, streams that are dropped, and shared names."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.target import record, run_target, schema, text_of

ADA, LIN = "ada@example.com", "lin@example.com"
DATE = {"type": ["string", "null"], "format": "date-time"}
TEXT = {"type": ["string", "null"]}
MIDNIGHT = "2026-01-02T00:00:00+00:00"
SECONDS = 1767312000


def apply(sandbox: Any, messages: Any, **config: Any) -> Any:
    return run_target({**sandbox.config, **config}, messages)


def attributes(sandbox: Any, email: str = ADA) -> dict[str, Any]:
    (contact,) = [one for one in sandbox.contacts("leads") if one["email"] == email]
    return contact["attributes"]


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("datetime.datetime.fromisoformat(created)", SECONDS),
        ("datetime.datetime.fromisoformat(created).date()", SECONDS),
        ("record['created']", SECONDS),
        ("_['created']", SECONDS),
        ("created", SECONDS),
        ("float(mrr)", 12.5),
        ("int(float(mrr))", 12),
    ],
)
def test_what_an_expression_makes_goes_out(
    empty_sandbox: Any, expression: str, expected: Any
) -> None:
    columns = {"email": TEXT, "created": DATE, "mrr": TEXT}
    run = apply(
        empty_sandbox,
        [schema("leads", columns), record("leads", email=ADA, created=MIDNIGHT, mrr="12.50")],
        stream_maps={"leads": {"made": expression}},
    )
    assert run.code == 0, run.rejects
    assert attributes(empty_sandbox)["made"] == expected


@pytest.mark.parametrize("maps", [{"orders": "__NULL__"}, {"leads": {}, "__else__": "__NULL__"}])
def test_a_stream_that_is_dropped_needs_no_rule(empty_sandbox: Any, maps: Any) -> None:
    messages = [
        schema("orders", {"id": TEXT}),
        record("orders", id="1"),
        schema("leads", {"email": TEXT}),
        record("leads", email=ADA),
    ]
    run = apply(empty_sandbox, messages, stream_maps=maps)
    assert run.code == 0, run.stderr
    assert [one["email"] for one in empty_sandbox.contacts("leads")] == [ADA]


def test_streams_that_share_an_alias_keep_their_own_keys_and_dates(empty_sandbox: Any) -> None:
    messages = [
        schema("webinar", {"email": TEXT, "seen": DATE, "id": TEXT}, "id"),
        schema("newsletter", {"email": TEXT, "seen": TEXT, "no": TEXT}, "no"),
        record("webinar", email=ADA, seen=MIDNIGHT, id="1"),
        record("newsletter", email=LIN, seen=MIDNIGHT, no="2"),
    ]
    maps = {name: {"__alias__": "leads"} for name in ("webinar", "newsletter")}
    run = apply(empty_sandbox, messages, stream_maps=maps)
    assert run.code == 0, run.rejects
    assert attributes(empty_sandbox)["seen"] == SECONDS
    assert attributes(empty_sandbox, LIN)["seen"] == MIDNIGHT


def test_a_reject_of_an_aliased_stream_is_fed_back_with_its_dates(empty_sandbox: Any) -> None:
    maps = {"webinar": {"__alias__": "leads"}}
    columns = {"email": TEXT, "seen": DATE}
    messages = [schema("webinar", columns), record("webinar", email="ada@", seen=MIDNIGHT)]
    run = apply(empty_sandbox, messages, stream_maps=maps)
    (reject,) = run.rejects
    reject["record"]["email"] = ADA
    again = apply(empty_sandbox, text_of([reject]), stream_maps=maps)
    assert again.code == 0, again.stderr
    assert attributes(empty_sandbox)["seen"] == SECONDS
