"""Tags (wire contract, Tags)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from customerly_sandbox import wire
from customerly_sandbox.calls import ApiError, Call, Reply
from customerly_sandbox.fields import KINDS, Record
from customerly_sandbox.routes_contacts import done, missing

if TYPE_CHECKING:
    from customerly_sandbox.contacts import Contact
    from customerly_sandbox.service import Service


def list_tags(service: Service, call: Call) -> Reply:
    """Every tag's name."""
    call.count = len(service.store.tags)
    return Reply(wire.data(list(service.store.tags)))


def _tag_name(service: Service, body: Record) -> str:
    tag = body.get("tag")
    if not isinstance(tag, str) or not tag:
        message = "The field tag is required"
        raise ApiError(message, service.quirks.refusal_status)
    return tag


def tag_contacts(service: Service, call: Call) -> Reply:
    """Put a tag on contacts, or take it off."""
    body = call.json()
    tag = _tag_name(service, body)
    untag = body.get("untag") in (True, 1, "1", "true")
    quirks = service.quirks
    if untag and tag not in service.store.tags and quirks.untag_unknown_tag == "fail":
        message = "Tag doesn't exist"
        raise ApiError(message, quirks.missing_contact_status)
    found, unknown = _named(service, body)
    if unknown and quirks.tag_unknown == "fail":
        raise unknown[0][1]
    if not untag:
        service.store.tags.setdefault(tag)
    for contact in found:
        _set_tag(service, contact, tag, untag=untag)
    call.count = len(found)
    if quirks.tag_unknown != "report":
        return done(service, "Tag updated")
    errors = [{**key, "reason": error.message} for key, error in unknown]
    return Reply(wire.data({"tagged": len(found), "errors": errors}))


def _named(service: Service, body: Record) -> tuple[list[Contact], list[tuple[Record, ApiError]]]:
    """The contacts that the body names; and the names of the others, with what is wrong."""
    found: dict[int, Contact] = {}
    unknown: list[tuple[Record, ApiError]] = []
    for kind in KINDS:
        named = body.get(kind) or []
        if not isinstance(named, list):
            raise ApiError(f"The field {kind} must be a list", service.quirks.refusal_status)
        for given in named:
            key = given if isinstance(given, dict) else {"value": given}
            contact = service.store.named(kind, key)
            reason = service.faults.rejection("tag", contact.email) if contact else None
            if reason is not None:
                unknown.append((key, ApiError(reason, service.quirks.refusal_status)))
            elif contact is None:
                unknown.append((key, missing(service, kind)))
            else:
                found[contact.number] = contact
    return list(found.values()), unknown


def _set_tag(service: Service, contact: Contact, tag: str, *, untag: bool) -> None:
    had = tag in contact.tags
    if untag and had:
        contact.tags.remove(tag)
    elif not untag and not had:
        contact.tags.append(tag)
    service.store.keep(contact, moved=service.quirks.tagging_moves and had == untag)
    operation = "untag" if untag else "tag"
    service.store.history.add(
        operation, kind=contact.kind, email=contact.email, user_id=contact.user_id, tag=tag
    )
    service.announce(operation, contact, tag=tag)


def delete_tag(service: Service, call: Call) -> Reply:
    """Drop a tag everywhere."""
    tag = _tag_name(service, call.json())
    known = service.store.drop_tag(tag)
    if not known and service.quirks.delete_unknown_tag == "fail":
        message = "Tag doesn't exist"
        raise ApiError(message, service.quirks.missing_contact_status)
    service.store.history.add("delete_tag", tag=tag)
    call.count = 1
    return done(service, "Tag deleted")
