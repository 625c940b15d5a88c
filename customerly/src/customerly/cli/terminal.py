"""What commands print, read and ask: results on standard output, all else on standard error."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import click
import msgspec

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    Row = dict[str, Any]
    Callback = Callable[[click.Context, click.Parameter, tuple[str, ...]], dict[str, str]]

_EMPTY: tuple[Any, ...] = (None, "", [], {})

table_option = click.option("--table", is_flag=True, help="Print a table, to be read by people.")
yes_option = click.option("--yes", is_flag=True, help="Delete without asking.")


def print_json(*results: Any) -> None:
    """Print results as JSON, one a line; they have left when this returns.

    Args:
        results: What the API answered, or what a command did.

    Raises:
        OSError: Standard output takes no more; BrokenPipeError where its reader has gone.
    """
    sys.stdout.buffer.write(b"".join(msgspec.json.encode(result) + b"\n" for result in results))
    sys.stdout.flush()


def print_lines(*lines: str) -> None:
    """Print lines for people; a terminal that lacks a letter shows another.

    Args:
        lines: Each without its end; colours are left out where nobody sees them.
    """
    if hasattr(sys.stdout, "reconfigure"):
        sys.stdout.reconfigure(errors="replace")
    for line in lines:
        click.echo(line)


def print_list(pages: Iterable[Sequence[Row]], columns: Sequence[str], *, table: bool) -> None:
    """Print a list: JSON page by page as it is read, a table when all of it is there.

    Args:
        pages: The rows, as they are read.
        columns: What the table shows of a row.
        table: Whether to print a table.
    """
    if not table:
        for page in pages:
            print_json(*page)
        return
    rows = [row for page in pages for row in page]
    print_table(columns, ([row.get(name) for name in columns] for row in rows))


def print_one(row: Row, *, table: bool) -> None:
    """Print one object: JSON, or a table of those of its fields that hold something.

    Args:
        row: The object.
        table: Whether to print a table.
    """
    if table:
        filled = ((name, value) for name, value in row.items() if value not in _EMPTY)
        print_table(("field", "value"), filled)
    else:
        print_json(row)


def print_table(columns: Sequence[str], rows: Iterable[Iterable[Any]]) -> None:
    """Print a table.

    Args:
        columns: What stands above each column.
        rows: The cells of each row; what is no text is written as JSON.
    """
    from rich import box
    from rich.console import Console
    from rich.table import Table

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for column in columns:
        table.add_column(column, overflow="fold")  # a part of an address is of no use
    for row in rows:
        table.add_row(*(_cell(value) for value in row))
    if hasattr(sys.stdout, "reconfigure"):
        sys.stdout.reconfigure(errors="replace")
    console = Console(markup=False, highlight=False, emoji=False)
    with console.capture() as drawn:
        console.print(table)
    sys.stdout.write(drawn.get())
    sys.stdout.flush()


def _cell(value: Any) -> str:  # noqa: ANN401
    if value is None:
        return ""
    text = value if isinstance(value, str) else msgspec.json.encode(value).decode()
    # A name from the API must not give orders to the terminal.
    return "".join(letter if letter.isprintable() else " " for letter in text)


def confirm(question: str, *, yes: bool) -> None:
    """Ask before something that cannot be undone.

    Args:
        question: Ends in a question mark.
        yes: Whether the answer was given beforehand.

    Raises:
        ClickException: The answer is no, or there is nobody to give one.
    """
    if yes:
        return
    click.echo(f"{question} [y/N] ", nl=False, err=True)
    try:
        answer = sys.stdin.readline() if sys.stdin else ""
    except (OSError, ValueError):
        answer = ""
    if not (answer and sys.stdin.isatty()):  # nobody has typed the end of the line
        click.echo(err=True)
    if answer.strip().lower() not in {"y", "yes"}:
        why = "Declined" if answer else "Nobody is there to answer"
        message = f"{why}: nothing was deleted. With --yes it is deleted without asking."
        raise click.ClickException(message)


def pairs(separator: str) -> Callback:
    """Read a repeatable option of the form `name=value`.

    Args:
        separator: What stands between the two.

    Returns:
        A callback for click that makes a dict of it.
    """

    def read(
        _context: click.Context, _option: click.Parameter, given: tuple[str, ...]
    ) -> dict[str, str]:
        found: dict[str, str] = {}
        for text in given:
            name, between, value = text.partition(separator)
            # The text is not repeated here: a token may stand in the wrong place.
            if not between or not name.strip():
                message = f"use the form name{separator}value"
                raise click.BadParameter(message)
            if name in found:
                message = f"{name} is given twice"
                raise click.BadParameter(message)
            found[name] = value
        return found

    return read
