"""`customerly status`: how far each stream is, and how its last run ended."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import click

from customerly.cli.tables import print_table
from customerly.cli.terminal import print_json
from customerly.errors import ConfigError

if TYPE_CHECKING:
    from customerly.status import StreamStatus


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print JSON, a line a stream.")
def status(*, as_json: bool) -> None:
    """Say how far each stream is: bookmark, lag, last run, records and rejected records.

    It reads what Meltano keeps in the project's folder, and the projects of fleet.yml; it asks
    neither the API nor the warehouse. The lag is the age of the newest change that was read: where
    nobody changes anything it grows, although nothing is missing.

    Example: customerly status --json
    """
    from customerly.doctor.findings import shown_age
    from customerly.meltano.project import find_project
    from customerly.status import as_row, stream_statuses

    project = find_project(Path.cwd(), os.environ)
    if project is None:
        raise ConfigError("There is no meltano.yml here: run this in the Meltano project's folder")
    found = stream_statuses(project, datetime.now(UTC))
    if as_json:
        print_json(*map(as_row, found))
        return

    def age(each: StreamStatus) -> str:
        return "" if each.lag_seconds is None else shown_age(timedelta(seconds=each.lag_seconds))

    columns = ("project", "job", "stream", "read up to", "lag", "last run", "records", "rejects")
    rows = (
        (
            each.project,
            each.job,
            each.stream,
            str(each.bookmark or "")[:19].replace("T", " "),
            age(each),
            f"{(each.last_run or '').lower()} {(each.last_run_at or '')[:16].replace('T', ' ')}",
            each.records,
            each.rejects or None,
        )
        for each in found
    )
    print_table(columns, rows)
