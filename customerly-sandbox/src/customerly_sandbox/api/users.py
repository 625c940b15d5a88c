"""Opt-outs and attributes of one user (docs/api-contract.md#create-or-update)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from customerly_sandbox.api.answers import contact_of, done
from customerly_sandbox.api.upsert import set_attributes
from customerly_sandbox.api.validation import attributes_of
from customerly_sandbox.fields import USERS

if TYPE_CHECKING:
    from customerly_sandbox.http.messages import Request, Response
    from customerly_sandbox.project import Project


def unsubscribe(project: Project, request: Request) -> Response:
    """No more mail for a user."""
    contact = contact_of(project, USERS, {"user_id": request.params[0]})
    contact.changed["unsubscribe"] = 1
    project.store.keep(contact)
    project.store.history.add("unsubscribe", email=contact.email, user_id=contact.user_id)
    request.count = 1
    project.announce("upsert", contact)
    return done(project, "User unsubscribed")


def add_attributes(project: Project, request: Request) -> Response:
    """Set custom attributes of one user."""
    contact = contact_of(project, USERS, {"user_id": request.params[0]})
    sent = attributes_of(project, request.json().get("attributes") or {})
    set_attributes(project.store, contact, sent)
    project.store.keep(contact)
    project.store.history.add("add_attributes", email=contact.email, attributes=sent)
    request.count = 1
    project.announce("upsert", contact)
    return done(project, "Attributes added")
