"""Which contacts are known to be there, so that they need no look-up before they are tagged.

`POST /tags` may say nothing at all of a contact that it does not know (docs/api-contract.md#tags),
and a tag on a contact that is not there must be rejected. A contact that this run has stored or
seen is there; each other one is looked up.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from target_customerly.operations import Operation

_REMEMBERED = 50_000  # contacts; the first one is forgotten for each further one


class Presence:
    """What is known of who is there; thread-safe."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, str], None] = {}
        self._lock = threading.Lock()

    def knows(self, operation: Operation) -> bool:
        """Tell whether an operation's contact is known to be there."""
        return _contact(operation) in self._known

    def found(self, operations: Iterable[Operation]) -> None:
        """Remember contacts that were stored, or seen; a lead can have become a user by that."""
        with self._lock:
            for operation in operations:
                collection, key = _contact(operation)
                self._known[collection, key] = None
                self._known.pop(("leads" if collection == "users" else "users", key), None)
                if len(self._known) > _REMEMBERED:
                    del self._known[next(iter(self._known))]

    def gone(self, operation: Operation | None = None) -> None:
        """Forget a contact; all of them where it can be any."""
        with self._lock:
            if operation is None or not operation.email:
                self._known.clear()
            else:
                for collection in ("users", "leads"):
                    self._known.pop((collection, _contact(operation)[1]), None)


def _contact(operation: Operation) -> tuple[str, str]:
    return operation.collection, str(operation.email or f"id {operation.user_id}").casefold()
