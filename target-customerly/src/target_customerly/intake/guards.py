"""The guard of a run: it ends before it deletes more than is meant."""

from __future__ import annotations

from typing import TYPE_CHECKING

from customerly.errors import CustomerlyError

from target_customerly.delivery.actions import ACTIONS

if TYPE_CHECKING:
    from target_customerly.operations import Operation


class DeleteGuard:
    """Counts deletes.

    Args:
        most: How many the run may ask for; None: as many as it likes.
        dry_run: Whether nothing is written anyway.
    """

    def __init__(self, most: int | None, *, dry_run: bool) -> None:
        self._most = most
        self._dry_run = dry_run
        self._count = 0

    def check(self, operation: Operation) -> None:
        """Count an operation where it deletes.

        Args:
            operation: What is about to be scheduled.

        Raises:
            CustomerlyError: It is one delete too many.
        """
        if not ACTIONS[operation.action].deletes(operation):
            return
        if self._most is not None and self._count >= self._most:
            before = "would be" if self._dry_run else "was"
            raise CustomerlyError(
                f"Line {operation.origin.line} is delete number {self._most + 1}, and max_deletes "
                f"is {self._most}: raise it if these deletes are meant. All before it {before} "
                "applied."
            )
        self._count += 1
