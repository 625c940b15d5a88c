"""What became of a file's rows: a table, or JSON."""

from __future__ import annotations

from dataclasses import dataclass, field
from operator import attrgetter
from typing import TYPE_CHECKING

from rich import box
from rich.table import Table

from customerly.cli.importing.preview import becomes, console
from customerly.cli.importing.rejects import write_rejects
from customerly.cli.terminal import print_json

if TYPE_CHECKING:
    from pathlib import Path

    from customerly.cli.importing.plan import ImportPlan
    from customerly.cli.importing.rejects import Reject
    from customerly.errors import CustomerlyError

_SHOWN = 10  # reasons on a screen; all of them are in the file


@dataclass(frozen=True)
class Result:
    """What became of a file's rows; each is in one of the counts.

    Attributes:
        rows: Rows below the header.
        applied: Accepted by the API; in a dry run, those that would be sent.
        skipped: Passed over, since the contact is there (insert) or is not (update).
        blank: Passed over, since nothing is in them.
        rejects: Those that could not be imported.
        requests: Sent to the API.
        error: Why the run could not go on; None where it did.
        is_dry_run: Whether nothing was sent.
    """

    rows: int
    applied: int = 0
    skipped: int = 0
    blank: int = 0
    rejects: list[Reject] = field(default_factory=list)
    requests: int = 0
    error: CustomerlyError | None = None
    is_dry_run: bool = False

    @property
    def not_sent(self) -> int:
        """Rows that the run did not come to, or of which it does not know."""
        return self.rows - self.applied - self.skipped - self.blank - len(self.rejects)

    @property
    def is_not_whole(self) -> bool:
        """Whether a row was not imported."""
        return bool(self.rejects or self.not_sent)


def show(plan: ImportPlan, result: Result, *, as_json: bool) -> None:
    """Say what became of a file, on standard output, and write its rejects.

    Args:
        plan: How it was imported.
        result: What became of its rows.
        as_json: Whether to print a line of JSON in place of a table.

    Raises:
        CustomerlyError: The rejects can't be written.
    """
    path = None
    if result.rejects and not result.is_dry_run:
        delimiter = plan.file.source.delimiter or ","
        columns = _own_columns(plan)
        rejects = [_without_old_reason(plan, reject) for reject in result.rejects]
        path = write_rejects(plan.file.path, columns, rejects, delimiter)
    if as_json:
        print_json(_summary(plan, result, path))
        return
    counts = _counts(result)
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for title in ("file", *counts):
        table.add_column(title.replace("_", " "), overflow="fold")
    table.add_row(plan.file.path.name, *(f"{count:,}" for count in counts.values()))
    to = console(err=False)
    to.print(table)
    for reject in sorted(result.rejects, key=attrgetter("row"))[:_SHOWN]:
        to.print(f"row {reject.row}: {reject.reason}", soft_wrap=True)
    if len(result.rejects) > _SHOWN:
        to.print(f"… and {len(result.rejects) - _SHOWN:,} more")
    if path is not None:
        to.print(f"The rejected rows are in {path}: mend them there and import it.", soft_wrap=True)


def _counts(result: Result) -> dict[str, int]:
    counts = {
        "rows": result.rows,
        "would_be_sent" if result.is_dry_run else "applied": result.applied,
        "skipped": result.skipped,
        "blank": result.blank,
        "rejected": len(result.rejects),
        "not_sent": result.not_sent,
    }
    rare = {"skipped", "not_sent"}
    return {name: count for name, count in counts.items() if count or name not in rare}


def _summary(plan: ImportPlan, result: Result, path: Path | None) -> dict[str, object]:
    return {
        "file": str(plan.file.path),
        "format": plan.file.source.format,
        **plan.file.source.details,
        "columns": {one.name: becomes(plan, one) for one in plan.columns.columns.columns()},
        "looks_like": {name: " or ".join(look.types) for name, look in plan.looks.items()},
        "warnings": plan.warnings,
        "dry_run": result.is_dry_run,
        "rows": result.rows,
        "applied": 0 if result.is_dry_run else result.applied,
        **({"would_be_sent": result.applied} if result.is_dry_run else {}),
        "skipped": result.skipped,
        "blank": result.blank,
        "rejected": len(result.rejects),
        "not_sent": result.not_sent,
        "requests": result.requests,
        "rejects_file": None if path is None else str(path),
    }


def _own_columns(plan: ImportPlan) -> list[str]:
    """Name the file's columns without those that an earlier import added."""
    return [name for name in plan.file.columns if name not in plan.left_from_before]


def _without_old_reason(plan: ImportPlan, reject: Reject) -> Reject:
    left = len(plan.left_from_before)
    end = len(plan.file.columns) - left
    return reject._replace(cells=reject.cells[:end] + reject.cells[end + left :])
