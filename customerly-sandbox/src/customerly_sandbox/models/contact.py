"""One contact that was looked up: what the population says of it, and what changed since."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from customerly_sandbox.fields import Record


@dataclass(slots=True)
class Contact:
    """A contact's core; the rest is made from the population when it is read.

    Args:
        number: Its `crmhero_user_id`.
        kind: `users` or `leads`: the list it is in now.
        last_update: UNIX seconds.
        moment: Sequence number of its last change, among all changes.
        origin: Its kind and index in the population; None for one created since.
        changed: Other fields that were set since.
    """

    number: int
    kind: str
    last_update: int
    moment: int
    email: str | None
    user_id: str | None
    name: str | None
    attributes: Record
    tags: list[str]
    origin: tuple[str, int] | None = None
    changed: Record = field(default_factory=dict)
    companies: list[str] | None = None

    def place(self) -> tuple[int, int, int]:
        """What its order keeps of it."""
        return self.last_update, self.moment, self.number

    def copy(self) -> Contact:
        """One to change and then `keep`, while the store still has the former."""
        return Contact(
            self.number,
            self.kind,
            self.last_update,
            self.moment,
            self.email,
            self.user_id,
            self.name,
            dict(self.attributes),
            list(self.tags),
            self.origin,
            dict(self.changed),
            None if self.companies is None else list(self.companies),
        )

    def core(self) -> dict[str, Any]:
        """What an upsert could change, for a comparison of before and after."""
        return {
            "email": self.email,
            "user_id": self.user_id,
            "name": self.name,
            "attributes": dict(self.attributes),
            "tags": list(self.tags),
        }
