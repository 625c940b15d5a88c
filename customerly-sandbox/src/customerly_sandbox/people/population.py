"""A realistic, deterministic population of any size, made from each contact's index.

Nothing is kept: contact `i` of a seed is always the same, so a million users cost no memory
before they are read or changed. An address holds its contact's index, so it is found without
an index too.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from functools import cached_property
from hashlib import blake2b
from typing import TYPE_CHECKING, Any

from customerly_sandbox.fields import KINDS, LEADS, USERS, Record
from customerly_sandbox.people import person
from customerly_sandbox.people.person import END, SPAN

if TYPE_CHECKING:
    from collections.abc import Iterator

FIRST_NUMBER = 1000
"""The lowest `crmhero_user_id`."""

_BLOCK = 16
# Seconds within a block of sixteen contacts: some share one, some all do, none goes back.
_BURSTS = (
    (0, 0, 0, 1, 2, 2, 5, 6, 6, 6, 6, 9, 12, 15, 20, 31),
    (0,) * 16,
    tuple(range(16)),
    (0, 2, 4, 4, 4, 4, 4, 4, 11, 12, 17, 17, 23, 24, 30, 30),
)
_INDEX_IN_ADDRESS = re.compile(r"(\d+)@")
_INDEX_IN_USER_ID = re.compile(r"(?:cus_)?(\d+)\Z")


@dataclass(frozen=True)
class Population:
    """Who is there at the start.

    Args:
        users: How many users.
        leads: How many leads.
        seed: Another seed is another population.
        bulk: So many contacts of each kind, in the middle, share one `last_update`, as
            after an import.
        undated: So many contacts of each kind, the first, have no `last_update`.
    """

    users: int = 500
    leads: int = 200
    seed: int = 7
    bulk: int = 0
    undated: int = 0

    def size(self, kind: str) -> int:
        """How many contacts of a kind."""
        return self.users if kind == USERS else self.leads

    @property
    def next_number(self) -> int:
        """The first `crmhero_user_id` that nobody has."""
        return FIRST_NUMBER + self.users + self.leads

    @cached_property
    def _strides(self) -> dict[str, tuple[int, int]]:
        """A step and its inverse, that mix numbers up against the order of changes."""
        found = {}
        for kind in KINDS:
            size = max(1, self.size(kind))
            step = max(1, round(size * 0.618))
            while math.gcd(step, size) != 1:
                step += 1
            found[kind] = (step, pow(step, -1, size) if size > 1 else 0)
        return found

    def number(self, kind: str, index: int) -> int:
        """The `crmhero_user_id` of a contact."""
        first = FIRST_NUMBER + (self.users if kind == LEADS else 0)
        return first + index * self._strides[kind][0] % self.size(kind)

    def whose(self, number: int) -> tuple[str, int] | None:
        """The kind and index of a `crmhero_user_id`, if it is of this population."""
        place = number - FIRST_NUMBER
        if not 0 <= place < self.users + self.leads:
            return None
        kind = USERS if place < self.users else LEADS
        place -= 0 if kind == USERS else self.users
        return kind, place * self._strides[kind][1] % self.size(kind)

    def entries(self, kind: str) -> Iterator[tuple[int, int, int]]:
        """(last_update, moment of change, number) of each contact, oldest change first."""
        step, size = self._strides[kind][0], self.size(kind)
        first = FIRST_NUMBER + (self.users if kind == LEADS else 0)
        for index in range(size):
            yield self.last_update(kind, index), index, first + index * step % size

    def last_update(self, kind: str, index: int) -> int:
        """UNIX seconds, never less than the contact's before; 0 for none."""
        size = self.size(kind)
        if index < self.undated:
            return 0
        middle = (size - self.bulk) // 2
        if middle < index < middle + self.bulk:
            index = max(0, middle)
        block, place = divmod(index, _BLOCK)
        blocks = -(-size // _BLOCK)
        pace = max(32, SPAN // max(1, blocks))
        burst = _BURSTS[(block * 7 + self.seed) % len(_BURSTS)]
        return END - (blocks - block) * pace + burst[place]

    def _dice(self, kind: str, index: int) -> bytes:
        return blake2b(b"%d %s %d" % (self.seed, kind.encode(), index)).digest()

    def find_email(self, kind: str, email: str, *, exact: bool) -> int | None:
        """The index of the contact with this address."""
        match = _INDEX_IN_ADDRESS.search(email)
        index = int(match[1]) if match else -1
        if not 0 <= index < self.size(kind):
            return None
        own = person.email(kind, index, self._dice(kind, index))
        same = own == email or (not exact and own is not None and own.lower() == email.lower())
        return index if same else None

    def find_user_id(self, user_id: str) -> int | None:
        """The index of the user with this `user_id`."""
        match = _INDEX_IN_USER_ID.match(user_id)
        if match is None:
            return None
        for index in (int(match[1]), int(match[1]) - 1):
            if 0 <= index < self.users and self._user_id(index) == user_id:
                return index
        return None

    def _user_id(self, index: int) -> str | None:
        return person.user_id(USERS, index, self._dice(USERS, index))

    def core(self, kind: str, index: int) -> dict[str, Any]:
        """All that an upsert or a tag can change."""
        return person.core(kind, index, self._dice(kind, index))

    def record(self, kind: str, index: int) -> Record:
        """The contact as a list gives it, each field in its documented form."""
        dice = self._dice(kind, index)
        changed = self.last_update(kind, index)
        return person.record(kind, index, dice, self.number(kind, index), changed)

    def details(self, kind: str, index: int) -> Record:
        """What only a look-up carries, tags aside, each in its documented form."""
        return person.details(index, self._dice(kind, index), self.last_update(kind, index))
