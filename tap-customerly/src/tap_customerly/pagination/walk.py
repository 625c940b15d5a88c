"""Reading a shifting list downward, page by page, without skipping.

The list is sorted by `last_update`, ascending. All that happens to it is that contacts leave their
place (a delete), or leave it and go to the end (an update), or come at the end (an insert). Let
*protected* be the contacts that nobody touches while the read lasts, nor did in the second of its
first page. A change takes the server's present second, so however the server orders contacts of
one second, nothing is ever put before a protected one: it only moves left.

**The frontier.** A page number f is sound if from now on every protected contact has been read or
lies before page f. Contacts only move left, so what is sound stays sound.

1. *One page at a time.* Let f be sound, and fetch page f - 1. At its moment, a protected contact
   that was not read lies before page f: it is in the page, and is read, or lies before it. So
   f - 1 is sound. This needs no look at what the list did meanwhile.

2. *Many pages at once.* Let s be a sentinel, seen at the head of a page j >= f; let pages f - 1
   down to g be asked for after that sight was received; and let s be found at the head of page j
   again by a check that was asked for when these pages had all been received. Then nothing before
   s left its place between the two sights (see `pages.Page.sentinel`), so in between all that lies
   before page j stood still, pages f - 1 to g among it: they are as good as fetched in one moment.
   Page f is sound when the check is asked for, in that time, so by the argument of 1 g is as well.

Asking and receiving happen in one thread, so "after" is the order of its steps. Where a check finds
that the sentinel moved, the frontier stays where it was sound, and page f - 1 is fetched again: so
the frontier is always true, whatever was fetched ahead of it, and goes on by a page at least.

**No barrier.** The check travels in the queue like any page, with the next pages behind it. Each
page remembers the sight that was the latest when it was asked for. The next check looks for the
one that the first page not yet proved remembers: it was received before that page, and all below
it, were asked for, and was at the head of a page that had been received before, hence of j >= f.
"""

from __future__ import annotations

from collections import Counter, deque
from concurrent.futures import Future
from typing import TYPE_CHECKING, NamedTuple

from tap_customerly.pagination.search import find_start
from tap_customerly.pagination.ties import Edges, Ties

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tap_customerly.pagination.pages import Page, Pages, Row, Sentinel

WIDEST = 48
"""Pages that may lie open at once: each check then costs a few per cent, and a run that is killed
repeats no more than these."""

SEQUENTIAL = 4
"""Pages to read one at a time before pages are fetched ahead (again)."""

MOST_SEQUENTIAL = 64


class Frontier(NamedTuple):
    """How far a read came: each protected contact is read, or is at or before both of these.

    Attributes:
        oldest: the value that contacts still to be read do not exceed.
        row: the row that they lie before, as far as page numbers tell.
        certain: whether the row is certain, since the server gave pages as long as we asked for.
    """

    oldest: str
    row: int | None
    certain: bool


class Step(NamedTuple):
    """Some rows; the frontier, if it moved; about how many rows are left.

    A frontier accounts for all rows up to and with its own step's.
    """

    rows: list[Row]
    frontier: Frontier | None
    left: int | None


class _Asked(NamedTuple):
    """A page on its way.

    Attributes:
        number: its number.
        future: gives the page.
        sentinel: the latest one in sight when it was asked for, to be found again; None for the
            page before a sound one, which proves itself.
    """

    number: int
    future: Future[Page]
    sentinel: Sentinel | None


class _Open(NamedTuple):
    """A page that was received, and is not proved yet."""

    edges: Edges
    sentinel: Sentinel
    keys: list[object]


class _Check(NamedTuple):
    """A second look at a sentinel's page, which can prove the open pages down to `down_to`."""

    future: Future[Page]
    sentinel: Sentinel
    down_to: int


