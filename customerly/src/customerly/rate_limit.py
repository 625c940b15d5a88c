"""The rate limit that all requests of a client keep together.

An API that answers 429 says so to one request and means all of them. What it says is weighed: a
429 now and then is chance and costs next to nothing; when more are refused than chance explains,
the rate is cut to what the API was last seen to take, and grows again from there, first slowly,
then fast (the curve is that of TCP's CUBIC). Near a true limit about one request in fifteen is
refused, and a limit that is gone is forgotten within seconds.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from typing import Protocol

_WINDOW = 1.0  # seconds over which it is counted what the API takes
_CUT = 0.9  # of that rate is what a cut leaves
_PLATEAU: float = (1 - _CUT) ** (
    1 / 3
)  # growth, on the scale below, at which the cut is made up for
_SCALE = 100  # accepted requests for one unit of growth: at plateau + 1 the rate has doubled
_SCALE_SECONDS = 40.0  # the same in seconds, so that a slow rate grows too
_SETBACK = 8  # accepted requests that a refused one undoes: one in nine is refused at most
_FORGOTTEN = 3.5  # units of growth after which no limit is known any more
_CHANCE = 0.07  # share of refused requests that can be chance
_DEVIATIONS = 2.5  # from that share which are still chance
_IN_A_ROW = 4  # refused requests that are none
_REMEMBERED = 100  # requests, lately, of which that share is taken


class Clock(Protocol):
    """Time as the rate limiter needs it; a test has one of its own."""

    def now(self) -> float:
        """Return seconds that only ever grow."""

    def wait(self, seconds: float) -> bool:
        """Wait; True at once where the run has ended, or ends meanwhile."""

    def stop(self) -> None:
        """End the run: nobody waits any more."""


class SystemClock:
    """The machine's own clock, on which threads can be woken."""

    def __init__(self) -> None:
        self._stopped = threading.Event()

    def now(self) -> float:
        """Return `time.monotonic()`."""
        return time.monotonic()

    def wait(self, seconds: float) -> bool:
        """Wait; True at once where the run has ended, or ends meanwhile."""
        return self._stopped.wait(seconds)

    def stop(self) -> None:
        """Wake everyone who waits."""
        self._stopped.set()


class RateLimiter:
    """Spaces requests out; thread-safe.

    Args:
        ceiling: Requests a second that are never exceeded; None: no ceiling.
        clock: What tells the time.
    """

    def __init__(self, ceiling: float | None = None, clock: Clock | None = None) -> None:
        self._ceiling = ceiling
        self._clock = clock or SystemClock()
        self._lock = threading.Lock()
        self._next = 0.0
        self._rate = _Rate()

    def acquire(self) -> float:
        """Block until the next request may leave.

        Returns:
            The moment it left, to be given to `accepted` or `refused`.
        """
        while True:
            with self._lock:
                now = self._clock.now()
                if now >= self._next:
                    limit = _lower(self._rate.limit(), self._ceiling)
                    if limit is not None:
                        self._next = now + 1 / limit
                    return now
                left = self._next - now
            if self._clock.wait(left):
                return self._clock.now()

    def accepted(self, left_at: float) -> None:
        """Count a request that the API took.

        Args:
            left_at: When it left.
        """
        with self._lock:
            self._rate.accepted(self._clock.now(), left_at)

    def refused(self, left_at: float, retry_after: float | None) -> None:
        """Count a request that the API refused because there were too many.

        Args:
            left_at: When it left.
            retry_after: Seconds for which the API asks everyone to wait; None: it does not say.
        """
        with self._lock:
            now = self._clock.now()
            hold = self._rate.refused(now, left_at, certain=retry_after is not None)
            hold = max(hold, retry_after or 0.0)
            self._next = max(self._next, now + hold)
            self._rate.pause(now, now + hold)

    def now(self) -> float:
        """Return the seconds of a clock that only ever grows."""
        return self._clock.now()

    def wait(self, seconds: float) -> bool:
        """Wait before another attempt.

        Args:
            seconds: How long.

        Returns:
            True, at once, where the run ends.
        """
        return self._clock.wait(seconds)

    def stop(self) -> None:
        """Wake everyone who waits: the run ends."""
        self._clock.stop()


