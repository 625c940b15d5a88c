"""What the sandbox calls things: kinds of contacts, the project, a contact without a history."""

from __future__ import annotations

from typing import Any

from customerly.fields import FLAGS, INTEGERS, NUMBERS, SECONDS, TEXTS

Record = dict[str, Any]

USERS = "users"
LEADS = "leads"
KINDS = (USERS, LEADS)

APP_ID = "5a1f33c0"
"""The one project of the sandbox."""

BLANK: Record = {
    "crmhero_user_id": 0,
    "app_id": APP_ID,
    "user_id": None,
    "email": None,
    "name": None,
    "last_update": None,
    "attributes": {},
    **dict.fromkeys(FLAGS, 0),
    **dict.fromkeys(SECONDS),
    **dict.fromkeys((*INTEGERS[1:], *NUMBERS)),
    **dict.fromkeys(TEXTS[4:]),
}
"""A contact of which nothing is known yet, each field in its documented form."""

LISTED = frozenset(BLANK)
"""Every documented field of a list's contact: what can be sorted by."""
