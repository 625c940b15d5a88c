"""The guard of a run: it ends before it deletes more than is meant."""

from __future__ import annotations

from typing import TYPE_CHECKING

from customerly.errors import CustomerlyError

from target_customerly.delivery.actions import ACTIONS

if TYPE_CHECKING:
    from target_customerly.ledger.snapshot import Snapshot
    from target_customerly.operations import Operation
    from target_customerly.settings import Settings


class DeleteGuard:
    """Counts deletes.

    Args:
        settings: The target's settings.
        snapshot: Holds the contacts of which `max_deletes_percent` is a share.

    Attributes:
        count: Deletes that were let through.
    """

    def __init__(self, settings: Settings, snapshot: Snapshot | None) -> None:
        self.count = 0
        self._most = settings.max_deletes
        self._percent = settings.max_deletes_percent
        self._dry_run = settings.dry_run
        self._snapshot = snapshot
        self._held: int | None = None

    def check(self, operation: Operation) -> None:
        """Count an operation where it deletes.

        Args:
            operation: What is about to be scheduled.

        Raises:
            CustomerlyError: It is one delete too many.
        """
        if not ACTIONS[operation.action].deletes(operation):
            return
        if self._most is not None and self.count >= self._most:
            self._stop(operation, f"max_deletes is {self._most}")
        if self._percent is not None and self._snapshot is not None:
            if self._held is None:
                self._held = self._snapshot.count()
            if 100 * (self.count + 1) > self._percent * self._held:
                self._stop(
                    operation,
                    f"max_deletes_percent is {self._percent:g} of the {self._held} contacts that "
                    "the snapshot holds",
                )
        self.count += 1

    def _stop(self, operation: Operation, limit: str) -> None:
        before = "would be" if self._dry_run else "was"
        raise CustomerlyError(
            f"Line {operation.origin.line} is delete number {self.count + 1}, and {limit}: raise "
            f"it if these deletes are meant. All before it {before} applied."
        )
