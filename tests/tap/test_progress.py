"""How far a read is, in a log: a line now and then, with the share that is done."""

from __future__ import annotations

import sys

import pytest
from tap_customerly.progress import Progress

from tests.support.clock import ManualClock


@pytest.fixture(autouse=True)
def _is_no_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys.stderr, "isatty", lambda: False)


def test_a_long_read_has_a_line_every_ten_seconds() -> None:
    clock, lines = ManualClock(), []
    progress = Progress("users", lines.append, clock)
    for left in range(2_900, -1, -100):
        clock.advance(1)
        progress.add(100, left)
    assert lines == [
        "users: 1,000 records, 33 %, about 2,000 to go (100/s)",
        "users: 2,000 records, 67 %, about 1,000 to go (100/s)",
        "users: 3,000 records (100/s)",
    ]
    assert (progress.records, progress.seconds) == (3_000, 30)


def test_without_a_known_end_there_is_no_share() -> None:
    clock, lines = ManualClock(), []
    progress = Progress("tags", lines.append, clock)
    clock.advance(20)
    progress.add(40)
    assert lines == ["tags: 40 records (2/s)"]


def test_a_short_read_has_no_line() -> None:
    lines: list[str] = []
    progress = Progress("tags", lines.append, ManualClock())
    progress.add(5)
    progress.close()
    assert lines == []
