"""FILE.rejects.csv: the rows that could not be imported, to be mended and imported again."""

from __future__ import annotations

import csv
import os
import re
from operator import attrgetter
from typing import TYPE_CHECKING, NamedTuple

from customerly.errors import CustomerlyError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from tap_contact_files.row import Cells


_CHANGED = re.compile(r"0\d+|\+\d+|\d{16,}|[=@+-](?!\d+([.,]\d+)?$).+", re.DOTALL)
"""What a spreadsheet would change when it opens a text file: zeros and a `+` before digits, digits
beyond the 15th; and what it would take for a formula, and run."""

_CHECKED_HERE = "check: "
"""How the target begins the reasons that it found without asking the API."""


class Reject(NamedTuple):
    """A row that could not be imported.

    Attributes:
        row: Its number, as a person counts.
        cells: As they stand in the file.
        reason: Why.
    """

    row: int
    cells: Cells
    reason: str


def reason_of(reason: str) -> str:
    """Word a reason of the target for a person.

    Args:
        reason: As in the target's rejects.

    Returns:
        The reason, without the stage that is always the same, and with the command's options.
    """
    return reason.removeprefix(_CHECKED_HERE).replace("long_text: ", "--long-text ")


def rejects_path(file: Path, *, check: bool = False) -> Path:
    """Say where a file's rejects go.

    Args:
        file: The file.
        check: Whether to see to it, before anything is sent, that they can be written.

    Returns:
        The path, beside the file.

    Raises:
        CustomerlyError: Nothing can be written there.
    """
    path = file.with_name(f"{file.name}.rejects.csv")
    place = path if path.exists() else path.parent
    if check and not os.access(place, os.W_OK):
        raise CustomerlyError(
            f"{path} can't be written, so rows that are rejected would be lost: copy {file.name} "
            "to a folder of your own"
        )
    return path


def write_rejects(
    file: Path, columns: Sequence[str], rejects: Iterable[Reject], delimiter: str
) -> Path:
    """Write rejects as a file that a spreadsheet opens, and that can be imported again.

    Args:
        file: The file that they are from.
        columns: Its columns.
        rejects: The rows.
        delimiter: The file's own, or a comma.

    Returns:
        Where they are: the file's columns, then `row` and `reason`.

    Raises:
        CustomerlyError: It can't be written.
    """
    path = rejects_path(file)
    width = len(columns)
    try:
        with open(path, "w", encoding="utf-8-sig", newline="", opener=_private) as kept:
            rows = csv.writer(kept, delimiter=delimiter)
            rows.writerow([*columns, "row", "reason"])
            for reject in sorted(rejects, key=attrgetter("row")):
                cells = [cell or "" for cell in reject.cells]
                more = [cell for cell in cells[width:] if cell]
                beyond = f"; beyond the header: {', '.join(more)}" if more else ""
                cells = cells[:width] + [""] * (width - len(cells))
                rows.writerow([*map(_kept, cells), reject.row, reject.reason + beyond])
    except OSError as error:
        raise CustomerlyError(f"{path} can't be written: {error.strerror}") from None
    return path


def _kept(cell: str) -> str:
    """Write a cell so that a spreadsheet shows, and saves, what stands in it."""
    if not _CHANGED.fullmatch(cell):
        return cell
    doubled = cell.replace('"', '""')
    return f'="{doubled}"'


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)
