"""What can be wrong with a file."""

from __future__ import annotations

from customerly.errors import CustomerlyError


class FileError(CustomerlyError):
    """A file can't be read as it is; the message names it, the row where there is one, and why."""
