"""The receiver: an ASGI application that answers 200 when a delivery is on disk."""

from __future__ import annotations

import asyncio
import contextlib
import hmac
import time
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from hashlib import sha256
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, unquote, unquote_to_bytes

from customerly.webhooks.delivery import NewDelivery
from customerly.webhooks.limits import Limits
from customerly.webhooks.spool import SpoolError, SpoolFull

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, MutableMapping

    from customerly.webhooks.spool import Spool

    Message = MutableMapping[str, Any]
    Receive = Callable[[], Awaitable[Message]]
    Send = Callable[[Message], Awaitable[None]]
    Headers = list[tuple[bytes, bytes]]

HEALTH = "healthz"

_CREDENTIALS = {
    b"authorization",
    b"proxy-authorization",
    b"authentication",
    b"x-authorization",
    b"x-access-token",
    b"x-api-key",
    b"x-auth-token",
    b"cookie",
}
_LONGEST_HOOK = 200  # characters
_PRUNE_EVERY = 30.0  # seconds
_SOON = [(b"retry-after", b"1")]
_LATER = [(b"retry-after", b"30")]

_ANSWERS: dict[int, tuple[str, Headers]] = {
    200: ('{"status":"ok"}', []),
    404: ('{"error":"not found"}', []),
    405: ('{"error":"only POST here"}', [(b"allow", b"POST")]),
    408: ('{"error":"the body took too long"}', [(b"connection", b"close")]),
    413: ('{"error":"the body is too large"}', []),
    429: ('{"error":"too many deliveries"}', _SOON),
    503: ('{"error":"try again later"}', _SOON),
    507: ('{"error":"no room on the disk"}', _LATER),
}


class _Refusal(Exception):
    """The delivery is not taken; `status` says why."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


class Receiver:
    """Takes deliveries at `/<secret>` and `/<secret>/<name>`.

    Args:
        spool: Where they are kept.
        secret: What the path must begin with.
        tell: Takes one line for the operator, now and then.
        limits: What is taken at most.
        keep_seconds: How long what was read is kept.
        keep_bytes: How much may be kept before what was read is removed sooner.
    """

    def __init__(
        self,
        spool: Spool,
        secret: str,
        tell: Callable[[str], None],
        *,
        limits: Limits | None = None,
        keep_seconds: float = 30 * 86_400,
        keep_bytes: int = 1 << 30,
    ) -> None:
        self.stored = 0
        self._spool = spool
        self._secret = secret
        self._digest = sha256(secret.encode()).digest()
        self._tell = tell
        self._limits = limits or Limits()
        self._prune = partial(spool.prune, keep_seconds=keep_seconds, keep_bytes=keep_bytes)
        self._rate = _Rate(self._limits.deliveries_per_second)
        self._held = 0  # bytes of bodies in memory
        self._waiting: asyncio.Queue[tuple[NewDelivery, asyncio.Future[int]]] = asyncio.Queue(
            self._limits.waiting
        )
        self._disk = ThreadPoolExecutor(1, "spool")  # one thread: one transaction at a time
        self._trouble = ""

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Answer one request.

        Args:
            scope: As ASGI has it.
            receive: Gives the body.
            send: Takes the answer.
        """
        if scope["path"] == f"/{HEALTH}":
            status = 200 if scope["method"] in {"GET", "HEAD"} else 404
        elif (place := self._place(scope["raw_path"])) is None:
            status = 404
        elif scope["method"] != "POST":
            status = 405
        else:
            status = await self._delivery(scope, place or None, receive)
        text, headers = _ANSWERS[status]
        content = text.encode()
        sent: Headers = [
            (b"content-type", b"application/json"),
            (b"content-length", b"%d" % len(content)),
            *headers,
        ]
        await send({"type": "http.response.start", "status": status, "headers": sent})
        await send({"type": "http.response.body", "body": content})

    def _place(self, raw_path: bytes) -> str | None:
        """Return the hook's name (or "") where the path holds the secret, else None."""
        secret, _, rest = raw_path[1:].partition(b"/")
        # Digests have one length, so that not even the secret's length can be timed.
        given = sha256(unquote_to_bytes(secret)).digest()
        if not hmac.compare_digest(given, self._digest) or b"/" in rest.rstrip(b"/"):
            return None
        name = unquote(rest.rstrip(b"/").decode("latin-1"), errors="replace")
        return name if len(name) <= _LONGEST_HOOK else None

    async def _delivery(self, scope: Message, hook: str | None, receive: Receive) -> int:
        """Take a delivery in; return the status to answer with."""
        headers: Headers = scope["headers"]
        body = _Body(receive, self._limits.body_bytes, self._hold)
        limit = self._limits.body_seconds
        try:
            try:
                if not self._rate.allows():
                    raise _Refusal(429)
                content = await asyncio.wait_for(body.read(_length(headers)), limit)
            except _Refusal as refusal:
                # Many a sender reads no answer before it has sent all of its body.
                if (b"expect", b"100-continue") not in headers:
                    await asyncio.wait_for(body.discard(), limit)
                return refusal.status
            except _Gone:
                return 408
            return await self._store(
                NewDelivery(
                    time.time_ns() // 1_000,
                    hook,
                    _query(scope["query_string"]),
                    self._kept(headers),
                    content,
                )
            )
        except TimeoutError:
            return 408
        finally:
            self._hold(-body.held)

    def _hold(self, size: int) -> None:
        """Count a body's bytes in (or out) of memory."""
        if size > 0 and self._held + size > self._limits.waiting_bytes:
            raise _Refusal(503)
        self._held += size

    def _kept(self, headers: Headers) -> dict[str, str]:
        """Drop credentials, and blot out our secret where a proxy passed the path on."""
        kept: dict[str, str] = {}
        for raw, value in headers:
            if raw not in _CREDENTIALS:
                name, text = raw.decode("latin-1"), value.decode("latin-1")
                text = text.replace(self._secret, "***")
                kept[name] = f"{kept[name]}, {text}" if name in kept else text
        return kept

    async def _store(self, delivery: NewDelivery) -> int:
        outcome: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        try:
            self._waiting.put_nowait((delivery, outcome))
        except asyncio.QueueFull:
            return 503
        return await outcome

    async def commit(self) -> None:
        """Bring what waits to the disk, group by group, until this is cancelled.

        While one group is on its way, the next one gathers: they share a commit, and its fsync.
        """
        while True:
            group = [await self._waiting.get()]
            while len(group) < self._limits.group and not self._waiting.empty():
                group.append(self._waiting.get_nowait())
            status = await self._commit([delivery for delivery, _ in group])
            for _, outcome in group:
                if not outcome.done():  # its request may have been cancelled
                    outcome.set_result(status)

    async def _commit(self, deliveries: list[NewDelivery]) -> int:
        loop = asyncio.get_running_loop()
        try:
            await loop.run_in_executor(self._disk, self._spool.append, deliveries)
        except Exception as error:  # noqa: BLE001  whatever it is, deliveries go on being answered
            self._note(str(error) if isinstance(error, SpoolError) else repr(error))
            if not isinstance(error, SpoolFull):
                return 503
            # What the tap has read makes room for what it has not.
            make_room = partial(self._spool.prune, keep_seconds=0, keep_bytes=0)
            with contextlib.suppress(SpoolError):
                await loop.run_in_executor(self._disk, make_room)
            return 507
        if self._trouble:
            self._note("")
        self.stored += len(deliveries)
        return 200

    def _note(self, trouble: str) -> None:
        """Tell of a trouble when it begins and when it ends, not at each delivery."""
        if bool(trouble) != bool(self._trouble):
            self._tell(
                f"{trouble}; deliveries are refused until it takes them again"
                if trouble
                else "The spool takes deliveries again"
            )
        self._trouble = trouble

    async def prune(self) -> None:
        """Remove what was read and is old, now and then, until this is cancelled."""
        loop = asyncio.get_running_loop()
        while True:
            try:
                while await loop.run_in_executor(self._disk, self._prune):
                    pass
            except SpoolError as error:
                self._note(str(error))
            await asyncio.sleep(_PRUNE_EVERY)

    def close(self) -> None:
        """Wait for what is on its way to the disk."""
        self._disk.shutdown(wait=True)


