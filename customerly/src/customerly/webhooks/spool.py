"""The spool: deliveries on disk, from when they are acknowledged until they have been read.

It is one SQLite database. In WAL mode with `synchronous=FULL` a transaction is on disk when its
commit returns, a torn one is undone at the next start, and readers see whole transactions only.
The receiver is the only one that writes to it. Readers open it read-only; how far they have read
is a small file beside it, so two processes never write to one database.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import sqlite3
import time
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

import msgspec

from customerly.errors import CustomerlyError
from customerly.webhooks.delivery import Delivery, NewDelivery

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from types import TracebackType
    from typing import Self

_DATABASE = "deliveries.db"
_READ = "read"
_LOCK = "lock"
_FORMAT = 1

# AUTOINCREMENT keeps the highest number ever given, so none comes again when all are removed.
_TABLE = """
    CREATE TABLE IF NOT EXISTS deliveries (
        sequence INTEGER PRIMARY KEY AUTOINCREMENT,
        received_at INTEGER NOT NULL,
        hook TEXT,
        query BLOB NOT NULL,
        headers BLOB NOT NULL,
        body BLOB NOT NULL
    )
"""
_INSERT = "INSERT INTO deliveries (received_at, hook, query, headers, body) VALUES (?, ?, ?, ?, ?)"
_BUSY = 10.0  # seconds to wait for another process, such as one that recovers the database
_WAL_BYTES = 64 << 20  # the log is cut to this after it grew beyond
_REMOVED_AT_ONCE = 200  # deliveries; a removal must not hold up the deliveries behind it
_RETURNED_AT_ONCE = 2_000  # pages given back to the file system at once
_READ_BYTES = 8 << 20  # bodies that one look into the spool returns at most


class SpoolError(CustomerlyError):
    """The spool cannot be used as it is."""


class SpoolFull(SpoolError):
    """There is no room for another delivery, on the disk or below the spool's own limit."""


class _Files:
    """What both sides know: where things are, and a connection to the database."""

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path)
        self._database = self.path / _DATABASE

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
        """Let go of the database."""
        self._connection.close()

    def _connect(self, mode: str) -> None:
        # The receiver hands its connection to the one thread that commits.
        self._connection = sqlite3.connect(
            f"file:{quote(str(self._database.absolute()))}?mode={mode}",
            uri=True,
            timeout=_BUSY,
            isolation_level=None,
            check_same_thread=False,
        )

    def _number(self, question: str) -> int:
        try:
            row = self._connection.execute(question).fetchone()
        except sqlite3.Error as error:
            raise SpoolError(f"The spool {self.path} cannot be read: {_plain(error)}") from error
        return int(row[0]) if row and row[0] is not None else 0

    @property
    def last_sequence(self) -> int:
        """The highest number ever given, also where that delivery is gone; 0 where none was."""
        return self._number("SELECT seq FROM sqlite_sequence WHERE name = 'deliveries'")

    @property
    def read_up_to(self) -> int:
        """The sequence up to which all was read, as last marked; 0 where nothing was."""
        try:
            return int((self.path / _READ).read_text())
        except FileNotFoundError:
            return 0
        except (OSError, ValueError) as error:
            raise SpoolError(f"{self.path / _READ} cannot be read: {error}") from error

    def _check_format(self) -> None:
        found = self._number("PRAGMA user_version")
        if found > _FORMAT:
            raise SpoolError(f"The spool {self.path} is of a later version: upgrade customerly")


