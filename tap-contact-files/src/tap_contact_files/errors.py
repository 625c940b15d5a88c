"""What can be wrong with a file."""

from __future__ import annotations

from zipfile import BadZipFile

from customerly.errors import CustomerlyError

UNREADABLE_ARCHIVE = (BadZipFile, OSError, RuntimeError)
"""What zipfile raises where an archive is damaged, encrypted, or of a version that is too new."""


class FileError(CustomerlyError):
    """A file can't be read as it is; the message names it, the row where there is one, and why."""
