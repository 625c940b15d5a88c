"""How a stream is read: a value that is chosen once, from settings, catalog and state.

Each strategy hands out batches of items as they came; the stream makes records of them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from tap_customerly.pagination import Batch, Pool, forward

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence

    from tap_customerly.pagination import Reader

Item = dict[str, Any]


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
    """

    reader: Reader
    state: Mapping[str, Any]
    start: str | None

    def batches(self) -> Iterator[Batch[Item]]:
        """Read the changes, and what a run that was cut short left unread."""
        for batch in self.reader.changes(self.state, self.start):
            yield batch.holding([row.contact for row in batch.items])


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
        """Read page after page; since pages shift, nothing tells what is gone."""
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
        limit: Items at most; with one, nothing tells what is gone.
    """

    ask: Callable[[], list[Item]]
    limit: int | None = None

    def batches(self) -> Iterator[Batch[Item]]:
        """Read the answer."""
        yield Batch(self.ask()[: self.limit], complete=self.limit is None)


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
