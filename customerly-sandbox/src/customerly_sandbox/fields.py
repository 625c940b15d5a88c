"""What the sandbox calls things: kinds of contacts, the project, a contact without a history."""

from __future__ import annotations

from typing import Any

from customerly.fields import CONTACT_FIELDS, FieldType

Record = dict[str, Any]

USERS = "users"
LEADS = "leads"
KINDS = (USERS, LEADS)

APP_ID = "5a1f33c0"
"""The one project of the sandbox."""

_EMPTY: dict[FieldType, object] = {"flag": 0, "object": {}}

BLANK: Record = {
    **{field.name: _EMPTY.get(field.type) for field in CONTACT_FIELDS if field.listed},
    "app_id": APP_ID,
}
"""A contact of which nothing is known yet, each field in its documented form."""

LISTED = frozenset(BLANK)
"""Every documented field of a list's contact: what can be sorted by."""
