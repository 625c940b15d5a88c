"""What was applied, in order, so that tests can compare."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Any

import msgspec

if TYPE_CHECKING:
    from customerly_sandbox.fields import Record
    from customerly_sandbox.models.clock import Clock

_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder().decode

KEPT = 200_000
"""Entries that are kept, the newest ones: memory stays bounded."""


class History:
    """What was applied, in order: one entry a contact, tag, company or message.

    Entries are kept encoded: that is lean, and nothing can change them afterwards.

    Args:
        clock: What dates the entries.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._entries: deque[bytes] = deque(maxlen=KEPT)
        self.total = 0

    def add(self, operation: str, **what: Any) -> None:
        """Note that something was applied."""
        self.total += 1
        entry = {"sequence": self.total, "at": self._clock.now(), "operation": operation, **what}
        self._entries.append(_encode(entry))

    def entries(self, **wanted: Any) -> list[Record]:
        """The entries whose fields are as wanted, oldest first."""
        found: list[Record] = [_decode(entry) for entry in self._entries]
        return [
            entry
            for entry in found
            if all(str(entry.get(name)) == str(value) for name, value in wanted.items())
        ]
