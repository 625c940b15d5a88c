"""A delivery's body on its way in: bounded, counted in memory, and unpacked."""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, MutableMapping

    Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]

_ENCODING = b"content-encoding"
_GZIP_OR_ZLIB = 47  # zlib's word for: whichever of the two the header says
_RAW_DEFLATE = -15
_PACKED = {b"gzip", b"x-gzip", b"deflate"}


class Refusal(Exception):
    """The delivery is not taken.

    Args:
        status: The HTTP status that says why.
    """

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


class SenderGone(Exception):
    """The sender left before its body was complete."""


class Body:
    """One request's body; `held` of its bytes are counted as in memory.

    Args:
        receive: Gives the parts.
        limit: Bytes that it may have.
        hold: Counts bytes in; raises `Refusal` where there are too many in memory.
    """

    def __init__(self, receive: Receive, limit: int, hold: Callable[[int], None]) -> None:
        self._receive = receive
        self._limit = limit
        self._hold = hold
        self.held = 0
        self._more = True

    async def _part(self) -> bytes:
        message = await self._receive()
        if message["type"] != "http.request":
            raise SenderGone
        self._more = message.get("more_body", False)
        part: bytes = message.get("body", b"")
        return part

    async def read(self, length: int) -> bytes:
        """Read it to its end.

        Args:
            length: Bytes that are announced.

        Returns:
            The whole body.

        Raises:
            Refusal: It is too large.
            SenderGone: It is not complete.
        """
        if length > self._limit:
            raise Refusal(413)
        parts: list[bytes] = []
        while self._more:
            part = await self._part()
            if self.held + len(part) > self._limit:
                raise Refusal(413)
            self._hold(len(part))
            self.held += len(part)
            parts.append(part)
        return b"".join(parts)

    async def discard(self) -> None:
        """Read on to the end and keep nothing; the connection bounds how much that can be."""
        try:
            while self._more:
                await self._part()
        except SenderGone:
            pass


def unpack(
    content: bytes, headers: list[tuple[bytes, bytes]], limit: int
) -> tuple[bytes, list[tuple[bytes, bytes]]]:
    """Unpack a body of `Content-Encoding` gzip or deflate.

    Args:
        content: The body as it came.
        headers: Lower-case names and values.
        limit: Bytes that it may have when it is unpacked.

    Returns:
        The body, and the headers that are still true of it. What is packed in another way, or
        not as it says, stays as it came.

    Raises:
        Refusal: It would be too large.
    """
    named = b",".join(value for name, value in headers if name == _ENCODING).lower()
    listed = (each.strip() for each in named.split(b","))
    packings = [each for each in listed if each not in {b"", b"identity"}]
    if not packings or not _PACKED.issuperset(packings) or not content:
        return content, headers
    try:
        for _ in packings:
            content = _unpack_once(content, limit)
    except zlib.error:
        return content, headers
    return content, [(name, value) for name, value in headers if name != _ENCODING]


def _unpack_once(content: bytes, limit: int) -> bytes:
    try:
        return _inflate(content, _GZIP_OR_ZLIB, limit)
    except zlib.error:
        return _inflate(content, _RAW_DEFLATE, limit)


def _inflate(content: bytes, form: int, limit: int) -> bytes:
    parts: list[bytes] = []
    size = 0
    while content:  # gzip may have several members, one after the other
        member = zlib.decompressobj(form)
        part = member.decompress(content, limit + 1 - size)
        size += len(part)
        if size > limit:
            raise Refusal(413)
        if not member.eof:
            raise zlib.error("cut off")
        parts.append(part)
        content = member.unused_data
    return b"".join(parts)
