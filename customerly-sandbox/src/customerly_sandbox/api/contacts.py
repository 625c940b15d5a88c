"""Contacts: lists, one contact, create or update, delete (docs/api-contract.md#lists)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from customerly_sandbox.api import upsert
from customerly_sandbox.api.answers import contact_of, done
from customerly_sandbox.fields import LISTED, Record
from customerly_sandbox.http import encoding
from customerly_sandbox.http.messages import ApiError, Request, Response
from customerly_sandbox.models import records

if TYPE_CHECKING:
    from customerly_sandbox.project import Project


def _page_size(project: Project, request: Request) -> int:
    quirks = project.quirks
    wanted = request.number("per_page", quirks.default_page_size)
    if wanted < 1:
        return quirks.default_page_size
    if wanted > quirks.largest_page and quirks.over_largest_page == "refuse":
        message = f"per_page must be at most {quirks.largest_page}"
        raise ApiError(message, quirks.refusal_status)
    if wanted > quirks.largest_page and quirks.over_largest_page == "default":
        return quirks.default_page_size
    return min(wanted, quirks.largest_page)


def list_contacts(project: Project, request: Request) -> Response:
    """One page, computed now."""
    kind, quirks = request.params[0], project.quirks
    sort = request.query.get("sort") or None
    size = _page_size(project, request)
    page = max(0, request.number("page", 0))
    if sort is not None and sort not in LISTED:
        if quirks.unknown_sort == "refuse":
            message = f"Unknown sort field {sort}"
            raise ApiError(message, quirks.refusal_status)
        if quirks.unknown_sort == "empty":
            return Response(encoding.contacts(project.store, kind, ()))
        sort = None
    if sort == "last_update" and not quirks.order_by_last_update:
        sort = None
    descending = request.query.get("sort_direction", "asc").lower() == "desc"
    numbers = records.listing(
        project.store, kind, sort, descending=descending, offset=page * size, count=size
    )
    request.count = len(numbers)
    return Response(encoding.contacts(project.store, kind, numbers))


def get_contact(project: Project, request: Request) -> Response:
    """One contact with its details."""
    contact = contact_of(project, request.params[0], request.query)
    request.count = 1
    return Response(
        encoding.data(encoding.shape(records.full(project.store, contact), project.quirks))
    )


def upsert_contacts(project: Project, request: Request) -> Response:
    """Create or update a batch."""
    kind, quirks = request.params[0], project.quirks
    contacts = request.json().get(kind)
    if not isinstance(contacts, list):
        message = f"The field {kind} is required"
        raise ApiError(message, quirks.refusal_status)
    if quirks.largest_batch and len(contacts) > quirks.largest_batch:
        raise ApiError(quirks.too_large_message, quirks.too_large_status)
    outcome = upsert.upsert(project.store, kind, contacts, project.faults)
    request.count = outcome.accepted
    for contact in outcome.touched:
        project.announce("upsert", contact)
    return Response(encoding.data(_accepted(project, outcome)))


def _accepted(project: Project, outcome: upsert.Outcome) -> Record:
    quirks = project.quirks
    counts = {
        "accepted": outcome.accepted,
        "text": str(outcome.accepted),
        "created": outcome.created,
    }
    refused = [_element(quirks.refusals, quirks.object_keys, *r) for r in outcome.refused]
    refused = [] if quirks.refusals == "count" else refused
    answer: Record = {"inserted": counts[quirks.inserted], "errors": []}
    for name in ("errors", "not_added"):
        if quirks.refusal_list in (name, "both"):
            answer[name] = refused
    return answer


def _element(form: str, keys: str, index: int, address: object, reason: str) -> object:
    if form == "email":
        return address
    if form == "index":
        return index
    known = {"email": address, "user": address, "index": index}
    return {key: known.get(key, reason) for key in keys.split(",")}


def delete_contact(project: Project, request: Request) -> Response:
    """Delete for good."""
    contact = contact_of(project, request.params[0], request.query)
    reason = project.faults.rejection("delete", contact.email)
    if reason is not None:
        raise ApiError(reason, project.quirks.refusal_status)
    project.store.remove(contact)
    project.store.history.add(
        "delete",
        kind=contact.kind,
        email=contact.email,
        user_id=contact.user_id,
        number=contact.number,
    )
    request.count = 1
    project.announce("delete", contact)
    return done(project, "Contact deleted")