class _Gone(Exception):
    """The sender left before its body was complete."""


class _Body:
    """One request's body, bounded; `held` of its bytes are counted as in memory."""

    def __init__(self, receive: Receive, limit: int, hold: Callable[[int], None]) -> None:
        self._receive = receive
        self._limit = limit
        self._hold = hold
        self.held = 0
        self._more = True

    async def _part(self) -> bytes:
        message = await self._receive()
        if message["type"] != "http.request":
            raise _Gone
        self._more = message.get("more_body", False)
        part: bytes = message.get("body", b"")
        return part

    async def read(self, length: int) -> bytes:
        """Return the whole body, `length` of which are announced."""
        if length > self._limit:
            raise _Refusal(413)
        parts: list[bytes] = []
        while self._more:
            part = await self._part()
            if self.held + len(part) > self._limit:
                raise _Refusal(413)
            self._hold(len(part))
            self.held += len(part)
            parts.append(part)
        return b"".join(parts)

    async def discard(self) -> None:
        """Read on to the end and keep nothing; the connection bounds how much that can be."""
        try:
            while self._more:
                await self._part()
        except _Gone:
            pass


class _Rate:
    """A bucket that fills at the allowed rate and holds one second's worth."""

    def __init__(self, per_second: float) -> None:
        self._per_second = per_second
        self._allowed = max(per_second, 1.0)
        self._at = time.monotonic()

    def allows(self) -> bool:
        now = time.monotonic()
        gained = (now - self._at) * self._per_second
        self._allowed = min(self._allowed + gained, max(self._per_second, 1.0))
        self._at = now
        if self._allowed < 1:
            return False
        self._allowed -= 1
        return True


def _length(headers: Headers) -> int:
    value = next((value for name, value in headers if name == b"content-length"), b"0")
    return int(value) if value.isdigit() else 0


def _query(raw: bytes) -> dict[str, str]:
    return dict(parse_qsl(raw.decode("latin-1"), keep_blank_values=True, errors="replace"))
