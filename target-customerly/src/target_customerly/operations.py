"""An operation: what one record asks for, on its way from intake to ledger."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Hashable
    from datetime import datetime

    Shared = tuple[Hashable, str]  # a key, and the mode in which it is shared

Collection = Literal["users", "leads"]
Record = dict[str, Any]


class Keys(NamedTuple):
    """What an operation touches.

    Two operations conflict where they share a key, unless both share it in one mode.

    Attributes:
        own: Keys that it holds alone, none twice.
        shared: Keys that it shares, each with the mode in which it does; none that is in `own`.
    """

    own: tuple[Hashable, ...] = ()
    shared: frozenset[Shared] = frozenset()

    def joined(self, other: Keys) -> Keys:
        """Make the keys of what touches this and the other, too.

        Args:
            other: Further keys.

        Returns:
            The keys.
        """
        return Keys(tuple(dict.fromkeys(self.own + other.own)), self.shared | other.shared)


def same_contact(name: str) -> str:
    """Bring an address, an id or a tag into the form in which what may be the same is equal.

    MySQL compares text without regard to case and accents. Where two things fall together that
    are not one, it costs time, no more.

    Args:
        name: As it came.

    Returns:
        The form.
    """
    plain = name.strip().lower()
    if plain.isascii():
        return plain
    letters = unicodedata.normalize("NFKD", plain.casefold())
    return "".join(letter for letter in letters if not unicodedata.combining(letter))


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
        name: The operation as users call it, as `upsert`.
        action: How it is applied: a name in `delivery.actions.ACTIONS`.
        keys: What it touches, for the scheduler.
        collection: `users` or `leads`, where it is about a contact.
        email: The contact's address.
        user_id: The customer's own key of the contact.
        body: What is sent of it.
        tags: Names to tie to the contact; None where the record says nothing of tags.
        tag: The tag that a `tags` record ties to its contact, or unties.
        unsubscribes: Whether an upsert is of a contact who opted out.
        companies: Bodies that make an upserted user a member.
        also_tag: A tag that each contact of the stream gets, whatever `tags` says.
        attempts: How often the last request about it was sent.
        started_at: When its batch was begun.
    """

    origin: Origin
    name: str
    action: str
    keys: Keys
    collection: Collection = "users"
    email: str | None = None
    user_id: str | None = None
    body: Record = field(default_factory=dict)
    tags: list[str] | None = None
    tag: str = ""
    unsubscribes: bool = False
    companies: tuple[Record, ...] = ()
    also_tag: str = ""
    attempts: int = 0
    started_at: datetime | None = None

    @property
    def batch_key(self) -> tuple[str, ...]:
        """What operations must have in common to be sent together."""
        return (self.action, self.origin.stream, self.collection, self.tag)

    @property
    def contact(self) -> dict[str, str]:
        """The contact as the API wants it named: by address where there is one."""
        return {"email": self.email} if self.email else {"user_id": str(self.user_id)}
