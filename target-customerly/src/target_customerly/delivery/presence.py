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
from collections import deque
from typing import TYPE_CHECKING

from target_customerly.operations import same_contact

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from target_customerly.operations import Operation

    Upserts = list[tuple[str, str, str | None]]  # collection, address, user id
    Name = tuple[str, str, str]  # collection, `email` or `user_id`, the text as it was sent

_REMEMBERED = 50_000  # names; the first one is forgotten for each further one


class Presence:
    """What is known of who is there; thread-safe.

    Upserts are only noted until somebody asks for the first time: most runs tag nobody.
    """

    def __init__(self) -> None:
        self._contact_of: dict[Name, str] = {}  # "": its address is not known
        self._names_of: dict[str, set[Name]] = {}
        self._lock = threading.Lock()
        self._noted: deque[tuple[Callable[[Upserts], None], Upserts]] | None = deque()
        self._noted_upserts = 0

    def knows(self, operation: Operation) -> bool:
        """Tell whether an operation's contact is known to be there, by the name that it is sent by.

        Args:
            operation: About a contact.
        """
        with self._lock:
            self._read_notes()
            return _name(operation) in self._contact_of

    def sending(self, operations: Sequence[Operation]) -> None:
        """Forget what upserts that are about to be sent may change.

        Args:
            operations: Upserts by address.
        """
        self._note(self._loosen, operations)

    def stored(self, operations: Sequence[Operation]) -> None:
        """Remember users that were stored.

        Args:
            operations: Upserts by address that the API accepted.
        """
        if operations and operations[0].collection == "users":
            self._note(self._add_all, operations)

    def seen(self, operation: Operation, email: str | None) -> None:
        """Remember a contact that was looked up.

        Args:
            operation: About the contact.
            email: The contact's address, as the API has it.
        """
        address = operation.email or email
        with self._lock:
            self._read_notes()
            self._add(_name(operation), same_contact(address) if address else "")

    def gone(self, operation: Operation | None = None) -> None:
        """Forget a contact that is about to be deleted.

        Args:
            operation: About the contact; None where it can be any.
        """
        with self._lock:
            self._read_notes()
            if operation is None or not operation.email:
                self._contact_of.clear()
                self._names_of.clear()
                return
            for contact in (same_contact(operation.email), ""):
                for name in list(self._names_of.get(contact, ())):
                    self._forget(name)

    def _note(self, apply: Callable[[Upserts], None], operations: Sequence[Operation]) -> None:
        upserts: Upserts = [(one.collection, str(one.email), one.user_id) for one in operations]
        with self._lock:
            if self._noted is None:
                apply(upserts)
                return
            self._noted.append((apply, upserts))
            self._noted_upserts += len(upserts)
            while self._noted_upserts > _REMEMBERED:  # the oldest first: what is left stays true
                self._noted_upserts -= len(self._noted.popleft()[1])

    def _read_notes(self) -> None:
        noted, self._noted = self._noted, None
        for apply, upserts in noted or ():
            apply(upserts)

    def _loosen(self, upserts: Upserts) -> None:
        for collection, email, user_id in upserts:
            for name in list(self._names_of.get(same_contact(email), ())):
                if _may_lose(collection, user_id, name):
                    self._forget(name)

    def _add_all(self, upserts: Upserts) -> None:
        for _, email, user_id in upserts:
            contact = same_contact(email)
            self._add(("users", "email", email), contact)
            if user_id:
                self._add(("users", "user_id", user_id), contact)

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


def _may_lose(collection: str, user_id: str | None, name: Name) -> bool:
    """Tell whether an upsert may take a name away from its contact."""
    of, field, text = name
    if field == "user_id":
        return bool(user_id) and (user_id != text or collection == "leads")
    return of != collection
