"""Reading the contacts of a list that changes meanwhile: all, or what changed, and none skipped.

A *pass* reads what has a value at or above a bound. It begins with a look at the newest contacts,
at one moment; if that does not reach down to the bound, a walk reads the rest (`walk.Walk`).

**Incremental** (docs/pagination.md#incremental-reads). A run is one pass from the bookmark,
inclusively. The newest value at its first look, N, is the next bookmark: a contact that is touched
after that look has a value of at least N, and so has one that was there but came to lie behind what
the walk began with; the next run reads it. All others are protected, and the walk reads those that
the look did not hold. N is never raised by what is seen later on. A run that was cut short left its
frontier and N in the state; the contacts that it had still to read have only moved left since, so a
walk from there, hours later, skips nothing. A second pass, from N, then brings what changed in the
meantime.

**A complete picture** (docs/pagination.md#a-complete-picture). A full-table read may claim that
what it did not see is gone only when it has seen all that exists at some moment. So it goes on with
a pass from the floor of the last pass's first look, until one is a single page, of the moment T.
Then, of the contacts at T,

- those at or above that floor are in the page, for its oldest contact lies below the floor;
- the others were not touched since the last pass's first look, or they would not be below its
  floor: that pass read them, or, if they lie below its own bound, by the same argument the one
  before it did; and the first one had no bound.

Where more contacts than fit a page share the newest second, that page cannot be had while the
second may still be running: the floor is in it. Once our own clock has counted two seconds on, it
is over, and the floor of a pass that begins then lies behind it.
"""

from __future__ import annotations

import logging
import time
from typing import TYPE_CHECKING, Any

from tap_customerly.pagination.batch import Batch
from tap_customerly.pagination.cursor import Cursor, Unfinished
from tap_customerly.pagination.pages import BEGIN, END, Fetch, Page, Pages, Row, just_after
from tap_customerly.pagination.pool import Pool
from tap_customerly.pagination.search import find_start
from tap_customerly.pagination.walk import Frontier, Step, Walk

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

logger = logging.getLogger(__name__)

PASSES = 12
"""Passes after which a full-table read gives up on a complete picture."""


class Reader:
    """Reads one list of contacts, once.

    Args:
        fetch: see `pages.Fetch`. What it raises comes out of the iteration at its page's turn.
        page_size: contacts to ask for a page.
        max_concurrency: requests in flight at once.
        warn: takes a line for the log, free of personal data; each kind of line comes once.
        pool: runs the fetches in place of threads of our own.
        clock: seconds, never back.
        sleep: waits for seconds.
    """

    def __init__(
        self,
        fetch: Fetch,
        page_size: int = 100,
        max_concurrency: int = 4,
        warn: Callable[[str], object] = logger.warning,
        *,
        pool: Pool | None = None,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], object] = time.sleep,
    ) -> None:
        self._workers = max_concurrency
        self._pool = pool or Pool(max_concurrency)
        self._pages = Pages(fetch, page_size, self._pool, warn, clock, sleep)

    def changes(
        self,
        state: Mapping[str, Any] | None = None,
        start: str | None = None,
        earlier: Callable[[str], str] = str,
    ) -> Iterator[Batch[Row]]:
        """Read what changed since the bookmark, after what an earlier run left unfinished.

        Args:
            state: the last state that was written, of any run; None or empty at first.
            start: where there is no bookmark: only contacts with a value at or after it.
            earlier: moves a bookmark to where a read from it begins, for changes that become
                visible late.

        Yields:
            Batches. A `state` holds the bookmark in force (`bookmark`), the length of the list as a
            hint (`rows`), and while the read is unfinished, how far it came (`reading`).
        """
        cursor = Cursor.read(state or {})
        since = earlier(cursor.bookmark) if cursor.bookmark else start or BEGIN
        unfinished = cursor.unfinished_since(since)
        with self._pool:
            for resumed in (unfinished, None) if unfinished else (None,):
                part = _Pass(self._pages, self._workers, since, cursor.rows, resumed)
                for step in part.steps():
                    doubtful = self._pages.has_hole or self._pages.disordered
                    frontier = None if doubtful else step.frontier
                    reached = frontier and cursor.during(since, part.newest, frontier)
                    yield Batch(step.rows, reached, step.left)
                if self._pages.has_hole:
                    return
                cursor = cursor.after(since, part.newest, part.rows)
                yield Batch([], cursor.state(), 0)
                since = earlier(cursor.bookmark) if cursor.bookmark else since

    def everything(self) -> Iterator[Batch[Row]]:
        """Read all contacts, then what changed meanwhile, until the picture is complete.

        Yields:
            Batches without a state, since this never resumes. The last one is `complete`; if none
            is, the list changed too fast, a warning says so, and nothing may be taken for gone.
        """
        since, newest, length = BEGIN, END, None
        last_second: list[Row] = []
        with self._pool:
            for _ in range(PASSES):
                part = _Pass(self._pages, self._workers, since, length, last=newest, verify=True)
                for step in part.steps():
                    fresh = [row for row in step.rows if row not in last_second]
                    yield Batch(fresh, left=step.left)
                if part.at_once or self._pages.disordered:
                    yield Batch([], left=0, complete=self._is_complete())
                    return
                if part.newest == newest:
                    self._pages.wait_until_over(newest)
                since, newest, length = part.floor, part.newest, part.rows
                last_second = part.last_second
            self._pages.warn(
                "incomplete",
                f"No complete picture came about in {PASSES} looks: each time more than a page of "
                "contacts had changed since the look before, or nothing showed them to be the "
                "newest of the list. All that was left alone has been read, but nothing that is "
                "missing can be taken for gone.",
            )

    def _is_complete(self) -> bool:
        """Whether a picture that came about can be believed; says so where it can't."""
        if self._pages.contradicted:
            self._pages.warn(
                "contradicted",
                "A page of the list was empty or short while there were contacts behind it: this "
                "is no complete picture, and nothing that is missing can be taken for gone.",
            )
        if self._pages.disordered:
            self._pages.warn(
                "disordered",
                "The list does not keep the order that was asked for: this is no complete picture, "
                "and nothing that is missing can be taken for gone.",
            )
        return not (self._pages.contradicted or self._pages.disordered)


