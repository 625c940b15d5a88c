"""Dates: what a date column's text becomes on the wire."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime

import msgspec

from target_customerly.intake.values import BadValue, form_of

_SHORT_OFFSET = re.compile(r"^(.+T.+)([+-]\d\d)(\d\d)?$")


def seconds(column: str, value: object) -> object:
    """Turn a date or date-time into UNIX seconds (docs/api-contract.md#create-or-update).

    Args:
        column: The column's name, for the complaint.
        value: RFC 3339 text, UTC where it says nothing else; a number is taken for UNIX seconds.

    Returns:
        UNIX seconds.

    Raises:
        BadValue: It is no date.
    """
    if not isinstance(value, str):
        return value
    written = value.strip()
    try:
        if len(written) == len("2026-01-01"):
            day = date.fromisoformat(written)
            moment = datetime(day.year, day.month, day.day, tzinfo=UTC)
        else:
            moment = _moment(written.replace(" ", "T", 1))
    except (ValueError, msgspec.ValidationError):
        raise BadValue(f"{column}: must be a date, and is {form_of(value)}") from None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return int(moment.timestamp() // 1)


def _moment(written: str) -> datetime:
    """Read a date-time; PostgreSQL writes an offset as `+00`, others as `+0000`."""
    short = _SHORT_OFFSET.match(written)
    if short:
        written = f"{short[1]}{short[2]}:{short[3] or '00'}"
    return msgspec.convert(written, datetime)
