"""Inserts and updates: which contacts are there, and which are not."""

from __future__ import annotations

from typing import TYPE_CHECKING

from customerly.errors import ContactMissing

if TYPE_CHECKING:
    from target_customerly.delivery.sender import Operations, Sender
    from target_customerly.operations import Operation


def absent(sender: Sender, operations: Operations) -> Operations:
    """Pick the inserts whose contacts are not there; the others are skipped."""
    return [one for one in operations if _is_there(sender, one) is False]


def existing(sender: Sender, operations: Operations) -> Operations:
    """Pick the updates whose contacts are there; the others are skipped."""
    return [one for one in operations if _is_there(sender, one)]


def _is_there(sender: Sender, operation: Operation) -> bool | None:
    """Tell whether a contact is there, by one look-up where the snapshot does not know it.

    An operation that is not wanted then is skipped here. None: it was rejected.
    """
    inserts = operation.action == "insert"
    if operation.email and sender.outcomes.has(operation):
        if inserts:
            sender.outcomes.skip(operation)
        return True
    found: list[bool] = []

    def send(one: Operation) -> None:
        try:
            contact = sender.api.get_contact(one.collection, **one.contact)
        except ContactMissing:
            found.append(False)
        else:
            found.append(True)
            one.email = one.email or str(contact.get("email") or "") or None
            one.body["email"] = one.email

    if not sender.each([operation], send, "look-up"):
        return None
    is_there = found[-1]
    if is_there == inserts:
        sender.outcomes.skip(operation)
    elif not operation.email:
        reason = "the user is not there, and can't be made without an e-mail address"
        sender.reject(operation, "the user has no e-mail address" if is_there else reason, "check")
        return None
    return is_there
