"""Actions that are one request for each operation."""

from __future__ import annotations

from typing import TYPE_CHECKING

from customerly.errors import Refused

if TYPE_CHECKING:
    from target_customerly.delivery.sender import Operations, Sender
    from target_customerly.operations import Operation


def delete(sender: Sender, operations: Operations) -> Operations:
    """Delete contacts; one that is not there counts as deleted."""

    def send(one: Operation) -> None:
        sender.known.presence.gone(one)
        sender.api.delete_contact(one.collection, **one.contact)

    return sender.each(operations, send, "delete", missing_is_fine=True)


def unsubscribe(sender: Sender, operations: Operations) -> Operations:
    """Unsubscribe users; one that is not there counts as unsubscribed."""

    def send(one: Operation) -> None:
        opt_out(sender, None if one.email else one.user_id, one.email)

    return sender.each(operations, send, "unsubscribe", missing_is_fine=True)


def opt_out(sender: Sender, user_id: str | None, email: str | None) -> None:
    """Unsubscribe a user, by a look-up where only the address is known.

    Raises:
        Refused: The user has no user id, or is not there.
    """
    if not user_id and email:
        user_id = str(sender.api.get_contact("users", email=email).get("user_id") or "")
    if not user_id:
        request = "POST users/unsubscribe"
        raise Refused(request, "the user has no user_id, which this goes by", status=200)
    sender.api.unsubscribe(user_id)


def set_company(sender: Sender, operations: Operations) -> Operations:
    """Set companies' names and attributes."""

    def send(one: Operation) -> None:
        body = one.body
        sender.api.upsert_company(
            body["company_id"], name=body.get("company_name"), attributes=body["attributes"]
        )

    return sender.each(operations, send, "upsert")


def add_member(sender: Sender, operations: Operations) -> Operations:
    """Make users members of companies."""
    return sender.each(operations, lambda one: sender.api.add_to_company(one.body), "upsert")


def send_message(sender: Sender, operations: Operations) -> Operations:
    """Send messages, each at most once a run."""
    return sender.each(operations, lambda one: sender.api.send_message(one.body), "send")


def call(sender: Sender, operations: Operations) -> Operations:
    """Make calls that the user composed, each at most once a run."""

    def send(one: Operation) -> None:
        sender.known.presence.gone()
        sender.known.tags.clear()
        sender.api.call(**one.body)

    return sender.each(operations, send, "call")
