"""Finding the page of a shifting list to start from."""

from __future__ import annotations

from typing import TYPE_CHECKING

from customerly.errors import CustomerlyError

if TYPE_CHECKING:
    from tap_customerly.pagination.pages import Page, Pages

ENDLESS = 2**40
"""Rows after which a list that still goes on is taken for endless."""


def find_start(
    pages: Pages,
    ceiling: str,
    *,
    hint: int | None = None,
    below: int | None = None,
    row: int | None = None,
    fan: int = 1,
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
        hint: the page to try first; with none, gallop up from page 0.
        below: a page that is known to be too high.
        row: a row that all contacts still to be read lie before, where it is certain.
        fan: how many pages to ask for at once, at most.

    Returns:
        The number of the page, or -1 where nothing is left to read; and the page itself, if it was
        fetched after the proof, so that it need not be fetched again.

    Raises:
        CustomerlyError: the list goes on after `ENDLESS`.
    """
    low, high, step, width = -1, below, 1, 1
    lower: Page | None = None
    fresh: Page | None = None
    empty: Page | None = None
    targets = [hint or 0]
    while True:
        while high is None or high - low > 1:
            fresh, before = None, lower
            for future in [pages.ask(n) for n in targets if high is None or n < high]:
                page = pages.take(future)
                if not page.rows or page.oldest > ceiling or _repeats(pages, page, before):
                    high, fresh, empty = page.number, None, None if page.rows else page
                    break
                if page.newest > ceiling or _ends_behind(row, page, pages.page_size):
                    return page.number, page
                low, lower, fresh = page.number, page, page
            if high is None and low * pages.page_size > ENDLESS:
                raise CustomerlyError(
                    f"The list has no end: page {low:,} still has contacts. Check that api_url is "
                    "Customerly's API, and that what stands in between leaves `page` alone"
                )
            targets = _probes(low, high, step, width)
            step, width = step << width, min(2 * width, fan)
        if empty is None:
            return low, fresh
        page = pages.verified(empty, ceiling)
        if not page.rows:
            return low, None
        if page.newest > ceiling:
            return page.number, page
        low, lower, high, step, width, empty = page.number, page, below, 1, 1, None
        targets = [low + 1]


def _probes(low: int, high: int | None, step: int, width: int) -> list[int]:
    """Choose the pages to look at next: in strides that double, then in equal parts."""
    if high is None:
        return [low + (step << i) for i in range(width)]
    if low < 0:
        return [max(0, high - step)]
    parts = min(width + 1, high - low)
    return [low + (high - low) * i // parts for i in range(1, parts)]


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
    pages.warn(
        "repeats",
        f"Page {page.number} of the list repeats page {lower.number}: it is taken for the end.",
    )
    return True
