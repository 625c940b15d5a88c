"""A row of a file, whatever the file's format."""

from __future__ import annotations

from typing import NamedTuple

Cells = list[str | None]


class Row(NamedTuple):
    """A row of a file.

    Attributes:
        number: As a person counts rows in a spreadsheet, from 1.
        cells: As text; None where blank.
        problem: Why the row can't be read; None where it can.
    """

    number: int
    cells: Cells
    problem: str | None = None
