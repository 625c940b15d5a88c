"""The pace that all requests of a run keep together: a ceiling, and slower after a 429."""

from __future__ import annotations

import threading
import time
from collections import deque

_SLOWEST = 0.2  # requests a second below which a limit is left to the waits between tries
_CUT = 0.7  # of the rate that the API was seen to take
_DOUBLES_IN = 10.0  # seconds in which a lowered rate doubles again
_SEEN_FOR = 5.0  # seconds over which that rate is counted
_FORGOTTEN_AFTER = 120.0  # seconds without a complaint until only the ceiling is left


class Pace:
    """Spaces requests out; thread-safe.

    An API that says 429 tells it to one request, and means them all. So a complaint holds every
    request back for a while, then lets them go at less than the rate that was being accepted,
    and that rate doubles every ten seconds until the next complaint.

    Args:
        ceiling: Requests a second that are never exceeded; None: no ceiling.
    """

    def __init__(self, ceiling: float | None = None) -> None:
        self._ceiling = ceiling
        self._lock = threading.Lock()
        self._stopped = threading.Event()
        self._next = 0.0
        self._cut_rate: float | None = None
        self._cut_at = 0.0
        self._accepted: deque[float] = deque(maxlen=1000)
        self._started = time.monotonic()

    def wait(self) -> float:
        """Block until the next request may leave.

        Returns:
            The moment it left (`time.monotonic()` seconds), to be given to `slow_down`.
        """
        while not self._stopped.is_set():
            with self._lock:
                now = time.monotonic()
                if now >= self._next:
                    rate = self._rate()
                    if rate is not None:
                        self._next = now + 1 / rate
                    return now
                left = self._next - now
            self._stopped.wait(left)
        return time.monotonic()

    def accepted(self) -> None:
        """Count a request that the API took."""
        self._accepted.append(time.monotonic())

    def slow_down(self, left_at: float, hold: float) -> None:
        """Hold all requests back, then go on more slowly.

        Args:
            left_at: When the request left that the API complained about. Those that left before
                the last cut say nothing new.
            hold: Seconds for which no request leaves.
        """
        now = time.monotonic()
        with self._lock:
            self._next = max(self._next, now + hold)
            if left_at < self._cut_at:
                return
            current = self._rate()
            seen = self._seen_rate(now)
            lower = seen if current is None else min(seen, current)
            self._cut_rate = max(_SLOWEST, lower * _CUT)
            self._cut_at = now + hold

    def stopped(self, within: float = 0.0) -> bool:
        """Wait unless the run ends.

        Args:
            within: Seconds to wait.

        Returns:
            True at once where `stop` was or is called, False after the time.
        """
        return self._stopped.wait(within)

    def stop(self) -> None:
        """Wake everyone who waits: the run ends."""
        self._stopped.set()

    def _rate(self) -> float | None:
        if self._cut_rate is None:
            return self._ceiling
        calm = max(0.0, time.monotonic() - self._cut_at)
        if calm > _FORGOTTEN_AFTER:
            self._cut_rate = None
            return self._ceiling
        rate = self._cut_rate * 2 ** (calm / _DOUBLES_IN)
        return rate if self._ceiling is None else min(rate, self._ceiling)

    def _seen_rate(self, now: float) -> float:
        span = min(_SEEN_FOR, max(now - self._started, 0.2))
        recent = sum(1 for moment in tuple(self._accepted) if moment > now - span)
        return max(recent, 1) / span
