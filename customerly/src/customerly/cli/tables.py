"""Tables and cards: results for people, fitted to the width of their terminal."""

from __future__ import annotations

import os
import shutil
import sys
import textwrap
from typing import TYPE_CHECKING

import click
import msgspec

from customerly.fields import CONTACT_FIELDS
from customerly.values import read_flag, read_moment, readable

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    Row = Mapping[str, object]

_GAP = 2
_NARROWEST = 8  # cells, below which a column says nothing any more
_EMPTY: tuple[object, ...] = (None, "", [], {})
_TYPES = {field.name: field.type for field in CONTACT_FIELDS}


def shown(value: object, field: str = "") -> str:
    """Show a value to people.

    Args:
        value: As the API gave it.
        field: The field of a contact that it is of: a moment is shown as one.

    Returns:
        One line that gives no orders to a terminal.
    """
    if value is None:
        return ""
    if _TYPES.get(field) in {"seconds", "datetime"}:
        moment = readable(read_moment, value)
        return moment[:16].replace("T", " ") if moment else shown(value)
    if _TYPES.get(field) == "flag":
        flag = readable(read_flag, value)
        return shown(value) if flag is None else "yes" if flag else "no"
    text = value if isinstance(value, str) else msgspec.json.encode(value).decode()
    return "".join(letter if letter.isprintable() else " " for letter in text)


def print_table(columns: Sequence[str], rows: Iterable[Iterable[object]]) -> None:
    """Print a table.

    On a terminal it fits the width: long texts are cut and the last columns left out, but an
    address is shown whole, since a part of one is of no use.

    Args:
        columns: What stands above each column, a field's name where it holds one.
        rows: The cells of each row; what is no text is written as JSON.
    """
    cells = [[shown(value, name) for name, value in zip(columns, row, strict=True)] for row in rows]
    widths = _fitted(columns, cells, _width())
    lines = [columns, ["─" * width for width in widths], *cells]
    print_text(*(_line(line, widths) for line in lines))


def _width() -> int | None:
    """The cells of a line; None where nobody looks at it."""
    if sys.stdout.isatty() or os.environ.get("COLUMNS"):
        return shutil.get_terminal_size().columns
    return None


def _cells_of(text: str) -> int:
    """How wide a text is: a letter of some scripts takes two cells."""
    from rich.cells import cell_len

    return cell_len(text)


def _fitted(columns: Sequence[str], cells: list[list[str]], width: int | None) -> list[int]:
    """Choose the width of each column that is shown; the others are left out."""
    widths = [
        max(_cells_of(text) for text in (name, *(row[at] for row in cells)))
        for at, name in enumerate(columns)
    ]
    whole = [any("@" in row[at] for row in cells) for at in range(len(columns))]
    while width is not None and sum(widths) + _GAP * (len(widths) - 1) > width:
        too_wide = sum(widths) + _GAP * (len(widths) - 1) - width
        candidates = [at for at in range(len(widths)) if not whole[at] and widths[at] > _NARROWEST]
        if candidates:
            widest = max(candidates, key=widths.__getitem__)
            widths[widest] -= min(too_wide, widths[widest] - _NARROWEST)
        elif len(widths) > 1 + max((at for at in range(len(widths)) if whole[at]), default=0):
            widths.pop()
        else:
            break
    return widths


def _line(texts: Sequence[str], widths: Sequence[int]) -> str:
    fitted = (_cut(text, width) for text, width in zip(texts, widths, strict=False))
    return (" " * _GAP).join(fitted).rstrip()


def _cut(text: str, width: int) -> str:
    from rich.cells import cell_len, set_cell_size

    if cell_len(text) <= width:
        return set_cell_size(text, width)
    return set_cell_size(text, width - 1).rstrip() + "…"


def print_card(row: Row) -> None:
    """Print one object: those of its fields that hold something, a line each.

    Args:
        row: The object, such as a contact.
    """
    name, email = shown(row.get("name")), shown(row.get("email"))
    if email:
        print_text(click.style(f"{name} <{email}>" if name else email, bold=True))
    filled = {
        field: value
        for field, value in row.items()
        if value not in _EMPTY and not (email and field in {"name", "email"})
    }
    label = max((len(field) for field in filled), default=0)
    for field, value in filled.items():
        for at, line in enumerate(_wrapped(_lines_of(field, value), label + _GAP)):
            print_text(f"{field if at == 0 else '':<{label}}  {line}")


def _lines_of(field: str, value: object) -> list[str]:
    """A list of plain texts is one line, an object a line for each of its names."""
    if isinstance(value, list) and all(isinstance(each, str) for each in value):
        return [", ".join(map(shown, value))]
    if isinstance(value, list):
        return [shown(each) for each in value]
    if isinstance(value, dict):
        return [f"{shown(name)}: {shown(each)}" for name, each in value.items()]
    return [shown(value, field)]


def _wrapped(lines: list[str], indent: int) -> list[str]:
    width = _width()
    if width is None:
        return lines
    room = max(width - indent, 4 * _NARROWEST)
    return [
        part
        for line in lines
        for part in textwrap.wrap(line, room, break_long_words=False, break_on_hyphens=False)
        or [""]
    ]


def print_text(*lines: str) -> None:
    """Print lines for people; where a letter cannot be shown, another stands for it.

    Args:
        lines: Each without its end.
    """
    if hasattr(sys.stdout, "reconfigure"):
        sys.stdout.reconfigure(errors="replace")
    for line in lines:
        click.echo(line)
