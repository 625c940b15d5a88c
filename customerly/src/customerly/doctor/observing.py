"""What one look at a list shows besides: forms of values, rate-limit headers, the time zone."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

import msgspec
import requests

from customerly.answer_forms import items_of
from customerly.doctor.findings import Check
from customerly.transport import BearerAuth
from customerly.values import read_moment, readable

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from customerly.api import Contact
    from customerly.connection import Connection

_LIMITING = re.compile(r"rate-?limit|retry-after|quota", re.IGNORECASE)
_ZONE = (timedelta(minutes=10), timedelta(hours=15))
_LOOKED_AT = {"crmhero_user_id": "numbers", "unsubscribe": "flags", "attributes": "attributes"}
_QUERY = {"sort": "last_update", "sort_direction": "desc", "page": "0", "per_page": "1"}


def observe(connection: Connection) -> list[Check]:
    """Look at the newest user and at the headers that came with it (docs/assumptions.md).

    Args:
        connection: The project.

    Returns:
        What was seen; nothing where the API does not answer as it should.
    """
    try:
        with requests.Session() as session:
            session.trust_env = not connection.is_loopback
            answer = session.get(
                f"{connection.api_url}/users/list",
                params=_QUERY,
                auth=BearerAuth(connection.access_token),
                timeout=connection.request_timeout,
                allow_redirects=False,
            )
        items = items_of(
            msgspec.json.decode(answer.content, type=dict[str, object])["data"], "users"
        )
    except (requests.RequestException, msgspec.MsgspecError, KeyError, UnicodeError):
        return []
    contact = items[0] if items and isinstance(items[0], dict) else {}
    return [made for look in _LOOKS if (made := look(contact, answer.headers))]


def _limits(_contact: Contact, headers: Mapping[str, str]) -> Check | None:
    names = [name.lower() for name in headers if _LIMITING.search(name)]
    says = f"answers carry {', '.join(names)}" if names else "answers carry no such header"
    return Check("rate limit", ok=True, says=says)


def _forms(contact: Contact, _headers: Mapping[str, str]) -> Check | None:
    seen = [
        f"{word} as {type(contact[name]).__name__}"
        for name, word in _LOOKED_AT.items()
        if name in contact
    ]
    return Check("forms of values", ok=True, says=", ".join(seen)) if seen else None


def _time_zone(contact: Contact, headers: Mapping[str, str]) -> Check | None:
    """A change that lies ahead of the server's own clock was not written in UTC."""
    moment = readable(read_moment, contact.get("last_update"))
    try:
        ahead = datetime.fromisoformat(moment or "") - parsedate_to_datetime(headers["Date"])
    except (KeyError, TypeError, ValueError):
        return None
    if _ZONE[0] < ahead < _ZONE[1]:
        says = f"last_update is {ahead.total_seconds() / 3600:.1f} hours ahead of UTC"
        do = "report it: moments in the warehouse are off by as much; bookmarks are not affected"
        return Check("time zone", ok=False, says=says, do=do)
    return Check("time zone", ok=True, says="last_update is not ahead of UTC")


_LOOKS: tuple[Callable[[Contact, Mapping[str, str]], Check | None], ...] = (
    _limits,
    _forms,
    _time_zone,
)
