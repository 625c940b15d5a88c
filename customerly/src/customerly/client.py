"""The client: sends requests within the rate limit, and again where that can help."""

from __future__ import annotations

import logging
import threading
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode, urlsplit

import msgspec

from customerly import answers
from customerly.answers import Answer, Expect, Meaning
from customerly.errors import (
    BatchTooLarge,
    ConfigError,
    ContactMissing,
    GaveUp,
    OutcomeUnclear,
    Refused,
    RequestFailed,
    TokenRefused,
)
from customerly.network import NoAnswer
from customerly.rate_limit import RateLimiter
from customerly.redact import redact
from customerly.retries import Retries
from customerly.transport import Transport

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from types import TracebackType
    from typing import Self

    from customerly.connection import Connection

logger = logging.getLogger("customerly")

_PROBE = "tags"  # what any good token may read: it tells a refused token from a refused request
_SAID_FROM = 3.0  # seconds; a longer wait is announced
_SAID_FOR = 60.0  # seconds for which one line speaks of an outage whose end is unknown

_RAISED: dict[Meaning, type[RequestFailed]] = {
    Meaning.MISSING: ContactMissing,
    Meaning.TOO_LARGE: BatchTooLarge,
    Meaning.REFUSED: Refused,
}


class Client:
    """Sends requests to the API: authorised, rate limited, retried; safe to share among threads.

    At most `max_concurrency` of them are in flight at once, however many threads ask. Each thread
    keeps a connection of its own alive.

    Args:
        connection: Where the API is and how to treat it.

    Raises:
        ConfigError: A proxy or a bundle of certificates in the environment can't be used.
    """

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.rate_limiter = RateLimiter(connection.requests_per_second)
        self._in_flight = threading.Semaphore(connection.max_concurrency)
        self._transport = Transport(connection)
        self._token_refused: TokenRefused | None = None
        self._has_answered = False
        self._by_thread = threading.local()
        self._announcer = _Announcer()

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
        """How many requests have left, attempts and redirects included."""
        return self._transport.sent

    @property
    def requests_by_thread(self) -> int:
        """How many of them the calling thread has sent."""
        return self._transport.sent_by_thread

    @property
    def stopped(self) -> bool:
        """Whether the client was closed, or its token refused."""
        return self.rate_limiter.wait(0)

    @contextmanager
    def one_attempt_each(self) -> Iterator[None]:
        """Let each of the calling thread's requests fail for good with its first failure."""
        self._by_thread.attempts = 1
        try:
            yield
        finally:
            del self._by_thread.attempts

    def close(self) -> None:
        """Let go of all connections and wake the threads that wait to try again."""
        self.rate_limiter.stop()
        self._transport.close()

    def request(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, Any] | None = None,
        body: object = None,
        headers: Mapping[str, str] | None = None,
        repeatable: bool = True,
        expect: Expect = "envelope",
    ) -> Answer:
        """Send a request until the API has answered it.

        Args:
            method: As `GET`.
            path: Relative to `api_url`, as `users/list`; with a leading slash relative to the
                API's host, as `/v1/users/list`.
            query: Parameters; percent-encoded here (docs/api-contract.md#one-contact).
            body: Sent as JSON where it is not None.
            headers: Further headers.
            repeatable: Whether it does no harm to send the request twice. One that is not is
                sent again only where it is certain that the API did not act on it.
            expect: What a good answer holds: the API's envelope, a list in it, any JSON, or
                anything.

        Returns:
            The answer, whose meaning is always `OK`.

        Raises:
            TokenRefused: The API does not know the token; every later request raises it too.
            ConfigError: There is no API under `api_url`.
            ContactMissing: The contact does not exist.
            BatchTooLarge: The API takes no batch of this size.
            Refused: The API, or something in front of it, said no for another reason.
            GaveUp: No usable answer within `max_attempts` and `max_wait`.
            OutcomeUnclear: The request is not repeatable and may have been applied.
        """
        url = self._url(path, query)
        shown = f"{method} {urlsplit(url).path}"
        content = None if body is None else msgspec.json.encode(body)
        most = getattr(self._by_thread, "attempts", self.connection.max_attempts)
        retries = Retries(most, self.connection.max_wait)
        attempts = 0
        while True:
            if self._token_refused is not None:
                raise self._token_refused
            attempts += 1
            answer, retry_after, left_at, left, final = self._attempt(
                method, url, content, headers, expect, fresh=not repeatable
            )
            if answer.status and answer.meaning is not Meaning.SLOW_DOWN:
                self.rate_limiter.accepted(left_at)
            if answer.meaning is Meaning.OK:
                self._has_answered = True
                return answer
            status = answer.status or None
            reason = redact(answer.reason, self.connection.access_token)
            self._raise_if_final(answer.meaning, shown, reason, answer.status, attempts)
            logger.debug("%s: attempt %d failed: %s", shown, attempts, reason)
            if not repeatable and left and _is_unclear(answer):
                raise OutcomeUnclear(shown, reason, status=status, attempts=attempts)
            if not repeatable and status and answer.meaning is Meaning.AGAIN:
                raise Refused(shown, reason, status=status, attempts=attempts)
            hint = retries.hint(retry_after)
            if answer.meaning is Meaning.SLOW_DOWN:
                self.rate_limiter.refused(left_at, hint)
            wait = None if final else retries.wait(answer.meaning, hint, self.rate_limiter.now())
            if wait is not None:
                self._announcer.say(shown, status, reason, wait, retry_after)
            if wait is None or self.rate_limiter.wait(wait):
                raise GaveUp(shown, reason, status=status, attempts=attempts)

    def _attempt(
        self,
        method: str,
        url: str,
        content: bytes | None,
        headers: Mapping[str, str] | None,
        expect: Expect,
        *,
        fresh: bool,
    ) -> tuple[Answer, float | None, float, bool, bool]:
        """Send a request once.

        Returns:
            The answer, or what stands for it, with the status 0; `Retry-After` in seconds; when
            the request was let go; whether it has left; and whether another attempt would end the
            same.
        """
        # An answer is read when the next request may leave already: it takes a while.
        with self._in_flight:
            left_at = self.rate_limiter.acquire()
            try:
                reply = self._transport.send(method, url, content, headers, fresh=fresh)
            except NoAnswer as lost:
                nothing = Answer(Meaning.AGAIN, 0, reason=lost.reason)
                return nothing, None, left_at, lost.left, lost.final
        answer = answers.read(reply.status, reply.body, expect)
        return answer, reply.retry_after, left_at, True, False

    def _raise_if_final(
        self, meaning: Meaning, shown: str, reason: str, status: int, attempts: int
    ) -> None:
        """Raise what no further attempt can change."""
        if meaning is Meaning.DENIED:
            if not self._is_probe(shown):
                self.request("GET", _PROBE)
                said = f"{reason} (the token is good: the API, or what is in front of it, refused)"
                raise Refused(shown, said, status=status, attempts=attempts)
            meaning = Meaning.TOKEN_REFUSED
        if meaning is Meaning.TOKEN_REFUSED:
            self._token_refused = TokenRefused(
                f"The API refused the access token (HTTP {status}: {reason}). Check access_token, "
                "and that the teammate who made it is still in the project "
                "(Project Settings > Installation > Public API)."
            )
            self.rate_limiter.stop()
            raise self._token_refused
        if meaning is Meaning.NO_ROUTE:
            self._make_sure_of_an_api(shown, reason)
            meaning = Meaning.REFUSED
        if meaning in _RAISED:
            raise _RAISED[meaning](shown, reason, status=status, attempts=attempts)

    def _make_sure_of_an_api(self, shown: str, reason: str) -> None:
        """Raise ConfigError where nothing under `api_url` has answered yet, nor does so now."""
        if self._has_answered:
            return
        if self._is_probe(shown):
            raise ConfigError(
                f"There is no Customerly API at {self.connection.api_url} ({shown}: HTTP 404, "
                f"{reason}): check api_url, which ends as in https://api.customerly.io/v1"
            )
        self.request("GET", _PROBE)

    def _is_probe(self, shown: str) -> bool:
        return shown == f"GET {urlsplit(self._url(_PROBE, None)).path}"

    def _url(self, path: str, query: Mapping[str, Any] | None) -> str:
        base = self.connection.host if path.startswith("/") else self.connection.api_url + "/"
        if not query:
            return base + path
        between = "&" if "?" in path else "?"
        return f"{base}{path}{between}{urlencode(query, quote_via=quote)}"


