"""What a cell's value becomes on the wire, and why one can't be sent."""

from __future__ import annotations

import json
import re
import unicodedata
from datetime import UTC, date, datetime
from typing import Any

import msgspec
from customerly.fields import ATTRIBUTE_TEXT_LIMIT

_LONGEST_ADDRESS = 254
_LARGEST_INTEGER = 2**63 - 1
_PLAIN_NAME = re.compile(r"[A-Za-z0-9_]+")
_SHORT_OFFSET = re.compile(r"^(.+T.+)([+-]\d\d)(\d\d)?$")
_ADDRESS = re.compile(r"[^\s@,;<>()\[\]]+@[^\s@,;<>()\[\].]+(\.[^\s@,;<>()\[\].]+)+")


class BadValue(Exception):
    """A value can't be sent; the message names the column and the value's form, not the value."""


def form_of(value: Any) -> str:  # noqa: ANN401
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


def is_empty(value: Any) -> bool:  # noqa: ANN401
    """Tell whether a cell is blank: null, or text without a letter.

    Args:
        value: A cell's value.

    Returns:
        True for null and for empty or blank text.
    """
    return value is None or value == "" or (isinstance(value, str) and value.isspace())


def normalised(name: str) -> str:
    """Bring an attribute's name into the form that the API takes (wire contract, Attribute names).

    Args:
        name: A column's name.

    Returns:
        The name itself where it holds nothing but ASCII letters, digits and `_`; otherwise with
        accents folded, in lower case, the rest `_`.
    """
    if _PLAIN_NAME.fullmatch(name):
        return name
    folded = "".join(c for c in unicodedata.normalize("NFKD", name) if not unicodedata.combining(c))
    return re.sub(r"[^a-z0-9_]", "_", folded.lower()) or "_"


def is_plain_name(name: str) -> bool:
    """Tell whether the API takes an attribute's name as it is.

    Args:
        name: The name.

    Returns:
        True where it holds nothing but ASCII letters, digits and `_`.
    """
    return bool(_PLAIN_NAME.fullmatch(name))


def text(column: str, value: Any) -> str:  # noqa: ANN401
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


def address(column: str, value: Any) -> str:  # noqa: ANN401
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


def flag(column: str, value: Any) -> bool:  # noqa: ANN401
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


def tags(column: str, value: Any) -> list[str]:  # noqa: ANN401
    """Read the tags of a contact.

    Args:
        column: The column's name, for the complaint.
        value: A list, JSON text, or names separated by `,` or `;`.

    Returns:
        The names, each once.

    Raises:
        BadValue: It is neither, or an element is no name.
    """
    if isinstance(value, str):
        is_json = value.lstrip().startswith("[")
        value = _json(column, value) if is_json else re.split("[,;]", value)
    if not isinstance(value, list):
        raise BadValue(f"{column}: must be a list of tags, and is {form_of(value)}")
    names = [tag(column, item) for item in value if not is_empty(item)]
    return list(dict.fromkeys(names))


def tag(column: str, value: Any) -> str:  # noqa: ANN401
    """Read one tag.

    Args:
        column: The column's name, for the complaint.
        value: Its name.

    Returns:
        The name without blanks around it.

    Raises:
        BadValue: It is no text.
    """
    if isinstance(value, dict) and isinstance(value.get("name"), str):
        value = value["name"]
    return text(column, value).strip()


def json_object(column: str, value: Any) -> dict[str, Any]:  # noqa: ANN401
    """Read an object.

    Args:
        column: The column's name, for the complaint.
        value: An object, or JSON text of one; a blank or an empty list stands for `{}`.

    Returns:
        The object.

    Raises:
        BadValue: It is neither.
    """
    if is_empty(value):
        return {}
    if isinstance(value, str):
        value = _json(column, value)
    if value == []:
        return {}
    if not isinstance(value, dict):
        raise BadValue(f"{column}: must be an object, and is {form_of(value)}")
    return value


def json_value(column: str, value: Any) -> Any:  # noqa: ANN401
    """Read a value that may come as JSON text, as everything in a CSV does.

    Args:
        column: The column's name, for the complaint.
        value: Any value.

    Returns:
        What the text says where it starts like an object or a list, else the value itself.

    Raises:
        BadValue: It starts like JSON and is none.
    """
    if isinstance(value, str) and value.lstrip().startswith(("{", "[")):
        return _json(column, value)
    return value


def seconds(column: str, value: Any) -> Any:  # noqa: ANN401
    """Turn a date or date-time into what the API takes (wire contract, Attribute values).

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


def scalar(column: str, value: Any, *, truncate: bool) -> Any:  # noqa: ANN401
    """Check an attribute's value (wire contract, Attribute values).

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


def _json(column: str, value: str) -> Any:  # noqa: ANN401
    try:
        return json.loads(value)
    except (ValueError, RecursionError):
        raise BadValue(f"{column}: looks like JSON and is none ({form_of(value)})") from None
