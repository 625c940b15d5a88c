"""What a cell's value becomes on the wire, and why one can't be sent."""

from __future__ import annotations

import re

from customerly.fields import ATTRIBUTE_TEXT_LIMIT

_LONGEST_ADDRESS = 254
_LARGEST_INTEGER = 2**63 - 1
_ADDRESS = re.compile(r"[^\s@,;<>()\[\]]+@[^\s@,;<>()\[\].]+(\.[^\s@,;<>()\[\].]+)+")


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
        (int, "a number"),
        (float, "a number"),
        (list, "a list"),
        (dict, "an object"),
    ):
        if isinstance(value, kind):
            return name
    return "nothing" if value is None else "a value"


def is_empty(value: object) -> bool:
    """Tell whether a cell is blank: null, or text without a letter.

    Args:
        value: A cell's value.

    Returns:
        True for null and for empty or blank text.
    """
    return value is None or value == "" or (isinstance(value, str) and value.isspace())


def text(column: str, value: object) -> str:
    """Read a text, such as a name or a user id.

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
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() else repr(value)
    raise BadValue(f"{column}: must be text, and is {form_of(value)}")


def address(column: str, value: object) -> str:
    """Check an e-mail address; it goes out as it came.

    Args:
        column: The column's name, for the complaint.
        value: The address.

    Returns:
        The same address.

    Raises:
        BadValue: No mail could ever reach it.
    """
    if not isinstance(value, str):
        raise BadValue(f"{column}: must be an e-mail address, and is {form_of(value)}")
    if not _ADDRESS.fullmatch(value) or len(value) > _LONGEST_ADDRESS or not value.isprintable():
        raise BadValue(f"{column}: is not an e-mail address ({form_of(value)})")
    return value


def flag(column: str, value: object) -> bool:
    """Read a flag in any usual form.

    Args:
        column: The column's name, for the complaint.
        value: A boolean, 0 or 1, or text such as `yes` or `false`.

    Returns:
        The flag.

    Raises:
        BadValue: It is none of these.
    """
    word = str(value).strip().lower()
    if word in {"true", "1", "1.0", "yes", "y", "t"}:
        return True
    if word in {"false", "0", "0.0", "no", "n", "f", "", "none"}:
        return False
    raise BadValue(f"{column}: must be true or false, and is {form_of(value)}")


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
    if isinstance(value, str):
        if len(value) <= ATTRIBUTE_TEXT_LIMIT:
            return value
        if truncate:
            return value[:ATTRIBUTE_TEXT_LIMIT]
        raise BadValue(
            f"{column}: {form_of(value)} is over the {ATTRIBUTE_TEXT_LIMIT} that an attribute "
            "can hold (long_text: truncate would cut it)"
        )
    if isinstance(value, int) and abs(value) > _LARGEST_INTEGER:
        raise BadValue(f"{column}: the number is too large")
    if isinstance(value, (bool, int, float)):
        return value
    raise BadValue(
        f"{column}: an attribute holds text, a number, true or false or a date, and this is "
        f"{form_of(value)}"
    )
