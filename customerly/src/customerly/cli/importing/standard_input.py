"""`customerly import -`: what comes through a pipe, kept in a file while it is imported.

A file is read twice, once to check it and once to send it, and a pipe can't be.
"""

from __future__ import annotations

import os
import shutil
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from customerly.errors import CustomerlyError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_DASH = Path("-")
_KEPT = Path("stdin")  # in the working folder, so that its rejects are found there too


@contextmanager
def kept(files: Sequence[Path]) -> Iterator[list[Path]]:
    """Keep standard input in the file `stdin`, for the owner alone, where `-` is one of the files.

    Args:
        files: What is to be imported.

    Yields:
        The same, `stdin` in place of `-`; it is gone afterwards.

    Raises:
        CustomerlyError: `-` is given twice, or the file can't be written.
    """
    count = files.count(_DASH)
    if not count:
        yield list(files)
        return
    if count > 1:
        raise CustomerlyError("- can be given only once: standard input is one file")
    place = _new_file()
    try:
        _fill(place)
        yield [_KEPT if file == _DASH else file for file in files]
    finally:
        _KEPT.unlink(missing_ok=True)


def _new_file() -> int:
    try:
        return os.open(_KEPT, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise CustomerlyError(
            f"- is kept in the file {_KEPT} while it is imported, and there is one already: "
            "remove it, or rename it"
        ) from None
    except OSError as error:
        raise CustomerlyError(f"- can't be kept in the working folder: {error.strerror}") from None


def _fill(place: int) -> None:
    try:
        with os.fdopen(place, "wb") as file:
            if sys.stdin is not None:
                shutil.copyfileobj(sys.stdin.buffer, file)
    except OSError as error:
        raise CustomerlyError(f"- can't be kept in the working folder: {error.strerror}") from None
