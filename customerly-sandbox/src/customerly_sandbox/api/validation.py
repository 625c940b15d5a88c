"""What is taken of a contact and of custom attributes, and what is refused and why."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from customerly.fields import ATTRIBUTE_TEXT_LIMIT

from customerly_sandbox.fields import LEADS, Record
from customerly_sandbox.http.messages import ApiError

if TYPE_CHECKING:
    from collections.abc import Callable

    from customerly_sandbox.models.store import Store
    from customerly_sandbox.project import Project
    from customerly_sandbox.scenario.faults import Faults

ATTRIBUTE_NAME = re.compile(r"\w+\Z")
_ADDRESS = re.compile(r"[^\s@<>,;:\"]+@[^\s@<>,;:\"]+\.[^\s@<>,;:\".]+\Z")


class Refused(Exception):
    """One contact of a batch is not taken; the text says why."""


def check(store: Store, kind: str, sent: object, faults: Faults) -> None:
    """Raises Refused if a contact is not well formed, or is to be rejected."""
    if not isinstance(sent, dict):
        raise Refused("A contact must be an object")
    email = sent.get("email")
    if not isinstance(email, str) or not email:
        raise Refused("The email is required")
    if not _ADDRESS.match(email):
        raise Refused("The email is not valid")
    reason = faults.rejection("upsert", email)
    if reason is not None:
        raise Refused(reason)
    for name, check_field in _FIELDS.items():
        if sent.get(name) is not None:
            check_field(store, sent[name])
    if kind == LEADS and sent.get("user_id") and store.quirks.lead_user_id == "refuse":
        raise Refused("A lead has no user_id")


def _check_text(_store: Store, value: object) -> None:
    if not isinstance(value, str):
        raise Refused("The name must be a string")


def _check_user_id(_store: Store, value: object) -> None:
    if isinstance(value, bool) or not isinstance(value, (str, int)):
        raise Refused("The user_id must be a string")


def _check_tags(_store: Store, value: object) -> None:
    if not isinstance(value, list) or not all(isinstance(tag, str) and tag for tag in value):
        raise Refused("The tags must be a list of names")


def check_attributes(store: Store, value: object) -> None:
    """Raises Refused if these cannot be custom attributes."""
    if value == []:
        return
    if not isinstance(value, dict):
        raise Refused("The attributes must be an object")
    for name, content in value.items():
        if isinstance(content, (dict, list)):
            raise Refused(f"The attribute {name} must be text, a number or a boolean")
        too_long = isinstance(content, str) and len(content) > ATTRIBUTE_TEXT_LIMIT
        if too_long and store.quirks.long_text == "refuse":
            raise Refused(f"The attribute {name} is longer than {ATTRIBUTE_TEXT_LIMIT} characters")
        if store.quirks.attribute_names == "refuse" and not ATTRIBUTE_NAME.match(name):
            raise Refused(f"The attribute name {name} is not valid")


_FIELDS: dict[str, Callable[[Store, object], None]] = {
    "name": _check_text,
    "user_id": _check_user_id,
    "tags": _check_tags,
    "attributes": check_attributes,
}


def attributes_of(project: Project, sent: object) -> Record:
    """Custom attributes of a body that is no contact; an empty list is an empty object.

    Raises:
        ApiError: They cannot be.
    """
    try:
        check_attributes(project.store, sent)
    except Refused as refused:
        raise ApiError(str(refused), project.quirks.refusal_status) from refused
    return dict(sent) if isinstance(sent, dict) else {}