class Spool(_Files):
    """The receiver's side: only one at a time.

    Args:
        path: The directory; it is made where it is missing, for this user alone.
        max_bytes: Size that the spool never exceeds, whatever is in it; None: the disk's.

    Raises:
        SpoolError: The directory cannot be used, or another receiver has it.
    """

    def __init__(self, path: str | Path, *, max_bytes: int | None = None) -> None:
        super().__init__(path)
        try:
            self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._lock = _locked(self.path)
            # Made by hand for its mode: SQLite gives the same one to the files beside it.
            os.close(os.open(self._database, os.O_RDWR | os.O_CREAT, 0o600))
            _sync_directory(self.path)
            self._connect("rw")
            self._prepare(max_bytes)
            self._inode = self._database.stat().st_ino
        except (OSError, sqlite3.Error) as error:
            raise SpoolError(f"The spool {self.path} cannot be used: {_plain(error)}") from error

    def _prepare(self, max_bytes: int | None) -> None:
        execute = self._connection.execute
        self._check_format()
        execute("PRAGMA auto_vacuum = INCREMENTAL")  # heeded only before the first table
        execute("PRAGMA journal_mode = WAL")
        execute("PRAGMA synchronous = FULL")
        execute(f"PRAGMA journal_size_limit = {_WAL_BYTES}")
        self._page = self._number("PRAGMA page_size")
        if max_bytes is not None:
            execute(f"PRAGMA max_page_count = {max(max_bytes // self._page, 1)}")
        execute(_TABLE)
        execute(f"PRAGMA user_version = {_FORMAT}")

    def close(self) -> None:
        """Let go of the database, then of the lock."""
        super().close()
        os.close(self._lock)

    def append(self, deliveries: Sequence[NewDelivery]) -> None:
        """Keep deliveries: when this returns, all of them are on disk; else none is.

        Args:
            deliveries: They get the next sequences, in this order.

        Raises:
            SpoolFull: There is no room for them now.
            SpoolError: They cannot be kept for another reason.
        """
        encode = msgspec.json.encode
        rows = [
            (new.received_at, new.hook, encode(new.query), encode(new.headers), new.body)
            for new in deliveries
        ]
        try:
            # SQLite would go on writing to a file that nobody can find any more.
            if self._database.stat().st_ino != self._inode:
                raise FileNotFoundError
            with self._transaction():
                self._connection.executemany(_INSERT, rows)
        except FileNotFoundError:
            raise SpoolError(f"The spool {self.path} is gone: start the receiver anew") from None
        except (OSError, sqlite3.Error) as error:
            kind = SpoolFull if "full" in str(error) else SpoolError
            raise kind(f"The spool {self.path} takes nothing: {_plain(error)}") from error

    @contextlib.contextmanager
    def _transaction(self) -> Iterator[None]:
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            yield
            self._connection.execute("COMMIT")
        except BaseException:
            if self._connection.in_transaction:  # SQLite may have rolled back by itself
                self._connection.execute("ROLLBACK")
            raise

    @property
    def size(self) -> int:
        """Bytes that deliveries take, without room that is free to be used again."""
        pages = self._number("PRAGMA page_count") - self._number("PRAGMA freelist_count")
        return pages * self._page

    def prune(self, *, keep_seconds: float, keep_bytes: int) -> bool:
        """Remove some of the oldest deliveries that were read, and are too old or too many.

        Args:
            keep_seconds: What is younger stays, unless the spool is too large.
            keep_bytes: Size above which what was read goes, however young.

        Returns:
            Whether there is more to remove: call again, after the deliveries that wait.

        Raises:
            SpoolError: The spool cannot be changed now.
        """
        before = float("inf") if self.size > keep_bytes else (time.time() - keep_seconds) * 1e6
        try:
            with self._transaction():
                oldest = self._connection.execute(
                    "SELECT sequence, received_at FROM deliveries WHERE sequence <= ? "
                    "ORDER BY sequence LIMIT ?",
                    (self.read_up_to, _REMOVED_AT_ONCE),
                ).fetchall()
                doomed = [(sequence,) for sequence, at in oldest if at < before]
                self._connection.executemany("DELETE FROM deliveries WHERE sequence = ?", doomed)
            # Free pages are used again; only where they are many do they go back to the disk.
            if self._number("PRAGMA freelist_count") * 4 > self._number("PRAGMA page_count"):
                # As a script: `execute` would return after the first page.
                self._connection.executescript(f"PRAGMA incremental_vacuum({_RETURNED_AT_ONCE})")
        except sqlite3.Error as error:
            raise SpoolError(f"Nothing can be removed from {self.path}: {_plain(error)}") from error
        return len(doomed) == _REMOVED_AT_ONCE


