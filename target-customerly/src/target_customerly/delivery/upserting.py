"""Upserts: contacts are stored, then given what travels beside them (tags and the like)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from customerly.errors import Refused, RequestFailed

from target_customerly.delivery import tagging
from target_customerly.delivery.single import opt_out

if TYPE_CHECKING:
    from collections.abc import Callable

    from customerly.answer_forms import BatchOutcome

    from target_customerly.delivery.sender import Operations, Sender
    from target_customerly.operations import Operation

_ABOUT_USER_ID = re.compile(r"user.?id", re.IGNORECASE)
_TAKEN = (
    " (if another contact gave this user_id up in the same run, its claim can have come first: "
    "feed this back then)"
)


def upsert(sender: Sender, operations: Operations) -> Operations:
    """Create or update contacts (docs/api-contract.md#create-or-update)."""

    def send(part: Operations) -> BatchOutcome:
        return sender.api.upsert_contacts(part[0].collection, [one.body for one in part])

    presence = sender.known.presence
    presence.sending(operations)
    stored = sender.together(operations, send, _rejecting(sender))
    presence.stored(stored)
    return _join(sender, _keep_unsubscribed(sender, _tag(sender, stored)))


def _rejecting(sender: Sender) -> Callable[[Operation, RequestFailed | str], None]:
    """Make what rejects refused upserts; one that claims a user id may be refused by bad luck.

    Which id a contact had before this run nobody knows without a look-up of each. So where one
    contact gives an id up in the same moment in which another one claims it, the API may see the
    claim first (`ordering.keys`).
    """

    def reject(operation: Operation, error: RequestFailed | str) -> None:
        reason = error.reason if isinstance(error, RequestFailed) else error
        is_claim = operation.user_id and _ABOUT_USER_ID.search(reason)
        sender.reject(operation, error, "upsert", hint=_TAKEN if is_claim else "")

    return reject


def find_and_upsert(sender: Sender, operations: Operations) -> Operations:
    """Look up the addresses of users that are known by id alone, then update them."""
    found = []
    for operation in operations:
        contact = sender.look_up(operation, "look-up")
        if contact is None:
            continue
        operation.email = str(contact.get("email") or "") or None
        if operation.email:
            operation.body["email"] = operation.email
            found.append(operation)
        else:
            sender.reject(operation, "the user has no e-mail address", "look-up")
    return upsert(sender, found)


def _tag(sender: Sender, stored: Operations) -> Operations:
    if not any(one.tags is not None or one.also_tag for one in stored):
        return stored
    if sender.replaces_tags:
        stored = tagging.replace(sender, stored)
    adds = not (sender.replaces_tags or sender.inlines_tags)
    wanted = [
        (one, (one.tags or [] if adds else []) + ([one.also_tag] if one.also_tag else []))
        for one in stored
    ]
    return tagging.tie(sender, wanted, "stored, but not tagged {tag}")


def _keep_unsubscribed(sender: Sender, stored: Operations) -> Operations:
    """Unsubscribe contacts who opted out; nobody of them stays subscribed in silence."""

    def send(one: Operation) -> None:
        if one.collection == "leads":
            request = "POST users/unsubscribe"
            raise Refused(request, "the API can't unsubscribe a lead: do it by hand", status=None)
        opt_out(sender, one.user_id, one.email)

    wanted = [one for one in stored if one.unsubscribes]
    return _further(sender, stored, wanted, send, "stored, but not unsubscribed")


def _join(sender: Sender, stored: Operations) -> Operations:
    """Make users members of the companies that they are in where they are copied from."""

    def send(one: Operation) -> None:
        for company in one.companies:
            sender.api.add_to_company({**company, **one.contact})

    wanted = [one for one in stored if one.companies]
    return _further(sender, stored, wanted, send, "stored, but not in all its companies")


def _further(
    sender: Sender,
    stored: Operations,
    wanted: Operations,
    send: Callable[[Operation], None],
    stage: str,
) -> Operations:
    """Send something more for some of the operations; return all but those that failed."""
    if not wanted:
        return stored
    done = {id(one) for one in sender.each(wanted, send, stage)}
    failed = {id(one) for one in wanted} - done
    return [one for one in stored if id(one) not in failed]
