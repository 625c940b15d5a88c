"""What `skip_unchanged` remembers of each contact that was accepted: a key and a digest.

A digest is only ever there while it is certain that the contact was last sent just so. Before
anything is sent that can change a contact, its digest is forgotten, durably; when the API has
accepted an upsert, its digest is recorded. So a killed run, or a lost snapshot, means that a
contact is sent once more, never that a change is kept back.
"""

from __future__ import annotations

import hashlib
import os
import sqlite3
import threading
from typing import TYPE_CHECKING

import msgspec
from customerly.errors import CustomerlyError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from customerly.connection import Connection

    from target_customerly.operations import Operation

_TABLES = """
    CREATE TABLE IF NOT EXISTS salt (salt BLOB NOT NULL);
    CREATE TABLE IF NOT EXISTS contact (
        key BLOB PRIMARY KEY, user_id BLOB, digest BLOB NOT NULL
    ) WITHOUT ROWID;
    CREATE INDEX IF NOT EXISTS contact_by_user_id ON contact (user_id);
"""


class Snapshot:
    """Digests of contacts in SQLite; keys are salted hashes, so it holds no personal data.

    Args:
        path: The file; deleting it is always safe.
        connection: Which project the contacts are in.
        tags_mode: How tags are sent: another mode is another content.

    Raises:
        CustomerlyError: The file can't be used.
    """

    def __init__(self, path: Path, connection: Connection, tags_mode: str) -> None:
        self._path = path
        self._mode = tags_mode
        self._lock = threading.Lock()
        try:
            os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
            self._db = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
            self._db.execute("PRAGMA journal_mode = WAL")
            self._db.execute("PRAGMA synchronous = FULL")
            self._db.executescript(_TABLES)
            salt = self._salt()
        except (OSError, ValueError, sqlite3.Error) as error:
            raise self._complaint(error) from None
        project = f"{connection.api_url} {connection.access_token}".encode()
        self._seed = hashlib.blake2b(project, key=salt, digest_size=32).digest()

    def holds(self, operation: Operation) -> bool:
        """Tell whether an upsert would send just what was last accepted.

        Args:
            operation: An upsert by address.

        Returns:
            True where the contact's digest is there and is the same.
        """
        key = self._hash(operation.email)
        with self._lock:
            try:
                found = self._db.execute("SELECT digest FROM contact WHERE key = ?", (key,))
                row = found.fetchone()
            except sqlite3.Error as error:
                raise self._complaint(error) from None
        return row is not None and row[0] == self._digest(operation)

    def forget(self, operations: Iterable[Operation]) -> None:
        """Forget the contacts that are about to be changed.

        Args:
            operations: What is about to be sent.
        """

        def forget(db: sqlite3.Connection) -> None:
            for operation in operations:
                if operation.email:
                    key = self._hash(operation.email)
                    db.execute("DELETE FROM contact WHERE key = ?", (key,))
                elif operation.user_id and self._forget_by_id(db, operation.user_id):
                    continue
                else:
                    db.execute("DELETE FROM contact")  # it can be any contact

        self._run(forget)

    def record(self, operations: Iterable[Operation]) -> None:
        """Remember upserts that the API has accepted, tags and all.

        Args:
            operations: Upserts by address.
        """
        rows = [
            (self._hash(o.email), self._hash(o.user_id) if o.user_id else None, self._digest(o))
            for o in operations
            if o.email
        ]
        self._run(lambda db: db.executemany("REPLACE INTO contact VALUES (?, ?, ?)", rows))

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._db.close()

    def _forget_by_id(self, db: sqlite3.Connection, user_id: str) -> bool:
        cursor = db.execute("DELETE FROM contact WHERE user_id = ?", (self._hash(user_id),))
        return cursor.rowcount > 0

    def _run(self, action: Callable[[sqlite3.Connection], object]) -> None:
        with self._lock:
            try:
                self._db.execute("BEGIN")
                try:
                    action(self._db)
                finally:
                    self._db.execute("COMMIT")
            except sqlite3.Error as error:
                raise self._complaint(error) from None

    def _salt(self) -> bytes:
        row = self._db.execute("SELECT salt FROM salt").fetchone()
        if row is None:
            row = (os.urandom(32),)
            self._db.execute("INSERT INTO salt VALUES (?)", row)
        return bytes(row[0])

    def _hash(self, text: str | None) -> bytes:
        return hashlib.blake2b(
            str(text).casefold().encode(), key=self._seed, digest_size=16
        ).digest()

    def _digest(self, operation: Operation) -> bytes:
        content = msgspec.json.encode(
            [
                *(operation.collection, operation.body, operation.tags, self._mode),
                *(operation.unsubscribes, operation.companies),
            ],
            order="deterministic",
        )
        return hashlib.blake2b(content, key=self._seed, digest_size=16).digest()

    def _complaint(self, error: Exception) -> CustomerlyError:
        return CustomerlyError(
            f"The snapshot {self._path} can't be used ({error}): delete it, which is always safe, "
            "or change snapshot_path"
        )
