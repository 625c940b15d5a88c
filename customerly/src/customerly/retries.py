"""How often one request is attempted, and how long it waits between two attempts."""

from __future__ import annotations

import random

from customerly.answers import Meaning

_FIRST_WAIT = 0.5  # seconds that the first wait after a failure can last; then 1, 2, 4 …
_LONGEST_WAIT = 30.0
# A refusal for the rate passes sooner, and the rate limiter slows everyone down already.
_FIRST_WAIT_REFUSED = 0.03
_LONGEST_WAIT_REFUSED = 10.0


class Retries:
    """The attempts of one request.

    A failure counts towards `max_attempts`; a refusal for the rate (429, 503) is bounded by time
    alone, since a quota by the minute outlasts any number of quick attempts.

    Args:
        max_attempts: How many attempts may fail.
        max_wait: Seconds for which the request may go on being refused.
    """

    def __init__(self, max_attempts: int, max_wait: float) -> None:
        self._max_attempts = max_attempts
        self._max_wait = max_wait
        self._failures = 0
        self._refusals = 0
        self._refused_since: float | None = None

    def hint(self, retry_after: float | None) -> float | None:
        """Take `Retry-After` for what it is worth.

        Args:
            retry_after: Seconds; 0 or less for a moment that has passed.

        Returns:
            The seconds; None where they say nothing, or more than the request may wait at all,
            as where a server means milliseconds.
        """
        usable = retry_after is not None and 0 < retry_after <= self._max_wait
        return retry_after if usable else None

    def wait(self, meaning: Meaning, retry_after: float | None, now: float) -> float | None:
        """Say how long to wait before the next attempt.

        Args:
            meaning: What the last one met: `SLOW_DOWN`, or any other failure.
            retry_after: What `hint` made of the answer's `Retry-After`.
            now: Seconds of a clock that only grows.

        Returns:
            Seconds; None: give up. Exponential backoff with full jitter where nothing is asked.
        """
        if meaning is not Meaning.SLOW_DOWN:
            self._failures += 1
            if self._failures >= self._max_attempts:
                return None
            return retry_after or _backoff(self._failures, _FIRST_WAIT, _LONGEST_WAIT)
        self._refusals += 1
        if self._refused_since is None:
            self._refused_since = now
        left = self._refused_since + self._max_wait - now
        if left <= 0:
            return None
        wait = retry_after or _backoff(self._refusals, _FIRST_WAIT_REFUSED, _LONGEST_WAIT_REFUSED)
        return min(wait, left)


def _backoff(attempt: int, first: float, longest: float) -> float:
    return random.uniform(0, min(longest, first * 2 ** min(attempt - 1, 30)))  # noqa: S311
