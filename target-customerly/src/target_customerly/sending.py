"""Sending operations one by one or in batches, so that each is accepted or rejected, once."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from customerly.answer_forms import BatchOutcome
from customerly.errors import ContactMissing, GaveUp, Refused, RequestFailed

from target_customerly.splitting import Splitter

if TYPE_CHECKING:
    from collections.abc import Callable

    from customerly.api import Api, Kind

    from target_customerly.operations import Operation

    Operations = list[Operation]
    Reject = Callable[[Operation, RequestFailed | str, str], None]


class Sender:
    """What all actions need: the API, and what becomes of an operation that it refuses.

    Args:
        api: Customerly.
        shrink: Takes the size of a batch that the API found too large.
        reject: Takes an operation that was refused, why, and at which stage.
    """

    def __init__(self, api: Api, shrink: Callable[[int], None], reject: Reject) -> None:
        self.api = api
        self.reject = reject
        self._splitter = Splitter(self._answers, shrink)

    def batch(
        self,
        operations: Operations,
        send: Callable[[Operations], BatchOutcome],
        reject: Callable[[Operation, RequestFailed | str], None],
    ) -> Operations:
        """Send operations together.

        Args:
            operations: In the order received.
            send: Sends some of them in one request.
            reject: Takes one that was refused, and why.

        Returns:
            The accepted ones.
        """
        return self._splitter.settle(operations, send, reject)

    def each(
        self,
        operations: Operations,
        send: Callable[[Operation], None],
        stage: str,
        *,
        missing_is_fine: bool = False,
    ) -> Operations:
        """Send operations one after another.

        Args:
            operations: In the order received.
            send: Sends one.
            stage: What to say before the reason where one is refused.
            missing_is_fine: Whether it counts as applied that the contact is not there.

        Returns:
            The accepted ones.
        """

        def send_one(part: Operations) -> BatchOutcome:
            try:
                send(part[0])
            except ContactMissing:
                if not missing_is_fine:
                    raise
            return BatchOutcome()

        reject = self.rejected_at(stage)
        return [one for each in operations for one in self.batch([each], send_one, reject)]

    def look_up(self, operation: Operation, stage: str) -> dict[str, object] | None:
        """Look an operation's contact up.

        Args:
            operation: It is rejected where its contact can't be found.
            stage: What to say then before the reason.

        Returns:
            The contact, or None.
        """
        found: list[dict[str, object]] = []

        def send(one: Operation) -> None:
            found.append(self.api.get_contact(kind_of([one]), **one.contact))

        self.each([operation], send, stage)
        return found[0] if found else None

    def is_gone(self, operation: Operation) -> bool:
        """Tell whether an operation's contact is not there; an outage ends the run here too."""
        gone: list[bool] = []

        def send(part: Operations) -> BatchOutcome:
            try:
                self.api.get_contact(kind_of(part), **part[0].contact)
            except ContactMissing:
                gone.append(True)
            return BatchOutcome()

        self.batch([operation], send, lambda *_: None)
        return bool(gone)

    def rejected_at(self, stage: str) -> Callable[[Operation, RequestFailed | str], None]:
        """Make what takes refused operations of a stage."""

        def reject(operation: Operation, error: RequestFailed | str) -> None:
            self.reject(operation, error, stage)

        return reject

    def _answers(self) -> bool:
        """Tell poison from an outage; once the run was told to end, waits are cut short."""
        if self.api.client.pace.stopped():
            return False
        try:
            return self.api.answers()
        except (GaveUp, Refused):
            return False


def kind_of(operations: Operations) -> Kind:
    """Say what contacts operations are about, which is the same for all in a batch."""
    return cast("Kind", operations[0].kind)
