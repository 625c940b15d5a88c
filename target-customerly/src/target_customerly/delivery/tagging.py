"""Tags: one request ties a tag to many contacts, and no contact is left out in silence."""

from __future__ import annotations

from typing import TYPE_CHECKING

from customerly.answer_forms import BatchOutcome, tag_names
from customerly.errors import ContactMissing, Refused

if TYPE_CHECKING:
    from customerly.errors import RequestFailed

    from target_customerly.delivery.sender import Operations, Sender
    from target_customerly.operations import Operation


def tag(sender: Sender, operations: Operations) -> Operations:
    """Tie a tag to contacts, of which nobody else says whether they are there."""
    there = [one for one in operations if _is_there(sender, one)]
    return tie(sender, [(one, [one.tag]) for one in there], "tag {tag}")


def untag(sender: Sender, operations: Operations) -> Operations:
    """Untie a tag from contacts; one that is not there counts as untagged."""
    name = operations[0].tag
    done: Operations = []

    def reject(operation: Operation, error: RequestFailed | str) -> None:
        if isinstance(error, ContactMissing) or sender.is_gone(operation):
            done.append(operation)
        else:
            sender.reject(operation, error, f"untag {name}")

    def send(part: Operations) -> BatchOutcome:
        return _post(sender, name, part, untag=True)

    return sender.together(operations, send, reject) + done


def make(sender: Sender, operations: Operations) -> Operations:
    """Make sure that tags exist."""
    present: set[str] = set()

    def send(one: Operation) -> None:
        name = str(one.body["tag"])
        if not present:
            present.update(_all_tags(sender))
        if name.casefold() in present:
            return
        sender.api.tag(name)
        if not sender.known.makes_bare_tags and name.casefold() not in _all_tags(sender):
            raise Refused("POST tags", "the API makes no tag that no contact has", status=200)
        sender.known.makes_bare_tags = True
        present.add(name.casefold())

    return sender.each(operations, send, "tag")


def delete(sender: Sender, operations: Operations) -> Operations:
    """Drop tags everywhere."""

    def send(one: Operation) -> None:
        sender.api.delete_tag(str(one.body["tag"]))

    return sender.each(operations, send, "delete", missing_is_fine=True)


def tie(sender: Sender, wanted: list[tuple[Operation, list[str]]], stage: str) -> Operations:
    """Tie tags to contacts that are there, one request for all that want the same one.

    Args:
        sender: Sends requests.
        wanted: Operations with the tags that their contact shall have.
        stage: What to say before the reason where one is refused, with `{tag}` in it.

    Returns:
        The operations whose contacts have all their tags.
    """
    return _change(sender, wanted, stage, untag=False)


def replace(sender: Sender, operations: Operations) -> Operations:
    """Leave each stored contact with exactly the tags that its record names, if any.

    Args:
        sender: Sends requests.
        operations: Upserts that were stored.

    Returns:
        Those whose contacts have their tags now.
    """
    keep = [one for one in operations if one.tags is None]
    off: list[tuple[Operation, list[str]]] = []
    on: dict[int, list[str]] = {}
    for operation in operations:
        if operation.tags is None:
            continue
        contact = sender.look_up(operation, "stored, but its tags can't be read")
        if contact is None:
            continue
        present = tag_names(contact.get("user_tags", contact.get("tags")))
        off.append((operation, [name for name in present if name not in operation.tags]))
        on[id(operation)] = [name for name in operation.tags if name not in present]
    freed = _change(sender, off, "stored, but not freed of its tag {tag}", untag=True)
    return keep + tie(sender, [(one, on[id(one)]) for one in freed], "stored, but not tagged {tag}")


def _change(
    sender: Sender, wanted: list[tuple[Operation, list[str]]], stage: str, *, untag: bool
) -> Operations:
    left = {id(operation): operation for operation, _ in wanted}
    by_tag: dict[str, Operations] = {}
    for operation, names in wanted:
        for name in names:
            by_tag.setdefault(name, []).append(operation)
    for name, operations in by_tag.items():

        def send(part: Operations, name: str = name) -> BatchOutcome:
            return _post(sender, name, part, untag=untag)

        def reject(one: Operation, error: RequestFailed | str, name: str = name) -> None:
            if left.pop(id(one), None):
                sender.reject(one, error, stage.format(tag=name))

        sender.together([one for one in operations if id(one) in left], send, reject)
    return list(left.values())


def _is_there(sender: Sender, operation: Operation) -> bool:
    """Make sure of a contact, of which the answer to the tag itself may say nothing."""
    presence = sender.known.presence
    if presence.knows(operation):
        return True
    if sender.look_up(operation, f"tag {operation.tag}") is None:
        return False
    presence.found([operation])
    return True


def _all_tags(sender: Sender) -> set[str]:
    return {name.casefold() for name in sender.api.list_tags()}


def _post(sender: Sender, name: str, operations: Operations, *, untag: bool) -> BatchOutcome:
    contacts = [one.contact for one in operations]
    if operations[0].collection == "leads":
        return sender.api.tag(name, leads=contacts, untag=untag)
    return sender.api.tag(name, users=contacts, untag=untag)
