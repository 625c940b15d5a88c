"""Changes between requests: what other people do to the list while it is being read."""

from __future__ import annotations

import random
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Annotated

import msgspec

from customerly_sandbox.http.bodies import Amount, read

if TYPE_CHECKING:
    from customerly_sandbox.fields import Record
    from customerly_sandbox.models.contact import Contact
    from customerly_sandbox.models.store import Store

_TRIES = 20


@dataclass
class Plan:
    """How much changes after each list request.

    Args:
        rate: Changes after each list request, on average.
        deletes: Their share of deletes, against the other two.
        updates: Their share of updates.
        inserts: Their share of new contacts.
        where: Which contacts change: `anywhere`, the `oldest` tenth or the `newest` tenth.
        spare: Addresses or `crmhero_user_id`s of contacts that are left alone.
        late: Up to so many seconds after its `last_update` a change becomes visible.
        seed: Of the choices.
    """

    rate: Annotated[float, msgspec.Meta(ge=0, le=10_000)] = 0.0
    deletes: Amount = 1.0
    updates: Amount = 1.0
    inserts: Amount = 1.0
    where: str = "anywhere"
    spare: tuple[str | int, ...] = ()
    late: Amount = 0.0
    seed: int = 0

    def __post_init__(self) -> None:
        if self.where not in _REACH:
            message = f"where is one of {', '.join(_REACH)}, not {self.where!r}"
            raise ValueError(message)
        if not self.deletes + self.updates + self.inserts:
            message = "one of deletes, updates and inserts has to be more than 0"
            raise ValueError(message)


class Mutations:
    """Applies a plan.

    Args:
        store: What changes.
    """

    def __init__(self, store: Store) -> None:
        self.store = store
        self._follow(Plan())

    def set(self, plan: Record) -> None:
        """Follow another plan from now on.

        Args:
            plan: The arguments of a `Plan`.

        Raises:
            ValueError: It is none.
        """
        self._follow(read(Plan, plan))

    def _follow(self, plan: Plan) -> None:
        self.plan = plan
        self._dice = random.Random(plan.seed)
        self._spare = {str(name).lower() for name in plan.spare}
        self._made = 0

    def summary(self) -> Record:
        """The plan, and how many changes were made."""
        return {**asdict(self.plan), "made": self._made}

    def after(self, kind: str) -> None:
        """Change what the plan has for one list request; a part of a change is a chance."""
        if not self.plan.rate:
            return
        changes = int(self.plan.rate) + (self._dice.random() < self.plan.rate % 1)
        weights = (self.plan.deletes, self.plan.updates, self.plan.inserts)
        ways = (self._delete, self._update, self._insert)
        for change in self._dice.choices(ways, weights, k=changes):
            change(kind)

    def _victim(self, kind: str) -> Contact | None:
        """A contact that is not spared, from the plan's part of the list if there is one."""
        order = self.store.orders[kind]
        for low, high in (_REACH[self.plan.where], _REACH["anywhere"]):
            for _ in range(_TRIES if len(order) else 0):
                place = int(len(order) * (low + (high - low) * self._dice.random()))
                contact = self.store.contact(order.at(min(place, len(order) - 1)))
                if contact is not None and not self._is_spared(contact):
                    return contact
        return None

    def _is_spared(self, contact: Contact) -> bool:
        return bool({str(contact.email).lower(), str(contact.number)} & self._spare)

    def _delete(self, kind: str) -> None:
        contact = self._victim(kind)
        if contact is not None:
            self.store.remove(contact)
            self._note("delete", contact)

    def _update(self, kind: str) -> None:
        contact = self._victim(kind)
        if contact is not None:
            contact.attributes["changed"] = self._dice.randrange(10**6)
            self._keep(contact)
            self._note("upsert", contact)

    def _insert(self, kind: str) -> None:
        contact = self.store.create(kind, f"new-{self.store.next_number}@mutation.example")
        contact.name = "New Contact"
        self._keep(contact)
        self._note("upsert", contact)

    def _keep(self, contact: Contact) -> None:
        late = self._dice.random() * self.plan.late if self.plan.late else None
        self.store.keep(contact, late=late)

    def _note(self, operation: str, contact: Contact) -> None:
        self._made += 1
        self.store.history.add(
            operation,
            kind=contact.kind,
            email=contact.email,
            number=contact.number,
            mutation=True,
        )


_REACH = {"anywhere": (0.0, 1.0), "oldest": (0.0, 0.1), "newest": (0.9, 1.0)}
