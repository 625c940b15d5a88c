"""Contacts of one second in several pages: a server that orders them anew at each request.

Then pages alone can't show all of them, and nothing that is missing may be taken for gone.
"""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tap_customerly.pagination import Reader, ties

from tests.support.tap import run_tap, selecting
from tests.tap.shifting_list import Schedule, ShiftingList, contacts_of
from tests.tap.test_reading_property import scenarios, slow

LISTS = {
    "all of one second": [900] * 300,
    "the newest second": [min(place, 100) for place in range(300)],
    "a second in the middle": [min(place, 100) + max(0, place - 250) for place in range(300)],
    "three a second": [place // 3 for place in range(300)],
    "without a time": [None] * 300,
}


def read(server, schedule, page_size, workers):
    """Read all; return whether the picture is complete, what was read, and the warnings."""
    warnings, seen, complete = [], {}, False
    reader = Reader(
        server.page,
        page_size,
        workers,
        warn=warnings.append,
        pool=schedule.read_with(workers),
        clock=schedule.clock,
        sleep=schedule.sleep,
    )
    for batch in reader.everything():
        complete = batch.complete
        seen.update((contact["crmhero_user_id"], contact) for contact in contacts_of(batch.items))
    return complete, seen, warnings


def listed(order, seconds):
    server = ShiftingList(order)
    for second in seconds:
        server.insert_without_time() if second is None else server.insert(second)
    return server


@pytest.mark.parametrize("seconds", LISTS.values(), ids=LISTS)
@pytest.mark.parametrize("order", ["chance", "page"])
@pytest.mark.parametrize("workers", [1, 8])
def test_what_is_ordered_anew_at_each_request_is_never_a_complete_picture(seconds, order, workers):
    server = listed(order, seconds)
    complete, _, warnings = read(server, Schedule(server, []), 25, workers)
    assert not complete
    assert any("taken for gone" in line for line in warnings)


@pytest.mark.parametrize("seconds", LISTS.values(), ids=LISTS)
@pytest.mark.parametrize("order", ["change", "id"])
@pytest.mark.parametrize("workers", [1, 8])
def test_what_keeps_its_order_is_a_complete_picture(seconds, order, workers):
    server = listed(order, seconds)
    complete, seen, warnings = read(server, Schedule(server, []), 25, workers)
    assert complete
    assert seen.keys() == server.contacts.keys()
    assert warnings == []


def test_more_in_one_second_than_are_kept_in_mind(monkeypatch):
    monkeypatch.setattr(ties, "_MOST", 50)
    seconds = LISTS["all of one second"]
    assert read(server := listed("id", seconds), Schedule(server, []), 25, 1)[0]
    assert not read(server := listed("chance", seconds), Schedule(server, []), 25, 1)[0]


@settings(slow, max_examples=40, derandomize=True)  # chance can look like order, now and then
@given(scenarios, st.sampled_from(["chance", "page"]), st.integers(10, 20))
def test_a_complete_picture_holds_all_while_the_list_changes(scenario, order, page_size):
    server = scenario._replace(ties=order, directions=True).server()
    server.cap = 100
    schedule = Schedule(server, scenario.script, scenario.pace)
    complete, seen, _ = read(server, schedule, page_size, scenario.runs[0].workers)
    if complete:
        assert any(living.keys() <= seen.keys() for living in server.seen)


def test_the_tap_takes_nothing_for_gone(make_sandbox):
    sandbox = make_sandbox(users=350, leads=0, bulk=300, quirks={"ties": "shuffled"})
    catalog = selecting("users", replication_method="FULL_TABLE")
    run = run_tap(sandbox.config, catalog=catalog)
    assert run.code == 0
    assert all(message["type"] != "ACTIVATE_VERSION" for message in run.messages)
    assert "nothing that is missing can be taken for gone" in run.stderr
    sandbox.set_quirks(ties="id")
    run = run_tap(sandbox.config, catalog=catalog)
    assert any(message["type"] == "ACTIVATE_VERSION" for message in run.messages)
