"""What a run tells people: a live line on a terminal, and one line a stream at the end."""

from __future__ import annotations

import sys
import threading
import time
from collections import Counter
from dataclasses import dataclass, field, replace

_EVERY = 0.5  # seconds between two live lines


@dataclass
class Tally:
    """What became of a stream's records.

    Attributes:
        applied: Accepted by the API.
        unchanged: Not sent, since the API has them just so.
        skipped: Passed over, since the contact is there (insert) or is not (update).
        blank: Passed over, since nothing in them is filled.
        rejected: In the rejects file.
        requests: Sent for the stream, tries included.
        planned: In a dry run, what would be done, by operation.
    """

    applied: int = 0
    unchanged: int = 0
    skipped: int = 0
    blank: int = 0
    rejected: int = 0
    requests: int = 0
    planned: Counter[str] = field(default_factory=Counter)

    @property
    def records(self) -> int:
        """Records of which it is known by now what became of them."""
        known = self.applied + self.unchanged + self.skipped + self.blank + self.rejected
        return known + sum(self.planned.values())


class Summary:
    """Counts what becomes of records; thread-safe.

    Args:
        shows_progress: Whether a terminal gets a live line.
    """

    def __init__(self, *, shows_progress: bool = True) -> None:
        self._lock = threading.Lock()
        self._tallies: dict[str, Tally] = {}
        self._started = self._shown = time.monotonic()
        self._live = shows_progress and sys.stderr.isatty()

    @property
    def rejected(self) -> int:
        """Rejects of all streams."""
        with self._lock:
            return sum(tally.rejected for tally in self._tallies.values())

    def rejects_more_than(self, percent: float) -> bool:
        """Tell whether a stream has more rejects than a share of its records.

        Args:
            percent: The share.
        """
        with self._lock:
            tallies = self._tallies.values()
            return any(100 * tally.rejected > percent * tally.records for tally in tallies)

    def count(self, stream: str, **counts: int) -> None:
        """Count records of a stream.

        Args:
            stream: Its name.
            counts: How many more, by a name of `Tally`.
        """
        with self._lock:
            tally = self._tallies.setdefault(stream, Tally())
            for name, more in counts.items():
                setattr(tally, name, getattr(tally, name) + more)
            if self._live and time.monotonic() - self._shown > _EVERY:
                self._show()

    def plan(self, stream: str, what: str) -> None:
        """Count what a dry run would do.

        Args:
            stream: The stream's name.
            what: As `upsert users`.
        """
        with self._lock:
            self._tallies.setdefault(stream, Tally()).planned[what] += 1

    def has_records(self, stream: str) -> bool:
        """Tell whether anything became of a record of a stream.

        Args:
            stream: Its name.
        """
        with self._lock:
            return self._tallies.get(stream, Tally()).records > 0

    def tally(self, stream: str) -> Tally:
        """Return a copy of a stream's counts.

        Args:
            stream: Its name.
        """
        with self._lock:
            return replace(self._tallies.get(stream) or Tally())

    def see(self, stream: str) -> None:
        """Take in a stream, so that it has a line even if it brings nothing.

        Args:
            stream: Its name.
        """
        with self._lock:
            self._tallies.setdefault(stream, Tally())

    def lines(self) -> list[str]:
        """Sum up, a line a stream.

        Returns:
            As `leads: 2 applied, 0 unchanged, 0 skipped, 0 blank, 1 rejected, 3 requests`.
        """
        with self._lock:
            if self._live:
                sys.stderr.write("\r\x1b[K")
            return [_line(stream, tally) for stream, tally in self._tallies.items()]

    def _show(self) -> None:
        """Write the live line over the last one."""
        self._shown = time.monotonic()
        tallies = self._tallies.values()
        rejected = sum(tally.rejected for tally in tallies)
        applied = sum(tally.records for tally in tallies) - rejected
        rate = (applied + rejected) / max(self._shown - self._started, 0.001)
        sys.stderr.write(f"\r\x1b[K{applied:,} applied, {rejected:,} rejected, {rate:,.0f}/s")
        sys.stderr.flush()


def _line(stream: str, tally: Tally) -> str:
    if tally.planned:
        plans = ", ".join(f"{what}: {count}" for what, count in sorted(tally.planned.items()))
        return f"{stream}: dry run, nothing was written. Would {plans}; rejected: {tally.rejected}"
    counts = ("applied", "unchanged", "skipped", "blank", "rejected", "requests")
    return f"{stream}: {', '.join(f'{getattr(tally, name)} {name}' for name in counts)}"
