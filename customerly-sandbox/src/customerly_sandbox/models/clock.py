"""The sandbox's clock: it never runs backward, whatever the machine's does."""

from __future__ import annotations

import time


class Clock:
    """Whole seconds, as `last_update` has them.

    Args:
        start: UNIX seconds before which it never shows anything.
        virtual: Stand still but for `advance`, `set` and `tick`, instead of following
            the machine's clock.
        step: With a virtual clock, seconds that each change to a contact takes.
    """

    def __init__(self, start: int, *, virtual: bool = False, step: float = 0.0) -> None:
        self.virtual = virtual
        self.step = step
        self._ahead = 0.0
        self._shown = float(start)

    def now(self) -> int:
        """UNIX seconds, never less than the time before."""
        if not self.virtual:
            self._shown = max(self._shown, time.time() + self._ahead)
        return int(self._shown)

    def tick(self) -> int:
        """The moment of a change: let a virtual clock take its step, and read it."""
        if self.virtual:
            self._shown += self.step
        return self.now()

    def advance(self, seconds: float) -> int:
        """Go forward by `seconds`; a negative number is refused."""
        if seconds < 0:
            message = "the clock never runs backward"
            raise ValueError(message)
        self._ahead += seconds
        self._shown += seconds
        return self.now()

    def set(self, moment: float) -> int:
        """Go forward to the UNIX second `moment`; an earlier one is refused."""
        return self.advance(moment - (self._shown if self.virtual else self.now()))
