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

SAME_IMPORT = timedelta(hours=1)
"""Rejects that lie no further apart belong to one import: the file is appended to by each."""

_QUOTED = re.compile(r"'[^']*'|\"[^\"]*\"|`[^`]*`|«[^»]*»")


def last_import(path: Path) -> list[dict[str, Any]]:
    """Count the records that the last import could not apply.

    Args:
        path: The target's `rejects_path`; it need not be there.

    Returns:
        `stream`, `operation`, `reason` and `records`, the most frequent first.
    """
    last: Counter[tuple[str, str, str]] = Counter()
    newer: datetime | None = None
    for at, what in sorted(_read(path), reverse=True):
        if newer is not None and newer - at > SAME_IMPORT:
            break
        last[what] += 1
        newer = at
    return [
        {"stream": stream, "operation": operation, "reason": reason, "records": records}
        for (stream, operation, reason), records in last.most_common()
    ]


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
            yield at, (str(reject.get("stream")), str(reject.get("operation")), _plain(reject))


def _plain(reject: dict[str, Any]) -> str:
    """A reason without what it quotes, which can be somebody's."""
    return redact(_QUOTED.sub("…", str(reject.get("reason") or "no reason")))