class _Pass:
    """Reads all contacts with a value of at least `since`.

    Args:
        pages: the list.
        workers: pages to fetch at once.
        since: the bound; `BEGIN` for none.
        rows: about how long the list is.
        unfinished: an earlier pass, to be finished.
        last: the newest value at the first look of the pass before.
        verify: whether to ask twice before an empty list is believed.
    """

    def __init__(
        self,
        pages: Pages,
        workers: int,
        since: str,
        rows: int | None,
        unfinished: Unfinished | None = None,
        last: str = END,
        *,
        verify: bool = False,
    ) -> None:
        self._pages = pages
        self._verify = verify
        self._last = last if last < since else END
        self._workers = workers
        self._unfinished = unfinished
        self.since = since
        self.rows = rows
        self.newest = unfinished.newest if unfinished else BEGIN
        """The newest value at the first look."""
        self.floor = BEGIN
        """A change after the first look gives no contact a value below it."""
        self.last_second: list[Row] = []
        """The contacts at the floor at the first look: another pass from there has them again."""
        self.at_once = False
        """Whether one page, of one moment, held all."""

    def steps(self) -> Iterator[Step]:
        """Read; each step is some rows and, where it moved, the frontier.

        A list that shows that it keeps no order is read again, from its end to page 0: whatever
        else it is ordered by, what has its place in it is read.
        """
        yield from self._ordered_steps()
        if self._pages.disordered:
            yield from self._walk(END)

    def _ordered_steps(self) -> Iterator[Step]:
        if self._unfinished:
            yield from self._walk(self._unfinished.frontier.oldest, self._unfinished.frontier)
            return
        top = self._pages.top(self._last, verify=self._verify)
        if top is None:
            yield from self._walk(END)
            return
        self._first_look(top)
        if self.at_once:
            yield Step(top.between(self.since, END), None, 0)
            return
        newer = top.between(just_after(top.oldest), END)
        yield Step(newer, Frontier(top.oldest, self.rows, certain=False), self.rows)
        yield from self._walk(top.oldest)

    def _walk(self, ceiling: str, frontier: Frontier | None = None) -> Iterator[Step]:
        pages = self._pages
        row = (frontier and frontier.row) or self.rows
        start, first = find_start(
            pages,
            ceiling,
            hint=(row - 1) // (pages.longest or pages.page_size) if row else None,
            row=row if frontier and frontier.certain else None,
        )
        walk = Walk(pages, self._workers, self.since, ceiling, start, first)
        for step in walk.steps():
            if walk.first and not self.newest:
                self._first_look(walk.first)
            if walk.first and not frontier:
                self.rows = walk.first.number * pages.longest + len(walk.first.rows)
            yield step

    def _first_look(self, page: Page) -> None:
        """Keep what the first page says: the newest of all if it is a top, or the last page.

        An ascending page is the last one for certain only where it is shorter than another was.
        """
        self.newest, self.floor = page.newest, page.floor
        self.last_second = page.between(page.floor, END)
        newest_of_all = page.descending or len(page.rows) < self._pages.longest
        self.at_once = not page.rows or (newest_of_all and page.oldest < self.since)
