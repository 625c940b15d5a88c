"""A clock on which threads wait without any time passing: simulations run at full speed."""

from __future__ import annotations

import heapq
import threading


class VirtualClock:
    """Time that moves on when all threads wait; exactly one of them runs at a time.

    Args:
        threads: How many will wait on it; each calls `done` at its end.
    """

    def __init__(self, threads: int) -> None:
        self._time = 0.0
        self._running = threads
        self._changed = threading.Condition()
        self._waiting: list[tuple[float, int]] = []
        self._woken: set[int] = set()
        self._numbers = iter(range(1 << 62))

    def now(self) -> float:
        return self._time

    def stop(self) -> None:
        raise AssertionError("nobody stops a simulation")

    def wait(self, seconds: float) -> bool:
        with self._changed:
            me = next(self._numbers)
            heapq.heappush(self._waiting, (self._time + max(seconds, 0.0), me))
            self._pause()
            while me not in self._woken:
                self._changed.wait()
            self._woken.discard(me)
        return False

    def done(self) -> None:
        with self._changed:
            self._pause()

    def _pause(self) -> None:
        self._running -= 1
        if not self._running and self._waiting:
            self._time, woken = heapq.heappop(self._waiting)
            self._woken.add(woken)
            self._running = 1
            self._changed.notify_all()
