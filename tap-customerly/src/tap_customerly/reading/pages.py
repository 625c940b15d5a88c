"""The pages of a list that shifts while it is read, and what one page proves.

Values are the texts of `last_update`, all of one width, so that comparing text compares time; a
contact that has none counts as `""` and sorts first, as on the server (wire contract, Lists).
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable
    from concurrent.futures import Future

    from tap_customerly.pool import Pool

Record = dict[str, Any]

BEGIN = ""
"""At or before every value."""

END = "~"
"""After every value."""

SECOND_IS_OVER = 2.0
"""Seconds on our clock after which the server's has left a second that it was seen in."""


class Fetch(Protocol):
    """Fetches one page of the list, sorted by `last_update`; called from several threads."""

    def __call__(self, page: int, per_page: int, descending: bool, /) -> list[Record]:
        """Return the clean records of a page, the first of which is page 0."""


def just_after(value: str) -> str:
    """Return a bound after `value` and before the next second (a blank sorts before any digit)."""
    return value + " "


@dataclass(frozen=True, slots=True)
class Sentinel:
    """A contact at the head of a page, that nothing can be put before from then on."""

    page: int
    contact: object
    value: str


@dataclass(frozen=True, slots=True)
class Page:
    """One page, as it was at one moment between question and answer.

    Attributes:
        number: its number, from 0.
        records: the contacts in it.
        values: their values, in the same order.
        oldest: the least of them; `END` in an empty page.
        newest: the greatest of them; `BEGIN` in an empty page.
        floor: no change after this page's moment gives a contact a value below it.
    """

    number: int
    records: list[Record]
    values: list[str]
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
        if not self.values or self.values[0] >= self.floor:
            return None
        return Sentinel(self.number, self.records[0]["crmhero_user_id"], self.values[0])

    def between(self, least: str, most: str) -> list[Record]:
        """Return the records with `least <= value <= most`."""
        if least <= self.oldest and self.newest <= most:
            return self.records
        return [r for r, v in zip(self.records, self.values, strict=True) if least <= v <= most]

    def begins_with(self, sentinel: Sentinel) -> bool:
        """Tell whether the first contact is that sentinel, untouched."""
        return (
            bool(self.records)
            and self.records[0]["crmhero_user_id"] == sentinel.contact
            and self.values[0] == sentinel.value
        )


class Pages:
    """Asks for pages, and keeps what all answers together say of the server.

    Args:
        fetch: see `Fetch`.
        page_size: contacts to ask for a page. The server may give fewer, without a word.
        pool: runs the fetches.
        warn: takes a line for the log; the same kind of line comes once.
        clock: our own seconds, from anywhere, never back.
    """

    def __init__(
        self,
        fetch: Fetch,
        page_size: int,
        pool: Pool,
        warn: Callable[[str], object],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._fetch = fetch
        self.page_size = page_size
        self._pool = pool
        self._warn = warn
        self._clock = clock
        self._warned: set[str] = set()
        self._newest = BEGIN
        self._newest_since = float("-inf")
        self.longest = 0
        """The longest page so far: no page but the last is shorter."""

    def ask(self, number: int, *, descending: bool = False) -> Future[Page]:
        """Ask for a page; the floor is what was known before asking, so it holds at its moment."""
        return self._pool.submit(self._get, number, descending, self._floor())

    def take(self, future: Future[Page]) -> Page:
        """Wait for a page and take in what it says."""
        page = future.result()
        if not page.descending and not _sorted(page.values):
            self._warn_of_order(page)
        if page.newest > self._newest:
            self._newest, self._newest_since = page.newest, self._clock()
        self.longest = max(self.longest, len(page.records))
        return page

    def top(self, last: str) -> Page | None:
        """Return the newest contacts of one moment, newest first; None if that cannot be trusted.

        What is not in it is at or below its oldest value: where the server sorts in descending
        order, a contact above that value comes before one that is in the page. A server that
        ignores the direction shows itself, for its values do not fall. Where all are equal they
        tell nothing, and are trusted only if they are at the newest value of the look before: so
        it takes a server that ignores the direction, a list that was all of one second, and a
        change in the last moment to mislead us. An empty page 0 means the same either way.

        Args:
            last: the newest value at the look before, if its second was over; else `END`.
        """
        page = self.take(self.ask(0, descending=True))
        falls = page.oldest < page.newest and _sorted(page.values[::-1])
        as_last = page.oldest == page.newest == last
        return page if falls or as_last or not page.records else None

    def wait_until_over(self, value: str, sleep: Callable[[float], object]) -> None:
        """Wait until the server's clock has left the second `value`."""
        if value == self._newest:
            sleep(max(0.0, self._newest_since + SECOND_IS_OVER - self._clock()))

    def warn(self, kind: str, line: str) -> None:
        """Log a line, once a kind."""
        if kind not in self._warned:
            self._warned.add(kind)
            self._warn(line)

    def _get(self, number: int, descending: bool, floor: str) -> Page:
        records = self._fetch(number, self.page_size, descending)
        values = [record["last_update"] or BEGIN for record in records]
        newest = max(values, default=BEGIN)
        return Page(
            number=number,
            records=records,
            values=values,
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
        at = next(i for i, value in enumerate(page.values) if value > page.values[i + 1])
        one, other = (page.records[i]["crmhero_user_id"] for i in (at, at + 1))
        self.warn(
            "order",
            f"Page {page.number} of the list is not in the order of last_update: contact {one} "
            f"({page.values[at]}) comes before contact {other} ({page.values[at + 1]}). Contacts "
            "may have been missed.",
        )


def _sorted(values: list[str]) -> bool:
    return values == sorted(values)
