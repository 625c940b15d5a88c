"""Whether a complete read can be believed: one odd answer must not empty a warehouse."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import MutableMapping

_ROWS = "complete_rows"
_HELD_BACK = "held_back_rows"
_FEW = 100  # rows below which a share says little


@dataclass(frozen=True)
class Completeness:
    """Compares a complete read with the last one.

    Args:
        state: The stream's part of the state: how many rows the last complete read had, and how
            many one had that was held back since.
        max_gone_percent: Share of the rows that may be gone at once.
    """

    state: MutableMapping[str, Any]
    max_gone_percent: float

    @property
    def last_rows(self) -> int:
        """How many rows the last complete read had; 0 where there was none."""
        return _count(self.state.get(_ROWS))

    def confirms(self, rows: int) -> bool:
        """Say whether what a complete read misses may be taken for gone; remember its size.

        A read that misses too much is held back, unless the last one was, and found the same.

        Args:
            rows: How many rows it had.

        Returns:
            False where it is held back.
        """
        held_back = self.state.pop(_HELD_BACK, None)
        kept = 1 - self.max_gone_percent / 100
        lost = self.last_rows >= _FEW and rows < kept * self.last_rows
        if lost and not _is_same(rows, held_back, kept):
            self.state[_HELD_BACK] = rows
            return False
        self.state[_ROWS] = rows
        return True


def _is_same(rows: int, held_back: object, kept: float) -> bool:
    """Say whether two reads differ by no more than the share that may be gone."""
    if held_back is None:
        return False
    before = _count(held_back)
    return min(rows, before) >= kept * max(rows, before)


def _count(value: object) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) and value > 0 else 0
