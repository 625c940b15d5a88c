"""The requests that came in, so that tests can count and compare."""

from __future__ import annotations

from collections import Counter, deque
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from customerly_sandbox.fields import Record

KEPT = 200_000
"""Entries that are kept, the newest ones: memory stays bounded."""


class RequestLog:
    """The requests that came in, and how often each kind did."""

    def __init__(self) -> None:
        self.listener: Callable[[Record], None] | None = None
        self.clear()

    def clear(self) -> None:
        """Start counting anew."""
        self._entries: deque[Record] = deque(maxlen=KEPT)
        self.total = 0
        self.most_at_once = 0
        self.connections = 0
        self.contacts_sent = 0
        self.contacts_received = 0
        self.counts: Counter[str] = Counter()

    def add(self, entry: Record) -> None:
        """Note an answered request: `method`, `path`, `query`, `status`, `count`, `fault`."""
        self.total += 1
        self.counts[f"{entry['method']} {entry['path']} {entry['status']}"] += 1
        if entry["method"] == "GET":
            self.contacts_sent += entry["count"]
        else:
            self.contacts_received += entry["count"]
        self._entries.append({"number": self.total, **entry})
        if self.listener is not None:
            self.listener(entry)

    def entries(self) -> list[Record]:
        """The requests, oldest first."""
        return list(self._entries)

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
