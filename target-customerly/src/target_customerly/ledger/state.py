"""Passes STATE on to whoever runs the target."""

from __future__ import annotations

import json
import sys

from customerly.errors import CustomerlyError


def write_state(state: object) -> None:
    """Write a STATE to standard output, at once.

    Args:
        state: The STATE's value.

    Raises:
        CustomerlyError: Nobody reads it, or it can't be written.
    """
    try:
        sys.stdout.write(json.dumps(state) + "\n")
        sys.stdout.flush()
    except (BrokenPipeError, ValueError):
        raise CustomerlyError(
            "Nobody reads the STATE any more: standard output is closed"
        ) from None
    except OSError as error:
        raise CustomerlyError(f"The STATE can't be written: {error.strerror}") from None
