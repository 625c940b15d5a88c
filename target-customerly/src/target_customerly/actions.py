"""Applying operations through the API: a method for each action, and what follows from answers.

A method takes operations that can share requests and returns those that are applied; each other one
has been rejected. So whatever happens, an operation is settled exactly once.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from customerly.errors import Refused

from target_customerly.presence import Presence
from target_customerly.sending import Sender, kind_of
from target_customerly.tagging import Tagging

if TYPE_CHECKING:
    from collections.abc import Callable

    from customerly.answer_forms import BatchOutcome
    from customerly.api import Api

    from target_customerly.operations import Operation
    from target_customerly.sending import Operations, Reject


class Actions:
    """What can be done with operations.

    Args:
        api: Customerly.
        tags_mode: What becomes of the tags that an upsert does not name.
        shrink: Takes the size of a batch that the API found too large.
        reject: Takes an operation that was refused, why, and at which stage.
    """

    def __init__(
        self, api: Api, tags_mode: str, shrink: Callable[[int], None], reject: Reject
    ) -> None:
        self._api = api
        self._tags_mode = tags_mode
        self._sender = Sender(api, shrink, reject)
        self._presence = Presence()
        self._tagging = Tagging(self._sender, self._presence)
        self._methods: dict[str, Callable[[Operations], Operations]] = {
            "upsert": self._upsert,
            "find_and_upsert": self._find_and_upsert,
            "delete": self._delete,
            "unsubscribe": self._unsubscribe,
            "tag": self._tagging.tag,
            "untag": self._tagging.untag,
            "make_tag": self._tagging.make,
            "delete_tag": self._tagging.delete,
            "company": self._company,
            "member": self._member,
            "message": self._message,
            "call": self._call,
        }

    def apply(self, action: str, operations: Operations) -> Operations:
        """Apply operations that share an action.

        Args:
            action: As of `Operation.action`.
            operations: In the order received; no two of them are about one thing.

        Returns:
            Those that are applied.

        Raises:
            CustomerlyError: The run can't go on: the token is refused, or nothing answers.
        """
        return self._methods[action](operations)

    # --- contacts ------------------------------------------------------------------------------

    def _upsert(self, operations: Operations) -> Operations:
        """Create or update contacts, then give them what travels beside: tags and the like."""

        def send(part: Operations) -> BatchOutcome:
            return self._api.upsert_contacts(kind_of(part), [o.body for o in part])

        stored = self._sender.batch(operations, send, self._sender.rejected_at("upsert"))
        self._presence.found(stored)
        tagged = self._tag_stored(stored)
        return self._join(self._keep_unsubscribed(tagged))

    def _tag_stored(self, stored: Operations) -> Operations:
        if self._tags_mode == "inline":
            return stored
        if self._tags_mode == "replace":
            return self._tagging.replace(stored)
        return self._tagging.tie(
            [(o, o.tags or []) for o in stored], "stored, but not tagged {tag}"
        )

    def _keep_unsubscribed(self, stored: Operations) -> Operations:
        """Unsubscribe users who are so in the project that they are copied from."""

        def send(one: Operation) -> None:
            self._api.unsubscribe(str(one.user_id))

        wanted = [o for o in stored if o.unsubscribes and o.user_id]
        return self._some(stored, wanted, send, "stored, but not unsubscribed")

    def _join(self, stored: Operations) -> Operations:
        """Make users members of the companies that they are in where they are copied from."""

        def send(one: Operation) -> None:
            for company in one.companies:
                self._api.add_to_company({**company, **one.contact})

        wanted = [o for o in stored if o.companies]
        return self._some(stored, wanted, send, "stored, but not in all its companies")

    def _some(
        self,
        stored: Operations,
        wanted: Operations,
        send: Callable[[Operation], None],
        stage: str,
    ) -> Operations:
        """Send something more for some of the operations; return all but those that failed."""
        if not wanted:
            return stored
        done = {id(one) for one in self._sender.each(wanted, send, stage)}
        failed = {id(one) for one in wanted} - done
        return [one for one in stored if id(one) not in failed]

    def _find_and_upsert(self, operations: Operations) -> Operations:
        """Look up the addresses of users that are known by id alone, then update them."""
        found = []
        for operation in operations:
            contact = self._sender.look_up(operation, "look-up")
            if contact is None:
                continue
            operation.email = str(contact.get("email") or "") or None
            if operation.email:
                operation.body["email"] = operation.email
                found.append(operation)
            else:
                self._sender.reject(operation, "the user has no e-mail address", "look-up")
        return self._upsert(found)

    def _delete(self, operations: Operations) -> Operations:
        """Delete contacts; one that is not there counts as deleted."""

        def send(one: Operation) -> None:
            self._presence.gone(one)
            self._api.delete_contact(kind_of([one]), **one.contact)

        return self._sender.each(operations, send, "delete", missing_is_fine=True)

    def _unsubscribe(self, operations: Operations) -> Operations:
        """Unsubscribe users; one that is not there counts as unsubscribed."""

        def send(one: Operation) -> None:
            user_id = one.user_id
            if one.email:
                user_id = str(self._api.get_contact("users", email=one.email).get("user_id") or "")
            if not user_id:
                request = "POST users/unsubscribe"
                raise Refused(request, "the user has no user_id, which this goes by", status=200)
            self._api.unsubscribe(user_id)

        return self._sender.each(operations, send, "unsubscribe", missing_is_fine=True)

    # --- the rest ------------------------------------------------------------------------------

    def _company(self, operations: Operations) -> Operations:
        """Set companies' names and attributes."""

        def send(one: Operation) -> None:
            body = one.body
            name, attributes = body.get("company_name"), body["attributes"]
            self._api.upsert_company(body["company_id"], name=name, attributes=attributes)

        return self._sender.each(operations, send, "upsert")

    def _member(self, operations: Operations) -> Operations:
        """Make users members of companies."""
        return self._sender.each(
            operations, lambda one: self._api.add_to_company(one.body), "upsert"
        )

    def _message(self, operations: Operations) -> Operations:
        """Send messages, each once."""
        return self._sender.each(operations, lambda one: self._api.send_message(one.body), "send")

    def _call(self, operations: Operations) -> Operations:
        """Make calls, each once."""

        def send(one: Operation) -> None:
            self._presence.gone()
            self._api.call(**one.body)

        return self._sender.each(operations, send, "call")