class Walk:
    """One read, from a page downward; iterate over `steps()` once.

    Args:
        pages: the list.
        workers: pages to fetch at once.
        since: only contacts at or above this value count; the walk ends where all that is left is
            older, if the server keeps the order. `BEGIN` walks to page 0 and, as it cannot go too
            far, at full width from the start; else the width grows with what was read, so that
            little is fetched in vain.
        ceiling: only contacts at or below this value count: the others have been read.
        start: the page to begin with, as `search.find_start` found it, and
        first: that page itself, if it need not be fetched again.
    """

    def __init__(
        self, pages: Pages, workers: int, since: str, ceiling: str, start: int, first: Page | None
    ) -> None:
        self._pages = pages
        self._since = since
        self._ceiling = ceiling
        self._ahead = 2 * workers
        self._widest = WIDEST if workers > 1 else 1
        self._width = 1 if since else min(self._ahead, self._widest)
        self._sequential = 0
        self._sequential_due = SEQUENTIAL
        self._oldest = ceiling
        self._ties = Ties(pages)
        self._asked: deque[_Asked | _Check] = deque()
        self._open: deque[_Open] = deque()
        self._checking = False
        self._sentinel: Sentinel | None = None
        self.first: Page | None = None
        """The first page that was read."""
        self._begin(start, first)

    def steps(self) -> Iterator[Step]:
        """Read on, one page a step; the next pages are asked for before a step is handed out."""
        try:
            self._ask()
            while self._asked:
                asked = self._asked.popleft()
                page = self._pages.take(asked.future)
                if isinstance(asked, _Asked):
                    step = self._receive(asked, page)
                else:
                    step = self._verify(asked, page)
                self._ask()
                yield step
        finally:
            self._drop()

    def _begin(self, start: int, first: Page | None) -> None:
        """Go on from page `start`: the one after it is the frontier."""
        self._frontier = self._next = start + 1
        if first:
            future: Future[Page] = Future()
            future.set_result(first)
            self._next = start
            self._asked.append(_Asked(start, future, None))

    def _ask(self) -> None:
        """Keep the workers busy: pages as far ahead as the width allows, and a check when due."""
        width = self._width if self._sentinel else 1
        while (
            self._next > 0
            and len(self._asked) < self._ahead
            and self._frontier - self._next < width
        ):
            sentinel = None if self._next == self._frontier else self._sentinel
            self._next -= 1
            self._asked.append(_Asked(self._next, self._pages.ask(self._next), sentinel))
        enough = len(self._open) >= self._width // 2 or not self._asked
        if self._open and enough and not self._checking:
            sentinel, last = self._open[0].sentinel, self._open[-1].edges
            future = self._pages.ask(sentinel.page)
            self._asked.append(_Check(future, sentinel, last.number))
            self._checking = True

    def _receive(self, asked: _Asked, page: Page) -> Step:
        """Take in a page, and stop asking if all before it is too old."""
        page = self._pages.verified(page)
        if not page.rows:
            return self._receive_nothing(asked, page)
        self.first = self.first or page
        self._sentinel = page.sentinel
        if asked.sentinel is None:
            self._move(Edges.of(page))
            self._widen_again()
        else:
            keys = [row.key for row in page.rows]
            self._open.append(_Open(Edges.of(page), asked.sentinel, keys))
        if page.oldest < self._since and not self._pages.disordered:
            self._drop(keep=_Check)
            self._next = 0
        moved = asked.sentinel is None
        return self._step(page.between(self._since, self._ceiling), moved=moved)

    def _receive_nothing(self, asked: _Asked, page: Page) -> Step:
        """Take in an empty page: the list shrank, and what is left may lie far before."""
        if asked.sentinel is None:
            self._drop()
            hint = max(0, page.number - 1)
            self._begin(*find_start(self._pages, self._oldest, hint=hint, below=page.number))
        else:
            self._retreat(page)
        return self._step([], moved=False)

    def _verify(self, check: _Check, page: Page) -> Step:
        """Move the frontier as far as the check proves it, or go back to it."""
        self._checking = False
        still = page.begins_with(check.sentinel)
        if still:
            keys: list[object] = []
            while self._open and self._open[0].edges.number >= check.down_to:
                proved = self._open.popleft()
                keys += proved.keys
                self._move(proved.edges)
            self._expect_once(keys)
            self._width = min(2 * self._width, self._widest)
            self._sequential_due = SEQUENTIAL
        else:
            self._retreat(page)
        return self._step([], moved=still)

    def _retreat(self, page: Page) -> None:
        """Read on from the frontier with more care; the page that moved gives a new sentinel."""
        self._drop()
        self._open.clear()
        self._next = self._frontier
        self._sentinel = page.sentinel
        self._sequential = 0
        self._width //= 2
        if self._width <= 1:
            self._width = 1
            self._sequential_due = min(2 * self._sequential_due, MOST_SEQUENTIAL)

    def _drop(self, keep: type[_Check] | tuple[()] = ()) -> None:
        """Want no more of what is on its way."""
        for asked in self._asked:
            if not isinstance(asked, keep):
                asked.future.cancel()
        self._asked = deque(asked for asked in self._asked if isinstance(asked, keep))
        self._checking = bool(self._asked)

    def _move(self, page: Edges) -> None:
        """Move the frontier to a page that is proved."""
        self._frontier = page.number
        self._oldest = min(self._oldest, page.oldest)
        self._ties.take(page)

    def _widen_again(self) -> None:
        """After some pages one at a time, fetch pages ahead again."""
        self._sequential += 1
        if self._width == 1 < self._widest and self._sequential >= self._sequential_due:
            self._width, self._sequential = 2, 0

    def _expect_once(self, keys: list[object]) -> None:
        """Warn if a contact is twice in a list that stood still."""
        if len(set(keys)) < len(keys):
            twice = next(key for key, n in Counter(keys).items() if n > 1)
            self._pages.warn_of_disorder(
                "twice",
                f"Contact {twice} is in two places of a list that stood still, so the server does "
                "not keep the order that was asked for.",
            )

    def _step(self, rows: list[Row], *, moved: bool) -> Step:
        longest = self._pages.longest
        certain = longest == self._pages.page_size
        frontier = Frontier(self._oldest, self._frontier * longest, certain) if moved else None
        return Step(rows, frontier, self._next * longest)
