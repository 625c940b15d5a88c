"""Standard streams that whoever started the process had closed."""

from __future__ import annotations

import os
import sys


def open_closed_streams() -> None:
    """Put something in the place of each closed standard stream, before any file is opened.

    Else a file of ours would take its number, and get what is meant for the stream. From a closed
    standard input nothing comes, what goes to standard error is lost, and writing to standard
    output is an error, since what is lost there is data.
    """
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        if getattr(sys, name) is None:
            mode = os.O_WRONLY if name == "stderr" else os.O_RDONLY
            opened = os.open(os.devnull, mode)
            if opened != number:
                os.dup2(opened, number)
                os.close(opened)
            stream = os.fdopen(
                number, "r" if name == "stdin" else "w", encoding="utf-8", closefd=False
            )
            setattr(sys, name, stream)
