"""Where the names of a file's columns may be, if they are not where they were looked for."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

from tap_contact_files.dialect import USUAL_DELIMITER
from target_customerly.intake.usual_names import USUAL_NAMES, comparable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tap_contact_files.contact_file import ContactFile
    from tap_contact_files.row import Row

_LOOKED_AT = 50  # rows
_KEYS = USUAL_NAMES["email"] | USUAL_NAMES["user_id"]


def elsewhere(file: ContactFile) -> str:
    """Say where else the columns may be named.

    Args:
        file: Has no column of those that it needs.

    Returns:
        A sentence or two, each with a blank before it; empty where nothing is known.
    """
    return "".join(f" {each}" for each in _places(file))


def _places(file: ContactFile) -> Iterator[str]:
    for row in islice(file.source.rows(), file.header.row, _LOOKED_AT):
        if _names_a_key(row):
            number = row.number
            yield f"Row {number} looks like the names of columns: give --header-row {number}"
            break
    if file.source.elsewhere:
        yield f"It was read{file.source.elsewhere}: --sheet chooses one"


def _names_a_key(row: Row) -> bool:
    """Tell a header by a usual name of a key; with another delimiter all is in one cell."""
    names = (name for cell in row.cells for name in USUAL_DELIMITER.split(cell or ""))
    return any(comparable(name) in _KEYS for name in names)
