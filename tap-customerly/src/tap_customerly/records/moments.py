"""Many moments read at once, in the time that one after another takes for a few of them."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

import msgspec
from customerly.values import read_moment

if TYPE_CHECKING:
    from collections.abc import Sequence

_EPOCH = b'"1970-01-01T00:00:00Z"'
_TEXT = '"2026-01-31T12:00:00",'
_UTC = b'Z"'
_MOMENTS = list[datetime | None]
_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(list[str | None]).decode


def read_moments(values: Sequence[object]) -> list[str | None]:
    """Read moments as `read_moment` does.

    Args:
        values: In any form that a moment has on the wire.

    Returns:
        The moments, RFC 3339 in UTC; null for null.

    Raises:
        Unreadable: One of them is none.
    """
    written = _written(values)
    if written is None:
        return [None if value is None else read_moment(value) for value in values]
    return _decode(written)


def _written(values: Sequence[object]) -> bytes | None:
    """Write moments in one step of msgspec; None where one of them may mean something else."""
    try:
        written = _encode(msgspec.convert(values, _MOMENTS, strict=False))
    except (msgspec.ValidationError, ValueError):
        return None
    nulls = values.count(None)
    if written.count(b"null") != nulls:  # lax, msgspec takes a text `null` for null
        return None
    moments = len(values) - nulls
    in_utc = written.count(_UTC)
    if in_utc not in {0, moments} or len(written) != (
        len(_TEXT) * moments + in_utc + (len("null,") * nulls + 1)
    ):
        return None  # one has an offset, or a fraction of a second
    if not in_utc:
        return written.replace(b'",', b'+00:00",').replace(b'"]', b'+00:00"]')
    if _EPOCH in written:  # a number 0 is no moment
        if str in map(type, values):
            return None
        written = written.replace(_EPOCH, b"null")
    return written.replace(_UTC, b'+00:00"')
