"""The schema of each stream, in the form in which its records leave."""

from __future__ import annotations

from tap_customerly.schemas.contact import CONTACT, CONTACT_DETAILS
from tap_customerly.schemas.fields import ADDITIONAL
from tap_customerly.schemas.rest import (
    ACCOUNT,
    ARTICLE,
    COLLECTION,
    TAG,
    WEBHOOK_EVENT,
    WRITER,
)

__all__ = [
    "ACCOUNT",
    "ADDITIONAL",
    "ARTICLE",
    "COLLECTION",
    "CONTACT",
    "CONTACT_DETAILS",
    "TAG",
    "WEBHOOK_EVENT",
    "WRITER",
]
