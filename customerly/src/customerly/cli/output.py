"""In which form a command prints its results: for people on a terminal, JSON in a pipe."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import click

from customerly.cli.contact_csv import cell, print_contacts, write_csv
from customerly.cli.tables import print_card, print_table
from customerly.cli.terminal import print_json

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    Row = dict[str, Any]
    Pages = Iterable[Sequence[Row]]

FORMATS = ("json", "jsonl", "csv", "table")
_FIELDS = f"{__name__}.fields"
"""Where the command's context keeps the names that `--fields` gave."""


def output_options(function: Callable[..., None]) -> Callable[..., None]:
    """Add `--output FORMAT`, `--table` for short, and `--fields`.

    Args:
        function: Takes `output`, a format or None.

    Returns:
        A function that click can make a command of.
    """
    choice = click.option(
        "--output",
        type=click.Choice(FORMATS),
        help="One JSON array, JSON lines, CSV, or a table.  [default: a table on a terminal, "
        "jsonl elsewhere]",
    )
    table = click.option(
        "--table", "output", flag_value="table", help="The same as --output table."
    )
    fields = click.option(
        "--fields",
        metavar="NAMES",
        callback=_keep_fields,
        expose_value=False,
        help="Only these, split by commas, as email,name,attributes.plan.",
    )
    return choice(table(fields(function)))


def print_list(pages: Pages, columns: Sequence[str], output: str | None) -> None:
    """Print a list: JSON page by page as it is read, else when all of it is there.

    Args:
        pages: The rows, as they are read.
        columns: What a table shows of a row.
        output: One of `FORMATS`; None: what suits whoever reads it.
    """
    if fields := _fields():
        pages, columns = ([_only(fields, row) for row in page] for page in pages), fields
    _LISTS[output or _suitable("jsonl")](pages, columns)


def print_one(row: Row, output: str | None) -> None:
    """Print one object.

    Args:
        row: The object.
        output: One of `FORMATS`; None: what suits whoever reads it.
    """
    chosen = output or _suitable("jsonl")
    if fields := _fields():
        row = _only(fields, row)
    if chosen == "table":
        print_card(row)
    elif chosen == "csv":
        _print_csv([[row]], fields or ["email"])
    else:
        print_json(row)


def _keep_fields(context: click.Context, _option: click.Parameter, given: str | None) -> None:
    context.meta[_FIELDS] = [name for text in (given or "").split(",") if (name := text.strip())]


def _fields() -> list[str]:
    fields: list[str] = click.get_current_context().meta.get(_FIELDS, [])
    return fields


def _only(fields: Sequence[str], row: Row) -> Row:
    """Keep these fields, in this order; one that is not there is null."""
    return {name: _value(row, name) for name in fields}


def _value(row: Row, name: str) -> object:
    """Look a field up, or by a dotted name one inside an object."""
    if name in row:
        return row[name]
    first, _, rest = name.partition(".")
    inside = row.get(first)
    return _value(inside, rest) if rest and isinstance(inside, dict) else None


def _suitable(otherwise: str) -> str:
    return "table" if sys.stdout.isatty() else otherwise


def _rows(pages: Pages) -> list[Row]:
    return [row for page in pages for row in page]


def _print_lines(pages: Pages, _columns: Sequence[str]) -> None:
    for page in pages:
        print_json(*page)


def _print_array(pages: Pages, _columns: Sequence[str]) -> None:
    print_json(_rows(pages))


def _print_csv(pages: Pages, columns: Sequence[str]) -> None:
    if "email" in columns and not _fields():
        print_contacts(_rows(pages))
    else:
        write_csv(columns, ([cell(row.get(name)) for name in columns] for row in _rows(pages)))


def _print_table(pages: Pages, columns: Sequence[str]) -> None:
    print_table(columns, ([row.get(name) for name in columns] for row in _rows(pages)))


_LISTS: dict[str, Callable[[Pages, Sequence[str]], None]] = {
    "json": _print_array,
    "jsonl": _print_lines,
    "csv": _print_csv,
    "table": _print_table,
}
