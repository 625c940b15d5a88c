"""Lists, one contact, create or update, delete (wire contract, Lists to Create or update)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from customerly_sandbox import upsert, views, wire
from customerly_sandbox.calls import ApiError, Call, Reply
from customerly_sandbox.fields import LISTED, USERS, Record

if TYPE_CHECKING:
    from customerly_sandbox.contacts import Contact
    from customerly_sandbox.service import Service


def missing(service: Service, kind: str) -> ApiError:
    """The answer to an unknown contact."""
    quirks = service.quirks
    message = quirks.missing_contact_message if kind == USERS else quirks.lead_missing_message
    return ApiError(message, quirks.missing_contact_status)


def done(service: Service, message: str) -> Reply:
    """What a write answers for which the contract has no form."""
    forms: dict[str, Any] = {
        "message": {"data": {"message": message}},
        "true": {"data": True},
        "empty": {"data": []},
        "null": {"data": None},
        "bare": {"message": message},
    }
    return Reply(wire.encode(forms[service.quirks.done]))


def contact_of(service: Service, kind: str, key: Record) -> Contact:
    """The contact that a query or body names.

    Raises:
        ApiError: There is none.
    """
    found = service.store.named(kind, key)
    if found is None:
        raise missing(service, kind)
    return found


def _page_size(service: Service, call: Call) -> int:
    quirks = service.quirks
    wanted = call.number("per_page", quirks.default_page_size)
    if wanted < 1:
        return quirks.default_page_size
    if wanted > quirks.largest_page and quirks.over_largest_page == "refuse":
        message = f"per_page must be at most {quirks.largest_page}"
        raise ApiError(message, quirks.refusal_status)
    if wanted > quirks.largest_page and quirks.over_largest_page == "default":
        return quirks.default_page_size
    return min(wanted, quirks.largest_page)


def list_contacts(service: Service, call: Call) -> Reply:
    """One page, computed now."""
    kind, quirks = call.params[0], service.quirks
    sort = call.query.get("sort") or None
    size = _page_size(service, call)
    page = max(0, call.number("page", 0))
    if sort is not None and sort not in LISTED:
        if quirks.unknown_sort == "refuse":
            message = f"Unknown sort field {sort}"
            raise ApiError(message, quirks.refusal_status)
        if quirks.unknown_sort == "empty":
            return Reply(wire.contacts(service.store, kind, ()))
        sort = None
    descending = call.query.get("sort_direction", "asc").lower() == "desc"
    numbers = views.listing(
        service.store, kind, sort, descending=descending, offset=page * size, count=size
    )
    call.count = len(numbers)
    return Reply(wire.contacts(service.store, kind, numbers))


def get_contact(service: Service, call: Call) -> Reply:
    """One contact with its details."""
    contact = contact_of(service, call.params[0], call.query)
    call.count = 1
    return Reply(wire.data(wire.shape(views.full(service.store, contact), service.quirks)))


def upsert_contacts(service: Service, call: Call) -> Reply:
    """Create or update a batch."""
    kind, quirks = call.params[0], service.quirks
    contacts = call.json().get(kind)
    if not isinstance(contacts, list):
        message = f"The field {kind} is required"
        raise ApiError(message, quirks.refusal_status)
    if quirks.largest_batch and len(contacts) > quirks.largest_batch:
        raise ApiError(quirks.too_large_message, quirks.too_large_status)
    outcome = upsert.upsert(service.store, kind, contacts, service.faults)
    call.count = outcome.accepted
    for contact in outcome.touched:
        service.announce("upsert", contact)
    return Reply(wire.data(_told(service, outcome)))


def _told(service: Service, outcome: upsert.Outcome) -> Record:
    quirks = service.quirks
    counts = {
        "accepted": outcome.accepted,
        "text": str(outcome.accepted),
        "created": outcome.created,
    }
    told: list[Any] = [_element(quirks.refusals, quirks.object_keys, *r) for r in outcome.refused]
    told = [] if quirks.refusals == "count" else told
    answer: Record = {"inserted": counts[quirks.inserted], "errors": []}
    for name in ("errors", "not_added"):
        if quirks.refusal_list in (name, "both"):
            answer[name] = told
    return answer


def _element(form: str, keys: str, index: int, address: Any, reason: str) -> Any:  # noqa: ANN401
    if form == "email":
        return address
    if form == "index":
        return index
    known = {"email": address, "user": address, "index": index}
    return {key: known.get(key, reason) for key in keys.split(",")}


def delete_contact(service: Service, call: Call) -> Reply:
    """Delete for good."""
    contact = contact_of(service, call.params[0], call.query)
    reason = service.faults.rejection("delete", contact.email)
    if reason is not None:
        raise ApiError(reason, service.quirks.refusal_status)
    service.store.remove(contact)
    service.store.history.add(
        "delete",
        kind=contact.kind,
        email=contact.email,
        user_id=contact.user_id,
        number=contact.number,
    )
    call.count = 1
    service.announce("delete", contact)
    return done(service, "Contact deleted")
