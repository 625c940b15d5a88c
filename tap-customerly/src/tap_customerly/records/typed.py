"""Contacts decoded straight into records, where nothing in them is out of the ordinary.

A contact becomes a typed struct in one step of msgspec, where the general way makes a dict of it
and cleans that field by field. Whatever is not certain to come out the same (a value of another
type, say) goes the general way. A property test holds both to the same records.
"""

from __future__ import annotations

import re
import sys
from typing import TYPE_CHECKING, Annotated, Any

import msgspec
from customerly.fields import CONTACT_FIELDS, NUMBERS, SECONDS
from customerly.values import Unreadable, read_moment

from tap_customerly.records.contact import CHANGED
from tap_customerly.records.types import ADDITIONAL

if TYPE_CHECKING:
    from customerly.api import Kind
    from customerly.fields import FieldType

_LARGEST = 2**63 - 1
_Whole = Annotated[int, msgspec.Meta(ge=-_LARGEST, le=_LARGEST)]
# In its lax mode msgspec reads "1" as a number, and 0 and 1 as a flag, as the API sends them.
_TYPES: dict[FieldType, Any] = {
    "integer": _Whole | None,
    "number": _Whole | float | None,
    "flag": bool | None,
    "seconds": _Whole | str | None,
    "datetime": str | None,
    "text": str | None,
    "object": Any,
}
# It also reads this text as no value, which it is not; an escaped letter could hide it.
_NULL, _ESCAPED = b'"null"', b"\\u00"
_LARGEST_NUMBER = sys.float_info.max
_EMPTY = (list, str, type(None))  # what an empty object can come as
_MOMENTS = (*SECONDS, CHANGED)
_UNKNOWN = re.compile(r"unknown field `(\w+)`")
_MOST_UNKNOWN = 16


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
        raw = msgspec.defstruct("List", [(kind, list[msgspec.Raw])], forbid_unknown_fields=True)
        page: Any = msgspec.defstruct("Page", [("data", raw)], forbid_unknown_fields=True)
        self._decode_page = msgspec.json.Decoder(page).decode
        self._learn()

    def __call__(self, body: bytes) -> list[Any] | None:
        """Decode a page.

        Args:
            body: An answer's body.

        Returns:
            Clean contacts, and dicts of those that need the general way. None where the body is no
            page of objects. It never raises.
        """
        try:
            contacts = getattr(self._decode_page(body).data, self._kind)
            if _is_uncertain(body):
                return [_decode_object(contact) for contact in contacts]
            return [self._contact(contact) for contact in contacts]
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
            return None

    def _learn(self, *unknown: str) -> None:
        """Make the struct anew, with room for fields that are not documented."""
        documented = [
            (field.name, _TYPES[field.type], None) for field in CONTACT_FIELDS if field.listed
        ]
        fields = tuple((f"unknown_{place}", name) for place, name in enumerate(unknown))
        learned = [
            (field, Any, msgspec.field(default=msgspec.UNSET, name=name)) for field, name in fields
        ]
        additional = (ADDITIONAL, Any, msgspec.UNSET)
        struct: Any = msgspec.defstruct(
            "Contact",
            [*documented, additional, *learned],
            bases=(TypedContact,),
            forbid_unknown_fields=True,
        )
        decode = msgspec.json.Decoder(struct, strict=False).decode
        self._learned = decode, fields

    def _contact(self, raw: msgspec.Raw) -> Any:  # noqa: ANN401 - a struct made at run time
        decode, learned = self._learned
        try:
            contact = decode(raw)
            _clean(contact)
            if learned:
                _move(contact, learned)
        except Unreadable:
            return _decode_object(raw)
        except msgspec.ValidationError as error:
            names = [name for _, name in learned]
            unknown = _UNKNOWN.search(str(error))
            if not unknown or len(names) >= _MOST_UNKNOWN:
                return _decode_object(raw)
            self._learn(*dict.fromkeys([*names, unknown[1]]))
            return self._contact(raw)
        return contact


def _is_uncertain(body: bytes) -> bool:
    return _NULL in body.lower() or (b"\\" in body and _ESCAPED in body)


def _clean(contact: Any) -> None:  # noqa: ANN401
    """Give the values that JSON has no type for the form that a record has.

    Raises:
        Unreadable: The contact needs the general way.
    """
    attributes = contact.attributes
    if attributes.__class__ is not dict:
        if attributes or attributes.__class__ not in _EMPTY:
            raise Unreadable
        contact.attributes = {}
    if contact.crmhero_user_id is None or contact.additional_fields is not msgspec.UNSET:
        raise Unreadable
    contact.additional_fields = {}
    for name in NUMBERS:
        value = getattr(contact, name)
        if value.__class__ is float and not -_LARGEST_NUMBER <= value <= _LARGEST_NUMBER:
            raise Unreadable
    for name in _MOMENTS:
        value = getattr(contact, name)
        if value is not None:
            setattr(contact, name, read_moment(value))


def _move(contact: Any, learned: tuple[tuple[str, str], ...]) -> None:  # noqa: ANN401
    """Move fields that are not documented to `additional_fields`."""
    for field, name in learned:
        value = getattr(contact, field)
        if value is not msgspec.UNSET:
            contact.additional_fields[name] = value
            setattr(contact, field, msgspec.UNSET)
