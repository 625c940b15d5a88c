"""What reading costs, and where it goes on."""

from __future__ import annotations

import weakref

import pytest
from tap_customerly.pagination import Reader

from tests.tap.lists import Quiet, Simulated, collect, ids
from tests.tap.shifting_list import text

# --- a list at rest -------------------------------------------------------------------------------


@pytest.mark.parametrize("workers", [1, 2, 8])
@pytest.mark.parametrize("cap", [7, 100])
@pytest.mark.parametrize("contacts", [0, 1, 2, 7, 99, 100, 101, 250, 1000, 2345])
def test_a_list_at_rest_is_read_once(contacts, cap, workers):
    records, states, _ = collect(Reader(Quiet(contacts, cap=cap), 100, workers).changes())
    assert sorted(ids(records)) == list(range(contacts))
    assert states[-1].get("bookmark") == (text(contacts - 1) if contacts else None)


@pytest.mark.parametrize("contacts", [0, 2, 99, 100, 101, 1000, 2345])
def test_a_complete_picture_of_a_list_at_rest_holds_each_contact_once(contacts):
    records, states, complete = collect(Reader(Quiet(contacts), 100, 8).everything())
    assert sorted(ids(records)) == list(range(contacts))
    assert not states
    assert complete


def test_nothing_new_costs_one_request():
    fetch = Quiet(10_000)
    _, states, _ = collect(Reader(fetch, 100, 8).changes())
    fetch.asked.clear()
    records, states, _ = collect(Reader(fetch, 100, 8).changes(states[-1]))
    assert ids(records) == [9_999]
    assert len(fetch.asked) == 1


@pytest.mark.parametrize("workers", [1, 4, 8])
@pytest.mark.parametrize("ends", [100_500, 100_000, 99_500, 99_501, 99_999])
def test_few_changes_cost_few_requests(ends, workers):
    """500 contacts changed; the list grew, shrank, or stayed as long as it was."""
    fetch = Quiet(ends)
    state = {"bookmark": text(ends - 500), "rows": 100_000}
    records, _, _ = collect(Reader(fetch, 100, workers).changes(state))
    assert sorted(ids(records)) == list(range(ends - 500, ends))
    assert len(fetch.asked) <= 13


@pytest.mark.parametrize(
    ("contacts", "most"), [(0, 1), (30, 2), (100, 2), (150, 2), (250, 4), (1_000, 30)]
)
def test_small_lists_take_few_requests(contacts, most):
    fetch = Quiet(contacts)
    collect(Reader(fetch, 100, 8).changes())
    assert len(fetch.asked) <= most


def unevenly(contact):
    """Seconds between one change and the next that are not always as many."""
    return 1_000 * contact + contact * 7_919 % 997


@pytest.mark.parametrize("second", [lambda contact: contact, unevenly])
@pytest.mark.parametrize(
    ("contacts", "workers", "most"),
    [
        *((5_050, 1, 56), (5_100, 1, 56), (50_000, 1, 530)),
        *((5_050, 8, 60), (5_100, 8, 60), (50_000, 8, 530)),
    ],
)
def test_a_first_read_takes_few_more_requests_than_pages(contacts, workers, most, second):
    fetch = Quiet(contacts, second=second)
    records, _, _ = collect(Reader(fetch, 100, workers).changes())
    assert set(ids(records)) == set(range(contacts))
    assert len(fetch.asked) <= most


