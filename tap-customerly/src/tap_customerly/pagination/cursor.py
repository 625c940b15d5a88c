"""What a read keeps in the state: the bookmark, and how far it came while it is not finished."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from tap_customerly.pagination.walk import Frontier

if TYPE_CHECKING:
    from collections.abc import Mapping

MOST_ROWS = 10**9
"""A state with more rows is damaged."""

_TIME = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d\S*")


@dataclass(frozen=True)
class Unfinished:
    """A pass that was cut short.

    Attributes:
        since: its bound.
        newest: the newest value at its first look, the bookmark once it is finished.
        frontier: how far it came.
    """

    since: str
    newest: str
    frontier: Frontier

    @classmethod
    def read(cls, data: object) -> Unfinished | None:
        """Read what `write` wrote; anything else is None, and the pass begins anew."""
        if not isinstance(data, dict):
            return None
        since, newest, oldest = (str(data.get(key)) for key in ("since", "newest", "oldest"))
        if not _TIME.fullmatch(newest) or not (_TIME.fullmatch(oldest) or not oldest):
            return None
        row = _rows(data.get("row"))
        certain = row is not None and data.get("certain") is True
        return cls(since, newest, Frontier(oldest, row, certain)) if oldest <= newest else None

    def write(self) -> dict[str, Any]:
        """Return a form for JSON."""
        return {"since": self.since, "newest": self.newest, **self.frontier._asdict()}


@dataclass(frozen=True)
class Cursor:
    """Where the next read of a list goes on from (docs/pagination.md#resuming).

    Attributes:
        bookmark: the value to read from, inclusively; None before the first read is finished.
        rows: about how long the list was, a hint that spares requests.
        unfinished: the pass that was cut short.
    """

    bookmark: str | None = None
    rows: int | None = None
    unfinished: Unfinished | None = None

    @classmethod
    def read(cls, state: Mapping[str, Any]) -> Cursor:
        """Read a state; what is damaged in it counts as absent."""
        bookmark = state.get("bookmark")
        return cls(
            bookmark if isinstance(bookmark, str) and bookmark else None,
            _rows(state.get("rows")),
            Unfinished.read(state.get("reading")),
        )

    def unfinished_since(self, since: str) -> Unfinished | None:
        """Return the pass that was cut short, unless it had another bound than this."""
        unfinished = self.unfinished
        return unfinished if unfinished and unfinished.since == since else None

    def during(self, since: str, newest: str, frontier: Frontier) -> dict[str, Any]:
        """Return the state while a pass is unfinished: the old bookmark is still in force."""
        return replace(self, unfinished=Unfinished(since, newest, frontier)).state()

    def after(self, since: str, newest: str, rows: int | None) -> Cursor:
        """Return the cursor after a pass; the bookmark never goes back."""
        moved = newest and newest >= max(since, self.bookmark or "")
        return Cursor(newest if moved else self.bookmark, rows)

    def state(self) -> dict[str, Any]:
        """Return a form for JSON, without what is not known."""
        state = {
            "bookmark": self.bookmark,
            "rows": self.rows,
            "reading": self.unfinished and self.unfinished.write(),
        }
        return {key: value for key, value in state.items() if value is not None}


def _rows(value: object) -> int | None:
    if isinstance(value, int) and not isinstance(value, bool) and 0 < value <= MOST_ROWS:
        return value
    return None
