"""Dates: what a date column's value becomes on the wire."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

from customerly.errors import ConfigError
from customerly.text import trimmed

from target_customerly.intake.values import BadValue, form_of, plain

if TYPE_CHECKING:
    from collections.abc import Callable

_ZONE_BY_NAME = re.compile(r"\s*(UTC|GMT|Z)$", re.IGNORECASE)
_SHORT_OFFSET = re.compile(r"(:\d\d(?:[.,]\d+)?)\s*([+-]\d\d)$")
_NAME_AFTER_OFFSET = re.compile(r"(?<=[+-]\d\d\d\d) [A-Z]{3,4}$")  # as Go writes it
_BLANK_BEFORE_OFFSET = re.compile(r"\s+(?=[+-]\d\d:?\d\d$)")
_MIDNIGHT = re.compile(r"^(.+)[T ]24:00(?::00(?:[.,]0+)?)?(?=$|[+-])")
_ORDINAL = re.compile(r"^(\d{4})-?(\d{3})(?=$|T)")
_SECONDS = re.compile(r"-?\d{9,11}")
_SERIAL = re.compile(r"\d+(?:[.,]\d+)?")
_NO_DAY = "0000-00-00"  # as MySQL writes a blank
_FOREVER = frozenset({"infinity", "-infinity"})
_FIRST = -62_135_596_800  # the year 1
_LAST = 253_402_300_799  # the end of the year 9999
_SERIAL_OF_1970 = 25_569
_LAST_SERIAL = 2_958_465
_DAY = 86_400
_SAMPLE = datetime(2026, 11, 23, 13, 45, 56, tzinfo=UTC)


def seconds(column: str, value: object) -> int | float | None:
    """Turn a date or date-time into UNIX seconds (docs/api-contract.md#create-or-update).

    Args:
        column: The column's name, for the complaint.
        value: ISO 8601 text, UTC where it says nothing else; a number is taken for UNIX seconds.

    Returns:
        UNIX seconds; None for a database's `infinity`, or MySQL's day 0, which no second stands
            for.

    Raises:
        BadValue: It is no date, or a number that can't be seconds.
    """
    value = plain(value)
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return _checked(column, value)
    if not isinstance(value, str):
        raise BadValue(f"{column}: must be a date, and is {form_of(value)}")
    written = trimmed(value)
    if written.lower() in _FOREVER or written.startswith(_NO_DAY):
        return None
    if _SECONDS.fullmatch(written):
        return _checked(column, int(written))
    try:
        return _seconds_of(_moment(written))
    except (ValueError, OverflowError):
        raise BadValue(f"{column}: must be a date, and is {form_of(value)}") from None


def serial(column: str, value: object) -> int | float | None:
    """Turn a spreadsheet's number of a day into UNIX seconds.

    Args:
        column: The column's name, for the complaint.
        value: Days since the end of 1899, as 45292.5; ISO text is read as well.

    Returns:
        UNIX seconds.

    Raises:
        BadValue: It is no such number.
    """
    written = trimmed(value) if isinstance(value, str) else value
    if isinstance(written, str):
        if not _SERIAL.fullmatch(written):
            return seconds(column, written)
        written = float(written.replace(",", "."))
    if isinstance(written, bool) or not isinstance(written, (int, float)):
        raise BadValue(f"{column}: must be a spreadsheet's date, and is {form_of(value)}")
    if not 1 <= written <= _LAST_SERIAL + 1:
        raise BadValue(f"{column}: the number can't be a spreadsheet's date")
    return round((written - _SERIAL_OF_1970) * _DAY)


def in_form(form: str, where: str) -> Callable[[str, object], int | float | None]:
    """Make the reader of dates that are written in a form.

    Args:
        form: In pendulum's tokens, as `DD/MM/YYYY HH:mm`.
        where: The setting, for the complaint.

    Returns:
        Takes a column's name and a value, and returns UNIX seconds, UTC where the form has no zone.

    Raises:
        ConfigError: No date can be read by the form.
    """
    import pendulum  # which takes a while, and hardly any run needs it

    sample = pendulum.instance(_SAMPLE)
    try:
        read = pendulum.from_format(sample.format(form), form, tz="UTC")
        is_form = read.date() == sample.date()
    except (ValueError, AttributeError, TypeError, KeyError):
        is_form = False
    if not is_form:
        raise ConfigError(
            f"{where}: {form} is neither text, number, decimal-comma, decimal-point, boolean, "
            "date nor excel, nor a form of dates as DD/MM/YYYY"
        )

    def read_date(column: str, value: object) -> int | float | None:
        if not isinstance(value, str):
            return seconds(column, value)
        try:
            return _seconds_of(pendulum.from_format(trimmed(value), form, tz="UTC"))
        except (ValueError, OverflowError, AttributeError):
            raise BadValue(f"{column}: must be a date as {form}, and is {form_of(value)}") from None

    return read_date


def _moment(written: str) -> datetime:
    """Read a date-time in any form of ISO 8601 that sources write."""
    written = _NAME_AFTER_OFFSET.sub("", written)
    written = _ZONE_BY_NAME.sub("+00:00", written) if ":" in written else written
    written = _BLANK_BEFORE_OFFSET.sub("", written)
    written = _SHORT_OFFSET.sub(r"\1\2:00", written)  # as PostgreSQL writes an offset
    if ordinal := _ORDINAL.match(written):
        first = date(int(ordinal[1]), 1, 1)
        day = first + timedelta(days=int(ordinal[2]) - 1)
        if day.year != first.year:
            raise ValueError(written)
        written = f"{day.isoformat()}{written[ordinal.end() :]}"
    later = 0
    if midnight := _MIDNIGHT.match(written):
        written, later = f"{midnight[1]}T00:00:00{written[midnight.end() :]}", 1
    return datetime.fromisoformat(written) + timedelta(days=later)


def _seconds_of(moment: datetime) -> int:
    return int((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp() // 1)


def _checked(column: str, value: float) -> int | float:
    if not _FIRST <= value <= _LAST:
        raise BadValue(f"{column}: the number can't be seconds since 1970 (milliseconds?)")
    return value
