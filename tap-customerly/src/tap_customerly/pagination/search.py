"""Finding the page of a shifting list to start from."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from customerly.errors import CustomerlyError

if TYPE_CHECKING:
    from tap_customerly.pagination.pages import Page, Pages

ENDLESS = 2**40
"""Rows after which a list that still goes on is taken for endless."""

_LEAP = 64  # times as far as the search has come, at most: a pace can be wrong


def find_start(
    pages: Pages,
    ceiling: str,
    *,
    hint: int | None = None,
    below: int | None = None,
    row: int | None = None,
) -> tuple[int, Page | None]:
    """Find a page such that every contact still to be read lies in it or before it.

    Those are contacts at or below `ceiling` that only move left from now on. So one sight at any
    moment is enough, either of

    - the page after it, empty or with nothing but contacts above the ceiling (*too high*); or
    - the page itself, with a contact above the ceiling in it; or
    - the page itself, if it ends behind a row that they all lie before. Its number tells its rows
      only where it is as long as we asked for: then the server does not cut pages.

    A page that is too low proves nothing, it only guides. An empty page that the search would end
    before is asked for again, for one empty answer can be a mistake. With `END` as the ceiling this
    finds the last page: the one before an empty page, never before a short one, since a server that
    cuts pages makes every page short.

    Args:
        pages: the list.
        ceiling: the greatest value that a contact still to be read can have.
        hint: the page to try first; with none, page 0.
        below: a page that is known to be too high.
        row: a row that all contacts still to be read lie before, where it is certain.

    Returns:
        The number of the page, or -1 where nothing is left to read; and the page itself, if it was
        fetched after the proof, so that it need not be fetched again.

    Raises:
        CustomerlyError: the list goes on after `ENDLESS`.
    """
    low, high = -1, below
    lower: Page | None = None
    fresh: Page | None = None
    empty: Page | None = None
    target, course = hint or 0, _Course(ceiling)
    while True:
        while high is None or high - low > 1:
            page = pages.take(pages.ask(target))
            if not page.rows or page.oldest > ceiling or _repeats(pages, page, lower):
                high, fresh, empty = page.number, None, None if page.rows else page
            elif page.newest > ceiling or _ends_behind(row, page, pages.page_size):
                return page.number, page
            else:
                low, lower, fresh = page.number, page, page
                course.passes(page)
            if high is None and low * pages.page_size > ENDLESS:
                raise CustomerlyError(
                    f"The list has no end: page {low:,} still has contacts. Check that api_url is "
                    "Customerly's API, and that what stands in between leaves `page` alone"
                )
            target = course.next(low, high)
        if empty is None:
            return low, fresh
        page = pages.verified(empty, ceiling)
        if not page.rows:
            return low, None
        if page.newest > ceiling:
            return page.number, page
        low, lower, high, empty = page.number, page, below, None
        target, course = low + 1, _Course(ceiling)


class _Course:
    """Chooses the pages to look at: a choice costs or spares requests, and proves nothing.

    It follows the pace at which values rise from page to page, further at each step that is still
    too low. Between a page that is too low and one that is too high it halves every second time,
    and with no pace it strides, each stride twice the last one.

    Args:
        ceiling: the value to be found.
    """

    def __init__(self, ceiling: str) -> None:
        self._ceiling = _seconds(ceiling)
        self._places: list[tuple[float, float]] = []
        self._stride = 1
        self._guessed = False

    def passes(self, page: Page) -> None:
        """Take in a page that is too low: where its first and its last value are."""
        for place, value in ((page.number, page.oldest), (page.number + 1, page.newest)):
            if (seconds := _seconds(value)) is not None:
                self._places.append((place, seconds))

    def next(self, low: int, high: int | None) -> int:
        """Choose between a page that is too low, -1 for none, and one that is too high."""
        guess = self._guess()
        if high is not None and low >= 0:
            self._guessed = guess is not None and low < guess < high and not self._guessed
            return guess if guess is not None and self._guessed else (low + high) // 2
        stride, self._stride = self._stride, 2 * self._stride
        if high is not None:
            return max(0, high - stride)
        if guess is None:
            return low + stride
        further = (guess - low) * max(1, stride // 4)
        return low + min(max(1, further), _LEAP * (low + 1))

    def _guess(self) -> int | None:
        """Draw a line through the last two pages, or through the only one, to the ceiling."""
        if self._ceiling is None or not self._places:
            return None
        place, seconds = self._places[-3:][0]
        last_place, last_seconds = self._places[-1]
        if last_seconds <= seconds:
            return None
        pace = (last_place - place) / (last_seconds - seconds)
        return int(last_place + pace * (self._ceiling - last_seconds))


def _seconds(value: str) -> float | None:
    try:
        return datetime.fromisoformat(value).timestamp()
    except ValueError:
        return None


def _ends_behind(row: int | None, page: Page, page_size: int) -> bool:
    if row is None or len(page.rows) < page_size:
        return False
    return (page.number + 1) * page_size >= row


def _repeats(pages: Pages, page: Page, lower: Page | None) -> bool:
    """Tell whether a page begins as a lower one did that was there before it was asked for.

    A contact below the floor moves left alone, so this is no page of the list: the server answers
    a number past the end, or any number, with a page that it has. Where all of a page is of the
    newest second, the same page again is looked at once more when that second is over.
    """
    if lower and not lower.sentinel and page.rows == lower.rows:
        pages.wait_until_over(lower.newest)
        lower = pages.take_again(lower)
        page = pages.take_again(page)
    if not lower or not lower.sentinel or not page.begins_with(lower.sentinel):
        return False
    known = {row.key for row in lower.rows}
    if any(row.key not in known for row in page.rows if row.value < lower.floor):
        return False  # the server orders contacts of one second anew: this is another page
    pages.warn(
        "repeats",
        f"Page {page.number} of the list repeats page {lower.number}: it is taken for the end.",
    )
    return True
