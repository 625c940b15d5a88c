"""What Meltano keeps in its own database: the runs, and the state that each job goes on from."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

import msgspec
import platformdirs

from customerly.errors import CustomerlyError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

HEARTBEAT = timedelta(minutes=5)
"""Without a sign of life for so long, Meltano takes a running job for dead."""

_RUNS = """
SELECT job_name, state, run_id, started_at, ended_at, last_heartbeat_at FROM runs
WHERE id IN (SELECT max(id) FROM runs GROUP BY job_name) ORDER BY started_at DESC
"""
_STATES = "SELECT state_id, completed_state, updated_at FROM state ORDER BY state_id"


@dataclass(frozen=True)
class Run:
    """The last run of a job.

    Args:
        state_id: `<environment>:<extractor>-to-<loader>`, and a suffix where one was given.
        outcome: `SUCCESS`, `FAIL`, `RUNNING` or another word of Meltano's.
        run_id: The run's id, hexadecimal; empty where it has none.
        started_at: When it began, UTC.
        ended_at: When it ended; None while it runs, or where it was killed.
        seen_at: When it last gave a sign of life.
    """

    state_id: str
    outcome: str
    run_id: str
    started_at: datetime | None
    ended_at: datetime | None
    seen_at: datetime | None

    def is_dead(self, now: datetime) -> bool:
        """Tell whether it was killed: it runs, and has given no sign of life for minutes.

        Args:
            now: The time, with its zone.

        Returns:
            True where Meltano would say the same.
        """
        seen = self.seen_at or self.started_at
        return self.outcome == "RUNNING" and (seen is None or now - seen > HEARTBEAT)


@dataclass(frozen=True)
class State:
    """The state of a job.

    Args:
        state_id: As a run's.
        bookmarks: Stream to its bookmark, as the tap wrote it.
        updated_at: When it was written, UTC; None where Meltano does not say.
    """

    state_id: str
    bookmarks: Mapping[str, Mapping[str, object]]
    updated_at: datetime | None


@dataclass(frozen=True)
class History:
    """Everything that the database says of one environment.

    Args:
        runs: The last run of each job, the newest first.
        states: The state of each job.
    """

    runs: list[Run]
    states: list[State]


def read_history(database: Path, environment: str = "") -> History:
    """Read the runs and states of a project.

    Args:
        database: Meltano's SQLite file; one that is not there yet holds nothing.
        environment: Only those of this Meltano environment; empty: all.

    Returns:
        What was found.

    Raises:
        CustomerlyError: The file is no database of Meltano's.
    """
    if not database.exists():
        return History([], [])
    try:
        with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as connection:
            runs = [_run(row) for row in connection.execute(_RUNS)]
            states = [_state(row) for row in connection.execute(_STATES)]
    except sqlite3.Error as error:
        raise CustomerlyError(f"Meltano's database {database} cannot be read: {error}") from error
    prefix = f"{environment}:" if environment else ""
    return History(
        [run for run in runs if run.state_id.startswith(prefix)],
        [state for state in states if state.state_id.startswith(prefix)],
    )


def log_of(run: Run) -> Path | None:
    """Find the log that Meltano keeps of a run in the user's folder for logs.

    Args:
        run: The run.

    Returns:
        The file; None where there is none, as on another machine than that of the run.
    """
    try:
        name = str(UUID(run.run_id))
    except ValueError:
        return None
    logs = platformdirs.user_log_path("meltano")  # as Meltano asks for it
    return next(logs.glob(f"elt/*/{name}/elt.log"), None)


def _run(row: tuple[str, str, str | None, str | None, str | None, str | None]) -> Run:
    name, outcome, run_id, *moments = row
    return Run(name, outcome, run_id or "", *map(_moment, moments))


def _state(row: tuple[str, str | None, str | None]) -> State:
    state_id, completed, updated_at = row
    return State(state_id, _bookmarks(completed), _moment(updated_at))


def _bookmarks(completed: str | None) -> Mapping[str, Mapping[str, object]]:
    try:
        state = msgspec.json.decode(completed or "{}", type=dict[str, dict[str, object]])
        found = state.get("singer_state", {}).get("bookmarks", {})
        return msgspec.convert(found, dict[str, dict[str, object]])
    except msgspec.MsgspecError:
        return {}


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text).replace(tzinfo=UTC) if text else None
