"""Tags: one request ties a tag to many contacts, and no contact is left out in silence."""

from __future__ import annotations

from typing import TYPE_CHECKING

from customerly.answer_forms import BatchOutcome, tag_names
from customerly.errors import ContactMissing, Refused

from target_customerly.delivery.verifying import present

if TYPE_CHECKING:
    from customerly.errors import RequestFailed

    from target_customerly.delivery.sender import Operations, Sender
    from target_customerly.operations import Operation


def tag(sender: Sender, operations: Operations) -> Operations:
    """Tie a tag to contacts; one that is not there is rejected."""
    there = present(sender, operations)
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
        contacts = [one.contact for one in part]
        return sender.post_tag(name, part[0].collection, contacts, untag=True)

    return sender.together(operations, send, reject) + done


def make(sender: Sender, operations: Operations) -> Operations:
    """Make sure that tags exist."""
    there: set[str] = set()

    def send(one: Operation) -> None:
        name = str(one.body["tag"])
        if not there:
            there.update(_all_tags(sender))
        if name.casefold() in there:
            return
        sender.api.tag(name)
        if not sender.known.makes_bare_tags and name.casefold() not in _all_tags(sender):
            raise Refused("POST tags", "the API makes no tag that no contact has", status=200)
        sender.known.makes_bare_tags = True
        there.add(name.casefold())

    return sender.each(operations, send, "tag")


def delete(sender: Sender, operations: Operations) -> Operations:
    """Drop tags everywhere."""

    def send(one: Operation) -> None:
        sender.known.tags.clear()  # the API may tell capitals apart, or not
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
            contacts = [one.contact for one in part]
            return sender.post_tag(name, part[0].collection, contacts, untag=untag)

        def reject(one: Operation, error: RequestFailed | str, name: str = name) -> None:
            if left.pop(id(one), None):
                sender.reject(one, error, stage.format(tag=name))

        done = sender.together([one for one in operations if id(one) in left], send, reject)
        if done and not untag:
            sender.known.tags.add(name)
    return list(left.values())


def _all_tags(sender: Sender) -> set[str]:
    return {name.casefold() for name in sender.api.list_tags()}
