"""Contacts of one kind in order of `last_update`: a page at any offset is cheap at a million."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

from sortedcontainers import SortedList  # type: ignore[import-untyped]

if TYPE_CHECKING:
    from collections.abc import Iterable

_BITS = 40
_MASK = (1 << _BITS) - 1


class Order:
    """A sorted list of whole numbers, each of them (last_update, tie, contact) in one.

    One integer a contact takes a third of the memory of a tuple, and compares quicker.

    Args:
        ties: What decides between contacts of one second: `id`, `id_descending` or `moment`.
        entries: (last_update, moment of change, number) of each contact.
    """

    def __init__(self, ties: str, entries: Iterable[tuple[int, int, int]] = ()) -> None:
        self._ties = ties
        self._keys = SortedList(self._key(*entry) for entry in entries)

    def __len__(self) -> int:
        return len(self._keys)

    def _key(self, last_update: int, moment: int, number: int) -> int:
        if self._ties == "moment":
            tie = moment
        elif self._ties == "id":
            tie = number
        else:
            tie = _MASK - number
        return (((last_update << _BITS) | tie) << _BITS) | number

    def add(self, last_update: int, moment: int, number: int) -> None:
        """Put a contact in its place."""
        self._keys.add(self._key(last_update, moment, number))

    def remove(self, last_update: int, moment: int, number: int) -> None:
        """Take a contact out."""
        self._keys.remove(self._key(last_update, moment, number))

    def page(self, offset: int, count: int, *, descending: bool = False) -> list[int]:
        """The numbers of `count` contacts from `offset` on."""
        total = len(self._keys)
        if descending:
            found = self._keys.islice(
                max(0, total - offset - count), max(0, total - offset), reverse=True
            )
        else:
            found = self._keys.islice(min(offset, total), min(offset + count, total))
        return [key & _MASK for key in found]

    def numbers(self) -> Iterable[int]:
        """Every contact's number, oldest change first."""
        return (key & _MASK for key in self._keys)

    def at(self, place: int) -> int:
        """The number of the contact at one place."""
        return int(self._keys[place]) & _MASK

    def newest(self) -> int:
        """The newest `last_update`, or 0."""
        last = next(islice(reversed(self._keys), 1), 0)
        return int(last) >> (2 * _BITS)