class SpoolReader(_Files):
    """The tap's side: it may come and go while the receiver writes.

    Args:
        path: The directory that `customerly listen --spool` was given.

    Raises:
        SpoolError: There is no spool, or it cannot be read.
    """

    def __init__(self, path: str | Path) -> None:
        super().__init__(path)
        if not self._database.exists():
            raise SpoolError(
                f"There is no spool at {self.path}: start `customerly listen --spool {self.path}`"
            )
        try:
            self._connect("ro")
            self._check_format()
            if not self._number("PRAGMA user_version"):
                raise SpoolError(f"The spool {self.path} is not ready yet: try again")
        except sqlite3.Error as error:
            raise SpoolError(f"The spool {self.path} cannot be read: {_plain(error)}") from error

    def read(self, *, after: int = 0, limit: int = 1_000) -> list[Delivery]:
        """Take one short look: a long one would keep the receiver's log from being reused.

        Args:
            after: Only deliveries with a higher sequence.
            limit: Deliveries at most; there can be fewer where they are large.

        Returns:
            The next ones, in order; an empty list where there is no more.

        Raises:
            SpoolError: The spool cannot be read.
        """
        found: list[Delivery] = []
        size = 0
        try:
            with contextlib.closing(
                self._connection.execute(
                    "SELECT sequence, received_at, hook, query, headers, body FROM deliveries "
                    "WHERE sequence > ? ORDER BY sequence LIMIT ?",
                    (after, limit),
                )
            ) as rows:
                for sequence, received_at, hook, query, headers, body in rows:
                    found.append(
                        Delivery.read(
                            sequence,
                            NewDelivery(received_at, hook, _object(query), _object(headers), body),
                        )
                    )
                    size += len(body)
                    if size >= _READ_BYTES:
                        break
        except sqlite3.Error as error:
            raise SpoolError(f"The spool {self.path} cannot be read: {_plain(error)}") from error
        return found

    def deliveries(self, *, after: int = 0) -> Iterator[Delivery]:
        """Read all that is in the spool now.

        Args:
            after: Only deliveries with a higher sequence.

        Yields:
            Deliveries in order; those that come in meanwhile are left for the next time.
        """
        last = self.last_sequence
        while after < last and (batch := self.read(after=after)):
            for delivery in batch:
                if delivery.sequence <= last:
                    yield delivery
            after = batch[-1].sequence

    def mark_read(self, sequence: int) -> None:
        """Let the receiver remove, when it wants to, what is safely somewhere else.

        Args:
            sequence: All deliveries up to this one are; a lower one than before is ignored.

        Raises:
            SpoolError: The spool never gave that sequence, or the mark cannot be written.
        """
        if sequence > self.last_sequence:
            raise SpoolError(
                f"Delivery {sequence} was never in the spool {self.path}, which ends at "
                f"{self.last_sequence}: the bookmark is another spool's"
            )
        if sequence <= self.read_up_to:
            return
        mark, new = self.path / _READ, self.path / f"{_READ}.{os.getpid()}"
        try:
            with new.open("w") as file:
                file.write(f"{sequence}\n")
                file.flush()
                os.fsync(file.fileno())
            new.replace(mark)
        except OSError as error:
            raise SpoolError(f"{mark} cannot be written: {_plain(error)}") from error


_object = msgspec.json.Decoder(dict[str, str]).decode


def _locked(path: Path) -> int:
    """Take the directory for this process; the lock ends with the process, however it ends."""
    lock = os.open(path / _LOCK, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(lock)
        raise SpoolError(f"The spool {path} belongs to another receiver that is running") from None
    return lock


def _sync_directory(path: Path) -> None:
    directory = os.open(path, os.O_RDONLY)
    try:
        os.fsync(directory)
    finally:
        os.close(directory)


def _plain(error: Exception) -> str:
    return error.strerror or str(error) if isinstance(error, OSError) else str(error)
