"""Where rows are kept that can't be read."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import msgspec
from customerly.errors import CustomerlyError

if TYPE_CHECKING:
    from pathlib import Path

    from tap_contact_files.row import Row


class BadRows:
    """A file of bad rows, a line of JSON each: `{"file", "row", "reason", "cells"}`.

    It is appended to, made only when needed, and for nobody else to read.

    Args:
        path: The file.
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    def add(self, file: Path, row: Row) -> None:
        """Keep a row.

        Args:
            file: Where it stands.
            row: The row; its problem is the reason.

        Raises:
            CustomerlyError: It can't be written.
        """
        line = {"file": str(file), "row": row.number, "reason": row.problem, "cells": row.cells}
        try:
            with open(self.path, "ab", opener=_for_the_owner) as kept:
                kept.write(msgspec.json.encode(line) + b"\n")
        except OSError as error:
            raise CustomerlyError(
                f"bad_rows_path: {self.path} can't be written: {error.strerror}"
            ) from None


def _for_the_owner(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)
