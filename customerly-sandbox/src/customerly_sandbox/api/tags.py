"""Tags (docs/api-contract.md#tags)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from customerly_sandbox.api.answers import done, missing
from customerly_sandbox.fields import KINDS, Record
from customerly_sandbox.http import encoding
from customerly_sandbox.http.messages import ApiError, Request, Response

if TYPE_CHECKING:
    from customerly_sandbox.models.contact import Contact
    from customerly_sandbox.project import Project


def list_tags(project: Project, request: Request) -> Response:
    """Every tag's name."""
    request.count = len(project.store.tags)
    return Response(encoding.data(list(project.store.tags)))


def _tag_name(project: Project, body: Record) -> str:
    tag = body.get("tag")
    if not isinstance(tag, str) or not tag:
        message = "The field tag is required"
        raise ApiError(message, project.quirks.refusal_status)
    return tag


def tag_contacts(project: Project, request: Request) -> Response:
    """Put a tag on contacts, or take it off."""
    body = request.json()
    tag = _tag_name(project, body)
    untag = body.get("untag") in (True, 1, "1", "true")
    quirks = project.quirks
    if untag and tag not in project.store.tags and quirks.untag_unknown_tag == "fail":
        message = "Tag doesn't exist"
        raise ApiError(message, quirks.missing_contact_status)
    found, unknown = _named(project, body)
    if unknown and quirks.tag_unknown == "fail":
        raise unknown[0][1]
    if not untag:
        project.store.tags.setdefault(tag)
    for contact in found:
        _set_tag(project, contact, tag, untag=untag)
    request.count = len(found)
    if quirks.tag_unknown != "report":
        return done(project, "Tag updated")
    errors = [{**key, "reason": error.message} for key, error in unknown]
    return Response(encoding.data({"tagged": len(found), "errors": errors}))


def _named(project: Project, body: Record) -> tuple[list[Contact], list[tuple[Record, ApiError]]]:
    """The contacts that the body names; and the names of the others, with what is wrong."""
    found: dict[int, Contact] = {}
    unknown: list[tuple[Record, ApiError]] = []
    for kind in KINDS:
        named = body.get(kind) or []
        if not isinstance(named, list):
            raise ApiError(f"The field {kind} must be a list", project.quirks.refusal_status)
        for given in named:
            key = given if isinstance(given, dict) else {"value": given}
            contact = project.store.named(kind, key)
            reason = project.faults.rejection("tag", contact.email) if contact else None
            if reason is not None:
                unknown.append((key, ApiError(reason, project.quirks.refusal_status)))
            elif contact is None:
                unknown.append((key, missing(project, kind)))
            else:
                found[contact.number] = contact
    return list(found.values()), unknown


def _set_tag(project: Project, contact: Contact, tag: str, *, untag: bool) -> None:
    had = tag in contact.tags
    if untag and had:
        contact.tags.remove(tag)
    elif not untag and not had:
        contact.tags.append(tag)
    project.store.keep(contact, moved=project.quirks.tagging_moves and had == untag)
    operation = "untag" if untag else "tag"
    project.store.history.add(
        operation, kind=contact.kind, email=contact.email, user_id=contact.user_id, tag=tag
    )
    project.announce(operation, contact, tag=tag)


def delete_tag(project: Project, request: Request) -> Response:
    """Drop a tag everywhere."""
    tag = _tag_name(project, request.json())
    known = project.store.drop_tag(tag)
    if not known and project.quirks.delete_unknown_tag == "fail":
        message = "Tag doesn't exist"
        raise ApiError(message, project.quirks.missing_contact_status)
    project.store.history.add("delete_tag", tag=tag)
    request.count = 1
    return done(project, "Tag deleted")