@pytest.mark.parametrize(
    "second",
    [
        pytest.param(lambda contact: contact // 4_000, id="thousands in one second"),
        pytest.param(lambda contact: int(contact**0.3), id="ever more in one second"),
        pytest.param(lambda contact: contact**3 // 10**6, id="ever fewer"),
        pytest.param(lambda contact: 10**8 * (contact // 49_000) + contact, id="a break"),
    ],
)
def test_no_pace_of_changes_makes_the_search_long(second):
    fetch = Quiet(50_000, second=second)
    collect(Reader(fetch, 100, 1).changes())
    assert len(fetch.asked) <= 500 + 25


@pytest.mark.parametrize(("workers", "most"), [(1, 1.07), (4, 1.10), (8, 1.15)])
def test_the_workers_are_always_busy(workers, most):
    """1,000 pages at 50 ms take little longer than 1,000 * 50 ms / workers."""
    pool = Simulated(workers, 0.05)
    collect(Reader(Quiet(100_000), 100, workers, pool=pool, clock=lambda: pool.now).changes())
    assert pool.now <= most * 1_000 * 0.05 / workers


def test_memory_is_flat():
    """However long the list is, only the pages ahead of the consumer are held."""
    alive, most = weakref.WeakSet(), 0

    class Counted(list):
        __slots__ = ("__weakref__",)
        __hash__ = object.__hash__

    fetch = Quiet(100_000)

    def counted(*args):
        page = Counted(fetch(*args))
        alive.add(page)
        return page

    for batch in Reader(counted, 100, 8).changes():
        del batch
        most = max(most, len(alive))
    assert len(fetch.asked) > 1_000
    assert most <= 30


# --- states ---------------------------------------------------------------------------------------


def test_a_read_goes_on_from_each_of_its_states():
    _, states, _ = collect(Reader(Quiet(10_000), 100, 8).changes())
    begun = [state for state in states if "reading" in state]
    assert len(begun) > 5
    for state in begun:
        records, later, _ = collect(Reader(Quiet(10_000), 100, 8).changes(state))
        left = state["reading"]["row"] if state["reading"]["certain"] else 9_901
        assert set(range(left)) | {9_999} <= set(ids(records))
        assert len(records) <= left + 101
        assert later[-1]["bookmark"] == text(9_999)


def test_a_kill_costs_little():
    """What a killed run had read behind its last state is a small part of the list."""
    done = covered = most = 0
    for batch in Reader(Quiet(50_000), 100, 8).changes():
        done += len(batch.items)
        if (batch.state or {}).get("reading", {}).get("certain"):
            covered = 50_000 - batch.state["reading"]["row"]
        most = max(most, done - covered)
    assert most <= 50_000 * 0.12


def test_what_changed_meanwhile_is_read_in_the_same_run():
    _, states, _ = collect(Reader(Quiet(1_000), 10, 4).changes())
    state = next(s for s in states if s["reading"]["certain"] and s["reading"]["row"] < 500)
    records, later, _ = collect(Reader(Quiet(1_050), 10, 4).changes(state))
    assert set(ids(records)) >= {*range(400), *range(1_000, 1_050)}
    assert later[-1]["bookmark"] == text(1_049)


def test_a_state_from_the_far_future_yields_nothing_and_stays():
    state = {"bookmark": "2999-01-01T00:00:00Z"}
    records, states, _ = collect(Reader(Quiet(1_000)).changes(state))
    assert not records
    assert states[-1]["bookmark"] == state["bookmark"]


def test_a_first_read_takes_contacts_from_the_start_on():
    records, states, _ = collect(Reader(Quiet(1_000)).changes(start=text(300)))
    assert sorted(ids(records)) == list(range(300, 1_000))
    assert states[-1]["bookmark"] == text(999)


def test_a_start_that_nothing_reaches_sets_no_bookmark():
    records, states, _ = collect(Reader(Quiet(1_000)).changes(start="2999-01-01T00:00:00Z"))
    assert not records
    assert "bookmark" not in states[-1]


SOUND = {"since": text(100), "newest": text(900), "oldest": text(500), "row": 500, "certain": True}


@pytest.mark.parametrize(
    "reading",
    [
        *(None, 1, "x", [], {}, [1]),
        {**SOUND, "newest": None},
        {**SOUND, "newest": "zzz"},
        {**SOUND, "newest": 5},
        {**SOUND, "oldest": None},
        {**SOUND, "oldest": "~"},
        {**SOUND, "oldest": text(901)},
        {**SOUND, "since": text(99)},
        {**SOUND, "since": None},
    ],
)
def test_damaged_progress_counts_as_absent(reading):
    state = {"bookmark": text(100), "rows": 1_000, "reading": reading}
    records, states, _ = collect(Reader(Quiet(1_000)).changes(state))
    assert sorted(ids(records)) == list(range(100, 1_000))
    assert states[-1]["bookmark"] == text(999)


@pytest.mark.parametrize("row", [None, "x", -1, 0, 1.5, True, 10**30, [], 499, 10**6])
@pytest.mark.parametrize("certain", [None, "x", False])
def test_a_damaged_row_costs_requests_at_most(row, certain):
    reading = {**SOUND, "row": row, "certain": certain}
    state = {"bookmark": text(100), "rows": row, "reading": reading}
    records, _, _ = collect(Reader(Quiet(1_000)).changes(state))
    assert set(ids(records)) >= set(range(100, 501)) | {999}


@pytest.mark.parametrize("bookmark", [None, "", 5, [], {}])
def test_a_damaged_bookmark_counts_as_absent(bookmark):
    records, _, _ = collect(Reader(Quiet(300)).changes({"bookmark": bookmark}))
    assert len(records) == 300


@pytest.mark.parametrize(("cap", "before", "after"), [(3, 10, 2), (3, 2, 10), (100, 7, 7)])
def test_a_row_that_short_pages_tell_is_no_place_to_begin_at(cap, before, after):
    """The pages may have been cut, or all that was seen may be the last, which is short."""
    fetch = Quiet(30, cap=cap)
    reading = {**SOUND, "since": "", "newest": text(29), "oldest": text(29), "row": None}
    first = {"rows": 30, "reading": reading}
    _, states, _ = collect(Reader(fetch, before, 1).changes(first))
    for state in states:
        records, _, _ = collect(Reader(Quiet(30), after, 1).changes(state))
        if "reading" in state:
            oldest = state["reading"]["oldest"]
            assert {c for c in range(30) if text(c) < oldest} <= set(ids(records))
