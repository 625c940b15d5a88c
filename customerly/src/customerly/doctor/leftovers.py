"""Checks of what runs left behind: their outcomes, states and rejected records, and the spool."""

from __future__ import annotations

import contextlib
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from customerly.doctor.findings import Check, shown_age, shown_path
from customerly.errors import CustomerlyError
from customerly.meltano.history import HEARTBEAT, History, read_history
from customerly.values import read_moment, readable
from customerly.webhooks.spool_reader import SpoolReader

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from customerly.doctor.setup import Setup

_AHEAD = timedelta(days=1)
_OLD = timedelta(days=7)


def runs(setup: Setup) -> Iterator[Check]:
    """Check how the last run of each job ended."""
    history = _history(setup)
    if not isinstance(history, History):
        yield from history
        return
    now = setup.now()
    failed = [run for run in history.runs if run.outcome == "FAIL"]
    dead = [run for run in history.runs if run.is_dead(now)]
    for run in failed:
        age = shown_age(now - (run.ended_at or run.started_at or now))
        do = "read .meltano/logs for the reason, mend it, and run the job again"
        yield Check("runs", ok=False, says=f"{run.state_id} failed {age} ago", do=do)
    for run in dead:
        minutes = int(HEARTBEAT.total_seconds() // 60)
        says = f"{run.state_id} was killed and never ended"
        do = f"run it again; within {minutes} minutes of the kill, with `meltano run --force`"
        yield Check("runs", ok=False, says=says, do=do)
    if not failed and not dead:
        newest = max((run.started_at for run in history.runs if run.started_at), default=None)
        says = f"the last began {shown_age(now - newest)} ago" if newest else "none so far"
        yield Check("runs", ok=True, says=says)


def states(setup: Setup) -> Iterator[Check]:
    """Check how old the states are, and that no bookmark is in the future."""
    history = _history(setup)
    if not isinstance(history, History):
        return
    now = setup.now()
    for state in history.states:
        for stream, bookmark in state.bookmarks.items():
            moment = readable(read_moment, bookmark.get("replication_key_value"))
            if moment and "T" in moment and datetime.fromisoformat(moment) - now > _AHEAD:
                says = f"the bookmark of {stream} in {state.state_id} is in the future"
                do = f"meltano state clear {state.state_id}: the next run reads everything"
                yield Check("state", ok=False, says=says, do=do)
                return
    written = [state.updated_at for state in history.states if state.updated_at]
    if written:
        age = now - max(written)
        do = "is the schedule running?" if age > _OLD else ""
        yield Check("state", ok=True, says=f"the newest is {shown_age(age)} old", do=do)
    elif history.states:
        # Meltano notes when a state was written from the second time on.
        yield Check("state", ok=True, says="the first run has left one")
    else:
        yield Check("state", ok=True, says="none so far: the next run reads everything")


def _history(setup: Setup) -> History | list[Check]:
    """What Meltano's database holds; where it holds nothing, what is to be said about that."""
    if setup.project is None or setup.project.database is None:
        return []
    try:
        return read_history(setup.project.database, setup.project.environment)
    except CustomerlyError as error:
        says = str(error).replace(str(setup.project.folder), ".")
        return [Check("runs", ok=False, says=says, do="restore the file, or remove it")]


def rejects(setup: Setup) -> Iterator[Check]:
    """Count the rejected records that wait to be mended."""
    given = setup.project.setting("target-customerly", "rejects_path") if setup.project else None
    path = setup.root / (given or "customerly-rejects.jsonl")
    count = 0
    if path.is_file():
        with contextlib.suppress(OSError), path.open("rb") as file:
            count = sum(1 for line in file if line.strip())
    shown = shown_path(path, setup.root)
    if count:
        do = "read the reasons, mend the cause, then: customerly rejects replay " + shown
        yield Check("rejects", ok=True, says=f"{count} in {shown}", do=do)
    else:
        yield Check("rejects", ok=True, says="none")


def spool(setup: Setup) -> Iterator[Check]:
    """Check that the webhook spool can be read, and how much of it is unread."""
    path = _spool_path(setup)
    if path is None:
        return
    shown = shown_path(path, setup.root)
    if not path.exists():
        yield Check("spool", ok=True, says="no webhook was received so far")
        return
    try:
        with SpoolReader(path) as reader:
            unread = max(0, reader.last_sequence - reader.read_up_to)
    except CustomerlyError as error:
        says = str(error).replace(str(path), shown)
        do = "restore the folder; or move it away, and `customerly listen` makes another"
        yield Check("spool", ok=False, says=says, do=do)
        return
    do = "meltano run webhooks" if unread else ""
    yield Check("spool", ok=True, says=f"{unread} deliveries are unread", do=do)


def _spool_path(setup: Setup) -> Path | None:
    """The spool that a run reads; None where no plugin reads one."""
    for plugin in ("tap-customerly--webhooks", "tap-customerly"):
        given = setup.project.setting(plugin, "webhook_spool") if setup.project else None
        if given:
            return setup.root / given
    given = setup.environ.get("TAP_CUSTOMERLY_WEBHOOK_SPOOL")
    return setup.folder / given if given else None
