"""The receiver: an ASGI application that answers 200 when a delivery is on disk."""

from __future__ import annotations

import asyncio
import hmac
import time
from contextlib import suppress
from hashlib import sha256
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, unquote, unquote_to_bytes

from customerly.webhooks.bodies import Body, Refusal, SenderGone, unpack
from customerly.webhooks.delivery import NewDelivery
from customerly.webhooks.limits import Limits
from customerly.webhooks.notices import Notices

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, MutableMapping

    from customerly.webhooks.keeper import Keeper

    Message = MutableMapping[str, Any]
    Receive = Callable[[], Awaitable[Message]]
    Send = Callable[[Message], Awaitable[None]]
    Headers = list[tuple[bytes, bytes]]

HEALTH = "healthz"

_PROBES = {"GET", "HEAD", "OPTIONS"}

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
    405: ('{"error":"only POST here"}', [(b"allow", b"POST, GET, HEAD, OPTIONS")]),
    408: ('{"error":"the body took too long"}', [(b"connection", b"close")]),
    413: ('{"error":"the body is too large"}', []),
    429: ('{"error":"too many deliveries"}', _SOON),
    503: ('{"error":"try again later"}', _SOON),
    507: ('{"error":"no room on the disk"}', _LATER),
}


class Receiver:
    """Takes deliveries at `/<secret>` and `/<secret>/<name>`.

    Args:
        keeper: Brings them to the disk.
        secret: What the path must begin with.
        tell: Takes one line for the operator, now and then.
        limits: What is taken at most.
    """

    def __init__(
        self,
        keeper: Keeper,
        secret: str,
        tell: Callable[[str], None],
        limits: Limits | None = None,
    ) -> None:
        self._keeper = keeper
        self._secret = secret
        self._digest = sha256(secret.encode()).digest()
        self._notices = Notices(tell)
        self._limits = limits or Limits()
        self._rate = _Rate(self._limits.deliveries_per_second)
        self._held = 0  # bytes of bodies in memory

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
        elif scope["method"] in _PROBES:  # is anybody there? asked before a hook is accepted
            status = 200
        elif scope["method"] != "POST":
            status = 405
        else:
            status = await self._delivery(scope, place or None, receive)
        self._notices.refused(status)
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
        body = Body(receive, self._limits.body_bytes, self._hold)
        limit = self._limits.body_seconds
        try:
            try:
                if not self._rate.allows():
                    raise Refusal(429)
                content = await asyncio.wait_for(body.read(_length(headers)), limit)
                content, headers = unpack(content, headers, self._limits.body_bytes)
            except Refusal as refusal:
                # Many a sender reads no answer before it has sent all of its body.
                if (b"expect", b"100-continue") not in headers:
                    with suppress(TimeoutError):
                        await asyncio.wait_for(body.discard(), limit)
                return refusal.status
            except SenderGone:
                return 408
            return await self._keeper.keep(
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
            raise Refusal(503)
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
