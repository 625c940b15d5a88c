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


def output_options(function: Callable[..., None]) -> Callable[..., None]:
    """Add `--output FORMAT`, and `--table` for short.

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
    return choice(table(function))


def print_list(pages: Pages, columns: Sequence[str], output: str | None) -> None:
    """Print a list: JSON page by page as it is read, else when all of it is there.

    Args:
        pages: The rows, as they are read.
        columns: What a table shows of a row.
        output: One of `FORMATS`; None: what suits whoever reads it.
    """
    _LISTS[output or _suitable("jsonl")](pages, columns)


def print_one(row: Row, output: str | None) -> None:
    """Print one object.

    Args:
        row: The object.
        output: One of `FORMATS`; None: what suits whoever reads it.
    """
    chosen = output or _suitable("jsonl")
    if chosen == "table":
        print_card(row)
    elif chosen == "csv":
        print_contacts([row])
    else:
        print_json(row)


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
    if "email" in columns:
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
