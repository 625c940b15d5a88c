"""Partial failure: exactly the bad ones are rejected, in few requests, in whichever form."""

from __future__ import annotations

import pytest

from tests.support.target import record, run_target, schema, state

EMAILS = [f"lead{i}@example.com" for i in range(100)]
FORMS = ["object", "email", "index", "count", "batch"]


def run(sandbox, *records, stream="leads", **config):
    messages = [schema(stream), *(record(stream, **fields) for fields in records), state(1)]
    return run_target({**sandbox.config, "max_rejects": -1, **config}, messages)


@pytest.mark.parametrize("refusals", FORMS)
@pytest.mark.parametrize("place", [0, 41, 99])
def test_one_bad_record_among_a_hundred(make_sandbox, refusals, place):
    sandbox = make_sandbox(users=0, leads=0, quirks={"refusals": refusals})
    sandbox.reject(EMAILS[place], reason="blocked")
    outcome = run(sandbox, *({"email": email} for email in EMAILS))
    assert [reject["record"]["email"] for reject in outcome.rejects] == [EMAILS[place]]
    assert outcome.rejects[0]["status"] is not None
    stored = {lead["email"] for lead in sandbox.contacts("leads")}
    assert stored == set(EMAILS) - {EMAILS[place]}
    assert len(sandbox.requests) <= 15
    assert outcome.states == [1]


@pytest.mark.parametrize("refusals", FORMS)
@pytest.mark.parametrize("refusal_list", ["errors", "not_added"])
def test_several_bad_records(make_sandbox, refusals, refusal_list):
    quirks = {"refusals": refusals, "refusal_list": refusal_list, "inserted": "text"}
    sandbox = make_sandbox(users=0, leads=0, quirks=quirks)
    bad = {EMAILS[place] for place in (0, 1, 2, 50, 98, 99)}
    sandbox.reject(*bad, reason="blocked")
    outcome = run(sandbox, *({"email": email} for email in EMAILS))
    assert {reject["record"]["email"] for reject in outcome.rejects} == bad
    assert len(outcome.rejects) == len(bad)
    assert {lead["email"] for lead in sandbox.contacts("leads")} == set(EMAILS) - bad


@pytest.mark.parametrize("status", [413, 400])
def test_a_batch_that_is_too_large_is_halved_and_that_is_remembered(make_sandbox, status):
    quirks = {"largest_batch": 30, "too_large_status": status}
    sandbox = make_sandbox(users=0, leads=0, quirks=quirks)
    emails = [f"lead{i}@example.com" for i in range(1000)]
    outcome = run(sandbox, *({"email": email} for email in emails), max_concurrency=1)
    assert outcome.code == 0
    assert len(sandbox.contacts("leads")) == 1000
    refused = [each for each in sandbox.requests if each["count"] == 0]
    assert len(refused) <= 20
    assert sandbox.requests[-1]["count"] <= 25


def test_poison_stops_nobody_and_an_outage_rejects_nobody(empty_sandbox):
    empty_sandbox.poison(EMAILS[3])
    outcome = run(empty_sandbox, *({"email": email} for email in EMAILS[:20]), max_attempts=2)
    (reject,) = outcome.rejects
    assert (reject["record"]["email"], reject["attempts"]) == (EMAILS[3], 2)
    assert len(empty_sandbox.contacts("leads")) == 19
    empty_sandbox.fail("status", status=503, times=1000)
    waits = {"max_attempts": 2, "max_wait": 0.2}
    outcome = run(empty_sandbox, *({"email": email} for email in EMAILS), **waits)
    assert (outcome.code, outcome.rejects, outcome.states) == (1, [], [])
    assert len(outcome.complaints) == 1


def test_a_refused_token_ends_the_run_and_rejects_nothing(empty_sandbox):
    outcome = run(empty_sandbox, *({"email": email} for email in EMAILS), access_token="wrong")
    assert (outcome.code, outcome.rejects, outcome.states) == (1, [], [])
    assert len(outcome.complaints) == 1
    assert "wrong" not in outcome.stderr.replace("is wrong", "")


def test_a_token_that_is_revoked_midway_ends_the_run_and_state_stays(empty_sandbox):
    empty_sandbox.revoke_token(after=3)
    messages = [schema("leads")]
    for place, email in enumerate(EMAILS, 1):
        messages += [record("leads", email=email), state(place)]
    config = {**empty_sandbox.config, "batch_size_rows": 10, "max_concurrency": 1}
    outcome = run_target(config, messages)
    assert outcome.code == 1
    assert outcome.rejects == []
    assert len(empty_sandbox.contacts("leads")) == 30
    assert not outcome.states or outcome.states[-1] <= 30
