"""Which contacts are known to be there, so that they need no look-up before they are tagged.

`POST /tags` may say nothing at all of a contact that it does not know (docs/api-contract.md#tags),
and a tag on a contact that is not there must be rejected. So what is known here must be certain:

- A name is known only as it was sent: an API may tell capitals apart, so `A@x.org` says nothing of
  `a@x.org`. But what may be the same contact is forgotten together, capitals and accents aside.
- An address and a user id of one contact are forgotten together. Whoever is deleted by an id, or
  changed by a call of the user's own, can be anyone: everything is forgotten.
- Before an upsert is sent, what it may take away is forgotten: the contact's former user id, and a
  lead's address where it becomes a user. Even what is refused may have been applied.
- A lead's upsert proves no lead: it may have updated a user of that address.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from target_customerly.operations import same_contact

if TYPE_CHECKING:
    from collections.abc import Iterable

    from target_customerly.operations import Operation

    Name = tuple[str, str, str]  # collection, `email` or `user_id`, the text as it was sent

_REMEMBERED = 50_000  # names; the first one is forgotten for each further one


class Presence:
    """What is known of who is there; thread-safe."""

    def __init__(self) -> None:
        self._contact_of: dict[Name, str] = {}  # "": its address is not known
        self._names_of: dict[str, set[Name]] = {}
        self._lock = threading.Lock()

    def knows(self, operation: Operation) -> bool:
        """Tell whether an operation's contact is known to be there, by the name that it is sent by.

        Args:
            operation: About a contact.
        """
        return _name(operation) in self._contact_of

    def sending(self, operations: Iterable[Operation]) -> None:
        """Forget what upserts that are about to be sent may change.

        Args:
            operations: Upserts by address.
        """
        with self._lock:
            for operation in operations:
                names = self._names_of.get(same_contact(str(operation.email)), ())
                for name in list(names):
                    if _may_lose(operation, name):
                        self._forget(name)

    def stored(self, operations: Iterable[Operation]) -> None:
        """Remember users that were stored.

        Args:
            operations: Upserts by address that the API accepted.
        """
        with self._lock:
            for operation in operations:
                if operation.collection == "users":
                    contact = same_contact(str(operation.email))
                    self._add(("users", "email", str(operation.email)), contact)
                    if operation.user_id:
                        self._add(("users", "user_id", operation.user_id), contact)

    def seen(self, operation: Operation, email: str | None) -> None:
        """Remember a contact that was looked up.

        Args:
            operation: About the contact.
            email: The contact's address, as the API has it.
        """
        address = operation.email or email
        with self._lock:
            self._add(_name(operation), same_contact(address) if address else "")

    def gone(self, operation: Operation | None = None) -> None:
        """Forget a contact that is about to be deleted.

        Args:
            operation: About the contact; None where it can be any.
        """
        with self._lock:
            if operation is None or not operation.email:
                self._contact_of.clear()
                self._names_of.clear()
                return
            for contact in (same_contact(operation.email), ""):
                for name in list(self._names_of.get(contact, ())):
                    self._forget(name)

    def _add(self, name: Name, contact: str) -> None:
        self._forget(name)
        self._contact_of[name] = contact
        self._names_of.setdefault(contact, set()).add(name)
        if len(self._contact_of) > _REMEMBERED:
            self._forget(next(iter(self._contact_of)))

    def _forget(self, name: Name) -> None:
        contact = self._contact_of.pop(name, None)
        if contact is None:
            return
        names = self._names_of[contact]
        names.discard(name)
        if not names:
            del self._names_of[contact]


def _name(operation: Operation) -> Name:
    if operation.email:
        return operation.collection, "email", operation.email
    return operation.collection, "user_id", str(operation.user_id)


def _may_lose(operation: Operation, name: Name) -> bool:
    """Tell whether an upsert may take a name away from its contact."""
    collection, field, text = name
    if field == "user_id":
        return bool(operation.user_id) and (
            operation.user_id != text or operation.collection == "leads"
        )
    return collection != operation.collection
