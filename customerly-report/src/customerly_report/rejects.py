"""What the last import rejected, without a word of whom."""

from __future__ import annotations

import json
import re
from collections import Counter
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from customerly.redact import redact

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

Row = dict[str, Any]

SAME_IMPORT = timedelta(hours=1)
"""Rejects that lie no further apart belong to one import: the file is appended to by each."""

_QUOTED = re.compile(r"'[^']*'|\"[^\"]*\"|`[^`]*`|«[^»]*»")


def last_import(logged: list[Row], path: Path) -> list[Row]:
    """Count the records that the last import could not apply.

    Args:
        logged: What the log in the warehouse has of the last run, see `sections.REJECTED`.
        path: The target's `rejects_path`, which need not be there; it is asked where no log is in
            the warehouse, or where it holds something newer.

    Returns:
        `stream`, `operation`, `reason` and `records`, the most frequent first.
    """
    kept = sorted(_read(path), reverse=True)
    ended = max((row["finished_at"] for row in logged), default=None)
    last: Counter[tuple[str, str, str]] = Counter()
    if ended is None or (kept and kept[0][0] > ended):
        last.update(_last_of(kept))
    else:
        for row in logged:
            if row["is_rejected"]:
                last[_what(row)] += row["operations"]
    return [
        {"stream": stream, "operation": operation, "reason": reason, "records": records}
        for (stream, operation, reason), records in last.most_common()
    ]


def _last_of(kept: list[tuple[datetime, tuple[str, str, str]]]) -> Iterator[tuple[str, str, str]]:
    """The rejects of the last import, of all, the newest first."""
    newer: datetime | None = None
    for at, what in kept:
        if newer is not None and newer - at > SAME_IMPORT:
            return
        yield what
        newer = at


def _read(path: Path) -> Iterator[tuple[datetime, tuple[str, str, str]]]:
    if not path.exists():
        return
    with path.open("rb") as lines:
        for line in lines:
            try:
                reject = json.loads(line)
                at = datetime.fromisoformat(reject["at"])
            except (ValueError, KeyError, TypeError):
                continue  # half a line, of a run that was killed
            yield at, _what(reject)


def _what(reject: Row) -> tuple[str, str, str]:
    """Stream, operation and reason, without what it quotes, which can be somebody's."""
    reason = redact(_QUOTED.sub("…", str(reject.get("reason") or "no reason")))
    return str(reject.get("stream")), str(reject.get("operation")), reason
