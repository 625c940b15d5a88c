"""What a run tells people: a live line on a terminal, and one line a stream at the end."""

from __future__ import annotations

import sys
import threading
import time
from collections import Counter
from dataclasses import dataclass, field

_EVERY = 0.5  # seconds between two live lines


@dataclass
class Tally:
    """What became of a stream's records.

    Attributes:
        applied: Accepted by the API.
        unchanged: Not sent, since the API has them just so.
        rejected: In the rejects file.
        requests: Sent for the stream, tries included.
        planned: In a dry run, what would be done, by operation.
    """

    applied: int = 0
    unchanged: int = 0
    rejected: int = 0
    requests: int = 0
    planned: Counter[str] = field(default_factory=Counter)


class Report:
    """Counts what becomes of records; thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._tallies: dict[str, Tally] = {}
        self._started = self._shown = time.monotonic()
        self._live = sys.stderr.isatty()

    @property
    def rejected(self) -> int:
        """Rejects of all streams."""
        with self._lock:
            return sum(tally.rejected for tally in self._tallies.values())

    def count(
        self,
        stream: str,
        *,
        applied: int = 0,
        unchanged: int = 0,
        rejected: int = 0,
        requests: int = 0,
    ) -> None:
        """Count records of a stream.

        Args:
            stream: Its name.
            applied: How many more were applied.
            unchanged: How many more were found unchanged.
            rejected: How many more were rejected.
            requests: How many more requests were sent.
        """
        with self._lock:
            tally = self._tallies.setdefault(stream, Tally())
            tally.applied += applied
            tally.unchanged += unchanged
            tally.rejected += rejected
            tally.requests += requests
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
            tally = self._tallies.get(stream, Tally())
            return bool(tally.applied or tally.unchanged or tally.rejected or tally.planned)

    def see(self, stream: str) -> None:
        """Take in a stream, so that it has a line even if it brings nothing.

        Args:
            stream: Its name.
        """
        with self._lock:
            self._tallies.setdefault(stream, Tally())

    def summary(self) -> list[str]:
        """Sum up, a line a stream.

        Returns:
            As `leads: 2 applied, 0 unchanged, 1 rejected, 3 requests`.
        """
        with self._lock:
            if self._live:
                sys.stderr.write("\r\x1b[K")
            return [_line(stream, tally) for stream, tally in self._tallies.items()]

    def _show(self) -> None:
        """Write the live line over the last one."""
        self._shown = time.monotonic()
        tallies = self._tallies.values()
        applied = sum(tally.applied + tally.unchanged for tally in tallies)
        rejected = sum(tally.rejected for tally in tallies)
        rate = (applied + rejected) / max(self._shown - self._started, 0.001)
        sys.stderr.write(f"\r\x1b[K{applied:,} applied, {rejected:,} rejected, {rate:,.0f}/s")
        sys.stderr.flush()


def _line(stream: str, tally: Tally) -> str:
    if tally.planned:
        plans = ", ".join(f"{what}: {count}" for what, count in sorted(tally.planned.items()))
        return f"{stream}: dry run, nothing was written. Would {plans}; rejected: {tally.rejected}"
    return (
        f"{stream}: {tally.applied} applied, {tally.unchanged} unchanged, "
        f"{tally.rejected} rejected, {tally.requests} requests"
    )
