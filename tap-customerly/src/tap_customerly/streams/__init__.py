"""The streams: what each holds, and how it is read.

- `base`: what all streams share, records out and state;
- `strategies`: the ways to read a stream, one of which is chosen at each run;
- a module for each family of streams.
"""

from tap_customerly.streams.base import CustomerlyStream
from tap_customerly.streams.contacts import ContactStream, Leads, Users
from tap_customerly.streams.custom import CustomStream
from tap_customerly.streams.details import LeadDetails, UserDetails
from tap_customerly.streams.knowledge_base import Articles, Collections, Writers
from tap_customerly.streams.operations import Operations
from tap_customerly.streams.single_answer import Accounts, Tags
from tap_customerly.streams.webhook_events import WebhookEvents

STREAMS: dict[str, type[CustomerlyStream]] = {
    "users": Users,
    "leads": Leads,
    "tags": Tags,
    "user_details": UserDetails,
    "lead_details": LeadDetails,
    "accounts": Accounts,
    "knowledge_base_collections": Collections,
    "knowledge_base_articles": Articles,
    "knowledge_base_writers": Writers,
}
"""The streams that are always there."""

LOCAL_STREAMS: dict[str, tuple[str, type[CustomerlyStream]]] = {
    "webhook_events": ("webhook_spool", WebhookEvents),
    "operations": ("operation_log", Operations),
}
"""What is read from this machine: each with the setting that says where, and turns it on."""

__all__ = [
    "LOCAL_STREAMS",
    "STREAMS",
    "ContactStream",
    "CustomStream",
    "CustomerlyStream",
]
