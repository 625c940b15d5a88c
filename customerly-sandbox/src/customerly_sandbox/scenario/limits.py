"""How many requests are taken: so many a second, or so many in each window of time."""

from __future__ import annotations

import math
import time
from collections import deque
from email.utils import formatdate
from typing import TYPE_CHECKING

from customerly_sandbox.http.messages import ApiError

if TYPE_CHECKING:
    from collections.abc import Callable

    from customerly_sandbox.quirks import Quirks


class Limits:
    """Counts requests, and refuses what is over the quirks' limits.

    Args:
        now: Seconds that never go back.
    """

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._recent: deque[float] = deque()
        self._window_ends = 0.0
        self._used = 0

    def take(self, quirks: Quirks) -> None:
        """Count a request.

        Raises:
            ApiError: It is over a limit.
        """
        now = self._now()
        wait = max(self._rate(quirks, now), self._quota(quirks, now))
        if wait:
            headers = {} if quirks.retry_after == "none" else retry_after(wait, quirks.retry_after)
            message = "Too many requests"
            raise ApiError(message, quirks.limit_status, {**headers, **self.headers(quirks)})

    def _rate(self, quirks: Quirks, now: float) -> float:
        """Seconds to wait because of `requests_per_second`."""
        if not quirks.requests_per_second:
            return 0.0
        while self._recent and self._recent[0] <= now - 1:
            self._recent.popleft()
        if len(self._recent) >= max(1, quirks.requests_per_second):
            return 1.0
        self._recent.append(now)
        return 0.0

    def _quota(self, quirks: Quirks, now: float) -> float:
        """Seconds to wait because of `quota`: until the window ends."""
        if not quirks.quota:
            return 0.0
        if now >= self._window_ends:
            self._window_ends, self._used = now + quirks.quota_seconds, 0
        self._used += 1
        return self._window_ends - now if self._used > quirks.quota else 0.0

    def headers(self, quirks: Quirks) -> dict[str, str]:
        """What an answer says about the quota, where the quirk `quota_headers` is on."""
        if not (quirks.quota and quirks.quota_headers):
            return {}
        left = max(0.0, self._window_ends - self._now())
        return {
            "X-RateLimit-Limit": str(quirks.quota),
            "X-RateLimit-Remaining": str(max(0, quirks.quota - self._used)),
            "X-RateLimit-Reset": str(math.ceil(left)),
        }


def retry_after(seconds: float, form: str = "fraction") -> dict[str, str]:
    """The header `Retry-After`.

    Args:
        seconds: From now.
        form: `seconds` (whole ones), `fraction`, `date`, or `words`, which says nothing.
    """
    forms: dict[str, Callable[[], str]] = {
        "seconds": lambda: str(math.ceil(seconds)),
        "fraction": lambda: f"{seconds:g}",
        "date": lambda: formatdate(math.ceil(time.time() + seconds), usegmt=True),
        "words": lambda: "in a moment",
    }
    return {"Retry-After": forms[form]()}