def _is_unclear(answer: Answer) -> bool:
    """Tell whether a request may have been applied although no good answer came."""
    if answer.meaning is Meaning.AGAIN and 200 <= answer.status < 300:  # noqa: PLR2004
        return not answer.is_error  # something was done, or refused in words
    return answer.status == 0 or answer.status >= 500  # noqa: PLR2004


class _Announcer:
    """Says, when a long wait begins, why and until when; once, for all threads together."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._said_until = 0.0

    def say(
        self, shown: str, status: int | None, reason: str, wait: float, asked: float | None
    ) -> None:
        """Announce a wait, unless it is short or lies within one that was announced.

        Args:
            shown: Method and path of the request.
            status: The HTTP status of the last answer; None where there was none.
            reason: What went wrong.
            wait: Seconds.
            asked: Seconds for which the API asks; None: it does not say.
        """
        now = time.time()
        until = now + wait
        with self._lock:
            if wait < _SAID_FROM or until < self._said_until + _SAID_FROM:
                return
            # The next waits of an outage differ by seconds: no line for each.
            self._said_until = until if asked == wait else now + max(wait, _SAID_FOR)
        said = f"HTTP {status}: {reason}" if status else reason
        if asked is not None and asked > wait:
            said += f"; it asks for {asked:g} s, which is more than max_wait allows"
        clock = time.strftime("%H:%M:%S", time.localtime(until))
        logger.warning("%s: %s. Waiting %.0f s, until %s", shown, said.rstrip("."), wait, clock)
