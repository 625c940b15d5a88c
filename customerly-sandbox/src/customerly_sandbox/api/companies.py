"""Companies and their members (docs/api-contract.md#create-or-update)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from customerly_sandbox.api.answers import contact_of, done
from customerly_sandbox.api.validation import attributes_of
from customerly_sandbox.fields import USERS, Record
from customerly_sandbox.http.messages import ApiError, Request, Response

if TYPE_CHECKING:
    from customerly_sandbox.project import Project


def add_member(project: Project, request: Request) -> Response:
    """Make a user a member of a company, which is created where it is not there."""
    body = request.json()
    key = str(body.get("company_id") or "")
    if not key:
        message = "The field company_id is required"
        raise ApiError(message, project.quirks.refusal_status)
    attributes = attributes_of(project, body.get("company_attributes") or {})
    contact = contact_of(project, USERS, body)
    _company(project, key, body.get("company_name"), attributes)
    held = contact.companies
    if held is None:
        origin = contact.origin
        held = project.store.population.details(*origin)["companies"] if origin else []
    contact.companies = list(dict.fromkeys([*held, key]))
    project.store.keep(contact, moved=False)
    project.store.history.add("add_to_company", email=contact.email, company_id=key, body=body)
    request.count = 1
    return done(project, "User added to company")


def update_company(project: Project, request: Request) -> Response:
    """Create or update a company."""
    key, body = request.params[0], request.json()
    if key not in project.store.companies and project.quirks.unknown_company == "refuse":
        message = "Company doesn't exist"
        raise ApiError(message, project.quirks.missing_contact_status)
    attributes = attributes_of(project, body.get("attributes") or {})
    _company(project, key, body.get("company_name"), attributes)
    project.store.history.add("company", company_id=key, body=body)
    request.count = 1
    return done(project, "Company updated")


def _company(project: Project, key: str, name: object, attributes: Record) -> None:
    """Create or update a company."""
    blank: Record = {"company_id": key, "company_name": None, "attributes": {}}
    company = project.store.companies.setdefault(key, blank)
    if isinstance(name, str):
        company["company_name"] = name
    company["attributes"] = {**company["attributes"], **attributes}
