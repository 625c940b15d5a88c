"""All that the sandbox holds: contacts, tags, companies, messages.

Contacts of the population are made when they are asked for; only those that were changed
are kept. Nothing here awaits, so whatever calls it from the server's loop is atomic.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from customerly_sandbox.fields import KINDS, USERS, Record
from customerly_sandbox.models.clock import Clock
from customerly_sandbox.models.contact import Contact
from customerly_sandbox.models.history import History
from customerly_sandbox.models.knowledge import Knowledge
from customerly_sandbox.models.order import Order
from customerly_sandbox.people import words
from customerly_sandbox.people.person import END
from customerly_sandbox.people.population import Population
from customerly_sandbox.quirks import Quirks

if TYPE_CHECKING:
    from collections.abc import Iterator


class Store:
    """The sandbox's state.

    Args:
        population: Who is there at the start.
        quirks: What it does where the contract does not say.
        clock: Where `last_update` comes from.
    """

    def __init__(
        self,
        population: Population | None = None,
        quirks: Quirks | None = None,
        clock: Clock | None = None,
    ) -> None:
        self.population = population or Population()
        self.quirks = quirks or Quirks()
        self.clock: Clock = clock or Clock(END)
        self.history = History(self.clock)
        self.tags: dict[str, None] = {}
        self.companies: dict[str, Record] = {}
        self.messages: list[Record] = []
        self.knowledge: Knowledge = Knowledge(self.population.seed)
        self.touched: dict[int, Contact] = {}
        self.gone: set[int] = set()
        self.dropped_tags: set[str] = set()
        self.next_number = self.population.next_number
        self.moments = max(self.population.users, self.population.leads)
        if self.population.users or self.population.leads:
            self.tags = dict.fromkeys(words.TAGS)
            self.companies = {
                key: {"company_id": key, "company_name": name, "attributes": {"size": len(name)}}
                for key, name in words.COMPANIES
            }
        self.index()

    def use(self, quirks: Quirks) -> None:
        """Follow other quirks from now on."""
        before, self.quirks = self.quirks, quirks
        self.listings.clear()
        self.encoded.clear()
        if (before.ties, before.case_insensitive) != (quirks.ties, quirks.case_insensitive):
            self.index()

    def index(self) -> None:
        """Order and index everything anew, as after a change of quirks or a loaded state."""
        self._emails: dict[str, dict[str, int]] = {kind: {} for kind in KINDS}
        self._user_ids: dict[str, list[int]] = {}
        self.listings: dict[tuple[str, str, bool], list[int]] = {}
        self.encoded: dict[int, bytes] = {}
        self.orders = {kind: Order(self.quirks.ties, self._places(kind)) for kind in KINDS}
        for contact in self.touched.values():
            self._register(contact)

    def _places(self, kind: str) -> Iterator[tuple[int, int, int]]:
        kept = self.touched.keys() | self.gone
        for place in self.population.entries(kind):
            if place[2] not in kept:
                yield place
        for contact in self.touched.values():
            if contact.kind == kind:
                yield contact.place()

    # Finding

    def address(self, email: str) -> str:
        """What is the same for two addresses of one contact."""
        return email.lower() if self.quirks.case_insensitive else email

    def contact(self, number: int) -> Contact | None:
        """The contact with this `crmhero_user_id`: a copy, to be changed and then kept."""
        if number in self.touched:
            return self.touched[number].copy()
        whose = None if number in self.gone else self.population.whose(number)
        if whose is None:
            return None
        kind, index = whose
        contact = Contact(
            number,
            kind,
            self.population.last_update(kind, index),
            index,
            **self.population.core(kind, index),
            origin=whose,
        )
        contact.tags = [tag for tag in contact.tags if tag not in self.dropped_tags]
        return contact

    def _untouched(self, kind: str, index: int | None) -> Contact | None:
        if index is None:
            return None
        number = self.population.number(kind, index)
        return None if number in self.touched else self.contact(number)

    def by_email(self, kind: str, email: str) -> Contact | None:
        """The user or lead with this address."""
        number = self._emails[kind].get(self.address(email))
        if number is not None:
            return self.contact(number)
        exact = not self.quirks.case_insensitive
        return self._untouched(kind, self.population.find_email(kind, email, exact=exact))

    def by_user_id(self, user_id: str) -> Contact | None:
        """The user with this `user_id`: the first, where several share it."""
        for number in self._user_ids.get(user_id, ()):
            if self.touched[number].kind == USERS:
                return self.contact(number)
        return self._untouched(USERS, self.population.find_user_id(user_id))

    def named(self, kind: str, key: Record) -> Contact | None:
        """The contact that `{"email": …}`, `{"user_id": …}` or `{"internal_user_id": …}` names."""
        if key.get("email") not in (None, ""):
            return self.by_email(kind, str(key["email"]))
        if kind == USERS and key.get("user_id") not in (None, ""):
            return self.by_user_id(str(key["user_id"]))
        if str(key.get("internal_user_id") or "").isdecimal():
            return self.contact(int(key["internal_user_id"]))
        return None

    # Changing

    def create(self, kind: str, email: str) -> Contact:
        """A new contact, not yet kept: `keep` it when it is complete."""
        now = self.clock.now()
        changed = {"first_seen_at": now, "is_user": int(kind == USERS)}
        contact = Contact(self.next_number, kind, 0, 0, email, None, None, {}, [], changed=changed)
        self.next_number += 1
        return contact

    def keep(self, contact: Contact, *, moved: bool = True, late: float | None = None) -> None:
        """Take over a contact that was created or changed.

        Args:
            contact: It.
            moved: Whether its `last_update` becomes the present second.
            late: Seconds before that at which it is stamped; None: as the quirk `late_visible`.
        """
        self._forget(contact.number)
        if moved:
            self.moments += 1
            # What becomes visible late was stamped before: nobody can see the difference.
            stamp = int(self.clock.tick() - (self.quirks.late_visible if late is None else late))
            contact.last_update = max(stamp, contact.last_update)
            contact.moment = self.moments
        self.touched[contact.number] = contact
        self._register(contact)
        self.orders[contact.kind].add(*contact.place())
        self.listings.clear()

    def remove(self, contact: Contact) -> None:
        """Take a contact out for good."""
        self._forget(contact.number)
        self.touched.pop(contact.number, None)
        if contact.origin is not None:
            self.gone.add(contact.number)
        self.listings.clear()

    def _register(self, contact: Contact) -> None:
        if contact.email is not None:
            self._emails[contact.kind][self.address(contact.email)] = contact.number
        if contact.user_id is not None:
            self._user_ids.setdefault(contact.user_id, []).append(contact.number)

    def _forget(self, number: int) -> None:
        """Take what is known of a contact, as it was last kept, out of order and indexes."""
        self.encoded.pop(number, None)
        held = self.touched.get(number)
        if held is not None:
            if held.email is not None:
                self._emails[held.kind].pop(self.address(held.email), None)
            if held.user_id is not None:
                self._user_ids[held.user_id].remove(number)
            self.orders[held.kind].remove(*held.place())
            return
        whose = None if number in self.gone else self.population.whose(number)
        if whose is not None:
            kind, index = whose
            self.orders[kind].remove(self.population.last_update(kind, index), index, number)

    def drop_tag(self, tag: str) -> bool:
        """Delete a tag everywhere; whether it was there."""
        known = tag in self.tags
        self.tags.pop(tag, None)
        self.dropped_tags.add(tag)
        for contact in self.touched.values():
            if tag in contact.tags:
                contact.tags.remove(tag)
        return known
