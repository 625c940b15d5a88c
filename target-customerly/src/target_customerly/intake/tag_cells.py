"""Tags: a contact's tags and single ones, in every form in which sources write them."""

from __future__ import annotations

import re

from target_customerly.intake.json_cells import decode
from target_customerly.intake.values import BadValue, form_of, is_empty, text


def read_tags(column: str, value: object) -> list[str]:
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
        value = decode(column, value) if is_json else re.split("[,;]", value)
    if not isinstance(value, list):
        raise BadValue(f"{column}: must be a list of tags, and is {form_of(value)}")
    names = [read_tag(column, item) for item in value if not is_empty(item)]
    return list(dict.fromkeys(names))


def read_tag(column: str, value: object) -> str:
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
