"""Contacts decoded straight into records, where nothing in them is out of the ordinary.

A page becomes typed structs in one step of msgspec, where the general way makes dicts and cleans
them field by field. Whatever is not certain to come out the same (a value of another type, say)
goes the general way. A property test holds both to the same records.
"""

from __future__ import annotations

import re
from operator import attrgetter
from typing import TYPE_CHECKING, Annotated, Any

import msgspec
from customerly.fields import CONTACT_FIELDS, FLAGS, INTEGERS, NUMBERS, SECONDS
from customerly.values import Unreadable, read_integer, read_moment, read_number

from tap_customerly.records.contact import CHANGED
from tap_customerly.records.types import ADDITIONAL

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from customerly.api import Kind
    from customerly.fields import FieldType

_LARGEST = 2**63 - 1
_Whole = Annotated[int, msgspec.Meta(ge=-_LARGEST, le=_LARGEST)]
# Where a text is allowed it stays one, also in msgspec's lax mode, for the readers below. Where it
# is not, as in a flag, "1" is taken for 1, and both are true.
_TYPES: dict[FieldType, Any] = {
    "integer": _Whole | str | None,
    "number": _Whole | float | str | None,
    "flag": bool | None,
    "seconds": _Whole | str | None,
    "datetime": str | None,
    "text": str | None,
    "object": Any,
}
_READERS = {
    **dict.fromkeys(INTEGERS, read_integer),
    **dict.fromkeys(NUMBERS, read_number),
}
_MOMENTS = (*SECONDS, CHANGED)
_EMPTY = (list, str, type(None))  # what an empty object can come as
_NULL, _ESCAPED = b'"null"', b"\\u00"
_MOST_UNKNOWN = 16
_UNKNOWN_IN_PAGE = re.compile(r"unknown field `(\w+)` - at `\$\.data\.\w+\[\d+\]`$")
_UNKNOWN = re.compile(r"unknown field `(\w+)`$")

_flags = attrgetter(*FLAGS)
_numbers = attrgetter(*_READERS)
_moments = attrgetter(*_MOMENTS)


class TypedContact(msgspec.Struct, forbid_unknown_fields=True):
    """A contact, whatever fields the struct was made with that holds it."""

    def __eq__(self, other: object) -> bool:
        return isinstance(other, TypedContact) and _encode(self) == _encode(other)

    __hash__ = None  # type: ignore[assignment]


_encode = msgspec.json.Encoder().encode
_decode_object = msgspec.json.Decoder(dict[str, Any]).decode


class PageDecoder:
    """Decodes the pages of one list; safe to share among threads.

    Fields that are not documented are learned as they come up: from then on a contact may have
    them, and they go to `additional_fields`.

    Args:
        kind: `users` or `leads`.
    """

    def __init__(self, kind: Kind) -> None:
        self._kind = kind
        self._raw_page = _page_decoder(kind, msgspec.Raw)
        self._decoders = _Decoders(kind)

    def __call__(self, body: bytes) -> list[Any] | None:
        """Decode a page.

        Args:
            body: An answer's body.

        Returns:
            Clean contacts, and dicts of those that need the general way. None where the body is no
            page of objects. It never raises.
        """
        try:
            return self._try("page", body, _UNKNOWN_IN_PAGE) or [
                self._try("contact", raw, _UNKNOWN) or _decode_object(raw)
                for raw in self._raw_page(body)
            ]
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
            return None

    def _try(self, what: str, content: bytes | msgspec.Raw, unknown: re.Pattern[str]) -> Any:  # noqa: ANN401
        """Decode, and learn the fields that are not documented; None where more is odd."""
        while True:
            decoders = self._decoders
            try:
                return getattr(decoders, what)(content)
            except Unreadable:
                return None
            except msgspec.ValidationError as error:
                found = unknown.search(str(error))
                known = decoders.unknown
                if not found or found[1] in known or len(known) >= _MOST_UNKNOWN:
                    return None
                self._decoders = _Decoders(self._kind, *known, found[1])


