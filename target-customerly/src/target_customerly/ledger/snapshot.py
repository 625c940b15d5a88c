"""What `skip_unchanged` remembers of each contact that was accepted: a key and a digest.

A digest is only ever there while it is certain that the contact was last sent just so. Before
anything is sent that can change a contact, its digest is forgotten, durably; when the API has
accepted an upsert, its digest is recorded. So a killed run, or a lost snapshot, means that a
contact is sent once more, never that a change is kept back. The same holds for who is gone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Sequence

    from target_customerly.ledger.database import Database
    from target_customerly.operations import Operation


class Snapshot:
    """Digests of contacts.

    Args:
        database: The file.
        tags_mode: How tags are sent: another mode is another content.
    """

    def __init__(self, database: Database, tags_mode: str) -> None:
        self._database = database
        self._mode = tags_mode

    def same(self, upserts: Sequence[Operation]) -> list[bool]:
        """Tell of upserts whether they would send just what was last accepted.

        Args:
            upserts: By address.

        Returns:
            True for each whose digest is there and is the same.
        """
        keys = [self._hash(one.email) for one in upserts]
        places = ",".join("?" * len(keys))
        query = f"SELECT key, digest FROM contact WHERE key IN ({places})"  # noqa: S608
        known = dict(self._database.rows(query, keys))
        return [
            key in known and known[key] == self._digest(one)
            for key, one in zip(keys, upserts, strict=True)
        ]

    def is_gone(self, operation: Operation) -> bool:
        """Tell whether an operation's contact is known to be deleted.

        Args:
            operation: A delete.
        """
        name = self._name(operation)
        return bool(self._database.rows("SELECT 1 FROM gone WHERE name = ?", (name,)))

    def has(self, operation: Operation) -> bool:
        """Tell whether an operation's contact was accepted, and so is there.

        Args:
            operation: About a contact.
        """
        if operation.email:
            query, name = "SELECT 1 FROM contact WHERE key = ?", operation.email
        else:
            query, name = "SELECT 1 FROM contact WHERE user_id = ?", str(operation.user_id)
        return bool(self._database.rows(query, (self._hash(name),)))

    def count(self) -> int:
        """Count the contacts that it holds."""
        return int(self._database.rows("SELECT count(*) FROM contact")[0][0])

    def forget(self, operations: Sequence[Operation]) -> None:
        """Forget the contacts that are about to be changed.

        Args:
            operations: What is about to be sent.
        """
        keys = [(self._hash(one.email),) for one in operations if one.email]
        nameless = [one for one in operations if not one.email]

        def forget(db: sqlite3.Connection) -> None:
            self._forget_gone(db, operations)
            db.executemany("DELETE FROM contact WHERE key = ?", keys)
            for one in nameless:
                if not (one.user_id and self._forget_by_id(db, one.user_id)):
                    db.execute("DELETE FROM contact")  # it can be any contact

        self._database.change(forget)

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
        self._database.change(
            lambda db: db.executemany("REPLACE INTO contact VALUES (?, ?, ?)", rows),
            survives=False,  # who is not remembered is sent once more
        )

    def deleted(self, operations: Iterable[Operation]) -> None:
        """Remember contacts that were deleted.

        Args:
            operations: Deletes that the API accepted.
        """
        rows = [(self._name(operation),) for operation in operations]
        self._database.change(lambda db: db.executemany("REPLACE INTO gone VALUES (?)", rows))

    def _forget_gone(self, db: sqlite3.Connection, operations: Iterable[Operation]) -> None:
        """Forget that contacts are gone, which may be made now."""
        if db.execute("SELECT 1 FROM gone LIMIT 1").fetchone() is None:
            return
        if any(one.action == "call" for one in operations):
            db.execute("DELETE FROM gone")  # it can have made any contact
        names = [(name,) for one in operations for name in self._names(one)]
        db.executemany("DELETE FROM gone WHERE name = ?", names)

    def _forget_by_id(self, db: sqlite3.Connection, user_id: str) -> bool:
        cursor = db.execute("DELETE FROM contact WHERE user_id = ?", (self._hash(user_id),))
        return cursor.rowcount > 0

    def _hash(self, text: str | None) -> bytes:
        return self._database.hash(str(text).casefold().encode())

    def _name(self, operation: Operation) -> bytes:
        """Hash the name by which an operation's contact goes."""
        return self._hash(
            f"{operation.collection} {operation.email}"
            if operation.email
            else f"users id {operation.user_id}"
        )

    def _names(self, operation: Operation) -> Iterable[bytes]:
        """Hash every name that an operation's contact can have been deleted by."""
        if operation.email:
            yield from (self._hash(f"{each} {operation.email}") for each in ("users", "leads"))
        if operation.user_id:
            yield self._hash(f"users id {operation.user_id}")

    def _digest(self, operation: Operation) -> bytes:
        return self._database.hash(
            msgspec.json.encode(
                [
                    *(operation.collection, operation.body, operation.tags, self._mode),
                    *(operation.also_tag, operation.unsubscribes, operation.companies),
                ],
                order="deterministic",
            )
        )
