"""What a clean record must hold, from the sandbox's own account of a contact."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from customerly.fields import FLAGS, SECONDS
from tap_customerly.records.contact import CONTACT

LOOKED_UP = ("user_tags", "user_segments", "user_events", "user_notes", "companies")


def clean_form(contact: dict[str, Any]) -> dict[str, Any]:
    """The clean form of a contact in its documented form, without what only a look-up carries."""
    record = {name: contact[name] for name in CONTACT["properties"] if name in contact}
    for name in FLAGS:
        record[name] = None if record[name] is None else bool(record[name])
    for name in SECONDS:
        if record[name]:
            when = datetime.fromtimestamp(record[name], tz=UTC)
            record[name] = when.isoformat()
    record["last_update"] = record["last_update"].replace(" ", "T") + "+00:00"
    unknown = contact.keys() - CONTACT["properties"].keys() - set(LOOKED_UP)
    record["additional_fields"] = {name: contact[name] for name in unknown}
    return record


def by_id(records: list[dict[str, Any]]) -> dict[int, dict[str, Any]]:
    return {record["crmhero_user_id"]: record for record in records}
