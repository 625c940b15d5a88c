"""Time that moves only when a test moves it, or when somebody sleeps."""

from __future__ import annotations

import threading


class ManualClock:
    """Stands in for `time.monotonic` and `time.time` (call it) and for `time.sleep`.

    A sleep takes no time: it moves the clock, and is noted in `slept`.

    Args:
        now: Seconds that it shows first.
    """

    def __init__(self, now: float = 1000.0) -> None:
        self._now = now
        self._lock = threading.Lock()
        self.slept: list[float] = []

    def __call__(self) -> float:
        """What it shows, in seconds."""
        with self._lock:
            return self._now

    def advance(self, seconds: float) -> None:
        """Move it on."""
        with self._lock:
            self._now += seconds

    def sleep(self, seconds: float) -> None:
        """Move it on, as a sleep would."""
        with self._lock:
            self.slept.append(seconds)
            self._now += max(0.0, seconds)
