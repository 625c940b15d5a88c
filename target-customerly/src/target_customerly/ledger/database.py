"""The snapshot's file: SQLite, with salted hashes in place of personal data."""

from __future__ import annotations

import hashlib
import os
import sqlite3
import threading
from typing import TYPE_CHECKING, Any

from customerly.errors import CustomerlyError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from customerly.connection import Connection

_TABLES = """
    CREATE TABLE IF NOT EXISTS salt (salt BLOB NOT NULL);
    CREATE TABLE IF NOT EXISTS contact (
        key BLOB PRIMARY KEY, user_id BLOB, digest BLOB NOT NULL
    ) WITHOUT ROWID;
    CREATE INDEX IF NOT EXISTS contact_by_user_id ON contact (user_id);
    CREATE TABLE IF NOT EXISTS gone (name BLOB PRIMARY KEY) WITHOUT ROWID;
    CREATE TABLE IF NOT EXISTS member (
        stream BLOB, name BLOB, PRIMARY KEY (stream, name)
    ) WITHOUT ROWID;
    CREATE INDEX IF NOT EXISTS member_by_name ON member (name);
    CREATE TABLE IF NOT EXISTS mirror (stream BLOB PRIMARY KEY, is_complete INTEGER NOT NULL);
    CREATE TEMP TABLE seen (stream BLOB, name BLOB, PRIMARY KEY (stream, name)) WITHOUT ROWID;
"""


class Database:
    """A file that only its owner can read; thread-safe.

    Args:
        path: The file; deleting it is always safe.
        connection: Which project the contacts are in: another one finds nothing.

    Raises:
        CustomerlyError: The file can't be used.
    """

    def __init__(self, path: Path, connection: Connection) -> None:
        self._path = path
        self._lock = threading.Lock()
        try:
            self._db = _opened(path)
            salt = self._salt()
        except (OSError, ValueError, sqlite3.Error) as error:
            raise self._complaint(error) from None
        project = f"{connection.api_url} {connection.access_token}".encode()
        seed = hashlib.blake2b(project, key=salt, digest_size=32).digest()
        self._hash = hashlib.blake2b(key=seed, digest_size=16)

    def hash(self, content: bytes) -> bytes:
        """Hash something that must not be readable in the file.

        Args:
            content: Any bytes.

        Returns:
            16 bytes, others for another project and in another file.
        """
        hashed = self._hash.copy()  # to begin with the key anew takes longer
        hashed.update(content)
        return hashed.digest()

    def rows(self, query: str, values: Sequence[object] = ()) -> list[Any]:
        """Read.

        Args:
            query: A SELECT.
            values: For its placeholders.

        Returns:
            The rows.

        Raises:
            CustomerlyError: The file can't be used.
        """
        with self._lock:
            try:
                return self._db.execute(query, values).fetchall()
            except sqlite3.Error as error:
                raise self._complaint(error) from None

    def change(
        self, action: Callable[[sqlite3.Connection], object], *, survives: bool = True
    ) -> None:
        """Change something, all or nothing.

        Args:
            action: Executes statements.
            survives: Whether a loss of power right after must not undo it, which takes some
                milliseconds: the disk is waited for. The end of the process undoes nothing.

        Raises:
            CustomerlyError: The file can't be used.
        """
        with self._lock:
            try:
                self._db.execute(f"PRAGMA synchronous = {'FULL' if survives else 'NORMAL'}")
                self._db.execute("BEGIN")
                try:
                    action(self._db)
                finally:
                    self._db.execute("COMMIT")
            except sqlite3.Error as error:
                raise self._complaint(error) from None

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._db.close()

    def _salt(self) -> bytes:
        row = self._db.execute("SELECT salt FROM salt").fetchone()
        if row is None:
            row = (os.urandom(32),)
            self._db.execute("INSERT INTO salt VALUES (?)", row)
        return bytes(row[0])

    def _complaint(self, error: Exception) -> CustomerlyError:
        return CustomerlyError(
            f"The snapshot {self._path} can't be used ({error}): delete it, which is always safe, "
            "or change snapshot_path"
        )


def _opened(path: Path) -> sqlite3.Connection:
    os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
    database = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
    try:
        database.execute("PRAGMA journal_mode = WAL")
        # Keys are hashes, so each batch touches as many pages: they are moved less often.
        database.execute("PRAGMA wal_autocheckpoint = 10000")
        database.executescript(_TABLES)
    except BaseException:
        database.close()
        raise
    return database
