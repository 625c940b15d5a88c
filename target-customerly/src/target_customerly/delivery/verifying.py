"""Makes sure that contacts are there before they are tagged, with as few look-ups as possible.

An API can answer a `POST /tags` that names an unknown contact with an error, or name that contact
in its answer; or it ignores the contact in silence (docs/api-contract.md#tags). Only the silent one
needs a look-up of each contact. Which one it is shows as soon as a request names somebody who is
not there. Nobody is invented for that: a contact that was just found as a user, and is no lead, is
named as a lead once, with the tag that its record asks for anyway.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from customerly.errors import ContactMissing, RequestFailed

if TYPE_CHECKING:
    from target_customerly.delivery.sender import Operations, Sender
    from target_customerly.operations import Collection, Operation

_WORTH_IT = 4  # look-ups that finding out must save at least: it costs two requests
_MOST_TRIES = 5


def present(sender: Sender, operations: Operations) -> Operations:
    """Reject operations whose contacts are not there, where the answer to a tag may not say so.

    Args:
        sender: Sends requests.
        operations: All about one tag.

    Returns:
        Those that can be tagged; where the API names unknown contacts, they are among them.
    """
    known = sender.known
    if not known.verifies:
        return operations
    found, unknown = _split(sender, operations)
    is_worth_it = unknown and known.looked_up + len(unknown) >= _WORTH_IT
    if known.names_unknown is None and is_worth_it:
        with known.lock:  # others wait for the answer rather than look everybody up
            if known.names_unknown is None and known.tried < _MOST_TRIES:
                known.tried += 1
                found, unknown = _find_out(sender, found, unknown)
    if not known.names_unknown:
        return found + [one for one in unknown if look_up(sender, one)]
    # Where nobody is there a request could still make the tag, tied to nobody: one must be.
    while unknown and not found and operations[0].tag not in known.tags:
        one = unknown.pop(0)
        if look_up(sender, one):
            found.append(one)
    return found + unknown


def look_up(sender: Sender, operation: Operation) -> dict[str, object] | None:
    """Look a contact up that is to be tagged.

    Args:
        sender: Sends requests.
        operation: It is rejected where its contact is not there.

    Returns:
        The contact, or None.
    """
    contact = sender.look_up(operation, f"tag {operation.tag}")
    if contact is not None:
        sender.known.looked_up += 1
        sender.known.presence.seen(operation, str(contact.get("email") or "") or None)
    return contact


def _split(sender: Sender, operations: Operations) -> tuple[Operations, Operations]:
    """Tell those whose contacts are known to be there from the others."""
    found: Operations = []
    unknown: Operations = []
    for one in operations:
        (found if sender.known.presence.knows(one) else unknown).append(one)
    return found, unknown


def _find_out(
    sender: Sender, found: Operations, unknown: Operations
) -> tuple[Operations, Operations]:
    """Find out whether the API says of a contact that it is not there.

    Returns:
        The operations whose contacts are known to be there by now, and the others that are left.
    """
    one, *rest = unknown
    contact = look_up(sender, one)
    if contact is None:
        return found, rest
    email = str(contact.get("email") or "")
    other: Collection = "leads" if one.collection == "users" else "users"
    if email and _is_missing(sender, other, email):
        sender.known.names_unknown = _names(sender, one.tag, other, email)
    return [*found, one], rest


def _is_missing(sender: Sender, collection: Collection, email: str) -> bool:
    try:
        sender.api.get_contact(collection, email=email)
    except ContactMissing:
        return True
    except RequestFailed:
        return False
    return False


def _names(sender: Sender, tag: str, collection: Collection, email: str) -> bool | None:
    """Tell whether the answer to a tag names a contact that is not there; None: it is unclear."""
    try:
        outcome = sender.post_tag(tag, collection, [{"email": email}])
    except ContactMissing:
        return True
    except RequestFailed:
        return None
    return bool(outcome.failed or outcome.unnamed)
