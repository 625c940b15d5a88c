"""How a project is: its last run, and how far its bookmarks are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from customerly.meltano.history import read_history

if TYPE_CHECKING:
    from customerly.fleet.workspace import Workspace

_KEY = "replication_key_value"


def project_status(name: str, workspace: Workspace) -> dict[str, Any]:
    """Describe a project.

    Args:
        name: Its name.
        workspace: Its folder.

    Returns:
        `project`, `running`, and of the last run `job`, `ok` (None where there was none),
        `ended_at` (ISO 8601), `records`, `rejects`, `requests`, `seconds` and `message`;
        `bookmarks`: stream to the value up to which it is read.
    """
    last = next(reversed(workspace.last_results().values()), None)
    bookmarks = {
        stream: bookmark[_KEY]
        for state in read_history(workspace.database).states
        for stream, bookmark in state.bookmarks.items()
        if _KEY in bookmark
    }
    return {
        "project": name,
        "running": workspace.is_running,
        "job": last and last.job,
        "ok": last and last.ok,
        "ended_at": last and last.ended_at,
        "records": last.records if last else {},
        "rejects": last.rejects if last else {},
        "requests": last and last.requests,
        "seconds": last and last.seconds,
        "bookmarks": bookmarks,
        "message": last.message if last else "",
    }
