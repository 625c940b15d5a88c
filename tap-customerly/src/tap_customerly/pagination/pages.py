"""The pages of a list that shifts while it is read, and what one page proves.

A row's value is the text of the moment when its contact last changed. All are of one width, so that
comparing text compares time; a contact that has none counts as `""` and sorts first, as on the
server (docs/api-contract.md#lists).
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable
    from concurrent.futures import Future

    from tap_customerly.pagination.pool import Pool

BEGIN = ""
"""At or before every value."""

END = "~"
"""After every value."""

SECOND_IS_OVER = 2.0
"""Seconds on our clock after which the server's has left a second that it was seen in."""

LOOKS = 6
"""Looks at a page that contradicts a later one, before the list is taken to have a hole. A short
list that shrinks and grows between two looks does so too, but hardly as often in a row."""


class Row(NamedTuple):
    """A contact in its place in the list.

    Attributes:
        key: What tells it from all others, for ever.
        value: What the list is sorted by; `BEGIN` where the contact has none.
        contact: The contact as it came.
    """

    key: object
    value: str
    contact: Any


class Fetch(Protocol):
    """Fetches one page of the sorted list; called from several threads."""

    def __call__(self, page: int, per_page: int, descending: bool, /) -> list[Row]:
        """Return the rows of a page, the first of which is page 0."""


def just_after(value: str) -> str:
    """Return a bound after `value` and before the next second (a blank sorts before any digit)."""
    return value + " "


@dataclass(frozen=True, slots=True)
class Sentinel:
    """A contact at the head of a page, that nothing can be put before from then on."""

    page: int
    key: object
    value: str


@dataclass(frozen=True, slots=True)
class Page:
    """One page, as it was at one moment between question and answer.

    Attributes:
        number: its number, from 0.
        rows: the contacts in it.
        oldest: the least of them; `END` in an empty page.
        newest: the greatest of them; `BEGIN` in an empty page.
        floor: no change after this page's moment gives a contact a value below it.
    """

    number: int
    rows: list[Row]
    oldest: str
    newest: str
    floor: str
    descending: bool = False

    @property
    def sentinel(self) -> Sentinel | None:
        """Its first contact, if nothing can be put before it any more.

        A change gives a contact the server's present second, so it lands behind all contacts below
        the floor. The place of such a contact is the number of those before it: it goes down by
        one for each of them that leaves, and never up. Seen twice at one place, it shows that all
        before it stood still in between. At the floor itself that would not hold: the server may
        order a second by id, and a contact put before it would hide one that left.
        """
        if not self.rows or self.rows[0].value >= self.floor:
            return None
        return Sentinel(self.number, self.rows[0].key, self.rows[0].value)

    def between(self, least: str, most: str) -> list[Row]:
        """Return the rows with `least <= value <= most`."""
        if least <= self.oldest and self.newest <= most:
            return self.rows
        return [row for row in self.rows if least <= row.value <= most]

    def begins_with(self, sentinel: Sentinel) -> bool:
        """Tell whether the first contact is that sentinel, untouched."""
        first = self.rows[0] if self.rows else None
        return bool(first and first.key == sentinel.key and first.value == sentinel.value)


