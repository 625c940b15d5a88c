"""JSON as PHP over MySQL sends it: with a byte order mark, `NaN`, or a text cut within a letter."""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING, Any

import msgspec

if TYPE_CHECKING:
    from customerly.values import Json


_BYTE_ORDER_MARK = b"\xef\xbb\xbf"


def decode(content: bytes) -> Json:
    """Decode JSON, and mend what has one reading only.

    Args:
        content: The bytes as they came.

    Returns:
        The value. Half of a surrogate pair, and a byte that is no UTF-8, become U+FFFD; `NaN` and
        `Infinity` become null, and a number that no float holds, as `1e400`, becomes text.

    Raises:
        ValueError: It is no JSON.
    """
    content = content.removeprefix(_BYTE_ORDER_MARK)
    try:
        return msgspec.json.decode(content)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        pass
    text = content.decode("utf-8", "replace")
    if not text.lstrip().startswith(("{", "[")):
        raise ValueError("neither an object nor a list")
    try:
        value = json.loads(
            text,
            parse_constant=lambda _: None,
            parse_float=_number,
            object_pairs_hook=_mended,
        )
    except RecursionError:
        raise ValueError("nested too deeply") from None
    return _mend(value)


def _number(text: str) -> float | str:
    number = float(text)
    return number if math.isfinite(number) else text


def _mended(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    return {_mend_text(key): _mend(value) for key, value in pairs}


def _mend(value: object) -> object:
    if isinstance(value, str):
        return _mend_text(value)
    if isinstance(value, list):
        return [_mend(item) for item in value]
    return value


def _mend_text(text: str) -> str:
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
