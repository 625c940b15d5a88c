"""Cells that hold JSON: objects and lists, which a CSV carries as text."""

from __future__ import annotations

import json
from typing import Any

from target_customerly.intake.values import BadValue, form_of, is_empty


def json_object(column: str, value: object) -> dict[str, Any]:
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
        value = decode(column, value)
    if value == []:
        return {}
    if not isinstance(value, dict):
        raise BadValue(f"{column}: must be an object, and is {form_of(value)}")
    return value


def json_value(column: str, value: object) -> object:
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
        return decode(column, value)
    return value


def decode(column: str, value: str) -> object:
    """Decode JSON text.

    Args:
        column: The column's name, for the complaint.
        value: The text.

    Returns:
        What it says.

    Raises:
        BadValue: It is no JSON.
    """
    try:
        return json.loads(value)
    except (ValueError, RecursionError):
        raise BadValue(f"{column}: looks like JSON and is none ({form_of(value)})") from None
