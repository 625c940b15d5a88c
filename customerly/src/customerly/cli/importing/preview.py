"""What a person sees before an import: how the file is understood, column by column."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from rich import box
from rich.console import Console
from rich.table import Table
from tap_contact_files.source import in_words

from customerly.cli.importing.column_types import DECIMAL_MARKS

if TYPE_CHECKING:
    from target_customerly.intake.column import Column

    from customerly.cli.importing.column_types import Look
    from customerly.cli.importing.plan import ImportPlan

_WIDTH_OF_A_PIPE = 160
_LONGEST_EXAMPLE = 24
_NAMED = {
    **dict.fromkeys(("number", *DECIMAL_MARKS), "number"),
    "boolean": "yes or no",
}
"""What a type is called; any other is a date."""


def console(*, err: bool) -> Console:
    """Make a console that takes nothing in a file for an order.

    Args:
        err: Whether it writes to standard error.

    Returns:
        The console; in a pipe, it is wide and without colour.
    """
    stream = sys.stderr if err else sys.stdout
    width = None if stream.isatty() else _WIDTH_OF_A_PIPE
    return Console(file=stream, width=width, markup=False, highlight=False, emoji=False)


def show(plan: ImportPlan) -> None:
    """Show how a file is understood, on standard error.

    Args:
        plan: How it will be imported.
    """
    counts, how = plan.file.counts, in_words(plan.file.source)
    to = console(err=True)
    to.print(f"{plan.file.path}: {how}; rows: {counts.rows:,}{_of_them(plan)}", soft_wrap=True)
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for title in ("column", "becomes", *(f"row {_row(each)}" for each in plan.examples)):
        table.add_column(title, overflow="fold")
    for column in plan.columns.columns.columns():
        shown = (_shown(record[column.name]) for record in plan.examples)
        table.add_row(printable(column.name), becomes(plan, column), *shown)
    to.print(table)
    for warning in plan.warnings:
        to.print(f"! {printable(warning)}.", soft_wrap=True)
    for name in plan.set_by_customerly:
        to.print(
            f"{name} is left out, since Customerly sets it itself: --map '{name}={name}' makes it "
            "an attribute.",
            soft_wrap=True,
        )
    if plan.options.resource != "tags" and (first := plan.first_names) is not None:
        to.print(
            f"{first} stays an attribute, since it is not the whole name: --map '{first}=name' "
            "makes it the name.",
            soft_wrap=True,
        )
    if plan.options.tag:
        to.print(f"Each contact gets the tag {plan.options.tag}.", soft_wrap=True)
    for name, look in plan.looks.items():
        to.print(_hint(name, look), soft_wrap=True)
    for name in plan.unclear_numbers:
        to.print(
            f"{name} is a number, in which 1.234 has a decimal point, and 1,234 is rejected since "
            f"it can be read in two ways: {_options(name, DECIMAL_MARKS)} "
            "decides otherwise.",
            soft_wrap=True,
        )


def becomes(plan: ImportPlan, column: Column) -> str:
    """Say what becomes of a column.

    Args:
        plan: How its file will be imported.
        column: The column.

    Returns:
        As `email`, `attribute seats (number)` or `left out`.
    """
    if column.field:
        return column.field
    if not column.attribute:
        return "left out"
    type_ = plan.columns.rule.types.get(column.name, "text")
    return f"attribute {column.attribute} ({type_})"


def printable(text: str) -> str:
    """Replace what would give orders to a terminal.

    Args:
        text: From a file.

    Returns:
        The text on one line.
    """
    return "".join(letter if letter.isprintable() else " " for letter in text)


def _of_them(plan: ImportPlan) -> str:
    counts = plan.file.counts
    blank = f", of them blank: {counts.blank:,}" if counts.blank else ""
    bad = f", of them unreadable: {counts.bad:,}" if counts.bad else ""
    return blank + bad


def _row(record: dict[str, object]) -> object:
    return record["_sdc_source_lineno"]


def _shown(cell: str | None) -> str:
    text = printable(cell or "")
    return text if len(text) <= _LONGEST_EXAMPLE else f"{text[: _LONGEST_EXAMPLE - 1]}…"


def _hint(name: str, look: Look) -> str:
    what, options = _NAMED.get(look.types[0], "date"), _options(name, look.types)
    if len(look.types) > 1:
        return (
            f"{name} will be text, since every cell looks like a {what} that can be read in two "
            f"ways: {options} decides."
        )
    more = " (--types auto, each such column)" if look.is_sure else ""
    if look.can_be_days:
        more += f", {_options(name, ('excel',))} a date, if it is a spreadsheet's number of a day"
    return f"{name} will be text, but every cell looks like a {what}: {options} makes it one{more}."


def _options(name: str, types: tuple[str, ...]) -> str:
    return " or ".join(f"--type '{name}={type_}'" for type_ in types)
