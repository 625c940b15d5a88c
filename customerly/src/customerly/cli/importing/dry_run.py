"""A dry run: every row is checked as for an import, and nothing is sent."""

from __future__ import annotations

from typing import TYPE_CHECKING

from target_customerly.intake.plan import BadRecord, is_blank
from target_customerly.operations import Origin

from customerly.cli.importing.rejects import Reject, reason_of
from customerly.cli.importing.result import Result

if TYPE_CHECKING:
    from tap_contact_files.row import Row

    from customerly.cli.importing.plan import ImportPlan


def check_rows(plan: ImportPlan) -> Result:
    """Check each row of a file.

    Args:
        plan: How it would be imported.

    Returns:
        What would become of its rows, as far as the API does not refuse more.
    """
    rejects: list[Reject] = []
    applied = blank = 0

    def keep(row: Row) -> None:
        rejects.append(Reject(row.number, row.cells, str(row.problem)))

    for record in plan.file.records(plan.file.columns, keep):
        if is_blank(record):
            blank += 1
            continue
        try:
            plan.columns.operation(Origin(plan.stream, 0, record), record)
            applied += 1
        except BadRecord as error:
            cells = [record[name] for name in plan.file.columns]
            rejects.append(Reject(record["_sdc_source_lineno"], cells, reason_of(str(error))))
    counts = plan.file.counts
    return Result(
        rows=counts.rows,
        applied=applied,
        blank=counts.blank + blank,
        rejects=rejects,
        is_dry_run=True,
    )
