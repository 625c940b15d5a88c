"""Tags: one request ties a tag to many contacts, and none is tied without anybody noticing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from customerly.answer_forms import BatchOutcome, tag_names
from customerly.errors import ContactMissing, Refused

from target_customerly.sending import kind_of

if TYPE_CHECKING:
    from customerly.errors import RequestFailed

    from target_customerly.operations import Operation
    from target_customerly.presence import Presence
    from target_customerly.sending import Operations, Sender


class Tagging:
    """Ties and unties tags.

    Args:
        sender: Sends requests.
        presence: Knows who is there.
    """

    def __init__(self, sender: Sender, presence: Presence) -> None:
        self._sender = sender
        self._presence = presence
        self._makes_bare_tags = False  # until it was seen

    def tag(self, operations: Operations) -> Operations:
        """Tie a tag to contacts, of which nobody else says whether they are there."""
        (tag,) = operations[0].group
        there = [one for one in operations if self._is_there(one, tag)]
        return self.tie([(one, [tag]) for one in there], "tag {tag}")

    def untag(self, operations: Operations) -> Operations:
        """Untie a tag from contacts; one that is not there counts as untagged."""
        (tag,) = operations[0].group
        done: Operations = []

        def reject(operation: Operation, error: RequestFailed | str) -> None:
            if isinstance(error, ContactMissing) or self._sender.is_gone(operation):
                done.append(operation)
            else:
                self._sender.reject(operation, error, f"untag {tag}")

        def send(part: Operations) -> BatchOutcome:
            return self._send(tag, part, untag=True)

        return self._sender.batch(operations, send, reject) + done

    def make(self, operations: Operations) -> Operations:
        """Make sure that tags exist."""
        present: set[str] = set()

        def send(one: Operation) -> None:
            tag = str(one.body["tag"]).casefold()
            if not present:
                present.update(self._all_tags())
            if tag in present:
                return
            self._sender.api.tag(str(one.body["tag"]))
            if not self._makes_bare_tags and tag not in self._all_tags():
                raise Refused("POST tags", "the API makes no tag that no contact has", status=200)
            self._makes_bare_tags = True
            present.add(tag)

        return self._sender.each(operations, send, "tag")

    def delete(self, operations: Operations) -> Operations:
        """Drop tags everywhere."""

        def send(one: Operation) -> None:
            self._sender.api.delete_tag(str(one.body["tag"]))

        return self._sender.each(operations, send, "delete", missing_is_fine=True)

    def tie(self, wanted: list[tuple[Operation, list[str]]], stage: str) -> Operations:
        """Tie tags to contacts that are there, one request for all that want the same one.

        Args:
            wanted: Operations with the tags that their contact shall have.
            stage: What to say before the reason where one is refused, with `{tag}` in it.

        Returns:
            The operations whose contacts have all their tags.
        """
        return self._change(wanted, stage, untag=False)

    def replace(self, operations: Operations) -> Operations:
        """Leave each stored contact with exactly the tags that its record names, if any.

        Args:
            operations: Upserts that were stored.

        Returns:
            Those whose contacts have their tags now.
        """
        keep = [o for o in operations if o.tags is None]
        untie: list[tuple[Operation, list[str]]] = []
        tie: dict[int, list[str]] = {}
        for operation in operations:
            if operation.tags is None:
                continue
            contact = self._sender.look_up(operation, "stored, but its tags can't be read")
            if contact is None:
                continue
            present = tag_names(contact.get("user_tags", contact.get("tags")))
            untie.append((operation, [tag for tag in present if tag not in operation.tags]))
            tie[id(operation)] = [tag for tag in operation.tags if tag not in present]
        untied = self._change(untie, "stored, but not freed of its tag {tag}", untag=True)
        return keep + self.tie([(o, tie[id(o)]) for o in untied], "stored, but not tagged {tag}")

    def _change(
        self, wanted: list[tuple[Operation, list[str]]], stage: str, *, untag: bool
    ) -> Operations:
        left = {id(operation): operation for operation, _ in wanted}
        by_tag: dict[str, Operations] = {}
        for operation, tags in wanted:
            for tag in tags:
                by_tag.setdefault(tag, []).append(operation)
        for tag, operations in by_tag.items():

            def send(part: Operations, tag: str = tag) -> BatchOutcome:
                return self._send(tag, part, untag=untag)

            def reject(one: Operation, error: RequestFailed | str, tag: str = tag) -> None:
                if left.pop(id(one), None):
                    self._sender.reject(one, error, stage.format(tag=tag))

            self._sender.batch([o for o in operations if id(o) in left], send, reject)
        return list(left.values())

    def _is_there(self, operation: Operation, tag: str) -> bool:
        """Make sure of a contact, of which the answer to the tag itself may say nothing."""
        if self._presence.knows(operation):
            return True
        if self._sender.look_up(operation, f"tag {tag}") is None:
            return False
        self._presence.found([operation])
        return True

    def _all_tags(self) -> set[str]:
        return {tag.casefold() for tag in self._sender.api.list_tags()}

    def _send(self, tag: str, operations: Operations, *, untag: bool) -> BatchOutcome:
        contacts = [o.contact for o in operations]
        if kind_of(operations) == "leads":
            return self._sender.api.tag(tag, leads=contacts, untag=untag)
        return self._sender.api.tag(tag, users=contacts, untag=untag)
