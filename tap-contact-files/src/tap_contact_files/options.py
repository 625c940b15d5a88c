"""How a file is to be read."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class FileOptions:
    """How a file is to be read; what is None is detected.

    Attributes:
        encoding: A text file's encoding, by any name that Python knows.
        delimiter: What stands between two cells of a text file, or its name, as `tab`.
        quotechar: What stands around a cell of a text file.
        sheet: A workbook's sheet: its name, or its number from 1.
        header_row: The row of the column names, from 1.
    """

    encoding: str | None = None
    delimiter: str | None = None
    quotechar: str | None = None
    sheet: str | int | None = None
    header_row: int | None = None
