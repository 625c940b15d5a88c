"""The client: one way to send a request, which is paced and tried again until it is answered."""

from __future__ import annotations

import logging
import random
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode, urlsplit

import msgspec

from customerly.answers import Answer, Expect, Meaning
from customerly.errors import (
    BatchTooLarge,
    ContactMissing,
    CustomerlyError,
    GaveUp,
    OutcomeUnclear,
    Refused,
    RequestFailed,
    TokenRefused,
)
from customerly.rate_limit import Pace
from customerly.redact import redact
from customerly.transport import NoAnswer, Transport

if TYPE_CHECKING:
    from collections.abc import Mapping
    from types import TracebackType
    from typing import Self

    from customerly.connection import Connection

logger = logging.getLogger("customerly")

_FIRST_WAIT = 0.5  # seconds that the first wait between two tries can last; then 1, 2, 4 …
_LONGEST_WAIT = 30.0  # seconds; the backoff grows no further

_RAISED: dict[Meaning, type[RequestFailed]] = {
    Meaning.MISSING: ContactMissing,
    Meaning.TOO_LARGE: BatchTooLarge,
    Meaning.REFUSED: Refused,
}


class Client:
    """Sends requests to the API: authorised, paced, tried again; safe to share among threads.

    Each thread keeps a connection of its own alive.

    Args:
        connection: Where the API is and how to treat it.
    """

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.pace = Pace(connection.requests_per_second)
        self._transport = Transport(connection)
        self._ended: CustomerlyError | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    @property
    def requests_sent(self) -> int:
        """How many requests have left, tries and redirects included."""
        return self._transport.sent

    @property
    def requests_by_thread(self) -> int:
        """How many of them the calling thread has sent."""
        return self._transport.sent_by_thread

    def close(self) -> None:
        """Let go of all connections and wake the threads that wait to try again."""
        self.pace.stop()
        self._transport.close()

    def request(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, Any] | None = None,
        body: Any = None,  # noqa: ANN401
        headers: Mapping[str, str] | None = None,
        repeatable: bool = True,
        expect: Expect = "envelope",
    ) -> Answer:
        """Send a request until the API has answered it.

        Args:
            method: As `GET`.
            path: Relative to `api_url`, as `users/list`; with a leading slash relative to the
                API's host, as `/v1/users/list`.
            query: Parameters; percent-encoded here (wire contract, One contact).
            body: Sent as JSON where it is not None.
            headers: Further headers.
            repeatable: Whether it does no harm to send the request twice. One that is not is
                sent again only where it is certain that the API did not act on it.
            expect: What a good answer holds: the API's envelope, any JSON, or anything.

        Returns:
            The answer, whose meaning is always `OK`.

        Raises:
            TokenRefused: The API does not know the token; every later request raises it too.
            ContactMissing: The contact does not exist.
            BatchTooLarge: The API takes no batch of this size.
            Refused: The API said no for another reason.
            GaveUp: No usable answer after `max_attempts` tries.
            OutcomeUnclear: The request is not repeatable and may have been applied.
        """
        url = self._url(path, query)
        shown = f"{method} {urlsplit(url).path}"
        content = None if body is None else msgspec.json.encode(body)
        attempts = self.connection.max_attempts
        for attempt in range(1, attempts + 1):
            if self._ended is not None:
                raise self._ended
            left_at = self.pace.wait()
            status, retry_after, fresh = None, None, not repeatable
            try:
                answer, retry_after = self._transport.send(
                    method, url, content, headers, expect, fresh=fresh
                )
            except NoAnswer as lost:
                reason, unclear, last = lost.reason, lost.sent, lost.hopeless
                meaning = Meaning.AGAIN
            else:
                status, meaning, unclear, last = answer.status, answer.meaning, True, False
                if meaning is Meaning.OK:
                    self.pace.accepted(left_at)
                    return answer
                reason = redact(answer.reason, self.connection.access_token)
                self._raise_if_final(meaning, shown, reason, status, attempt)
            logger.debug("%s: try %d of %d failed: %s", shown, attempt, attempts, reason)
            if not repeatable and unclear and meaning is Meaning.AGAIN:
                kind = Refused if status is not None and status < 500 else OutcomeUnclear  # noqa: PLR2004
                raise kind(shown, reason, status=status, attempts=attempt)
            wait = _wait(attempt, retry_after)
            if meaning is Meaning.SLOW_DOWN:
                self.pace.slow_down(left_at, retry_after or 0.0)
            if last or attempt == attempts or not self._sleep(wait):
                raise GaveUp(shown, reason, status=status, attempts=attempt)
        raise GaveUp(shown, "no try is allowed", attempts=0)

    def _raise_if_final(
        self, meaning: Meaning, shown: str, reason: str, status: int, attempt: int
    ) -> None:
        if meaning is Meaning.TOKEN_REFUSED:
            self._ended = TokenRefused(
                f"The API refused the access token (HTTP {status}: {reason}). Check access_token, "
                "and that the teammate who made it is still in the project "
                "(Project Settings > Installation > Public API)."
            )
            self.pace.stop()
            raise self._ended
        if meaning in _RAISED:
            raise _RAISED[meaning](shown, reason, status=status, attempts=attempt)

    def _sleep(self, seconds: float) -> bool:
        """Wait before the next try; False where the run ended meanwhile."""
        return not self.pace.stopped(seconds)

    def _url(self, path: str, query: Mapping[str, Any] | None) -> str:
        base = self.connection.host if path.startswith("/") else self.connection.api_url + "/"
        if not query:
            return base + path
        between = "&" if "?" in path else "?"
        return f"{base}{path}{between}{urlencode(query, quote_via=quote)}"


def _wait(attempt: int, retry_after: float | None) -> float:
    """Seconds until the next try: as the API asks, else exponential with full jitter."""
    if retry_after is not None:
        return retry_after
    return random.uniform(0, min(_LONGEST_WAIT, _FIRST_WAIT * 2 ** (attempt - 1)))  # noqa: S311
