"""The doctor finds out how the sandbox was set, whatever that is, and leaves nothing behind."""

from __future__ import annotations

import os
import signal

import pytest
from customerly.api import Api
from customerly.client import Client
from customerly.connection import Connection
from customerly.doctor.facts import order_check, settle, write_facts
from customerly.doctor.findings import Fact
from customerly.facts import ApiFacts, read_facts
from customerly_sandbox.quirks import table
from hypothesis import HealthCheck, Phase, example, given, settings
from hypothesis import strategies as st

from tests.support.stub import StubServer, ok

SEVERAL = {
    "missing_contact_message": ["User doesn't exist", "Nothing to see", "Contact not found"],
    "lead_missing_message": ["User doesn't exist", "Nothing to see", "No such lead"],
    "default_page_size": [10, 25, 50],
    "largest_page": [20, 64, 100, 150],
    "largest_batch": [0, 2, 50],
    "too_large_message": ["Too many contacts in one request"],
}
"""Values of quirks that take any."""

SPEED = {"requests_per_second", "largest_body"}
"""Quirks that only make it slower, or refuse everything."""

choices = {
    row["name"]: st.sampled_from(row["choices"] or SEVERAL.get(row["name"], [row["default"]]))
    for row in table()
    if row["name"] not in SPEED
}


def expected(quirks):
    """The facts that follow from how a sandbox was set."""
    listed = quirks["refusals"] in {"object", "email", "index"}
    fields = {"both": "errors"}
    return ApiFacts(
        missing_contact_status=quirks["missing_contact_status"],
        per_page_cap=quirks["largest_page"],
        per_page_default=_default_size(quirks),
        order_by_last_update=quirks["order_by_last_update"],
        tags_in_upsert=quirks["inline_tags"],
        rejected_element={"count": "unnamed", "batch": "whole"}.get(
            quirks["refusals"], quirks["refusals"]
        ),
        rejected_field=fields.get(quirks["refusal_list"], quirks["refusal_list"])
        if listed
        else None,
        tagging_unknown="ignore" if quirks["tag_unknown"] == "ignore" else "error",
        addresses_ignore_case=quirks["case_insensitive"],
        long_text={"refuse": "reject", "cut": "truncate"}.get(
            quirks["long_text"], quirks["long_text"]
        ),
        tagging_moves_last_update=quirks["tagging_moves"],
    )


def values_as_set(quirks):
    """What is said of odd values."""
    empty = {"clear": "clears a name", "keep": "is stored as a name"}[quirks["empty_text"]]
    null = {"clear": "clears a name", "ignore": "leaves a name as it was"}[quirks["null_value"]]
    accepts = quirks["attribute_names"] == "accept"
    stored = "stored as customerly doctor" if accepts else "not stored"
    return {
        "empty values": f'"" {empty}, null {null}',
        "attribute names": f"an attribute whose name has a blank is {stored}",
    }


def _default_size(quirks):
    """The default can be above the cap, which is then cut, kept, or refused like any other."""
    size, cap = quirks["default_page_size"], quirks["largest_page"]
    above = {"cut": cap, "refuse": None, "default": size}
    return size if size <= cap else above[quirks["over_largest_page"]]


def connect(sandbox):
    config = {**sandbox.config, "max_attempts": 1}
    return Client(Connection.from_config(config, user_agent="tests"))


def everything(sandbox):
    """What a trial could leave behind: contacts, without the time of a change, and tags."""
    state = sandbox.state()
    return [state["tags"], [each["email"] for each in state["users"] + state["leads"]]]


def answers(facts):
    return {fact.fact: fact.answer for fact in facts}


@pytest.fixture(scope="module")
def world():
    """A sandbox whose clock moves only when somebody waits."""
    from customerly_sandbox import Sandbox

    with Sandbox(users=330, leads=5, virtual_clock=True) as sandbox:
        yield sandbox


@pytest.fixture
def wait(world):
    return lambda seconds: world.control("POST", "clock", advance=seconds)


