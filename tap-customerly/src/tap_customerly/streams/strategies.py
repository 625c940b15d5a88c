"""How a stream is read: a value that is chosen once, from settings, catalog and state.

Each strategy hands out batches of items as they came; the stream makes records of them.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Protocol

from tap_customerly.pagination import Batch, Pool, forward
from tap_customerly.project import OtherProject

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence

    from tap_customerly.pagination import Reader

Item = dict[str, Any]

_LOOKS = 2  # more, at an answer that holds less than the last run saw


class Strategy(Protocol):
    """A way to read a stream."""

    def batches(self) -> Iterator[Batch[Item]]:
        """Read the stream once.

        Yields:
            Batches of items as they came.
        """


@dataclass(frozen=True)
class Incremental:
    """What changed since the bookmark (docs/pagination.md#incremental-reads).

    Args:
        reader: Reads the list.
        state: What an earlier run left in the state.
        start: Where a first read begins; None for the oldest contact.
        lookback: Seconds before the bookmark at which the read begins.
    """

    reader: Reader
    state: Mapping[str, Any]
    start: str | None
    lookback: int

    def batches(self) -> Iterator[Batch[Item]]:
        """Read the changes, and what a run that was cut short left unread."""
        for batch in self.reader.changes(self.state, self.start, self._earlier):
            yield batch.holding([row.contact for row in batch.items])

    def _earlier(self, moment: str) -> str:
        return earlier(moment, self.lookback)


def earlier(moment: str, seconds: int) -> str:
    """Return a moment so many seconds before another.

    Args:
        moment: As records have it.
        seconds: How many.

    Returns:
        The moment, to the second: a bookmark has no more.
    """
    try:
        when = datetime.fromisoformat(moment) - timedelta(seconds=seconds)
    except (ValueError, OverflowError):
        return moment
    return when.isoformat(timespec="seconds")


@dataclass(frozen=True)
class FullTable:
    """Every contact, until the picture is complete (docs/pagination.md#a-complete-picture).

    Args:
        reader: Reads the list.
    """

    reader: Reader

    def batches(self) -> Iterator[Batch[Item]]:
        """Read all; the last batch is complete, unless the list changed too fast."""
        for batch in self.reader.everything():
            yield batch.holding([row.contact for row in batch.items])


@dataclass(frozen=True)
class FullTableFrom:
    """Every contact that changed since a moment, at each run; never a complete picture.

    Args:
        reader: Reads the list.
        start: The moment.
    """

    reader: Reader
    start: str

    def batches(self) -> Iterator[Batch[Item]]:
        """Read them; nothing is kept in the state."""
        for batch in self.reader.changes(start=self.start):
            yield Batch([row.contact for row in batch.items], left=batch.left)


@dataclass(frozen=True)
class Listing:
    """The first items of a list in the API's own order; it moves no bookmark.

    Args:
        fetch: Returns a page, of a number counted from 0 and a size.
        identify: Returns what distinguishes a page from others.
        page_size: Items a page.
        limit: Items at most; None for all.
    """

    fetch: Callable[[int, int], list[Item]]
    identify: Callable[[list[Item]], Hashable]
    page_size: int
    limit: int | None = None

    def batches(self) -> Iterator[Batch[Item]]:
        """Read page after page; since pages shift, nothing shows what is gone."""
        size = min(self.limit or self.page_size, self.page_size)
        left = self.limit
        for page in forward(lambda number: self.fetch(number, size), self.identify):
            yield Batch(page[:left])
            if left is not None and (left := left - len(page)) <= 0:
                return


@dataclass(frozen=True)
class SingleAnswer:
    """A list that one answer holds whole: what is missing in it is gone.

    Args:
        ask: Sends the request.
        expected: How many items the last run saw: an answer with fewer is asked for again.
        limit: Items at most; with one, nothing shows what is gone.
    """

    ask: Callable[[], list[Item]]
    expected: int = 0
    limit: int | None = None

    def batches(self) -> Iterator[Batch[Item]]:
        """Read the answer; what two answers in a row agree on is believed."""
        items = self.ask()
        is_believed = len(items) >= max(self.expected, 1)
        for _ in range(_LOOKS):
            if is_believed:
                break
            last, items = items, self.ask()
            is_believed = items == last
        yield Batch(items[: self.limit], complete=is_believed and self.limit is None)


@dataclass(frozen=True)
class Restarting:
    """A strategy that begins anew where the state turns out to be another project's.

    Args:
        make: Makes the strategy, from the state as it is then.
    """

    make: Callable[[], Strategy]

    def batches(self) -> Iterator[Batch[Item]]:
        """Read; the first page shows whose it is, before anything is handed out."""
        try:
            yield from self.make().batches()
        except OtherProject:
            yield from self.make().batches()


@dataclass(frozen=True)
class LookUps:
    """Contacts that are named one by one, a request each; it moves no bookmark.

    Args:
        find: Looks a contact up; None where it does not exist.
        keys: Each names a contact.
        concurrency: Requests in flight at once.
        missing: Takes the place of a key whose contact does not exist.
    """

    find: Callable[[Mapping[str, str]], Item | None]
    keys: Sequence[Mapping[str, str]]
    concurrency: int
    missing: Callable[[int], None]

    def batches(self) -> Iterator[Batch[Item]]:
        """Look the contacts up, in the order of their keys."""
        with Pool(self.concurrency) as pool:
            found = pool.map_in_order(self.find, self.keys, self.concurrency)
            for place, (_, contact) in enumerate(found):
                if contact is None:
                    self.missing(place)
                else:
                    yield Batch([contact])
