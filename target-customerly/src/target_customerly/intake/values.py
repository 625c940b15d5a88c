"""What a cell's value becomes on the wire, and why one can't be sent."""

from __future__ import annotations

import math
import re
import unicodedata
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from uuid import UUID

from customerly.fields import ATTRIBUTE_TEXT_LIMIT
from customerly.text import trimmed

if TYPE_CHECKING:
    from collections.abc import Callable

    from customerly.values import Json

_LARGEST_INTEGER = 2**63 - 1
_MOST_DIGITS = 30  # far more than the API takes; to write a number out takes time and space
_LARGEST_EXACT = 2**53  # beyond it, a floating-point number has lost digits
_LONGEST_NAME = 500  # characters; a quote that was left open makes names of thousands
_ROUNDED = re.compile(r"[+-]?\d+([.,]\d+[eE][+-]?\d+|[eE]\+\d+)")
_AS_DECIMAL = re.compile(r"[+-]?\d+[.,]0+")
_FLAGS = {
    **dict.fromkeys(
        (
            *("true", "1", "1.0", "yes", "y", "t", "on", "x", "✓", "✔", "☑"),
            *("wahr", "ja", "j", "vrai", "oui", "vero", "si", "verdadero", "s"),
            *("verdadeiro", "sim", "waar", "tak", "prawda", "ano", "unsubscribed"),
        ),
        True,
    ),
    **dict.fromkeys(
        (
            *("false", "0", "0.0", "no", "n", "f", "off", "-", "", "none", "null"),
            *("falsch", "nein", "faux", "non", "falso", "nao", "onwaar", "nee"),
            *("nie", "falsz", "ne", "☐", "✗", "✘", "subscribed"),
        ),
        False,
    ),
}
"""Flags as spreadsheets and exports write them, without accents."""


class BadValue(Exception):
    """A value can't be sent; the message names the column and the value's form, not the value."""


def form_of(value: object) -> str:
    """Describe a value without showing it.

    Args:
        value: A cell's value.

    Returns:
        As `text of 300 characters`.
    """
    if isinstance(value, str):
        return f"text of {len(value)} characters"
    for kind, name in (
        (bool, "a boolean"),
        ((int, float, Decimal), "a number"),
        (list, "a list"),
        (dict, "an object"),
    ):
        if isinstance(value, kind):
            return name
    return "nothing" if value is None else "a value"


def is_empty(value: object) -> bool:
    """Tell whether a cell is blank: null, or text in which nothing can be seen.

    Args:
        value: A cell's value.

    Returns:
        True for null and for empty or blank text.
    """
    if isinstance(value, str):
        return not value or not (value[0].isalnum() or trimmed(value))
    return value is None


def plain(value: Json) -> Json:
    """Turn what only a stream map's expression can make into what JSON has.

    Args:
        value: Any value.

    Returns:
        A number for a `Decimal`, UNIX seconds for a date or date-time, text for a UUID; any other
        value as it is.
    """
    make = _PLAIN.get(value.__class__)
    return value if make is None else make(value)


def _of_decimal(value: Decimal) -> int | float:
    is_writable = value.is_finite() and value.adjusted() < _MOST_DIGITS
    if is_writable and value == value.to_integral_value():
        return int(value)
    return float(value)


