"""The requests that came in, so that tests can count and compare."""

from __future__ import annotations

from collections import Counter, deque
from itertools import islice
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from customerly_sandbox.fields import Record

KEPT = 200_000
"""Entries that are kept, the newest ones: memory stays bounded."""
_EXCHANGES = 200
"""Requests of which the bodies are kept too, the newest ones."""
_SHOWN = 20_000
"""Bytes that are kept of a body."""


class RequestLog:
    """The requests that came in, and how often each kind did."""

    def __init__(self) -> None:
        self.listener: Callable[[Record], None] | None = None
        self.clear()

    def clear(self) -> None:
        """Start counting anew."""
        self._entries: deque[Record] = deque(maxlen=KEPT)
        self._bodies: deque[tuple[bytes, bytes]] = deque(maxlen=_EXCHANGES)
        self.total = 0
        self.most_at_once = 0
        self.connections = 0
        self.contacts_sent = 0
        self.contacts_received = 0
        self.counts: Counter[str] = Counter()

    def add(self, entry: Record, sent: bytes = b"", answered: bytes = b"") -> None:
        """Note an answered request.

        Args:
            entry: `method`, `path`, `query`, `status`, `count`, `fault`.
            sent: The request's body.
            answered: The answer's body.
        """
        self.total += 1
        self.counts[f"{entry['method']} {entry['path']} {entry['status']}"] += 1
        if entry["method"] == "GET":
            self.contacts_sent += entry["count"]
        else:
            self.contacts_received += entry["count"]
        self._entries.append({"number": self.total, **entry})
        self._bodies.append((sent[:_SHOWN], answered[:_SHOWN]))
        if self.listener is not None:
            self.listener(entry)

    def entries(self) -> list[Record]:
        """The requests, oldest first."""
        return list(self._entries)

    def exchanges(self, count: int) -> list[Record]:
        """The last requests with their bodies and their answers', newest first."""
        pairs = zip(reversed(self._entries), reversed(self._bodies), strict=False)
        return [
            {
                **entry,
                "sent": sent.decode(errors="replace"),
                "answered": answered.decode(errors="replace"),
            }
            for entry, (sent, answered) in islice(pairs, max(0, count))
        ]

    def summary(self) -> Record:
        """Totals, and how many requests of each method, path and status."""
        return {
            "total": self.total,
            "most_at_once": self.most_at_once,
            "connections": self.connections,
            "contacts_sent": self.contacts_sent,
            "contacts_received": self.contacts_received,
            "counts": dict(self.counts),
        }
