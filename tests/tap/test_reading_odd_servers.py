"""What reading says of servers that ignore what they are asked for."""

from __future__ import annotations

import pytest
from customerly.errors import CustomerlyError
from tap_customerly.pagination import Reader, Row

from tests.tap.lists import Quiet, collect, ids
from tests.tap.shifting_list import text


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
