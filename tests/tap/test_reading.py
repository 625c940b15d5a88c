"""What reading costs, where it goes on, what it says of odd servers, and how it ends."""

from __future__ import annotations

import heapq
import itertools
import json
import signal
import subprocess
import sys
import threading
import weakref
from concurrent.futures import Future

import pytest
from customerly.errors import CustomerlyError
from tap_customerly.pagination import Reader, Row

from tests.support.waiting import LONG
from tests.tap.shifting_list import ShiftingList, contacts_of, text


class Quiet:
    """A list at rest, one contact a second, whose pages are made when they are asked for."""

    def __init__(self, contacts, *, second=lambda contact: contact, cap=100):
        self.contacts, self.second, self.cap = contacts, second, cap
        self.asked = []

    def __call__(self, page, per_page, descending):
        self.asked.append((page, descending))
        size = min(per_page, self.cap)
        places = range(page * size, min((page + 1) * size, self.contacts))
        if descending:
            places = [self.contacts - 1 - place for place in places]
        return [Row(place, text(self.second(place)), place) for place in places]


class Simulated:
    """A pool whose calls take `latency` seconds of a clock of its own."""

    def __init__(self, workers, latency):
        self.now, self.latency = 0.0, latency
        self.free = [0.0] * workers

    def submit(self, call, *args):
        begin = max(self.now, heapq.heappop(self.free))
        heapq.heappush(self.free, begin + self.latency)
        return Answer(self, begin + self.latency, call, args)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        pass


class Answer(Future):
    def __init__(self, pool, at, call, args):
        super().__init__()
        self.pool, self.at, self.call, self.args = pool, at, call, args

    def result(self, timeout=None):  # noqa: ARG002 - as a future has it
        self.pool.now = max(self.pool.now, self.at)
        return self.call(*self.args)


def collect(batches):
    """All contacts, the states, and whether the last batch was a complete picture."""
    records, states, complete = [], [], False
    for batch in batches:
        records += contacts_of(batch.items)
        states += [json.loads(json.dumps(batch.state))] if batch.state is not None else []
        complete = batch.complete
    return records, states, complete


def ids(contacts):
    """Their keys; a contact of `Quiet` is its key."""
    return [c["crmhero_user_id"] if isinstance(c, dict) else c for c in contacts]


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


# --- a list that shrinks --------------------------------------------------------------------------


@pytest.mark.parametrize("workers", [1, 8])
@pytest.mark.parametrize("remain", [0, 1, 333])
@pytest.mark.parametrize("at", [0, 1, 5, 20, 60])
def test_a_list_that_shrinks_to_little_is_not_read_to_its_old_end(at, remain, workers):
    fetch = Quiet(100_000)

    def shrinking(*args):
        if len(fetch.asked) == at:
            fetch.contacts = remain
        return fetch(*args)

    records, _, _ = collect(Reader(shrinking, 100, workers).changes())
    assert set(range(remain)) <= set(ids(records))
    assert len(fetch.asked) <= at + 60


def during(fetch, *changes):
    """Let the list change at requests, each change `(page, how often asked for before, change)`."""
    seen = {}

    def changing(page, per_page, descending):
        for at, times, change in changes:
            if page == at and not descending and seen.get(page, 0) == times:
                change()
        seen[page] = seen.get(page, 0) + (not descending)
        return fetch(page, per_page, descending)

    return changing


def listed(contacts, cap=100):
    server = ShiftingList(cap=cap)
    for second in range(contacts):
        server.insert(second)
    return server


def test_the_last_page_is_fetched_after_the_empty_one_that_proves_it_last():
    """Page 10 moves into page 9 between the answers to two probes that were asked for at once."""
    server = listed(11)
    fetch = during(server.page, (10, 0, lambda: server.delete(1)))
    records, _, _ = collect(Reader(fetch, 1, 8, pool=Simulated(8, 0.05)).changes())
    assert set(ids(records)) == set(range(2, 12))


@pytest.mark.parametrize("page", range(2, 40))
@pytest.mark.parametrize("leave", [1, 30, 290])
def test_pages_fetched_ahead_of_a_shift_are_fetched_again(page, leave):
    server = listed(300)

    def shift():
        for contact in range(1, leave + 1):
            server.delete(contact)

    fetch = during(server.page, (page, 0, shift))
    pool = Simulated(8, 0.05)
    records, _, _ = collect(Reader(fetch, 7, 8, pool=pool).changes())
    assert set(range(leave + 1, 301)) <= set(ids(records))


# --- one second for all ---------------------------------------------------------------------------


def test_a_bulk_import_is_pictured_once_its_second_is_over():
    fetch = Quiet(10_000, second=lambda _: 5)
    pool = Simulated(8, 0.001)

    def sleep(seconds):
        pool.now += seconds

    reader = Reader(fetch, 100, 8, pool=pool, clock=lambda: pool.now, sleep=sleep)
    records, _, complete = collect(reader.everything())
    assert complete
    assert set(ids(records)) == set(range(10_000))
    assert pool.now < 5
    assert len(fetch.asked) < 450


def test_a_list_that_changes_too_fast_is_never_taken_for_complete():
    server, warnings = ShiftingList(), []
    for _ in range(50):
        server.insert(0)

    def hectic(*args):
        server.now += 1
        for contact in list(server.contacts)[:20]:
            server.update(contact)
        return server.page(*args)

    records, _, complete = collect(Reader(hectic, 10, 4, warnings.append).everything())
    assert not complete
    assert len(warnings) == 1
    assert "No complete picture" in warnings[0]
    assert len(records) < 50_000


# --- odd servers ----------------------------------------------------------------------------------