class _Decoders:
    """What decodes one kind's contacts, with room for some fields that are not documented.

    Args:
        kind: `users` or `leads`.
        unknown: The names of those fields.
    """

    def __init__(self, kind: Kind, *unknown: str) -> None:
        self.unknown = unknown
        self._room = tuple((f"unknown_{place}", name) for place, name in enumerate(unknown))
        struct: Any = msgspec.defstruct(
            "Contact",
            [
                *((each.name, _TYPES[each.type], None) for each in CONTACT_FIELDS if each.listed),
                (ADDITIONAL, Any, msgspec.UNSET),
                *((at, Any, msgspec.field(default=msgspec.UNSET, name=n)) for at, n in self._room),
            ],
            bases=(TypedContact,),
            forbid_unknown_fields=True,
        )
        self._page = _page_decoder(kind, struct)
        self._contact = msgspec.json.Decoder(struct, strict=False).decode

    def page(self, body: bytes) -> list[Any]:
        """Decode a page.

        Raises:
            Unreadable: One of its contacts needs the general way.
            ValidationError: Likewise.
        """
        return self._cleaned(self._page(body), body)

    def contact(self, raw: msgspec.Raw) -> object:
        """Decode a contact, likewise."""
        return self._cleaned([self._contact(raw)], bytes(raw))[0]

    def _cleaned(self, contacts: list[Any], content: bytes) -> list[Any]:
        if any(None in _flags(contact) for contact in contacts):
            _expect_no_null_in_text(content)
        for contact in contacts:
            _clean(contact)
            if self._room:
                _move(contact, self._room)
        return contacts


def _page_decoder(kind: Kind, contact: Any) -> Callable[[bytes], list[Any]]:  # noqa: ANN401
    """Make a decoder of `{"data": {"users": [...]}}`, with nothing else in it."""
    contacts = msgspec.defstruct("List", [(kind, list[contact])], forbid_unknown_fields=True)
    page = msgspec.defstruct("Page", [("data", contacts)], forbid_unknown_fields=True)
    decode = msgspec.json.Decoder(page, strict=False).decode
    found = attrgetter(f"data.{kind}")
    return lambda body: found(decode(body))


def _expect_no_null_in_text(content: bytes) -> None:
    """Make sure that a flag without a value was none: lax, msgspec takes `"null"` for null."""
    # An escaped letter could hide it.
    if _NULL in content.lower() or (b"\\" in content and _ESCAPED in content):
        raise Unreadable


def _clean(contact: Any) -> None:  # noqa: ANN401 - a struct made at run time
    """Give a contact's values the form that they have in a record."""
    attributes = contact.attributes
    if attributes.__class__ is not dict:
        if attributes or attributes.__class__ not in _EMPTY:
            raise Unreadable
        contact.attributes = {}
    numbers = _numbers(contact)
    if str in map(type, numbers):
        _read_texts(contact, numbers)
    if contact.crmhero_user_id is None or contact.additional_fields is not msgspec.UNSET:
        raise Unreadable
    contact.additional_fields = {}
    for name, value in zip(_MOMENTS, _moments(contact), strict=True):
        if value is not None:
            setattr(contact, name, read_moment(value))


def _read_texts(contact: Any, numbers: Sequence[object]) -> None:  # noqa: ANN401
    """Read the numbers that came as texts."""
    for (name, read), value in zip(_READERS.items(), numbers, strict=True):
        if value.__class__ is str:
            setattr(contact, name, read(value))


def _move(contact: Any, room: tuple[tuple[str, str], ...]) -> None:  # noqa: ANN401
    """Move fields that are not documented to `additional_fields`."""
    for field, name in room:
        value = getattr(contact, field)
        if value is not msgspec.UNSET:
            contact.additional_fields[name] = value
            setattr(contact, field, msgspec.UNSET)
