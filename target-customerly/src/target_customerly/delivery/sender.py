"""Send operations one by one or together, so that each is accepted or rejected, once."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Protocol

from customerly.answer_forms import BatchOutcome
from customerly.errors import ContactMissing, GaveUp, OutcomeUnclear, Refused, RequestFailed

from target_customerly.delivery.known import Known
from target_customerly.delivery.splitting import Splitter
from target_customerly.ledger.rejects import MAY_BE_APPLIED

if TYPE_CHECKING:
    from collections.abc import Callable

    from customerly.api import Api

    from target_customerly.operations import Collection, Operation
    from target_customerly.settings import Settings

    Operations = list[Operation]

logger = logging.getLogger("target-customerly")

_OK = 200  # HTTP status of an answer that names the refused ones


class Outcomes(Protocol):
    """Where it is entered what became of operations."""

    def refuse(
        self, operation: Operation, reason: str, *, status: int | None, attempts: int
    ) -> None:
        """Enter an operation as rejected."""

    def skip(self, operation: Operation) -> None:
        """Enter an operation as skipped."""

    def has(self, operation: Operation) -> bool:
        """Tell whether an operation's contact is known to be there."""


class Sender:
    """What all actions need: the API, what is known of it, and where refused operations go.

    Args:
        api: Customerly.
        outcomes: Where it is entered what became of operations.
        settings: The target's settings.

    Attributes:
        outcomes: Where it is entered what became of operations.
        known: What the run has learned so far.
        batch_size: The most contacts in a request, by now.
    """

    def __init__(self, api: Api, outcomes: Outcomes, settings: Settings) -> None:
        self.api = api
        tagging_unknown = settings.api_facts.tagging_unknown
        self.known = Known(
            names_unknown=None if tagging_unknown is None else tagging_unknown == "error",
            verifies=settings.verify_tagged,
        )
        self.replaces_tags = settings.tags_mode == "replace"
        self.inlines_tags = settings.inlines_tags
        self.batch_size = settings.batch_size_rows
        self.outcomes = outcomes
        self._splitter = Splitter(self._api_answers, self._shrink, api.client.one_attempt_each)

    def together(
        self,
        operations: Operations,
        send: Callable[[Operations], BatchOutcome],
        reject: Callable[[Operation, RequestFailed | str], None],
    ) -> Operations:
        """Send operations in as few requests as the API allows.

        Args:
            operations: In the order received.
            send: Sends some of them in one request.
            reject: Takes one that was refused, and why.

        Returns:
            The accepted ones.
        """

        def counted(part: Operations) -> BatchOutcome:
            before = self.api.client.requests_by_thread
            try:
                return send(part)
            finally:
                attempts = self.api.client.requests_by_thread - before
                for one in part:
                    one.attempts = attempts

        return self._splitter.send(operations, counted, reject)

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

        reject = self.rejecting(stage)
        return [one for each in operations for one in self.together([each], send_one, reject)]

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
            found.append(self.api.get_contact(one.collection, **one.contact))

        self.each([operation], send, stage)
        return found[0] if found else None

    def is_gone(self, operation: Operation) -> bool:
        """Tell whether an operation's contact is not there; an outage ends the run here too."""
        gone: list[bool] = []

        def send(part: Operations) -> BatchOutcome:
            try:
                self.api.get_contact(part[0].collection, **part[0].contact)
            except ContactMissing:
                gone.append(True)
            return BatchOutcome()

        self.together([operation], send, lambda *_: None)
        return bool(gone)

    def post_tag(
        self,
        tag: str,
        collection: Collection,
        contacts: list[dict[str, str]],
        *,
        untag: bool = False,
    ) -> BatchOutcome:
        """Tie a tag to contacts of one collection, or untie it, in one request.

        Args:
            tag: Its name.
            collection: Theirs.
            contacts: Each `{"email": …}` or `{"user_id": …}`.
            untag: Untie instead.

        Returns:
            Which contacts the API says it left out.
        """
        if collection == "leads":
            return self.api.tag(tag, leads=contacts, untag=untag)
        return self.api.tag(tag, users=contacts, untag=untag)

    def rejecting(self, stage: str) -> Callable[[Operation, RequestFailed | str], None]:
        """Make what rejects the refused operations of a stage.

        Args:
            stage: What to say before the reason.

        Returns:
            Takes an operation and why it was refused.
        """

        def reject(operation: Operation, error: RequestFailed | str) -> None:
            self.reject(operation, error, stage)

        return reject

    def reject(
        self, operation: Operation, error: RequestFailed | str, stage: str, hint: str = ""
    ) -> None:
        """Reject an operation.

        Args:
            operation: What was refused.
            error: Why; text where an answer that is good otherwise named it.
            stage: What to say before the reason.
            hint: What to say after it.
        """
        if isinstance(error, OutcomeUnclear):
            stage = f"{stage}: {MAY_BE_APPLIED}"
        if isinstance(error, RequestFailed):
            status, attempts, reason = error.status, error.attempts, error.reason
        else:
            status, attempts, reason = _OK, operation.attempts, error
        self.outcomes.refuse(
            operation, f"{stage}: {reason}{hint}", status=status, attempts=attempts
        )

    def _shrink(self, size: int) -> None:
        """Remember for the run that requests of a size are too large."""
        smaller = max(1, size // 2)
        if smaller < self.batch_size:
            self.batch_size = smaller
            logger.warning("The API takes no batch of %d: going on with %d", size, smaller)

    def _api_answers(self) -> bool:
        """Tell poison from an outage; once the run was told to end, waits are cut short."""
        if self.api.client.stopped:
            return False
        try:
            return self.api.answers()
        except (GaveUp, Refused):
            return False
