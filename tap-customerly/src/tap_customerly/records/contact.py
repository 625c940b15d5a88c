"""The schema of a contact, which users and leads share, from the one table of its fields."""

from __future__ import annotations

from typing import TYPE_CHECKING

from customerly.fields import CONTACT_FIELDS

from tap_customerly.records import types

if TYPE_CHECKING:
    from collections.abc import Callable

    from customerly.fields import Field, FieldType

    from tap_customerly.records.types import Properties, Property

KEY = "crmhero_user_id"
"""Customerly's own key of a contact (docs/api-contract.md#fields-of-a-contact)."""

CHANGED = "last_update"
"""When a contact last changed, the replication key."""

PROJECT = "app_id"
"""The project that a contact is in."""

TAGS = "user_tags"
"""The names of a contact's tags, in a look-up."""

_TYPES: dict[FieldType, Callable[[str], Property]] = {
    "integer": types.integer,
    "number": types.number,
    "flag": types.flag,
    "seconds": types.moment,
    "datetime": types.moment,
    "text": types.text,
    "object": types.mapping,
    "list": types.many,
}


def _property(field: Field) -> Property:
    if field.name == TAGS:
        return types.many(field.description, types.text_item())
    made = _TYPES[field.type](field.description)
    return types.key(made) if field.name == KEY else made


def _properties(*, listed_only: bool) -> Properties:
    fields = (field for field in CONTACT_FIELDS if field.listed or not listed_only)
    return {field.name: _property(field) for field in fields}


CONTACT = types.schema(
    "Contacts as their list has them, users or leads: one row a contact",
    _properties(listed_only=True),
)
CONTACT_DETAILS = types.schema(
    "Contacts as looked up one by one, users or leads, with tags, segments, events and companies",
    _properties(listed_only=False),
)