class _Rate:
    """How many requests a second the API takes, going by its answers.

    Time is that in which requests could leave: what was accepted in the last second would
    otherwise be nothing after each pause, and the rate would collapse.
    """

    def __init__(self) -> None:
        self._paused = _Pauses()
        self._accepted_at: deque[float] = deque(maxlen=5_000)
        self._seen: float | None = None  # requests a second that were taken before the last cut
        self._cut_at = 0.0
        self._growth = 0.0  # since the last cut, as is what follows
        self._lately_sent = self._lately_refused = 0.0
        self._in_a_row = 0

    def limit(self) -> float | None:
        """Return the requests a second that may leave; None: there is no limit to be seen."""
        if self._seen is None:
            return None
        grown = self._growth - _PLATEAU
        return self._seen * (1 + grown * grown * grown)

    def accepted(self, now: float, left_at: float) -> None:
        """Count an accepted request; only what left after the last cut speaks for a higher rate."""
        self._accepted_at.append(self._paused.active(now))
        if left_at >= self._cut_at:
            self._remember(refused=False)
            self._grow(1)

    def _grow(self, requests: int) -> None:
        if limit := self.limit():
            step = 1 / _SCALE + 1 / (_SCALE_SECONDS * limit)
            self._growth = max(0.0, self._growth + requests * step)
            if self._growth > _FORGOTTEN:
                self._seen = None

    def refused(self, now: float, left_at: float, *, certain: bool) -> float:
        """Count a refused request, and cut the rate where this can't be chance.

        Returns:
            Seconds until what was accepted lately is made up for at the new rate.
        """
        if left_at < self._cut_at:
            return 0.0  # it says nothing that the last cut does not know
        self._remember(refused=True)
        if self._lately_sent == self._lately_refused:
            return 0.0  # nothing gets through at all: waiting helps, a lower rate does not
        if certain or self._beyond_chance():
            return self._cut(now)
        self._grow(-_SETBACK)
        return 0.0

    def pause(self, start: float, end: float) -> None:
        """Note that no request leaves for a while."""
        self._paused.add(start, end)

    def _remember(self, *, refused: bool) -> None:
        if self._lately_sent >= _REMEMBERED:
            self._lately_sent /= 2
            self._lately_refused /= 2
        self._lately_sent += 1
        self._lately_refused += refused
        self._in_a_row = self._in_a_row + 1 if refused else 0

    def _beyond_chance(self) -> bool:
        """Tell whether more were refused than a chance of `_CHANCE` explains."""
        sent = self._lately_sent
        spread = (_CHANCE * (1 - _CHANCE) * sent) ** 0.5
        explained = max(_IN_A_ROW - 1, _CHANCE * sent + _DEVIATIONS * spread)
        return self._in_a_row >= _IN_A_ROW or self._lately_refused > explained

    def _cut(self, now: float) -> float:
        active = self._paused.active(now)
        lately = [at for at in self._accepted_at if at > active - _WINDOW] or [active]
        self._seen = len(lately) / _WINDOW
        self._cut_at = now
        self._growth = 0.0
        self._lately_sent = self._lately_refused = 0.0
        self._in_a_row = 0
        return max(0.0, len(lately) / (self._seen * _CUT) - (active - lately[0]))


class _Pauses:
    """Turns moments into active time, which stands still while no request may leave."""

    def __init__(self) -> None:
        self._start = self._end = 0.0
        self._before = 0.0  # seconds of all earlier pauses

    def add(self, start: float, end: float) -> None:
        """Add a pause, which may begin within the last one."""
        if start >= self._end:
            self._before += self._end - self._start
            self._start, self._end = start, end
        self._end = max(self._end, end)

    def active(self, moment: float) -> float:
        """Return the active time at a moment; during the last pause, that at its beginning."""
        return min(moment, max(self._start, moment - (self._end - self._start))) - self._before


def _lower(rate: float | None, ceiling: float | None) -> float | None:
    known = [limit for limit in (rate, ceiling) if limit is not None]
    return min(known, default=None)
