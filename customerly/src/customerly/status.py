"""How far each stream of each project is: bookmark, lag, last run, records, rejected records."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import TYPE_CHECKING

import msgspec

from customerly.fleet.definition import read_fleet
from customerly.fleet.run_log import records_in
from customerly.fleet.workspace import Workspace
from customerly.meltano.history import log_of, read_history
from customerly.values import read_moment, readable

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from customerly.meltano.history import Run
    from customerly.meltano.project import MeltanoProject

_KEY = "replication_key_value"
_REJECTS = "customerly-rejects.jsonl"
_FLEET = "fleet.yml"


@dataclass(frozen=True)
class StreamStatus:
    """A stream of a project.

    Args:
        project: A name of `fleet.yml`; empty for the Meltano project itself.
        job: The state's id, as `live:tap-customerly-to-target-postgres`.
        stream: Its name; empty for a job that keeps no state.
        bookmark: Up to what it was read; None where it has none.
        lag_seconds: How long ago that is; None where the bookmark is no moment. On a quiet list
            it grows although nothing is missing.
        last_run: `SUCCESS`, `FAIL`, `RUNNING`; None where there was none.
        last_run_at: When that began, ISO 8601 in UTC.
        records: How many records the last run read, by the fleet's results or by the log that
            Meltano keeps of a run; None where neither says.
        rejects: How many rejected records of the stream wait to be mended.
    """

    project: str
    job: str
    stream: str
    bookmark: object = None
    lag_seconds: int | None = None
    last_run: str | None = None
    last_run_at: str | None = None
    records: int | None = None
    rejects: int = 0


class _Reject(msgspec.Struct):
    stream: str = ""


def stream_statuses(project: MeltanoProject, now: datetime) -> list[StreamStatus]:
    """Describe every stream of a Meltano project, and of the projects of its fleet.

    Args:
        project: The Meltano project.
        now: The time, with its zone.

    Returns:
        A status a stream; those with rejected records that no job reads come last.
    """
    rejects = _rejects(project)
    found: list[StreamStatus] = []
    if project.database is not None:
        found += _of_database("", project.database, project.environment, None, now)
    if (project.folder / _FLEET).is_file():
        for name in read_fleet(project.folder / _FLEET):
            workspace = Workspace(project.folder / ".meltano", name)
            last = next(reversed(workspace.last_results().values()), None)
            records = last.records if last else {}
            found += _of_database(name, workspace.database, "", records, now)
    return [*found, *(StreamStatus("", "", name, rejects=n) for name, n in rejects.items())]


def as_row(status: StreamStatus) -> dict[str, object]:
    """Write a status as an object.

    Args:
        status: The status.

    Returns:
        Its fields by their names.
    """
    return asdict(status)


def _of_database(
    project: str,
    database: Path,
    environment: str,
    records: Mapping[str, int] | None,
    now: datetime,
) -> Iterator[StreamStatus]:
    history = read_history(database, environment)
    runs = {run.state_id: run for run in history.runs}
    for state in history.states:
        run = runs.pop(state.state_id, None)
        counts = _logged(run) if records is None else records
        for stream, held in state.bookmarks.items():
            bookmark = held.get(_KEY)
            moment = readable(read_moment, bookmark) if isinstance(bookmark, str) else None
            lag = now - datetime.fromisoformat(moment) if moment else None
            yield StreamStatus(
                project,
                state.state_id,
                stream,
                bookmark,
                int(lag.total_seconds()) if lag else None,
                *_ended(run, now),
                records=counts.get(stream),
            )
    for run in runs.values():
        yield StreamStatus(project, run.state_id, "", None, None, *_ended(run, now))


def _logged(run: Run | None) -> Mapping[str, int]:
    log = log_of(run) if run is not None else None
    return records_in(log) if log is not None else {}


def _ended(run: Run | None, now: datetime) -> tuple[str | None, str | None]:
    if run is None:
        return None, None
    outcome = "KILLED" if run.is_dead(now) else run.outcome
    began = run.started_at
    return outcome, began.isoformat(timespec="seconds") if began else None


def _rejects(project: MeltanoProject) -> Counter[str]:
    """Count the rejected records of each stream; a line that is none counts nowhere."""
    given = project.setting("target-customerly", "rejects_path") or _REJECTS
    path = project.folder / given
    counts: Counter[str] = Counter()
    if path.is_file():
        with path.open("rb") as lines:
            for line in lines:
                try:
                    counts[msgspec.json.decode(line, type=_Reject).stream] += 1
                except msgspec.MsgspecError:
                    continue
    return counts
