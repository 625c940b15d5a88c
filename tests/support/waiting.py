"""Waiting for what another thread or process does, without guessing how long that takes."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")

LONG = 60.0
"""Seconds after which it has gone wrong, however busy the machine is."""


def eventually(condition: Callable[[], T], within: float = LONG) -> T:
    """Wait until a condition holds.

    Args:
        condition: Asked again and again.
        within: Seconds after which the test fails.

    Returns:
        What the condition returned, which is true.
    """
    deadline = time.monotonic() + within
    while not (found := condition()):
        assert time.monotonic() < deadline, f"not so after {within:g} seconds"
        time.sleep(0.01)
    return found
