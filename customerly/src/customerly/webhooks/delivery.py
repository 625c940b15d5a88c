"""What a delivery is: as it came in, and as it is read back."""

from __future__ import annotations

import base64
import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

import msgspec

from customerly import lenient_json

if TYPE_CHECKING:
    from customerly.values import Json

# Where a body may hold the contact, the documented place first (docs/api-contract.md#webhooks).
_CONTACT_AT: tuple[tuple[str, ...], ...] = (
    *(("data", kind, "data") for kind in ("user", "lead", "contact")),
    *(("data", kind) for kind in ("user", "lead", "contact")),
    *((kind,) for kind in ("user", "lead", "contact")),
    ("data",),
    (),
)
_ID_NAMES = ("crmhero_user_id", "internal_user_id")
_DIGITS = re.compile("[0-9]{1,18}")
_BEYOND = 1 << 63  # what no warehouse takes for an integer

# Event names are undocumented (docs/api-contract.md#webhooks): these are how others call the field.
_EVENT_NAMES = ("event", "event_name", "event_type", "trigger", "topic", "type", "action")
_EVENT_AT: tuple[tuple[str, ...], ...] = ((), ("data",))


class NewDelivery(msgspec.Struct, frozen=True):
    """A delivery as it came in.

    Args:
        received_at: Microseconds since 1970, UTC.
        hook: The name after the secret in the path; None where there was none.
        query: The URL's query parameters.
        headers: Lower-case names, without credentials.
        body: The bytes as they came.
    """

    received_at: int
    hook: str | None
    query: dict[str, str]
    headers: dict[str, str]
    body: bytes


class Delivery(msgspec.Struct, frozen=True):
    r"""A delivery as it is read back.

    Args:
        sequence: Its number: strictly increasing, never given twice.
        received_at: RFC 3339 in UTC, of fixed width.
        hook: The name after the secret in the path.
        event: What happened, where the body says so.
        email: The contact's address, where the body holds one.
        crmhero_user_id: Customerly's own key of the contact, where the body holds one.
        headers: Lower-case names, without credentials.
        query: The URL's query parameters.
        body: The parsed body, where it is JSON or a form; what is broken in it is U+FFFD or null.
        body_text: The body as text, where it is not; bytes that are no UTF-8 show as `\xff`.
        body_base64: The exact bytes, where they are no UTF-8.
    """

    sequence: int
    received_at: str
    hook: str | None
    event: str | None
    email: str | None
    crmhero_user_id: int | None
    headers: dict[str, str]
    query: dict[str, str]
    body: Any
    body_text: str | None
    body_base64: str | None

    @classmethod
    def read(cls, sequence: int, new: NewDelivery) -> Delivery:
        """Make sense of a delivery.

        Args:
            sequence: Its number.
            new: What came in.

        Returns:
            The same with its body read.
        """
        body, text, exact = _body(new.body, new.headers.get("content-type", ""))
        when = datetime.fromtimestamp(new.received_at // 1_000_000, UTC)
        return cls(
            sequence=sequence,
            received_at=f"{when:%Y-%m-%dT%H:%M:%S}.{new.received_at % 1_000_000:06d}Z",
            hook=new.hook,
            event=_event(body),
            email=_email(body),
            crmhero_user_id=_contact_id(body),
            headers=new.headers,
            query=new.query,
            body=body,
            body_text=text,
            body_base64=exact,
        )

    def to_dict(self) -> dict[str, Any]:
        """Return the fields by name, in the order above.

        Returns:
            A new dict.
        """
        return msgspec.structs.asdict(self)


_FORM = "application/x-www-form-urlencoded"
_JSON_IN_FORM = ("payload", "body", "data", "json")  # fields in which senders put the whole of it


def _body(raw: bytes, content_type: str) -> tuple[Any, str | None, str | None]:
    """Read a body: parsed, else as text, and exactly where the text cannot be exact."""
    parsed = _parsed(raw)
    if parsed is None and (_FORM in content_type.lower() or raw.startswith(b"payload=")):
        parsed = _form(raw)
    try:
        text, exact = raw.decode(), None
    except UnicodeDecodeError:
        text, exact = raw.decode(errors="backslashreplace"), base64.b64encode(raw).decode()
    return parsed, None if parsed is not None else text, exact


def _parsed(raw: bytes) -> Json:
    try:
        return lenient_json.decode(raw)
    except ValueError:
        return None


def _form(raw: bytes) -> Json:
    """Read a form: the JSON that one of its fields holds, else its fields."""
    pairs = parse_qsl(raw.decode("utf-8", "replace"), keep_blank_values=True, errors="replace")
    fields = {name: value.replace("\0", "\ufffd") for name, value in pairs}
    for name in _JSON_IN_FORM:
        if isinstance(inner := _parsed(fields.get(name, "").encode()), (dict, list)):
            return inner
    return fields or None


def _at(body: object, path: tuple[str, ...]) -> dict[str, Any]:
    for name in path:
        body = body.get(name) if isinstance(body, dict) else None
    return body if isinstance(body, dict) else {}


def _event(body: object) -> str | None:
    for path in _EVENT_AT:
        holder = _at(body, path)
        for name in _EVENT_NAMES:
            value = holder.get(name)
            if isinstance(value, dict):
                value = value.get("name")
            if isinstance(value, str) and value:
                return value
    return None


def _email(body: object) -> str | None:
    found = (_at(body, path).get("email") for path in _CONTACT_AT)
    return next((value for value in found if isinstance(value, str) and value), None)


def _contact_id(body: object) -> int | None:
    for path in _CONTACT_AT:
        holder = _at(body, path)
        for name in _ID_NAMES:
            value = holder.get(name)
            if isinstance(value, str) and _DIGITS.fullmatch(value):
                value = int(value)
            if type(value) is int and abs(value) < _BEYOND:
                return value
    return None
