"""Types of columns: what `types` says of them, or what all of their cells agree on."""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal, InvalidOperation

from customerly.text import trimmed

from target_customerly.intake import dates, values
from target_customerly.intake.values import BadValue, form_of

Reader = Callable[[str, object], object]
"""Takes a column's name and a filled cell; returns what goes out, None for a blank."""

_GROUPS = re.compile(r"[+-]?\d{1,3}([,.\u00a0\u202f ’'])\d{3}(\1\d{3})*([.,]\d+)?")
_GROUP_MARKS = ",.\u00a0\u202f ’'"
_PLAIN_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,3})?")
_DECIMAL_COMMA = re.compile(r"[+-]?\d+,\d+")
_THOUSAND = re.compile(r"[+-]?\d{1,3},\d{3}")

_SURE_NUMBER = re.compile(r"-?(0|[1-9]\d*)(\.\d+)?")
_THOUSANDS_OR_DECIMALS = re.compile(r"-?[1-9]\d{0,2}\.\d{3}")
_SURE_DATE = re.compile(
    r"\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d([.,]\d+)?)?( ?(Z|UTC|[+-]\d\d:?\d\d))?)?"
)
_SURE_FLAGS = frozenset(
    {"true", "false", "wahr", "falsch", "vrai", "faux", "vero", "falso", "verdadero"}
)
_MOST_DIGITS = 15  # that a number keeps exactly everywhere


def number(column: str, value: object) -> int | float:
    """Read a number.

    Args:
        column: The column's name, for the complaint.
        value: A number, or text as `12.5`, `12,5`, `1.234,50` or `1,234.50`.

    Returns:
        The number.

    Raises:
        BadValue: It is none, or can be read in two ways, as `1,234`.
    """
    value = values.plain(value)
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return value
    if not isinstance(value, str):
        raise BadValue(f"{column}: must be a number, and is {form_of(value)}")
    written = trimmed(value).replace("\u2212", "-")
    if _THOUSAND.fullmatch(written):
        raise BadValue(
            f"{column}: is a number in which a comma can stand for two things; the "
            "types decimal-comma and decimal-point say which"
        )
    if not _PLAIN_NUMBER.fullmatch(written):
        written = _without_groups(written)
    try:
        read = values.plain(Decimal(written))
    except InvalidOperation:
        raise BadValue(f"{column}: must be a number, and is {form_of(value)}") from None
    return read  # type: ignore[no-any-return]


def _without_groups(written: str) -> str:
    if _DECIMAL_COMMA.fullmatch(written):
        return written.replace(",", ".")
    grouped = _GROUPS.fullmatch(written)
    if not grouped or (grouped[3] or " ")[0] == grouped[1]:
        return "none"
    return written.replace(grouped[1], "").replace(",", ".")


def _marked_by(mark: str, example: str) -> Reader:
    """Make the reader of numbers whose decimals come behind a mark, and no other."""
    form = re.compile(rf"[+-]?(\d+|\d{{1,3}}([^{mark}\d])\d{{3}}(\2\d{{3}})*)([{mark}]\d+)?")

    def read(column: str, value: object) -> int | float:
        value = values.plain(value)
        if not isinstance(value, str):
            return number(column, value)
        written = trimmed(value).replace("\u2212", "-")
        found = form.fullmatch(written)
        if found is None or (found[2] or " ") not in _GROUP_MARKS:
            raise BadValue(f"{column}: must be a number as {example}, and is {form_of(value)}")
        digits = written.replace(found[2] or " ", "").replace(mark, ".")
        return values.plain(Decimal(digits))  # type: ignore[no-any-return]

    return read


def as_text(column: str, value: object) -> str:
    """Write a value as text.

    Args:
        column: The column's name, for the complaint.
        value: Text, a number or a boolean.

    Returns:
        The text.

    Raises:
        BadValue: It is a list or an object.
    """
    if isinstance(value, bool):
        return "true" if value else "false"
    return values.text(column, value)


TYPES: dict[str, Reader] = {
    "text": as_text,
    "number": number,
    "decimal-comma": _marked_by(",", "1.234,56"),
    "decimal-point": _marked_by(".", "1,234.56"),
    "boolean": values.flag,
    "date": dates.seconds,
    "excel": dates.serial,
}
"""The types that have a name; any other is a form of dates."""


def reader_of(type_: str, where: str) -> Reader:
    """Find the reader of a type.

    Args:
        type_: A name of `TYPES`, or a form of dates in pendulum's tokens.
        where: The setting, for the complaint.

    Returns:
        The reader.

    Raises:
        ConfigError: It is neither.
    """
    return TYPES.get(trimmed(type_).lower()) or dates.in_form(type_, where)


def possible_types(cell: str) -> frozenset[str]:
    """Say what else than text a cell surely looks like.

    Args:
        cell: A filled cell of a file.

    Returns:
        Some of `number`, `boolean` and `date`. A number with leading zeros, a `+` or more than 15
        digits is none: it is a code, or a telephone.
    """
    cell = trimmed(cell)
    if _SURE_NUMBER.fullmatch(cell):
        return _NUMBER if sum(map(str.isdigit, cell)) <= _MOST_DIGITS else _NOTHING
    if cell.lower() in _SURE_FLAGS:
        return _BOOLEAN
    return _DATE if _SURE_DATE.fullmatch(cell) and _is_date(cell) else _NOTHING


def _is_date(cell: str) -> bool:
    """Tell a date from what only looks like one, as the 30th of February."""
    try:
        dates.seconds("", cell)
    except BadValue:
        return False
    return True


_NUMBER, _BOOLEAN, _DATE = frozenset({"number"}), frozenset({"boolean"}), frozenset({"date"})
_NOTHING: frozenset[str] = frozenset()


class AutoType:
    """The type of a column of files, as long as every filled cell so far agrees on one."""

    def __init__(self) -> None:
        self._possible: frozenset[str] | None = None
        self._has_decimals = False  # a cell was seen whose point can't stand for thousands

    def read(self, column: str, value: object) -> object:
        """Read a cell.

        Args:
            column: The column's name, for the complaint.
            value: A filled cell.

        Returns:
            A number, a boolean or UNIX seconds; the text itself from the first cell on that
            disagrees.
        """
        if not isinstance(value, str):
            return value
        looks = possible_types(value)
        if looks is _NUMBER and "." in value:
            self._has_decimals |= not _THOUSANDS_OR_DECIMALS.fullmatch(trimmed(value))
            looks = _NUMBER if self._has_decimals else _NOTHING
        self._possible = looks if self._possible is None else self._possible & looks
        return next((TYPES[type_](column, value) for type_ in self._possible), value)
