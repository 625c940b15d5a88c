"""The pace that all requests of a run keep together: a ceiling, and slower after a 429."""

from __future__ import annotations

import threading
import time
from collections import deque

_SLOWEST = 0.2  # requests a second below which a limit is left to the waits between tries
_CUT = 0.9  # of the rate that the API was seen to take
_DOUBLES_AFTER = 20  # requests taken since the cut until the rate is twice as high
_SEEN_FOR = 1.0  # seconds over which that rate is counted, so also from one cut to the next
_STEADY_FOR = 4  # times the hold for which a rate stays: else it would mostly be holding


class Pace:
    """Spaces requests out; thread-safe.

    An API that says 429 tells it to one request, and means them all. So a complaint makes every
    request slower at once, and holds them all back where the API says for how long. The rate
    then grows with each request that the API takes, first by little, soon by much: near a limit
    about one request in ten is refused, a 429 now and then costs next to nothing, and what was
    only a bad moment is made up for soon.

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
        self._grows_from = 0.0
        self._taken_since = 0
        self._taken: deque[float] = deque(maxlen=1000)

    def wait(self) -> float:
        """Block until the next request may leave.

        Returns:
            The moment it left (`time.monotonic()` seconds), to be given to `accepted` or
            `slow_down`.
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

    def accepted(self, left_at: float) -> None:
        """Count a request that the API took.

        Args:
            left_at: When it left. Only what left after the last cut speaks for a higher rate.
        """
        with self._lock:
            self._taken.append(time.monotonic())
            if left_at >= self._grows_from:
                self._taken_since += 1

    def slow_down(self, left_at: float, hold: float) -> None:
        """Let all requests go more slowly.

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
            if now >= self._cut_at + _SEEN_FOR:
                self._cut_rate = max(_SLOWEST, self._taken_rate(now) * _CUT)
                self._cut_at = now + hold
            self._grows_from = now + hold * (1 + _STEADY_FOR)
            self._taken_since = 0

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
        rate = self._cut_rate * (1 + (self._taken_since / _DOUBLES_AFTER) ** 3)
        return rate if self._ceiling is None else min(rate, self._ceiling)

    def _taken_rate(self, now: float) -> float:
        """Requests a second that the API took lately."""
        rate = self._rate()
        seen = max(1, sum(moment > now - _SEEN_FOR for moment in self._taken)) / _SEEN_FOR
        return seen if rate is None else min(seen, rate)
