"""The forms that a value takes on the wire, and one reader for each type that accepts them all.

PHP over MySQL sends an integer as `"1"`, a flag as `0`, `"0"` or false, an empty object as `[]`
(docs/api-contract.md#basics).
"""

from __future__ import annotations

import json
import re
import sys
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from operator import itemgetter
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable

Json: TypeAlias = Any
"""Whatever JSON can hold: what came over the wire and is not yet known to be anything."""

_EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 - in UTC all along: writing it is quicker
_LARGEST_INTEGER = 2**63 - 1  # what a warehouse's integer holds
_LARGEST_NUMBER = sys.float_info.max
_AS_MILLISECONDS = 253_402_300_800  # seconds until the year 10000; as milliseconds it is 1978
_FINER_UNITS = ("milliseconds", "microseconds", "nanoseconds")
_DIGITS_OF_MILLISECONDS = len(str(_AS_MILLISECONDS))
_CLOCK = [f"T{minute // 60:02d}:{minute % 60:02d}" for minute in range(1440)]
_SECONDS = [f":{second:02d}+00:00" for second in range(60)]
_TO_THE_SECOND = len("2026-01-31 12:00:00")
_PUNCTUATION = itemgetter(4, 7, 10, 13, 16)
_PUNCTUATIONS = {tuple("-- ::"), tuple("--T::")}
_LONGEST_NUMBER = 400  # characters; float's range ends long before
_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?", re.ASCII)
_UTC = re.compile(r"\s*(Z|UTC|GMT)$", re.IGNORECASE)
_PHP_UTC = ("UTC", "Z", "+00:00")
_FLAGS: dict[Any, bool | None] = {
    **dict.fromkeys((1, "1", "true", "t", "yes", "y", "on"), True),
    **dict.fromkeys((0, "0", "false", "f", "no", "n", "off"), False),
    "": None,
}


class Unreadable(ValueError):
    """A value that is of no form that its field's type can take; it is kept as it came.

    Args:
        instead: What stands in the field; null where nothing in the value could be read.
    """

    def __init__(self, instead: Json = None) -> None:
        super().__init__()
        self.instead = instead


def read_text(value: Json) -> str | None:
    """Read a text; a number or flag that a text field holds is written out."""
    if isinstance(value, str):
        return value
    if isinstance(value, (bool, int, float)):
        return json.dumps(value)
    raise Unreadable


def read_flag(value: Json) -> bool | None:
    """Read a flag: `0`, `1`, true, or any of them as text; an empty text is null."""
    try:
        return _FLAGS[value.strip().lower() if isinstance(value, str) else value]
    except (KeyError, TypeError):
        raise Unreadable from None


def read_number(value: Json) -> int | float | None:
    """Read a number, also as text; an empty text is null."""
    if value.__class__ is float and -_LARGEST_NUMBER <= value <= _LARGEST_NUMBER:
        return value
    if isinstance(value, str):
        value = _number_in(value.strip())
    if value is None or isinstance(value, bool):
        return value if value is None else int(value)
    if isinstance(value, (int, float)) and abs(value) <= _LARGEST_NUMBER:
        return value
    raise Unreadable


def _number_in(text: str) -> int | float | None:
    if text.isdecimal() and text.isascii() and len(text) < _LONGEST_NUMBER:
        return int(text)
    if not text:
        return None
    if len(text) < _LONGEST_NUMBER and _NUMBER.fullmatch(text):
        return float(text) if set(".eE") & set(text) else int(text)
    raise Unreadable


def read_integer(value: Json) -> int | None:
    """Read a whole number, also as text or with a fraction of zero; an empty text is null."""
    if value.__class__ is int and -_LARGEST_INTEGER <= value <= _LARGEST_INTEGER:
        return value
    number = read_number(value)
    if number is None or (number == int(number) and abs(number) <= _LARGEST_INTEGER):
        return number if number is None else int(number)
    raise Unreadable


