"""Sending a file's rows, with a progress bar on a terminal."""

from __future__ import annotations

import logging
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeRemainingColumn,
)
from target_customerly.operations import Origin
from target_customerly.pipeline import Pipeline
from target_customerly.settings import Settings

from customerly.cli.importing.preview import console
from customerly.cli.importing.rejects import Reject, reason_of, rejects_path
from customerly.cli.importing.result import Result
from customerly.errors import CustomerlyError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tap_contact_files.row import Row

    from customerly.cli.importing.plan import ImportPlan
    from customerly.connection import Connection

_EVERY = 100  # rows between two looks at the bar


def run(plan: ImportPlan, connection: Connection) -> Result:
    """Import a file.

    Args:
        plan: How.
        connection: How to reach the API.

    Returns:
        What became of each row. Where the run could not go on, its error, and what came before.

    Raises:
        CustomerlyError: The file of rejects could not be written.
    """
    rejects_path(plan.file.path, check=True)
    with tempfile.TemporaryDirectory() as folder:
        kept = Path(folder, "rejects.jsonl")
        settings = Settings.from_config({**plan.config, "rejects_path": str(kept)})
        pipeline = Pipeline(settings, connection, shows_progress=False)
        bad: list[Row] = []
        error: CustomerlyError | None = None
        try:
            _send(plan, pipeline, bad.append)
        except CustomerlyError as problem:
            error = problem
        except KeyboardInterrupt:  # what was rejected so far must not be lost
            error = CustomerlyError("Interrupted: import the file again to send the rest")
        rejects = list(_read(kept))
    tally = pipeline.tally(plan.stream)
    counts = plan.file.counts
    unread = [Reject(row.number, row.cells, str(row.problem)) for row in bad]
    return Result(
        rows=counts.rows,
        applied=tally.applied + tally.unchanged,
        skipped=tally.skipped,
        blank=counts.blank + tally.blank,
        rejects=[*rejects, *unread],
        requests=tally.requests,
        error=error,
    )


def _send(plan: ImportPlan, pipeline: Pipeline, on_bad_row: Callable[[Row], None]) -> None:
    try:
        with _quiet():
            stream = pipeline.plan(plan.stream, plan.schema)
        assert stream is not None  # noqa: S101 - it is planned already
        records = plan.file.records(plan.file.columns, on_bad_row)
        with _bar(plan) as advance:
            for count, record in enumerate(records, start=1):
                pipeline.take(stream, Origin(plan.stream, count, record), record)
                if count % _EVERY == 0:
                    advance(pipeline.tally(plan.stream).records)
            pipeline.close()
            advance(plan.to_send)
    except BaseException:
        pipeline.abort()
        raise


@contextmanager
def _quiet() -> Iterator[None]:
    """Let the target not say again, in words of its settings, what the preview has shown."""
    logger = logging.getLogger("target-customerly")
    level = logger.level
    logger.setLevel(logging.ERROR)
    try:
        yield
    finally:
        logger.setLevel(level)


@contextmanager
def _bar(plan: ImportPlan) -> Iterator[Callable[[int], None]]:
    """Show a bar on a terminal; in a pipe, nothing."""
    to = console(err=True)
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=to, transient=True, disable=not to.is_terminal) as progress:
        task = progress.add_task(plan.file.path.name, total=plan.to_send)
        yield lambda done: progress.update(task, completed=done)


def _read(kept: Path) -> Iterator[Reject]:
    """Read the target's rejects."""
    if not kept.exists():
        return
    with kept.open("rb") as lines:
        for line in lines:
            reject = msgspec.json.decode(line)
            record = reject["record"]
            cells = [value for name, value in record.items() if name[:5] != "_sdc_"]
            yield Reject(reject["row"], cells, reason_of(reject["reason"]))
