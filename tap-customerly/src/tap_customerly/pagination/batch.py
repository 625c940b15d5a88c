"""What a read hands out, and where it goes on from."""

from __future__ import annotations

from typing import Any, Generic, NamedTuple, TypeVar

Item = TypeVar("Item")
Other = TypeVar("Other")


class Batch(NamedTuple, Generic[Item]):
    """A batch of items and the state to emit once they are written.

    Attributes:
        items: Rows of a list, contacts or records; maybe none.
        state: Where to go on from, if all batches up to this one are written; None if unchanged.
        left: About how many items are still ahead; None while that is unknown.
        complete: Everything that exists has been read: what was not seen is gone.
    """

    items: list[Item]
    state: dict[str, Any] | None = None
    left: int | None = None
    complete: bool = False

    def holding(self, items: list[Other]) -> Batch[Other]:
        """Return the same batch with other items in place of these."""
        return Batch(items, self.state, self.left, self.complete)
