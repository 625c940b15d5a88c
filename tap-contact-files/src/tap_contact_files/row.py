"""A row of a file, whatever the file's format."""

from __future__ import annotations

from typing import NamedTuple

from customerly.text import trimmed

Cells = list[str | None]

_ERRORS = frozenset(
    {
        *("#N/A", "#DIV/0!", "#REF!", "#NAME?", "#VALUE!", "#NUM!", "#NULL!", "#SPILL!", "#CALC!"),
        *("#FIELD!", "#BLOCKED!", "#CONNECT!", "#UNKNOWN!", "#GETTING_DATA"),
        *("#NV", "#BEZUG!", "#WERT!", "#ZAHL!"),  # German
        *("#NOM?", "#VALEUR!", "#NOMBRE!"),  # French
        *("#N/D", "#NOME?", "#RIF!", "#VALORE!"),  # Italian, Spanish
        *("#¡DIV/0!", "#¡REF!", "#¿NOMBRE?", "#¡VALOR!", "#¡NUM!"),  # Spanish
    }
)
"""What spreadsheets show, and write into a CSV file, where a formula comes to nothing."""


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


def cell_of(text: str) -> str | None:
    """Read a cell's text.

    Args:
        text: As it stands there.

    Returns:
        The same; None where nothing is to be seen, or a spreadsheet's error.
    """
    seen = trimmed(text)
    return text if seen and seen not in _ERRORS else None
