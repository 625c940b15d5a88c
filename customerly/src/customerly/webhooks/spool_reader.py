"""The tap's side of the spool: it may come and go while the receiver writes."""

from __future__ import annotations

import contextlib
import os
import sqlite3
from typing import TYPE_CHECKING

import msgspec

from customerly.webhooks.delivery import Delivery, NewDelivery
from customerly.webhooks.spool_files import READ_MARK, SpoolError, SpoolFiles, plain

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_READ_BYTES = 8 << 20  # bodies that one look into the spool returns at most


class SpoolReader(SpoolFiles):
    """Reads a spool.

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
            with self._closed_on_error():
                self._connect("ro")
                self._check_format()
                if not self._number("PRAGMA user_version"):
                    raise SpoolError(f"The spool {self.path} is not ready yet: try again")
        except sqlite3.Error as error:
            raise SpoolError(f"The spool {self.path} cannot be read: {plain(error)}") from error

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
            raise SpoolError(f"The spool {self.path} cannot be read: {plain(error)}") from error
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
        mark, new = self.path / READ_MARK, self.path / f"{READ_MARK}.{os.getpid()}"
        try:
            with new.open("w") as file:
                file.write(f"{sequence}\n")
                file.flush()
                os.fsync(file.fileno())
            new.replace(mark)
        except OSError as error:
            raise SpoolError(f"{mark} cannot be written: {plain(error)}") from error


_object = msgspec.json.Decoder(dict[str, str]).decode