def _of_datetime(value: datetime) -> int:
    return int((value if value.tzinfo else value.replace(tzinfo=UTC)).timestamp() // 1)


def _of_date(value: date) -> int:
    return _of_datetime(datetime(value.year, value.month, value.day, tzinfo=UTC))


_PLAIN: dict[type, Callable[[Any], Any]] = {
    Decimal: _of_decimal,
    datetime: _of_datetime,
    date: _of_date,
    UUID: str,
}


def text(column: str, value: object) -> str:
    """Read a text.

    Args:
        column: The column's name, for the complaint.
        value: Text, or a number that stands for one.

    Returns:
        The text.

    Raises:
        BadValue: It is neither.
    """
    if isinstance(value, str):
        return value
    value = plain(value)
    if isinstance(value, str):
        return value
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    if isinstance(value, float) and math.isfinite(value):
        return str(int(value)) if value.is_integer() else repr(value)
    raise BadValue(f"{column}: must be text, and is {form_of(value)}")


NO_KEYS = frozenset({"NULL", "null", "None", "NaN", "undefined", r"\N", "N/A", "n/a"})
"""What databases and languages write where there is no value."""


def key(column: str, value: object) -> str:
    """Read a key, such as a user id.

    Args:
        column: The column's name, for the complaint.
        value: Text, or a number that stands for one.

    Returns:
        The key without blanks around it.

    Raises:
        BadValue: It is neither, or a spreadsheet has rounded it: it would name somebody else. Or it
            is a database's word for nothing, by which many records would be one contact.
    """
    written = trimmed(text(column, value))
    if written in NO_KEYS:
        raise BadValue(f"{column}: says {written}, which is no key: leave the cell empty")
    if written[:1].isalpha():
        return written
    is_rounded = isinstance(value, float) and abs(value) >= _LARGEST_EXACT
    if is_rounded or _ROUNDED.fullmatch(written):
        raise BadValue(
            f"{column}: is a number that a spreadsheet has rounded (as 4.9E+11), so digits of the "
            "key are lost: make the column one of text, fill it again, and export it again"
        )
    if _AS_DECIMAL.fullmatch(written):
        raise BadValue(
            f"{column}: ends in .0, as a whole number that was taken for a decimal: make the "
            "column one of text"
        )
    return written


def name_of(column: str, value: object) -> str:
    """Read the name of a person or a company.

    Args:
        column: The column's name, for the complaint.
        value: Text, or a number that stands for one.

    Returns:
        The name without blanks around it.

    Raises:
        BadValue: It can't be a name.
    """
    written = trimmed(text(column, value))
    if "\n" in written or "\r" in written:
        raise BadValue(f"{column}: holds a line break: is a quote left open in the file?")
    if len(written) > _LONGEST_NAME:
        raise BadValue(f"{column}: is {form_of(written)}: is a quote left open in the file?")
    return written


def flag(column: str, value: object) -> bool:
    """Read a flag in any usual form.

    Args:
        column: The column's name, for the complaint.
        value: A boolean, 0 or 1, or text such as `yes`, `WAHR` or `x`.

    Returns:
        The flag.

    Raises:
        BadValue: It is none of these.
    """
    word = trimmed(str(value)).lower()
    if not word.isascii():
        letters = unicodedata.normalize("NFKD", word)
        word = "".join(letter for letter in letters if not unicodedata.combining(letter))
    try:
        return _FLAGS[word]
    except KeyError:
        raise BadValue(f"{column}: must be true or false, and is {form_of(value)}") from None


def scalar(column: str, value: object, *, truncate: bool) -> str | bool | int | float:
    """Check an attribute's value (docs/api-contract.md#create-or-update).

    Args:
        column: The column's name, for the complaint.
        value: Text, a number or a boolean.
        truncate: Whether text that is too long is cut rather than refused.

    Returns:
        What to send.

    Raises:
        BadValue: The API takes no such value.
    """
    value = plain(value)
    if isinstance(value, str):
        if len(value) <= ATTRIBUTE_TEXT_LIMIT:
            return value
        if truncate:
            return value[:ATTRIBUTE_TEXT_LIMIT]
        raise BadValue(
            f"{column}: {form_of(value)} is over the {ATTRIBUTE_TEXT_LIMIT} that an attribute "
            "can hold (long_text: truncate would cut it)"
        )
    if isinstance(value, (bool, int, float)):
        if not abs(value) <= (_LARGEST_INTEGER if isinstance(value, int) else math.inf):
            raise BadValue(f"{column}: the number is too large")
        if not math.isfinite(value):
            raise BadValue(f"{column}: the number is too large")
        return value
    raise BadValue(
        f"{column}: an attribute holds text, a number, true or false or a date, and this is "
        f"{form_of(value)}"
    )
