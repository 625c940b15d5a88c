"""Create or update a batch: what is taken, and what is refused and why."""

from __future__ import annotations

from dataclasses import dataclass, field
from operator import itemgetter
from typing import TYPE_CHECKING, Any

from customerly.fields import ATTRIBUTE_TEXT_LIMIT

from customerly_sandbox.api.validation import ATTRIBUTE_NAME, Refused, check
from customerly_sandbox.fields import LEADS, USERS, Record
from customerly_sandbox.http.messages import ApiError

if TYPE_CHECKING:
    from customerly_sandbox.models.contact import Contact
    from customerly_sandbox.models.store import Store
    from customerly_sandbox.scenario.faults import Faults


@dataclass
class Outcome:
    """What became of a batch.

    Args:
        accepted: How many were stored.
        created: How many of those were new.
        refused: (index, address, reason) of the others.
        touched: The contacts that were stored.
    """

    accepted: int = 0
    created: int = 0
    refused: list[tuple[int, Any, str]] = field(default_factory=list)
    touched: list[Contact] = field(default_factory=list)


def upsert(store: Store, kind: str, contacts: list[Any], faults: Faults) -> Outcome:
    """Apply a batch, one contact after another.

    Args:
        store: Where to.
        kind: `users` or `leads`.
        contacts: As they came.
        faults: Which addresses are refused on purpose.

    Raises:
        ApiError: The whole batch is refused (quirk `refusals`: `batch`).
    """
    outcome = Outcome()
    plan = []
    left_out = _repeats(store, contacts, outcome)
    claimed: dict[str, str] = {}
    for index, sent in enumerate(contacts):
        if index in left_out:
            continue
        try:
            check(store, kind, sent, faults)
            if store.quirks.refusals == "batch":
                _check_claim(store, kind, sent, claimed)
        except Refused as refused:
            address = sent.get("email") if isinstance(sent, dict) else None
            outcome.refused.append((index, address, str(refused)))
        else:
            plan.append((index, sent))
    if outcome.refused and store.quirks.refusals == "batch":
        index, address, reason = min(outcome.refused, key=itemgetter(0))
        raise ApiError(f"{reason} ({kind}[{index}]: {address})", store.quirks.refusal_status)
    for index, sent in plan:
        try:
            _apply(store, kind, sent, outcome)
        except Refused as refused:
            outcome.refused.append((index, sent["email"], str(refused)))
    outcome.refused.sort(key=itemgetter(0))
    return outcome


def _repeats(store: Store, contacts: list[Any], outcome: Outcome) -> set[int]:
    """The places in the batch that the quirk `twice_in_batch` leaves out."""
    rule = store.quirks.twice_in_batch
    found: set[int] = set()
    seen: dict[str, int] = {}
    for index, sent in enumerate(contacts if rule != "both" else ()):
        email = sent.get("email") if isinstance(sent, dict) else None
        if not isinstance(email, str):
            continue
        former = seen.get(store.address(email))
        if former is not None:
            found.add(former if rule == "last" else index)
        if former is not None and rule == "refuse":
            outcome.refused.append((index, email, "Duplicate email in the request"))
        if former is None or rule == "last":
            seen[store.address(email)] = index
    return found


def _check_claim(store: Store, kind: str, sent: Record, claimed: dict[str, str]) -> None:
    """Raises Refused for what would be refused only while the batch is being applied.

    Args:
        store: Where the batch goes to.
        kind: `users` or `leads`.
        sent: The contact.
        claimed: Whose each `user_id` of the batch is so far.
    """
    address = store.address(sent["email"])
    _target(store, kind, sent["email"])
    user_id = str(sent.get("user_id") or "")
    if not user_id or kind == LEADS or store.quirks.user_id_taken != "refuse":
        return
    holder = store.by_user_id(user_id)
    others = {claimed.setdefault(user_id, address)}
    if holder is not None:
        others.add(store.address(holder.email or ""))
    if others != {address}:
        raise Refused("The user_id belongs to another contact")


def _apply(store: Store, kind: str, sent: Record, outcome: Outcome) -> None:
    contact = _target(store, kind, sent["email"])
    created = contact is None
    if contact is None:
        contact = store.create(kind, sent["email"])
    before = None if created else (contact.kind, contact.core())
    contact.kind = kind if contact.kind == LEADS else contact.kind
    contact.changed.update(_kind_flags(before, contact))
    _set_user_id(store, contact, sent.get("user_id"))
    _set_name(store, contact, sent)
    set_attributes(store, contact, sent.get("attributes"))
    _set_tags(store, contact, sent.get("tags"))
    moved = store.quirks.unchanged_moves or before != (contact.kind, contact.core())
    store.keep(contact, moved=moved)
    store.history.add("upsert", kind=contact.kind, email=contact.email, contact=sent)
    outcome.accepted += 1
    outcome.created += created
    outcome.touched.append(contact)


def _target(store: Store, kind: str, email: str) -> Contact | None:
    """The contact that an upsert of this address means; None: a new one."""
    own = store.by_email(kind, email)
    if own is not None:
        return own
    other = store.by_email(LEADS if kind == USERS else USERS, email)
    rule = store.quirks.users_for_lead if kind == USERS else store.quirks.leads_for_user
    if other is None or rule == "both":
        return None
    if rule == "refuse":
        raise Refused("The email belongs to another contact")
    return other


def _kind_flags(before: tuple[str, Any] | None, contact: Contact) -> Record:
    if before is None or before[0] == contact.kind:
        return {}
    return {"is_user": 1, "was_lead": 1}


def _set_user_id(store: Store, contact: Contact, user_id: object) -> None:
    if user_id in (None, "") or (contact.kind == LEADS and store.quirks.lead_user_id == "ignore"):
        return
    user_id = str(user_id)
    holder = store.by_user_id(user_id)
    if holder is not None and holder.number != contact.number:
        if store.quirks.user_id_taken == "refuse":
            raise Refused("The user_id belongs to another contact")
        if store.quirks.user_id_taken == "move":
            holder.user_id = None
            store.keep(holder)
    contact.user_id = user_id


def _set_name(store: Store, contact: Contact, sent: Record) -> None:
    if "name" not in sent or (sent["name"] is None and store.quirks.null_value == "ignore"):
        return
    cleared = sent["name"] == "" and store.quirks.empty_text == "clear"
    contact.name = None if cleared else sent["name"]


def set_attributes(store: Store, contact: Contact, sent: Record | None) -> None:
    """Merge custom attributes into a contact's, or replace them."""
    if sent is None:
        return
    quirks = store.quirks
    if quirks.attributes == "replace":
        contact.attributes = {}
    for name, value in dict(sent).items():
        if quirks.attribute_names == "drop" and not ATTRIBUTE_NAME.match(name):
            continue
        if value is None and quirks.null_value == "ignore":
            continue
        if value is None or (value == "" and quirks.empty_text == "clear"):
            contact.attributes.pop(name, None)
        elif isinstance(value, str) and quirks.long_text == "cut":
            contact.attributes[name] = value[:ATTRIBUTE_TEXT_LIMIT]
        else:
            contact.attributes[name] = value


def _set_tags(store: Store, contact: Contact, tags: list[str] | None) -> None:
    if tags is None or store.quirks.inline_tags == "ignore":
        return
    held = contact.tags if store.quirks.inline_tags == "add" else []
    contact.tags = list(dict.fromkeys([*held, *tags]))
    store.tags.update(dict.fromkeys(tags))
