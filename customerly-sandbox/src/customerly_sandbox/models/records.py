"""Contacts as the sandbox means them: each field in its documented form, before any quirk."""

from __future__ import annotations

import time
from calendar import timegm
from typing import TYPE_CHECKING, Any

import msgspec

from customerly_sandbox.fields import BLANK, LEADS, USERS, Record

if TYPE_CHECKING:
    from collections.abc import Callable

    from customerly_sandbox.models.contact import Contact
    from customerly_sandbox.models.store import Store


def date_text(seconds: int) -> str:
    """UNIX seconds as `YYYY-MM-DD HH:MM:SS`, in UTC."""
    return time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(seconds))


def seconds_of(text: str) -> int:
    """`YYYY-MM-DD HH:MM:SS`, in UTC, as UNIX seconds."""
    return timegm(time.strptime(text, "%Y-%m-%d %H:%M:%S"))


def record(store: Store, number: int) -> Record:
    """A contact as a list carries it."""
    held = store.touched.get(number)
    origin = held.origin if held else store.population.whose(number)
    found = store.population.record(*origin) if origin else BLANK.copy()
    if held is not None:
        found["crmhero_user_id"] = number
        found["email"] = held.email
        found["user_id"] = held.user_id
        found["name"] = held.name
        found["attributes"] = held.attributes
        found["last_update"] = held.last_update or None
        found.update(held.changed)
    if found["last_update"] is not None:
        found["last_update"] = date_text(found["last_update"])
    return found


def details(store: Store, contact: Contact) -> Record:
    """What a look-up adds to it."""
    found: Record = {"user_segments": [], "user_events": {}, "user_notes": [], "companies": []}
    if contact.origin is not None:
        found.update(store.population.details(*contact.origin))
    if contact.companies is not None:
        found["companies"] = contact.companies
    companies = [store.companies[key] for key in found["companies"] if key in store.companies]
    return {"user_tags": contact.tags, **found, "companies": companies}


def full(store: Store, contact: Contact) -> Record:
    """A contact as a look-up carries it."""
    return record(store, contact.number) | details(store, contact)


def listing(
    store: Store, kind: str, sort: str | None, *, descending: bool, offset: int, count: int
) -> list[int]:
    """The numbers of one page's contacts, as they are at this moment.

    Args:
        store: Where they are.
        kind: `users` or `leads`.
        sort: A documented field; None: the order is the quirk `default_order`.
        descending: Greatest first.
        offset: How many contacts come before the page.
        count: How many fit into it.
    """
    if sort is None:
        sort, descending = _DEFAULT_ORDERS[store.quirks.default_order]
    same = store.quirks.ties_descending == "reversed"
    if sort == "last_update" and (same or not descending):
        return store.orders[kind].page(offset, count, descending=descending)
    numbers = store.listings.get((kind, sort, descending))
    if numbers is None:
        numbers = list(store.orders[kind].numbers())
        if sort != "last_update":
            numbers.sort()
        numbers.sort(key=_sort_key(store, sort), reverse=descending and not same)
        if descending and same:
            numbers.reverse()
        store.listings[kind, sort, descending] = numbers
    return numbers[offset : offset + count]


_DEFAULT_ORDERS = {
    "id": ("crmhero_user_id", False),
    "newest": ("last_update", True),
    "email": ("email", False),
}


def _sort_key(store: Store, sort: str) -> Callable[[int], tuple[int, Any]]:
    """Null first, then numbers, then text without regard to case: as MySQL has it."""

    def key(number: int) -> tuple[int, Any]:
        value = number if sort == "crmhero_user_id" else record(store, number)[sort]
        if value is None or isinstance(value, dict):
            return 0, 0
        return (2, value.casefold()) if isinstance(value, str) else (1, value)

    return key


def contacts(store: Store, kind: str) -> list[Record]:
    """All users or leads with their details, oldest change first: a copy."""
    numbers = store.orders[kind].numbers()
    found: list[Record] = msgspec.json.decode(
        msgspec.json.encode(
            [full(store, contact) for number in numbers if (contact := store.contact(number))]
        )
    )
    return found


PARTS: dict[str, Callable[[Store], object]] = {
    USERS: lambda store: contacts(store, USERS),
    LEADS: lambda store: contacts(store, LEADS),
    "tags": lambda store: list(store.tags),
    "companies": lambda store: list(store.companies.values()),
    "messages": lambda store: store.messages,
    "knowledge_base_collections": lambda store: list(store.knowledge.collections.values()),
    "knowledge_base_articles": lambda store: list(store.knowledge.articles.values()),
    "now": lambda store: store.clock.now(),
}
"""What the sandbox holds, by name."""


def dump(store: Store, part: str) -> object:
    """A part of it, in documented forms: a copy, for tests to compare with what arrived elsewhere.

    Raises:
        ValueError: There is no such part.
    """
    if part not in PARTS:
        message = f"there is no part {part!r}; there are: {', '.join(PARTS)}"
        raise ValueError(message)
    return msgspec.json.decode(msgspec.json.encode(PARTS[part](store)))
