"""Reading the contacts of a list that changes meanwhile: all, or what changed, and none skipped.

A *sweep* reads what has a value at or above a bound. It begins with a look at the newest contacts,
at one moment; if that does not reach down to the bound, a walk reads the rest (`walk.Walk`).

**Incremental.** A run is one sweep from the bookmark, inclusively. The newest value at its first
look, N, is the next bookmark: a contact that is touched after that look has a value of at least N,
and so has one that was there but came to lie behind what the walk began with; the next run reads
it. All others are protected, and the walk reads those that the look did not hold. N is never
raised by what is seen later on. A run that was cut short left its frontier and N in the state; the
contacts that it had still to read have only moved left since, so a walk from there, hours later,
skips nothing. A second sweep, from N, then brings what changed in the meantime.

**A complete picture.** A full-table read may claim that what it did not see is gone only when it
has seen all that exists at some moment. So it goes on with a sweep from the floor of the last
sweep's first look, until one is a single page, of the moment T. Then, of the contacts at T,

- those at or above that floor are in the page, for its oldest contact lies below the floor;
- the others were not touched since the last sweep's first look, or they would not be below its
  floor: that sweep read them, or, if they lie below its own bound, by the same argument the one
  before it did; and the first one had no bound.

Where more contacts than fit a page share the newest second, that page cannot be had while the
second may still be running: the floor is in it. Once our own clock has counted two seconds on, it
is over, and the floor of a sweep that begins then lies behind it.
"""

from __future__ import annotations

import logging
import time
from typing import TYPE_CHECKING, Any, NamedTuple

from tap_customerly.pool import Pool
from tap_customerly.reading.pages import BEGIN, END, Fetch, Page, Pages, Record, just_after
from tap_customerly.reading.progress import Begun, Progress
from tap_customerly.reading.search import find_start
from tap_customerly.reading.walk import Frontier, Step, Walk

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

logger = logging.getLogger(__name__)

SWEEPS = 12
"""Sweeps after which a full-table read gives up on a complete picture."""


class Batch(NamedTuple):
    """Some contacts, and what may be said once they are written.

    Attributes:
        records: clean records, maybe none.
        state: where to go on from, if all batches up to this one are written; None if unchanged.
        left: about how many rows of the list are still ahead; None while unknown.
        complete: all contacts that exist have been read: what was not seen is gone.
    """

    records: list[Record]
    state: dict[str, Any] | None = None
    left: int | None = None
    complete: bool = False


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
        self._sleep = sleep
        self._pool = pool or Pool(max_concurrency)
        self._pages = Pages(fetch, page_size, self._pool, warn, clock)

    def changes(
        self, state: Mapping[str, Any] | None = None, start: str | None = None
    ) -> Iterator[Batch]:
        """Read what changed since the bookmark, after what an earlier run left unfinished.

        Args:
            state: the last state that was written, of any run; None or empty at first.
            start: where there is no bookmark: only contacts with a value at or after it.

        Yields:
            Batches. A `state` holds the bookmark in force (`bookmark`), the length of the list as a
            hint (`rows`), and while the read is unfinished, how far it came (`reading`).
        """
        progress = Progress.read(state or {})
        since = progress.bookmark or start or BEGIN
        begun = progress.begun_since(since)
        with self._pool:
            for resumed in (begun, None) if begun else (None,):
                sweep = _Sweep(self._pages, self._workers, since, progress.rows, resumed)
                for step in sweep.steps():
                    reached = progress.during(since, sweep.newest, step.frontier)
                    yield Batch(step.records, reached, step.left)
                progress = progress.after(since, sweep.newest, sweep.rows)
                yield Batch([], progress.state(), 0)
                since = progress.bookmark or since

    def everything(self) -> Iterator[Batch]:
        """Read all contacts, then what changed meanwhile, until the picture is complete.

        Yields:
            Batches without a state, since this never resumes. The last one is `complete`; if none
            is, the list changed too fast, a warning says so, and nothing may be taken for gone.
        """
        since, newest, rows = BEGIN, END, None
        last_second: list[Record] = []
        with self._pool:
            for _ in range(SWEEPS):
                sweep = _Sweep(self._pages, self._workers, since, rows, last=newest)
                for step in sweep.steps():
                    yield Batch([r for r in step.records if r not in last_second], left=step.left)
                if sweep.at_once:
                    yield Batch([], left=0, complete=True)
                    return
                if sweep.newest == newest:
                    self._pages.wait_until_over(newest, self._sleep)
                since, newest, rows = sweep.floor, sweep.newest, sweep.rows
                last_second = sweep.last_second
            self._pages.warn(
                "incomplete",
                f"No complete picture came about in {SWEEPS} looks: each time more than a page of "
                "contacts had changed since the look before, or could not be told to be the newest "
                "of the list. All that was left alone has been read, but nothing that is missing "
                "can be taken for gone.",
            )


class _Sweep:
    """Reads all contacts with a value of at least `since`.

    Args:
        pages: the list.
        workers: pages to fetch at once.
        since: the bound; `BEGIN` for none.
        rows: about how long the list is.
        begun: an earlier sweep, to be finished.
        last: the newest value at the first look of the sweep before.
    """

    def __init__(
        self,
        pages: Pages,
        workers: int,
        since: str,
        rows: int | None,
        begun: Begun | None = None,
        last: str = END,
    ) -> None:
        self._pages = pages
        self._last = last if last < since else END
        self._workers = workers
        self._begun = begun
        self.since = since
        self.rows = rows
        self.newest = begun.newest if begun else BEGIN
        """The newest value at the first look."""
        self.floor = BEGIN
        """A change after the first look gives no contact a value below it."""
        self.last_second: list[Record] = []
        """The contacts at the floor at the first look: another sweep from there has them again."""
        self.at_once = False
        """Whether one page, of one moment, held all."""

    def steps(self) -> Iterator[Step]:
        """Read; each step is some records and, where it moved, the frontier."""
        if self._begun:
            yield from self._walk(self._begun.frontier.oldest, self._begun.frontier)
            return
        top = self._pages.top(self._last)
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
            fan=1 if row else self._workers,
        )
        walk = Walk(pages, self._workers, self.since, ceiling, start, first)
        for step in walk.steps():
            if walk.first and not self.newest:
                self._first_look(walk.first)
            if walk.first and not frontier:
                self.rows = walk.first.number * pages.longest + len(walk.first.records)
            yield step

    def _first_look(self, page: Page) -> None:
        """Keep what the first page says: the newest of all if it is a top, or the last page.

        An ascending page is the last one for certain only where it is shorter than another was.
        """
        self.newest, self.floor = page.newest, page.floor
        self.last_second = page.between(page.floor, END)
        newest_of_all = page.descending or len(page.records) < self._pages.longest
        self.at_once = not page.records or (newest_of_all and page.oldest < self.since)
