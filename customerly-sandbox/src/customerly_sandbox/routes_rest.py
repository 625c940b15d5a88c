"""Attributes, companies, unsubscribe, teammates, messages (wire contract, The rest)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from customerly_sandbox import knowledge, wire
from customerly_sandbox.calls import ApiError, Call, Reply
from customerly_sandbox.fields import LEADS, USERS, Record
from customerly_sandbox.routes_contacts import contact_of, done, missing
from customerly_sandbox.upsert import Refused, check_attributes, set_attributes

if TYPE_CHECKING:
    from customerly_sandbox.service import Service


def _attributes(service: Service, sent: object) -> Record:
    """Custom attributes of a body; an empty list is an empty object.

    Raises:
        ApiError: They cannot be.
    """
    try:
        check_attributes(service.store, sent)
    except Refused as refused:
        raise ApiError(str(refused), service.quirks.refusal_status) from refused
    return dict(sent) if isinstance(sent, dict) else {}


def unsubscribe(service: Service, call: Call) -> Reply:
    """No more mail for a user."""
    contact = contact_of(service, USERS, {"user_id": call.params[0]})
    contact.changed["unsubscribe"] = 1
    service.store.keep(contact)
    service.store.history.add("unsubscribe", email=contact.email, user_id=contact.user_id)
    call.count = 1
    service.announce("upsert", contact)
    return done(service, "User unsubscribed")


def add_attributes(service: Service, call: Call) -> Reply:
    """Set custom attributes of one user."""
    contact = contact_of(service, USERS, {"user_id": call.params[0]})
    sent = _attributes(service, call.json().get("attributes") or {})
    set_attributes(service.store, contact, sent)
    service.store.keep(contact)
    service.store.history.add("add_attributes", email=contact.email, attributes=sent)
    call.count = 1
    service.announce("upsert", contact)
    return done(service, "Attributes added")


def _company(service: Service, key: str, name: object, attributes: Record) -> Record:
    """Create or update a company."""
    blank: Record = {"company_id": key, "company_name": None, "attributes": {}}
    company = service.store.companies.setdefault(key, blank)
    if isinstance(name, str):
        company["company_name"] = name
    company["attributes"] = {**company["attributes"], **attributes}
    return company


def add_to_company(service: Service, call: Call) -> Reply:
    """Make a user a member of a company, which is created where it is not there."""
    body = call.json()
    key = str(body.get("company_id") or "")
    if not key:
        message = "The field company_id is required"
        raise ApiError(message, service.quirks.refusal_status)
    attributes = _attributes(service, body.get("company_attributes") or {})
    contact = contact_of(service, USERS, body)
    _company(service, key, body.get("company_name"), attributes)
    held = contact.companies
    if held is None:
        origin = contact.origin
        held = service.store.population.details(*origin)["companies"] if origin else []
    contact.companies = list(dict.fromkeys([*held, key]))
    service.store.keep(contact, moved=False)
    service.store.history.add("add_to_company", email=contact.email, company_id=key, body=body)
    call.count = 1
    return done(service, "User added to company")


def company_attributes(service: Service, call: Call) -> Reply:
    """Create or update a company."""
    key, body = call.params[0], call.json()
    if key not in service.store.companies and service.quirks.unknown_company == "refuse":
        message = "Company doesn't exist"
        raise ApiError(message, service.quirks.missing_contact_status)
    attributes = _attributes(service, body.get("attributes") or {})
    _company(service, key, body.get("company_name"), attributes)
    service.store.history.add("company", company_id=key, body=body)
    call.count = 1
    return done(service, "Company updated")


def list_accounts(_service: Service, call: Call) -> Reply:
    """The teammates."""
    call.count = len(knowledge.ACCOUNTS)
    return Reply(wire.data(knowledge.ACCOUNTS))


def send_message(service: Service, call: Call) -> Reply:
    """Send a message to a contact, who has to be there."""
    body = call.json()
    for name in ("from", "to"):
        if not isinstance(body.get(name), dict):
            message = f"The field {name} is required"
            raise ApiError(message, service.quirks.refusal_status)
    if not isinstance(body.get("content"), str) or not body["content"]:
        message = "The field content is required"
        raise ApiError(message, service.quirks.refusal_status)
    kind = LEADS if body["to"].get("type") == "lead" else USERS
    to = body["to"]
    key = {"internal_user_id": to["id"]} if "id" in to else to
    contact = service.store.named(kind, key)
    if contact is None:
        raise missing(service, kind)
    now = service.store.clock.now()
    service.store.messages.append({"timestamp": now, **body})
    service.store.history.add("message", kind=contact.kind, email=contact.email, body=body)
    call.count = 1
    return Reply(wire.data({"timestamp": now}))
