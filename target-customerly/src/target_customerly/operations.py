"""An operation: what one record asks for, from the moment it is understood until it is settled."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from target_customerly.keys import Keys

Record = dict[str, Any]


@dataclass(slots=True)
class Origin:
    """Where a record came from, for its reject and for the summary.

    Attributes:
        stream: The stream's name as it came in.
        line: Line of the input, from 1.
        record: As it came.
    """

    stream: str
    line: int
    record: Record


@dataclass(slots=True)
class Operation:
    """What one record asks for.

    Attributes:
        origin: Where it came from.
        name: The operation, as `upsert`.
        action: How it is applied: a method of `actions.Actions`.
        keys: What it touches, for the scheduler.
        kind: `users` or `leads`, where it is about a contact.
        email: The contact's address.
        user_id: The customer's own key of the contact.
        body: What is sent of it.
        tags: Names to tie; None where the record says nothing of tags.
        unsubscribes: Whether an upsert is of a user who is unsubscribed, and stays so.
        companies: Bodies that make an upserted user a member.
        group: What else must be equal for two operations to share a request.
    """

    origin: Origin
    name: str
    action: str
    keys: Keys
    kind: str = "users"
    email: str | None = None
    user_id: str | None = None
    body: Record = field(default_factory=dict)
    tags: list[str] | None = None
    unsubscribes: bool = False
    companies: tuple[Record, ...] = ()
    group: tuple[Any, ...] = ()

    @property
    def batch(self) -> tuple[Any, ...]:
        """What operations must have in common to be applied together."""
        return (self.action, self.origin.stream, self.kind, *self.group)

    @property
    def contact(self) -> dict[str, str]:
        """The contact as the API wants it named: by address where there is one."""
        return {"email": self.email} if self.email else {"user_id": str(self.user_id)}
