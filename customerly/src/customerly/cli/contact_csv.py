"""Contacts as CSV, in the form that `customerly import` reads back: an attribute is a column."""

from __future__ import annotations

import csv
import io
import sys
from typing import TYPE_CHECKING, Any

import click
import msgspec

from customerly.answer_forms import tag_names
from customerly.fields import CONTACT_FIELDS
from customerly.values import read_mapping, readable

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    Contact = Mapping[str, Any]

_FIXED = ("email", "user_id", "name", "tags")
_REST = "attributes"
_RESERVED = {*_FIXED, _REST, "tag", "untag", *(field.name for field in CONTACT_FIELDS)}
"""Column names that an import takes for something other than a custom attribute."""


def print_contacts(contacts: Iterable[Contact]) -> None:
    """Print contacts as CSV; how to import them again is said on standard error.

    What no column can carry is in the column `attributes`, as JSON: an attribute that is called
    like a field, and a number among texts. Fields that nobody can write are left out.

    Args:
        contacts: As the API gave them.
    """
    rows = list(contacts)
    held = [readable(read_mapping, row.get(_REST)) or {} for row in rows]
    types = _column_types(held)
    table = [_cells(row, attributes, types) for row, attributes in zip(rows, held, strict=True)]
    columns = [*_FIXED, *types, *([_REST] if any(row[-1] for row in table) else [])]
    write_csv(columns, (row[: len(columns)] for row in table))
    typed = [f"--type {name}={kind}" for name, kind in types.items() if kind != "text"]
    if typed:
        click.echo(f"To import it again: customerly import FILE {' '.join(typed)}", err=True)


def write_csv(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Write a table to standard output as CSV in UTF-8.

    Args:
        columns: The header.
        rows: The cells.
    """
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(rows)
    sys.stdout.buffer.write(text.getvalue().encode("utf-8", "replace"))
    sys.stdout.flush()


def cell(value: object) -> str:
    """Write a value as a cell.

    Args:
        value: A text, number or flag, or what is written as JSON.

    Returns:
        The text; empty for null.
    """
    if value is None:
        return ""
    return value if isinstance(value, str) else msgspec.json.encode(value).decode()


def _column_types(held: Iterable[Contact]) -> dict[str, str]:
    """Find the attributes that are columns; one is typed where all its values are of that type."""
    kinds: dict[str, set[str]] = {}
    for attributes in held:
        for name, value in attributes.items():
            if value is not None and name.lower() not in _RESERVED:
                kinds.setdefault(name, set()).add(_kind(value))
    return {name: next(iter(found)) if len(found) == 1 else "text" for name, found in kinds.items()}


def _kind(value: object) -> str:
    if isinstance(value, bool):
        return "boolean"
    return "number" if isinstance(value, (int, float)) else "text"


def _cells(row: Contact, attributes: Contact, types: Mapping[str, str]) -> list[str]:
    fitting = {
        name: value
        for name, value in attributes.items()
        if name in types and _kind(value) == types[name]
    }
    rest = {
        name: value
        for name, value in attributes.items()
        if name not in fitting and value is not None
    }
    return [
        cell(row.get("email")),
        cell(row.get("user_id")),
        cell(row.get("name")),
        _tags(row.get("user_tags")),
        *(cell(fitting.get(name)) for name in types),
        cell(rest) if rest else "",
    ]


def _tags(value: object) -> str:
    names = tag_names(value)
    plain = not any({",", ";", '"'} & set(name) for name in names)
    return ", ".join(names) if plain else cell(names)