def read_moment(value: Json) -> str | None:
    """Read a moment as RFC 3339 in UTC, so that comparing texts compares moments.

    UNIX seconds (or a finer unit) as number or text, `YYYY-MM-DD HH:MM:SS` and any ISO 8601 form;
    without an offset, or with `UTC` in its place, it is UTC. Nothing, zero and MySQL's zero date
    are null. What PHP makes of a moment, `{"date": …, "timezone": "UTC"}`, is read as well.
    """
    if value.__class__ is str:
        if value[4:5] == "-":
            return _read_calendar(value)
        if value.isdecimal() and value.isascii() and len(value) < _DIGITS_OF_MILLISECONDS:
            value = int(value)
        elif _NUMBER.fullmatch(value.strip()):
            value = _number_in(value.strip())
        else:
            return _read_calendar(value)
    if value.__class__ is int and 0 < value < _AS_MILLISECONDS:
        minute = value % 86_400 // 60
        return f"{_date(value // 86_400)}{_CLOCK[minute]}{_SECONDS[value % 60]}"
    return _read_odd_moment(value)


def _read_odd_moment(value: Json) -> str | None:
    """Read seconds that are no whole number since 1970, finer units, and PHP's object."""
    if value.__class__ is dict and value.get("timezone") in _PHP_UTC:
        return _read_calendar(read_text(value.get("date")) or "")
    if value is True:
        raise Unreadable
    seconds = read_number(value)
    if not seconds:
        return None
    for _ in _FINER_UNITS:
        if abs(seconds) >= _AS_MILLISECONDS:
            seconds /= 1000
    try:
        return f"{(_EPOCH + timedelta(seconds=seconds)).isoformat()}+00:00"
    except OverflowError:
        raise Unreadable from None


@lru_cache(maxsize=4096)
def _date(days: int) -> str:
    """Write the date so many days after 1970 began: few differ, and writing one is slow."""
    return (_EPOCH + timedelta(days=days)).date().isoformat()


def _read_calendar(text: str) -> str | None:
    """Read a date and time; one to the second, as `last_update` is, needs no writing anew."""
    if len(text) == _TO_THE_SECOND and _PUNCTUATION(text) in _PUNCTUATIONS:
        with suppress(ValueError):
            datetime.fromisoformat(text)
            return f"{text[:10]}T{text[11:]}+00:00"
    text = text.strip()
    if not text or text.startswith("0000-00-00"):
        return None
    try:
        when = datetime.fromisoformat(_UTC.sub("", text))
        if when.tzinfo is not None:
            when = when.astimezone(UTC).replace(tzinfo=None)
    except (ValueError, OverflowError):
        raise Unreadable from None
    return f"{when.isoformat()}+00:00"


def read_mapping(value: Json) -> dict[str, Json]:
    """Read an object, also as JSON text; an empty list or text is an empty object."""
    value = _from_json(value)
    if isinstance(value, dict):
        return value
    if not value and isinstance(value, (list, str)):
        return {}
    raise Unreadable


def read_list(value: Json) -> list[Json]:
    """Read a list, also as JSON text; one with gaps arrives as an object with numbers for keys."""
    value = _from_json(value)
    if isinstance(value, list):
        return value
    if isinstance(value, dict) and all(name.isdigit() for name in value):
        return list(value.values())
    if value == "":
        return []
    raise Unreadable


def _from_json(value: Json) -> Json:
    if not isinstance(value, str):
        return value
    text = value.strip()
    if not text.startswith(("{", "[")):
        return text
    try:
        return json.loads(text, parse_constant=lambda _: None)
    except (ValueError, RecursionError):
        raise Unreadable from None


def read_anything(value: Json) -> Json:
    """Take a value as it came."""
    return value


def readable(read: Callable[[Json], Json], value: Json) -> Json:
    """Read a value; what cannot be read is null."""
    try:
        return None if value is None else read(value)
    except Unreadable:
        return None
