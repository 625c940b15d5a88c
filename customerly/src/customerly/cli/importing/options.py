"""The options of `customerly import`, checked as far as no file is needed for it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


@dataclass(frozen=True)
class ImportOptions:
    """What was asked for.

    Attributes:
        resource: What a row is: `users`, `leads` or `tags`.
        operation: What is done with it; None for the resource's first operation.
        mapping: Column to field or attribute; an empty text leaves the column out.
        types: Column to type.
        finds_types: Whether the other attributes are typed by what all of their cells agree on.
        tag: A tag for every contact; empty for none.
        tag_separator: What stands between the tags of one cell; empty for what it looks like.
        sheet: Of a workbook.
        header_row: Row of the columns' names, from 1.
        delimiter: Of a text file.
        encoding: Of a text file.
        long_text: What is done with text that no attribute can hold: `reject` or `truncate`.
    """

    resource: str = "leads"
    operation: str | None = None
    mapping: Mapping[str, str] = field(default_factory=dict)
    types: Mapping[str, str] = field(default_factory=dict)
    finds_types: bool = False
    tag: str = ""
    tag_separator: str = ""
    sheet: str | None = None
    header_row: int | None = None
    delimiter: str | None = None
    encoding: str | None = None
    long_text: str = "reject"


def pairs_of(option: str, given: Sequence[str]) -> dict[str, str]:
    """Read a repeatable option of the form `COLUMN=VALUE`; a column's name can hold a `=`.

    Args:
        option: Its name, for complaints.
        given: What was given.

    Returns:
        Column to value, which can be empty.

    Raises:
        UsageError: It is of another form, or names a column twice.
    """
    found: dict[str, str] = {}
    for text in given:
        column, between, value = text.rpartition("=")
        if not between or not column.strip():
            message = f"{option} {text}: use the form COLUMN=VALUE"
            raise click.UsageError(message)
        if column.strip() in found:
            message = f"{option}: {column.strip()} is given twice"
            raise click.UsageError(message)
        found[column.strip()] = value.strip()
    return found
