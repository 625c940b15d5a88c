"""Which contacts each mirrored stream holds, so that those who left it can be deleted.

A contact belongs to a stream while it was accepted from it and not deleted since. Who is gone is
only known at the end of a complete input, so a stream that was cut short, or failed, names nobody;
and since it may have left out more than it knows, nor does the run after it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from target_customerly.ledger.database import Database
    from target_customerly.operations import Operation

_AT_ONCE = 1_000  # names that are written together


class Membership:
    """Contacts by stream, as hashes of their addresses (or user ids, where they have no address).

    Args:
        database: The snapshot's file.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._seen: list[tuple[bytes, bytes]] = []
        self._streams: dict[str, bool] = {}

    def see(self, operation: Operation) -> None:
        """Note that a stream's input has a contact, whatever becomes of the record.

        Until a stream is finished it counts as failed.

        Args:
            operation: What a record asks for.
        """
        self._begin(operation.origin.stream)
        self._seen.append((self._stream(operation.origin.stream), self.name_of(operation)))
        if len(self._seen) >= _AT_ONCE:
            self._flush()

    def add(self, operations: Iterable[Operation]) -> None:
        """Note contacts that were accepted from mirrored streams.

        Args:
            operations: Upserts.
        """
        rows = [
            (self._stream(one.origin.stream), self.name_of(one))
            for one in operations
            if one.origin.stream in self._streams
        ]
        if rows:
            self._database.change(
                lambda db: db.executemany("INSERT OR IGNORE INTO member VALUES (?, ?)", rows)
            )

    def remove(self, operations: Iterable[Operation]) -> None:
        """Note contacts that were deleted.

        Args:
            operations: Deletes.
        """
        names = [(self.name_of(one),) for one in operations]
        self._database.change(lambda db: db.executemany("DELETE FROM member WHERE name = ?", names))

    def finish(self, stream: str) -> tuple[set[bytes], int]:
        """Say who left a stream whose input was complete and was applied.

        Args:
            stream: Its name.

        Returns:
            The hashes of those who left and of whom no other stream has heard, and how many the
            stream held; nobody where the run before was not complete.
        """
        self._flush()
        key = (self._stream(stream),)
        gone = self._database.rows(
            "SELECT name FROM member WHERE stream = ? "
            "AND name NOT IN (SELECT name FROM seen) "
            "AND name NOT IN (SELECT name FROM member WHERE stream != ?)",
            (*key, *key),
        )
        held = self._database.rows("SELECT count(*) FROM member WHERE stream = ?", key)
        self._database.change(lambda db: db.execute("REPLACE INTO mirror VALUES (?, 1)", key))
        was_complete = self._streams[stream]
        return {row[0] for row in gone} if was_complete else set(), int(held[0][0])

    def name_of(self, operation: Operation) -> bytes:
        """Hash what names an operation's contact.

        Args:
            operation: About a contact.
        """
        if operation.email:
            return self.hash_of(email=operation.email)
        return self.hash_of(user_id=operation.user_id)

    def hash_of(self, *, email: str | None = None, user_id: str | None = None) -> bytes:
        """Hash a name of a contact.

        Args:
            email: Its address, in any case.
            user_id: Its user id, where it has no address.
        """
        name = f"address {email.casefold()}" if email else f"id {user_id}"
        return self._database.hash(name.encode())

    def _begin(self, stream: str) -> None:
        if stream in self._streams:
            return
        key = (self._stream(stream),)
        rows = self._database.rows("SELECT is_complete FROM mirror WHERE stream = ?", key)
        self._streams[stream] = bool(rows and rows[0][0])
        self._database.change(lambda db: db.execute("REPLACE INTO mirror VALUES (?, 0)", key))

    def _stream(self, stream: str) -> bytes:
        return self._database.hash(f"stream {stream}".encode())

    def _flush(self) -> None:
        rows, self._seen = self._seen, []
        self._database.change(
            lambda db: db.executemany("INSERT OR IGNORE INTO seen VALUES (?, ?)", rows)
        )