def test_a_server_that_ignores_the_direction_is_read_all_the_same():
    fetch = Quiet(1_000)

    def ascending(page, per_page, _):
        return fetch(page, per_page, False)

    records, states, _ = collect(Reader(ascending).changes())
    assert sorted(ids(records)) == list(range(1_000))
    fetch.contacts = 1_350
    fetch.asked.clear()
    records, _, _ = collect(Reader(ascending).changes(states[-1]))
    assert sorted(ids(records)) == list(range(999, 1_350))
    assert len(fetch.asked) <= 14, "the empty page that shows the end is asked for twice"


def test_a_server_that_ignores_the_direction_still_gives_a_complete_picture():
    fetch = Quiet(1_050)
    records, _, complete = collect(
        Reader(lambda page, per_page, _: fetch(page, per_page, False)).everything()
    )
    assert complete
    assert sorted(ids(records)) == list(range(1_050))


def test_a_server_that_repeats_its_last_page_is_read_to_the_end():
    fetch, warnings = Quiet(1_000), []

    def repeating(page, per_page, descending):
        return fetch(min(page, 9), per_page, descending)

    records, _, _ = collect(Reader(repeating, warn=warnings.append).changes())
    assert set(ids(records)) == set(range(1_000))


def test_a_server_that_knows_one_page_is_read_once_and_warned_of():
    fetch, warnings = Quiet(60), []

    def one_page(page, per_page, descending):
        return fetch(0, per_page, False)

    records, _, _ = collect(Reader(one_page, warn=warnings.append).changes())
    assert set(ids(records)) == set(range(60))
    assert len(warnings) == 1
    assert "repeats" in warnings[0]


@pytest.mark.parametrize("workers", [1, 8])
def test_a_server_that_knows_one_contact_is_read_once_and_warned_of(workers):
    """All of its page is of the newest second, so it is looked at again when that is over."""
    now, asked, warnings = [0.0], [], []

    def one_contact(page, per_page, descending):
        asked.append(page)
        return [Row(7, text(7), 7)]

    def sleep(seconds):
        now[0] += seconds

    reader = Reader(one_contact, 100, workers, warnings.append, clock=lambda: now[0], sleep=sleep)
    records, _, _ = collect(reader.everything())
    assert set(ids(records)) == {7}
    assert len(asked) < 20
    assert max(asked) <= 2
    assert ["repeats" in line for line in warnings] == [True]


def test_a_list_without_an_end_is_an_error_before_page_numbers_are_endless():
    asked = []

    def endless(page, per_page, descending):
        asked.append(page)
        return [Row(page, text(0), page)]

    with pytest.raises(CustomerlyError, match="The list has no end"):
        collect(Reader(endless).changes())
    assert max(asked) < 2**45


def test_pages_out_of_order_are_warned_of_once():
    fetch, warnings = Quiet(1_000), []

    def disordered(page, per_page, descending):
        records = fetch(page, per_page, descending)
        return [*records[50:], *records[:50]] if page == 9 else records

    records, _, _ = collect(Reader(disordered, warn=warnings.append).changes())
    assert len([line for line in warnings if "not in the order" in line]) == 1
    assert "contact 999 (2026-01-01T00:16:39Z) comes before contact 900" in warnings[0]
    assert set(ids(records)) == set(range(1_000))


def test_a_contact_in_two_places_is_warned_of_once():
    fetch, warnings = Quiet(10_000), []

    def doubling(page, per_page, descending):
        records = fetch(page, per_page, descending)
        return [records[0], *records[:-1]] if records and not descending else records

    collect(Reader(doubling, warn=warnings.append).changes())
    assert len(warnings) == 1
    assert "two places" in warnings[0]


# --- how it ends ----------------------------------------------------------------------------------


class Trouble(Exception):
    pass


@pytest.mark.parametrize("at", [0, 1, 5, 12, 40])
@pytest.mark.parametrize("workers", [1, 8])
def test_an_error_comes_out_as_it_is_and_the_workers_end(at, workers):
    fetch, stuck, gave_up = Quiet(100_000), threading.Event(), []
    numbers = itertools.count()  # one for each call, whichever threads make them

    def failing(*args):
        number = next(numbers)
        if number > at + 2 * workers and not stuck.wait(LONG):
            gave_up.append(number)
        if number >= at:  # several: the search gives up probes, and nobody misses those
            raise Trouble(at)
        return fetch(*args)

    before = set(threading.enumerate())
    with pytest.raises(Trouble):
        collect(Reader(failing, 100, workers).changes())
    assert gave_up == []
    stuck.set()
    ended(set(threading.enumerate()) - before)


def test_a_consumer_that_stops_ends_the_workers_at_once():
    fetch, stuck, gave_up = Quiet(100_000), threading.Event(), []

    def slow(*args):
        if len(fetch.asked) > 50 and not stuck.wait(LONG):
            gave_up.append(args)
        return fetch(*args)

    before = set(threading.enumerate())
    batches = Reader(slow, 100, 8).changes()
    for _ in range(5):
        next(batches)
    batches.close()
    assert gave_up == []
    stuck.set()
    ended(set(threading.enumerate()) - before)


def ended(threads):
    for thread in threads:
        thread.join(LONG)
    assert not any(thread.is_alive() for thread in threads)


def test_ctrl_c_does_not_wait_for_a_slow_answer():
    program = (
        "import time; from tap_customerly.pagination import Reader, Row\n"
        "def fetch(*_): print('asked', flush=True); time.sleep(60)\n"
        "list(Reader(fetch).changes())"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", program], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    process.stdout.readline()
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=LONG)
    assert b"KeyboardInterrupt" in errors
