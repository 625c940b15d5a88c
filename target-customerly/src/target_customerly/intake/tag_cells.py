"""Tags: a contact's tags and single ones, in every form in which sources write them."""

from __future__ import annotations

import ast
import csv
import re

from customerly.text import trimmed

from target_customerly.intake.json_cells import decode
from target_customerly.intake.values import BadValue, form_of, is_empty, text

_SEPARATORS = re.compile(r"[,;\r\n]")
_BLANK_AFTER_QUOTE = re.compile(r'"\s+(?=[,;])')
_GOOGLE = re.compile(r"\s*:::\s*")


def read_tags(column: str, value: object) -> list[str]:
    """Read the tags of a contact.

    Args:
        column: The column's name, for the complaint.
        value: A list; or text: JSON, names separated by `,` or `;`, in quotes or not, as
            `"News","VIP, gold"`, PostgreSQL's `{vip,"big spender"}`, Google's `* a ::: * b`.

    Returns:
        The names, each once.

    Raises:
        BadValue: It is neither, or an element is no name.
    """
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        value = [value]
    if isinstance(value, str):
        value = _split(column, trimmed(value))
    if not isinstance(value, list):
        raise BadValue(f"{column}: must be a list of tags, and is {form_of(value)}")
    names = [read_tag(column, item) for item in value if not is_empty(item)]
    return list(dict.fromkeys(names))


def _split(column: str, written: str) -> object:
    """Split a cell into names, by the form in which it is written."""
    if written.startswith("["):
        return _list(column, written)
    if written.startswith("{") and written.endswith("}"):
        return _array(column, written)
    if ":::" in written:
        return [name.removeprefix("* ") for name in _GOOGLE.split(written)]
    if '"' in written:
        outside = re.sub(r'"[^"]*"', "", written)
        return _quoted(column, written, ";" if ";" in outside and "," not in outside else ",")
    return _SEPARATORS.split(written)


def _array(column: str, written: str) -> object:
    """Read an array as PostgreSQL writes it; a JSON object looks much alike, and is none."""
    try:
        decoded = decode(column, written)
    except BadValue:
        names = _quoted(column, written[1:-1], ",", escape="\\")
        return [name for name in names if name != "NULL"]
    return decoded or []


def _list(column: str, written: str) -> object:
    """Read JSON, or a list as Python writes it."""
    try:
        return decode(column, written)
    except BadValue:
        try:
            return ast.literal_eval(written)
        except (ValueError, SyntaxError, MemoryError, RecursionError):
            pass
        raise


def _quoted(column: str, written: str, delimiter: str, escape: str | None = None) -> list[str]:
    """Cut names that may stand in quotes."""
    lines = [line for line in _BLANK_AFTER_QUOTE.sub('"', written).splitlines() if line]
    try:
        rows = list(
            csv.reader(
                lines,
                delimiter=delimiter,
                escapechar=escape,
                doublequote=escape is None,
                skipinitialspace=True,
                strict=True,
            )
        )
    except csv.Error:
        raise BadValue(f"{column}: has quotes that do not match ({form_of(written)})") from None
    return [name for row in rows for name in row]


def read_tag(column: str, value: object) -> str:
    """Read one tag.

    Args:
        column: The column's name, for the complaint.
        value: Its name.

    Returns:
        The name without blanks around it.

    Raises:
        BadValue: It is no text, or holds what can't be seen, as a line break.
    """
    if isinstance(value, dict) and isinstance(value.get("name"), str):
        value = value["name"]
    name = trimmed(text(column, value))
    if not name or not name.isprintable():
        raise BadValue(f"{column}: a tag has a name of what can't be seen ({form_of(name)})")
    return name
