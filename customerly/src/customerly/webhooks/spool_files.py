"""What both sides of a spool know: where things are, its format, and how to open its database."""

from __future__ import annotations

import sqlite3
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

from customerly.errors import CustomerlyError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import TracebackType
    from typing import Self

READ_MARK = "read"
FORMAT = 1

_DATABASE = "deliveries.db"
_BUSY = 10.0  # seconds to wait for another process, such as one that recovers the database


class SpoolError(CustomerlyError):
    """The spool cannot be used as it is."""


class SpoolFull(SpoolError):
    """There is no room for another delivery, on the disk or below the spool's own limit."""


class SpoolFiles:
    """What both sides know: where things are, and a connection to the database."""

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path)
        self._database = self.path / _DATABASE
        self._opened = ExitStack()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let go of all that was opened, the last first."""
        self._opened.close()

    @contextmanager
    def _closed_on_error(self) -> Iterator[None]:
        """Let go of what is open already where opening the rest fails."""
        try:
            yield
        except BaseException:
            self.close()
            raise

    def _connect(self, mode: str) -> None:
        # The receiver hands its connection to the one thread that commits.
        connection = sqlite3.connect(
            f"file:{quote(str(self._database.absolute()))}?mode={mode}",
            uri=True,
            timeout=_BUSY,
            isolation_level=None,
            check_same_thread=False,
        )
        self._connection = self._opened.enter_context(closing(connection))

    def _number(self, question: str) -> int:
        try:
            row = self._connection.execute(question).fetchone()
        except sqlite3.Error as error:
            raise SpoolError(f"The spool {self.path} cannot be read: {plain(error)}") from error
        return int(row[0]) if row and row[0] is not None else 0

    @property
    def last_sequence(self) -> int:
        """The highest number ever given, also where that delivery is gone; 0 where none was."""
        return self._number("SELECT seq FROM sqlite_sequence WHERE name = 'deliveries'")

    @property
    def read_up_to(self) -> int:
        """The sequence up to which all was read, as last marked; 0 where nothing was."""
        try:
            return int((self.path / READ_MARK).read_text())
        except FileNotFoundError:
            return 0
        except (OSError, ValueError) as error:
            raise SpoolError(f"{self.path / READ_MARK} cannot be read: {error}") from error

    def _check_format(self) -> None:
        found = self._number("PRAGMA user_version")
        if found > FORMAT:
            raise SpoolError(f"The spool {self.path} is of a later version: upgrade customerly")


def plain(error: Exception) -> str:
    """Say what the system said, without its number."""
    return error.strerror or str(error) if isinstance(error, OSError) else str(error)
