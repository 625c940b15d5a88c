"""One attempt at a request: connections, redirects, and what it means when nothing comes back."""

from __future__ import annotations

import logging
import threading
import time
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urljoin, urlsplit

import requests
import urllib3.exceptions as urllib3_errors
from requests.auth import AuthBase

from customerly.network import Adapter, Surroundings, explain, has_left

if TYPE_CHECKING:
    from collections.abc import Mapping

    from customerly.connection import Connection

logger = logging.getLogger("customerly")

_REDIRECTS = 5  # a read follows at most so many


class BearerAuth(AuthBase):
    """Puts the token into the `Authorization` header (docs/api-contract.md#basics).

    Args:
        token: The access token.
    """

    def __init__(self, token: str) -> None:
        self._token = token

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        """Add the header to one request.

        Args:
            request: The request that is about to leave.

        Returns:
            The same request.
        """
        request.headers["Authorization"] = f"Bearer {self._token}"
        return request


class Reply(NamedTuple):
    """What came back over the wire.

    Attributes:
        status: The HTTP status.
        body: The body as it came.
        retry_after: The seconds of `Retry-After`, where there is one.
    """

    status: int
    body: bytes
    retry_after: float | None


class Transport:
    """Sends requests over connections that are kept alive, one for each thread.

    Args:
        connection: Where the API is.

    Raises:
        ConfigError: A proxy or a bundle of certificates in the environment can't be used.
    """

    def __init__(self, connection: Connection) -> None:
        self.sent = 0
        self._connection = connection
        self._surroundings = Surroundings.of(connection)
        self._auth = BearerAuth(connection.access_token)
        self._headers = {"User-Agent": connection.user_agent, "Accept": "application/json"}
        self._local = threading.local()
        self._lock = threading.Lock()
        self._sessions: set[requests.Session | None] = set()

    @property
    def sent_by_thread(self) -> int:
        """How many requests the calling thread has sent."""
        return getattr(self._local, "sent", 0)

    def close(self) -> None:
        """Let go of all connections."""
        with self._lock:
            sessions, self._sessions = self._sessions, set()
        for session in sessions:
            if session is not None:
                session.close()

    def send(
        self,
        method: str,
        url: str,
        content: bytes | None,
        headers: Mapping[str, str] | None,
        *,
        fresh: bool,
    ) -> Reply:
        """Send a request once; redirects are followed for a read, within the API's host.

        Args:
            method: As `GET`.
            url: The whole of it.
            content: The body, JSON.
            headers: Further headers.
            fresh: Whether to use a connection that was not used before, so that none that died
                in the meantime makes it unclear whether the API got the request.

        Returns:
            What came back.

        Raises:
            NoAnswer: Nothing that could be read came back.
        """
        sent_headers = dict(headers or {})
        if content is not None:
            sent_headers.setdefault("Content-Type", "application/json")
        for _ in range(_REDIRECTS):
            response, body = self._exchange(method, url, content, sent_headers, fresh=fresh)
            target = _redirect(response) if method in {"GET", "HEAD"} else None
            if target is None or not _same_host(target, self._connection.host):
                break
            url = target
        return Reply(response.status_code, body, _retry_after(response))

    def _exchange(
        self,
        method: str,
        url: str,
        content: bytes | None,
        headers: dict[str, str],
        *,
        fresh: bool,
    ) -> tuple[requests.Response, bytes]:
        with self._lock:
            self.sent += 1
        self._local.sent = self.sent_by_thread + 1
        started = time.monotonic()
        try:
            session = self._session(fresh=fresh)
            # Prepared here: a session merges its settings anew into each request, which costs
            # more than all else that it does.
            request = requests.PreparedRequest()
            request.prepare(
                method,
                url,
                headers={**self._headers, **headers},
                data=content,
                auth=self._auth,
                cookies=session.cookies,
            )
            response = session.send(
                request,
                timeout=self._connection.request_timeout,
                allow_redirects=False,
                stream=True,
                verify=self._surroundings.certificates or True,
                cert=None,
                proxies=self._surroundings.proxies,
            )
            # At once: `response.content` takes it in small pieces, and between two of them
            # another thread can hold this one up.
            body = response.raw.read(decode_content=True)
        except (requests.RequestException, urllib3_errors.HTTPError, OSError, ValueError) as error:
            raise explain(error, self._connection, self._surroundings, left=has_left()) from None
        path, spent = urlsplit(url).path, (time.monotonic() - started) * 1000
        logger.debug("%s %s: HTTP %d in %.0f ms", method, path, response.status_code, spent)
        return response, body

    def _session(self, *, fresh: bool) -> requests.Session:
        """Return this thread's session, or a new one where a dead connection would be unclear."""
        kept: requests.Session | None = getattr(self._local, "session", None)
        if kept is not None and not fresh:
            return kept
        session = requests.Session()
        session.trust_env = False  # `Surroundings` has read, and checked, what is in it
        session.mount(self._connection.host, Adapter())
        with self._lock:
            self._sessions.add(session)
            self._sessions.discard(kept)
        if kept is not None:
            kept.close()
        self._local.session = session
        return session


def _redirect(response: requests.Response) -> str | None:
    location = response.headers.get("Location")
    if not location or not response.is_redirect:
        return None
    try:
        return urljoin(response.url, location)
    except ValueError:
        return None


def _same_host(url: str, host: str) -> bool:
    try:
        ours, theirs = urlsplit(host), urlsplit(url)
        default = {"https": 443, "http": 80}.get(ours.scheme)
        return (
            theirs.scheme == ours.scheme
            and theirs.username is None
            and theirs.hostname == ours.hostname
            and (theirs.port or default) == (ours.port or default)
        )
    except ValueError:
        return False


def _retry_after(response: requests.Response) -> float | None:
    """Read `Retry-After`, seconds or an HTTP date by the server's own clock."""
    text = response.headers.get("Retry-After", "").strip()
    if not text:
        return None
    try:
        seconds = float(text)
    except ValueError:
        try:
            now = parsedate_to_datetime(response.headers.get("Date") or _http_now())
            seconds = (parsedate_to_datetime(text) - now).total_seconds()
        except (TypeError, ValueError):
            return None
    return seconds


def _http_now() -> str:
    return time.strftime("%a, %d %b %Y %H:%M:%S GMT", time.gmtime())
