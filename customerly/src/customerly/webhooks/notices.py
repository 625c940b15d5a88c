"""Lines for the operator about refused deliveries: one a kind and minute."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

_EVERY = 60.0  # seconds

_MEANINGS = {
    404: "a request to an unknown path: is the hook's URL right, and its secret?",
    408: "a body did not come within the time that --body-seconds allows",
    413: "a body was larger than --max-body-kb allows, as it came or unpacked",
    429: "more deliveries came than --max-per-second allows",
    503: "too much waits for the disk, or in memory",
}


class Notices:
    """Tells the operator why deliveries are refused.

    Args:
        tell: Takes a line.
        clock: Seconds that only ever grow.
    """

    def __init__(
        self, tell: Callable[[str], None], clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._tell = tell
        self._clock = clock
        self._told_at: dict[int, float] = {}
        self._untold: dict[int, int] = {}

    def refused(self, status: int) -> None:
        """Note a request that was answered with an error.

        Args:
            status: The HTTP status.
        """
        meaning = _MEANINGS.get(status)
        if meaning is None:
            return
        now = self._clock()
        if now - self._told_at.get(status, -_EVERY) < _EVERY:
            self._untold[status] = self._untold.get(status, 0) + 1
            return
        more = self._untold.pop(status, 0)
        self._told_at[status] = now
        self._tell(f"Answered {status}: {meaning}" + (f" ({more} more before)" if more else ""))