class Pages:
    """Asks for pages, and keeps what all answers together say of the server.

    Args:
        fetch: see `Fetch`.
        page_size: contacts to ask for a page. The server may give fewer, without a word.
        pool: runs the fetches.
        warn: takes a line for the log; the same kind of line comes once.
        clock: our own seconds, from anywhere, never back.
        sleep: waits for seconds.
    """

    def __init__(
        self,
        fetch: Fetch,
        page_size: int,
        pool: Pool,
        warn: Callable[[str], object],
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], object] = time.sleep,
    ) -> None:
        self._fetch = fetch
        self.page_size = page_size
        self._pool = pool
        self._warn = warn
        self._clock = clock
        self._sleep = sleep
        self._warned: set[str] = set()
        self._newest = BEGIN
        self._newest_since = float("-inf")
        self.longest = 0
        """The longest page so far: no page but the last is shorter."""
        self.contradicted = False
        """Whether a page that looked like the end had contacts behind it."""
        self.has_hole = False
        """Whether one went on to do so: what it should hold has not been read."""
        self.disordered = False
        """Whether the server was seen not to keep the order: what is read proves nothing then."""
        self._highest = -1

    def ask(self, number: int, *, descending: bool = False) -> Future[Page]:
        """Ask for a page; the floor is what was known before asking, so it holds at its moment."""
        return self._pool.submit(self._get, number, descending, self._floor())

    def take(self, future: Future[Page]) -> Page:
        """Wait for a page and take in what it says."""
        page = future.result()
        if not page.descending and not _rises(page.rows):
            self._warn_of_order(page)
        if page.newest > self._newest:
            self._newest, self._newest_since = page.newest, self._clock()
        self.longest = max(self.longest, len(page.rows))
        if page.rows and not page.descending:
            self._highest = max(self._highest, page.number)
        return page

    def take_again(self, page: Page) -> Page:
        """Ask for a page once more, and wait for it."""
        return self.take(self.ask(page.number, descending=page.descending))

    def verified(self, page: Page, ceiling: str = END) -> Page:
        """Doubt a page that looks like the end of the list, and return its latest look.

        An empty page is asked for twice, since one empty answer can be a mistake. A page that is
        shorter than others while there are contacts behind it contradicts itself; it is read again
        a few times. Where there are none the list has become shorter, and all is well.

        Args:
            page: the page.
            ceiling: where contacts above it exist, they must be in the page or before it.
        """
        if not page.rows:
            page = self.take_again(page)
        for _ in range(LOOKS):
            if len(page.rows) >= self.longest or not self._goes_on_behind(page, ceiling):
                return page
            self.contradicted = True
            page = self.take_again(page)
        self.has_hole = True
        self.warn(
            "hole",
            f"Page {page.number} of the list is empty or short, however often it is read, while "
            "there are contacts behind it. Some may be missing: the next run reads them again.",
        )
        return page

    def _goes_on_behind(self, page: Page, ceiling: str) -> bool:
        """Look whether the list has contacts behind a page."""
        if self._highest > page.number:
            if self.take(self.ask(self._highest)).rows:
                return True
            self._highest = page.number
        if page.newest > ceiling or ceiling == END:
            return False
        if self.take(self.ask(0, descending=True)).newest <= ceiling:
            return False
        return bool(page.rows) or not self._is_before(page, ceiling)

    def _is_before(self, empty: Page, ceiling: str) -> bool:
        """Look whether what is above the ceiling is before an empty page: the list is shorter."""
        for number in range(empty.number - 1, max(-1, empty.number - 1 - LOOKS), -1):
            page = self.take(self.ask(number))
            if page.rows:
                return page.newest > ceiling
        return False

    def top(self, last: str, *, verify: bool = False) -> Page | None:
        """Return the newest contacts of one moment, newest first; None if that cannot be trusted.

        What is not in it is at or below its oldest value: where the server sorts in descending
        order, a contact above that value comes before one that is in the page. A server that
        ignores the direction shows itself, for its values do not fall. Where all are equal they
        tell nothing, and are trusted only if they are at the newest value of the look before: so
        it takes a server that ignores the direction, a list that was all of one second, and a
        change in the last moment to mislead us. An empty page 0 means the same either way.

        Args:
            last: the newest value at the look before, if its second was over; else `END`.
            verify: whether to ask twice before an empty list is believed.
        """
        page = self.take(self.ask(0, descending=True))
        if verify and not page.rows:
            page = self.take_again(page)
        falls = page.oldest < page.newest and _rises(page.rows[::-1])
        as_last = page.oldest == page.newest == last
        return page if falls or as_last or not page.rows else None

    def warn_of_disorder(self, kind: str, line: str) -> None:
        """Keep that the server does not keep the order, and log how that was seen."""
        self.disordered = True
        self.warn(kind, f"{line} Contacts may have been missed.")

    def wait_until_over(self, value: str) -> None:
        """Wait until the server's clock has left the second `value`."""
        if value == self._newest:
            self._sleep(max(0.0, self._newest_since + SECOND_IS_OVER - self._clock()))

    def warn(self, kind: str, line: str) -> None:
        """Log a line, once a kind."""
        if kind not in self._warned:
            self._warned.add(kind)
            self._warn(line)

    def _get(self, number: int, descending: bool, floor: str) -> Page:
        rows = self._fetch(number, self.page_size, descending)
        values = [row.value for row in rows]
        newest = max(values, default=BEGIN)
        return Page(
            number=number,
            rows=rows,
            oldest=min(values, default=END),
            newest=newest,
            floor=max(floor, newest),
            descending=descending,
        )

    def _floor(self) -> str:
        """No change from now on gives a contact a value below this.

        A change takes the server's present second. That is at least the newest value that we saw,
        and after it once that value has been known for long enough. (No change takes the value
        away, so a contact that never had one is below the floor from the start.)
        """
        over = self._clock() - self._newest_since >= SECOND_IS_OVER
        return just_after(self._newest) if over else self._newest

    def _warn_of_order(self, page: Page) -> None:
        one, other = next(pair for pair in pairwise(page.rows) if pair[0].value > pair[1].value)
        self.warn_of_disorder(
            "order",
            f"Page {page.number} of the list is not in the order that was asked for: contact "
            f"{one.key} ({one.value}) comes before contact {other.key} ({other.value}).",
        )


def _rises(rows: list[Row]) -> bool:
    values = [row.value for row in rows]
    return values == sorted(values)
