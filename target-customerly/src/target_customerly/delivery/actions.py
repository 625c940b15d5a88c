"""Every action in one table, and what applies the batches that the scheduler hands over."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import TYPE_CHECKING

from target_customerly.delivery import conditional, single, tagging, upserting
from target_customerly.delivery.sender import Sender

if TYPE_CHECKING:
    from collections.abc import Callable

    from customerly.api import Api

    from target_customerly.delivery.sender import Operations
    from target_customerly.ledger.ledger import Ledger
    from target_customerly.operations import Operation
    from target_customerly.settings import Settings

_LOOK_UPS = 10  # contacts to look up one after another before they are sent together


class Batch(enum.Enum):
    """How many operations of an action are applied together."""

    FULL = "as many as a request takes"
    LOOK_UPS = "a few, since each is looked up first"
    SINGLE = "one"


def _never(_operation: Operation) -> bool:
    return False


def _always(_operation: Operation) -> bool:
    return True


def _calls_delete(operation: Operation) -> bool:
    return bool(operation.body["method"] == "DELETE")


@dataclass(frozen=True)
class Action:
    """How operations are applied.

    Attributes:
        name: As in `Operation.action`.
        apply: Applies operations that share a batch key, in the order received, of which no two
            are about one thing. Returns those that are applied; it has rejected each other one.
        batch: How many are applied together.
        deletes: Whether an operation deletes what can't be restored.
        select: Picks those that are to be applied at all; the others are skipped, or rejected.
        changes_contacts: Whether the snapshot must forget their contacts before.
    """

    name: str
    apply: Callable[[Sender, Operations], Operations]
    batch: Batch = Batch.SINGLE
    deletes: Callable[[Operation], bool] = _never
    select: Callable[[Sender, Operations], Operations] | None = None
    changes_contacts: bool = True


ACTIONS: dict[str, Action] = {
    action.name: action
    for action in (
        Action("upsert", upserting.upsert, Batch.FULL),
        Action("insert", upserting.upsert, Batch.LOOK_UPS, select=conditional.absent),
        Action("update", upserting.upsert, Batch.LOOK_UPS, select=conditional.existing),
        Action("find_and_upsert", upserting.find_and_upsert, Batch.LOOK_UPS),
        Action("delete", single.delete, deletes=_always),
        Action("unsubscribe", single.unsubscribe),
        Action("tag", tagging.tag, Batch.FULL),
        Action("untag", tagging.untag, Batch.FULL),
        Action("make_tag", tagging.make, Batch.FULL, changes_contacts=False),
        Action("delete_tag", tagging.delete, deletes=_always),
        Action("set_company", single.set_company, changes_contacts=False),
        Action("add_member", single.add_member, changes_contacts=False),
        Action("send_message", single.send_message, changes_contacts=False),
        Action("call", single.call, deletes=_calls_delete),
    )
}
"""The registry of actions."""


class Delivery:
    """Applies batches, and enters into the ledger what became of each operation.

    Args:
        api: Customerly.
        ledger: Keeps what becomes of operations.
        settings: The target's settings.
    """

    def __init__(self, api: Api, ledger: Ledger, settings: Settings) -> None:
        self._client = api.client
        self._ledger = ledger
        self._sender = Sender(api, ledger, settings)

    def largest_batch(self, batch_key: tuple[str, ...]) -> int:
        """Say how many operations may be applied together, by now.

        Args:
            batch_key: As of `Operation.batch_key`.

        Returns:
            At least 1.
        """
        batch = ACTIONS[batch_key[0]].batch
        if batch is Batch.SINGLE:
            return 1
        most = self._sender.batch_size
        return most if batch is Batch.FULL else min(_LOOK_UPS, most)

    def deliver(self, batch_key: tuple[str, ...], operations: Operations) -> None:
        """Apply operations that share a batch key.

        Args:
            batch_key: As of `Operation.batch_key`.
            operations: In the order received; no two of them are about one thing.

        Raises:
            CustomerlyError: The run can't go on: the token is refused, or nothing answers.
        """
        action = ACTIONS[batch_key[0]]
        stream = operations[0].origin.stream
        before = self._client.requests_by_thread
        applied: Operations = []
        try:
            chosen = action.select(self._sender, operations) if action.select else operations
            if chosen:
                self._ledger.start(chosen, changes_contacts=action.changes_contacts)
                applied = action.apply(self._sender, chosen)
        finally:
            requests = self._client.requests_by_thread - before
            self._ledger.applied(stream, applied, requests)
