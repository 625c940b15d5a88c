"""Lists that shrink while they are read, and whose contacts share one second."""

from __future__ import annotations

import pytest
from tap_customerly.pagination import Reader

from tests.tap.lists import Quiet, Simulated, collect, ids
from tests.tap.shifting_list import ShiftingList

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
