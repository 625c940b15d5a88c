"""What a read keeps in the state: the bookmark, and how far it came while it is not finished."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from tap_customerly.reading.walk import Frontier

if TYPE_CHECKING:
    from collections.abc import Mapping

MOST_ROWS = 10**9
"""A state that tells of more rows is damaged."""

_TIME = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d\S*")


@dataclass(frozen=True)
class Begun:
    """A sweep that is not finished.

    Attributes:
        since: its bound.
        newest: the newest value at its first look, the bookmark once it is finished.
        frontier: how far it came.
    """

    since: str
    newest: str
    frontier: Frontier

    @classmethod
    def read(cls, data: object) -> Begun | None:
        """Read what `write` wrote; anything else is None, and the sweep begins anew."""
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
class Progress:
    """The state of a list.

    Attributes:
        bookmark: the value to read from, inclusively; None before the first read is finished.
        rows: about how long the list was, a hint that spares requests.
        begun: the sweep that is not finished.
    """

    bookmark: str | None = None
    rows: int | None = None
    begun: Begun | None = None

    @classmethod
    def read(cls, state: Mapping[str, Any]) -> Progress:
        """Read a state; what is damaged in it counts as absent."""
        bookmark = state.get("bookmark")
        return cls(
            bookmark if isinstance(bookmark, str) and bookmark else None,
            _rows(state.get("rows")),
            Begun.read(state.get("reading")),
        )

    def begun_since(self, since: str) -> Begun | None:
        """Return what was begun, unless it belongs to another bound: then someone moved that."""
        return self.begun if self.begun and self.begun.since == since else None

    def during(self, since: str, newest: str, frontier: Frontier | None) -> dict[str, Any] | None:
        """Return the state while a sweep is unfinished: the old bookmark is still in force.

        None where the frontier did not move.
        """
        return replace(self, begun=Begun(since, newest, frontier)).state() if frontier else None

    def after(self, since: str, newest: str, rows: int | None) -> Progress:
        """Return the progress after a sweep; the bookmark never goes back."""
        return Progress(newest if newest and newest >= since else self.bookmark, rows)

    def state(self) -> dict[str, Any]:
        """Return a form for JSON, without what is not known."""
        state = {
            "bookmark": self.bookmark,
            "rows": self.rows,
            "reading": self.begun and self.begun.write(),
        }
        return {key: value for key, value in state.items() if value is not None}


def _rows(value: object) -> int | None:
    if isinstance(value, int) and not isinstance(value, bool) and 0 < value <= MOST_ROWS:
        return value
    return None