@given(quirks=st.fixed_dictionaries(choices))
@example(quirks={row["name"]: row["default"] for row in table()})
@settings(
    max_examples=settings.default.max_examples if "HYPOTHESIS_PROFILE" in os.environ else 6,
    deadline=None,
    phases=[Phase.explicit, Phase.generate],  # shrinking takes minutes, and the facts say enough
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_each_fact_is_how_the_sandbox_was_set(world, wait, quirks):
    world.reset(users=330, leads=5, seed=7, quirks={name: quirks[name] for name in choices})
    before, cleaned, seen = everything(world), [], []
    with connect(world) as client:
        facts = settle(
            Api(client), write=True, sleep=wait, cleaned=cleaned.append, seen=seen.append
        )
    assert {check.check: check.says for check in seen} == values_as_set(quirks)
    found = answers(facts)
    wanted = expected(quirks)
    assert found == {name: getattr(wanted, name) for name in ApiFacts.__struct_fields__}, facts
    assert [check.ok for check in cleaned] == [True]
    assert everything(world) == before


def test_reads_alone_change_nothing_and_say_what_is_left(sandbox):
    before = everything(sandbox)
    with connect(sandbox) as client:
        facts = settle(Api(client), write=False, sleep=pytest.fail, cleaned=pytest.fail)
    assert everything(sandbox) == before
    assert {request["method"] for request in sandbox.requests} == {"GET"}
    open_facts = {fact.fact for fact in facts if "--write" in fact.how}
    assert open_facts == {
        "tags_in_upsert",
        "rejected_element",
        "rejected_field",
        "tagging_unknown",
        "long_text",
        "tagging_moves_last_update",
    }
    assert answers(facts)["addresses_ignore_case"] is True


def test_a_project_with_few_contacts_leaves_its_sizes_open(empty_sandbox):
    with connect(empty_sandbox) as client:
        facts = settle(Api(client), write=False, sleep=pytest.fail, cleaned=pytest.fail)
    open_facts = {fact.fact for fact in facts if "too few contacts" in fact.how}
    assert open_facts == {
        "per_page_cap",
        "per_page_default",
        "order_by_last_update",
        "addresses_ignore_case",
    }


@pytest.mark.parametrize("after", range(1, 17, 5))
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_trial_is_removed(sandbox, after, number):
    signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell can start us deaf to it
    before, cleaned = everything(sandbox), []

    def interrupt(_request):
        """Ctrl-C, while a request of the trial is under way."""
        methods = [request["method"] for request in server.requests]
        trial = methods[methods.index("POST") :] if "POST" in methods else []
        if len(trial) == after:
            os.kill(os.getpid(), number)

    with StubServer(upstream=sandbox.url) as server:
        server.on("*", "*", interrupt)
        config = {**sandbox.config, "api_url": server.url, "max_attempts": 1}
        connection = Connection.from_config(config, user_agent="tests")
        with Client(connection) as client, pytest.raises(KeyboardInterrupt):
            settle(Api(client), write=True, sleep=lambda _: None, cleaned=cleaned.append)
    assert everything(sandbox) == before
    assert [check.ok for check in cleaned] == [True]


def test_what_cannot_be_removed_is_named(sandbox):
    cleaned = []
    sandbox.fail("status", method="DELETE", status=500)
    with connect(sandbox) as client:
        settle(Api(client), write=True, sleep=lambda _: None, cleaned=cleaned.append)
    (check,) = cleaned
    assert not check.ok
    (left,) = [
        each["email"] for each in sandbox.contacts("leads") if "doctor" in str(each["email"])
    ]
    assert left in check.do


def test_an_api_that_takes_no_contact_leaves_open_what_takes_one(sandbox):
    sandbox.fail("status", method="POST", status=400)
    with connect(sandbox) as client:
        facts = settle(Api(client), write=True, sleep=lambda _: None, cleaned=lambda _: None)
    assert answers(facts)["tags_in_upsert"] is None
    assert answers(facts)["per_page_default"] is None
    assert answers(facts)["missing_contact_status"] == 200


def test_a_list_out_of_order_is_an_alarm():
    rows = [{"crmhero_user_id": n, "last_update": f"2026-01-0{9 - n} 00:00:00"} for n in range(8)]
    with StubServer(ok({"users": rows})) as server:
        config = {"access_token": "t", "api_url": server.url, "max_attempts": 1}
        with Client(Connection.from_config(config, user_agent="tests")) as client:
            facts = settle(Api(client), write=False, sleep=pytest.fail, cleaned=pytest.fail)
    assert answers(facts)["order_by_last_update"] is False
    (check,) = order_check(facts)
    assert not check.ok
    assert order_check([Fact("order_by_last_update", True, "")]) == []


def test_what_was_found_out_can_be_read_back(tmp_path):
    write_facts(tmp_path / "facts.json", [Fact("tags_in_upsert", "replace", "seen")])
    assert read_facts(tmp_path / "facts.json") == ApiFacts(tags_in_upsert="replace")
