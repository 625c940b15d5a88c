"""The receiver's side of the spool: deliveries on disk, until they have been read.

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
from typing import TYPE_CHECKING

import msgspec

from customerly.webhooks.spool_files import FORMAT, SpoolError, SpoolFiles, SpoolFull, plain

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from customerly.webhooks.delivery import NewDelivery

_LOCK = "lock"

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
_WAL_BYTES = 64 << 20  # the log is cut to this after it grew beyond
_REMOVED_AT_ONCE = 200  # deliveries; a removal must not hold up the deliveries behind it
_RETURNED_AT_ONCE = 2_000  # pages given back to the file system at once


class Spool(SpoolFiles):
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
            with self._closed_on_error():
                self._opened.callback(os.close, _locked(self.path))
                # Made by hand for its mode: SQLite gives the same one to the files beside it.
                os.close(os.open(self._database, os.O_RDWR | os.O_CREAT, 0o600))
                _sync_directory(self.path)
                self._connect("rw")
                self._prepare(max_bytes)
            self._inode = self._database.stat().st_ino
        except (OSError, sqlite3.Error) as error:
            raise SpoolError(f"The spool {self.path} cannot be used: {plain(error)}") from error

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
        execute(f"PRAGMA user_version = {FORMAT}")

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
            raise kind(f"The spool {self.path} takes nothing: {plain(error)}") from error

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
            raise SpoolError(f"Nothing can be removed from {self.path}: {plain(error)}") from error
        return len(doomed) == _REMOVED_AT_ONCE


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
