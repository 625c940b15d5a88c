"""Contacts decoded straight into records, where nothing in them is out of the ordinary.

A page becomes typed structs in one step of msgspec, where the general way makes dicts and cleans
them field by field. Whatever is not certain to come out the same (a value of another type, say)
goes the general way. A property test holds both to the same records.
"""

from __future__ import annotations

import re
from collections import deque
from itertools import chain, repeat
from operator import attrgetter
from typing import TYPE_CHECKING, Annotated, Any

import msgspec
from customerly.fields import CONTACT_FIELDS, FLAGS, INTEGERS, NUMBERS, SECONDS
from customerly.values import Unreadable, read_flag, read_integer, read_number

from tap_customerly.records.contact import CHANGED, KEY
from tap_customerly.records.moments import read_moments
from tap_customerly.records.types import ADDITIONAL

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from customerly.api import Kind
    from customerly.fields import FieldType

_LARGEST = 2**63 - 1
_Whole = Annotated[int, msgspec.Meta(ge=-_LARGEST, le=_LARGEST)]
# A text is left to the readers below: what msgspec's lax mode makes of one is not always the same.
_TYPES: dict[FieldType, Any] = {
    "integer": _Whole | str | None,
    "number": _Whole | float | str | None,
    "flag": bool | int | str | None,
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
_USUAL_FLAGS: dict[object, bool | None] = {
    None: None,
    **{flag: read_flag(flag) for flag in (0, 1, "0", "1")},
}
_EMPTY = (list, str, type(None))  # what an empty object can come as
_MOST_UNKNOWN = 16
_UNKNOWN_IN_PAGE = re.compile(r"unknown field `(\w+)` - at `\$\.data\.\w+\[\d+\]`$")
_UNKNOWN = re.compile(r"unknown field `(\w+)`$")

_numbers = attrgetter(*_READERS)
_attributes = attrgetter("attributes")
_additional = attrgetter(ADDITIONAL)
_key = attrgetter(KEY)


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
        self._contact = msgspec.json.Decoder(struct).decode

    def page(self, body: bytes) -> list[Any]:
        """Decode a page.

        Raises:
            Unreadable: One of its contacts needs the general way.
            ValidationError: Likewise.
        """
        return self._cleaned(self._page(body))

    def contact(self, raw: msgspec.Raw) -> object:
        """Decode a contact, likewise."""
        return self._cleaned([self._contact(raw)])[0]

    def _cleaned(self, contacts: list[Any]) -> list[Any]:
        """Give values the form that they have in a record, a column at a time."""
        _clean_attributes(contacts)
        _clean_flags(contacts)
        if str in map(type, chain.from_iterable(map(_numbers, contacts))):
            _clean_numbers(contacts)
        if None in map(_key, contacts):
            raise Unreadable
        _clean_moments(contacts)
        _collect(contacts, self._room)
        return contacts


def _page_decoder(kind: Kind, contact: Any) -> Callable[[bytes], list[Any]]:  # noqa: ANN401
    """Make a decoder of `{"data": {"users": [...]}}`, with nothing else in it."""
    contacts = msgspec.defstruct("List", [(kind, list[contact])], forbid_unknown_fields=True)
    page = msgspec.defstruct("Page", [("data", contacts)], forbid_unknown_fields=True)
    decode = msgspec.json.Decoder(page).decode
    found = attrgetter(f"data.{kind}")
    return lambda body: found(decode(body))


def _clean_attributes(contacts: list[Any]) -> None:
    """Make an object of what an empty one can come as."""
    if {dict}.issuperset(map(type, map(_attributes, contacts))):
        return
    for contact in contacts:
        attributes = contact.attributes
        if attributes.__class__ is not dict:
            if attributes or attributes.__class__ not in _EMPTY:
                raise Unreadable
            contact.attributes = {}


def _clean_flags(contacts: list[Any]) -> None:
    for name in FLAGS:
        values = list(map(attrgetter(name), contacts))
        try:
            flags = [_USUAL_FLAGS[value] for value in values]
        except KeyError:
            flags = [None if value is None else read_flag(value) for value in values]
        _set(contacts, name, flags)


def _clean_numbers(contacts: list[Any]) -> None:
    """Read the numbers that came as texts."""
    for name, read in _READERS.items():
        values = list(map(attrgetter(name), contacts))
        if str in map(type, values):
            numbers = [read(value) if value.__class__ is str else value for value in values]
            _set(contacts, name, numbers)


def _clean_moments(contacts: list[Any]) -> None:
    for name in _MOMENTS:
        values = list(map(attrgetter(name), contacts))
        if values.count(None) < len(values):
            _set(contacts, name, read_moments(values))


def _collect(contacts: list[Any], room: tuple[tuple[str, str], ...]) -> None:
    """Move fields that are not documented to `additional_fields`."""
    if list(map(_additional, contacts)).count(msgspec.UNSET) < len(contacts):
        raise Unreadable
    collected: list[dict[str, Any]] = [{} for _ in contacts]
    for field, name in room:
        values = list(map(attrgetter(field), contacts))
        if values.count(msgspec.UNSET) < len(values):
            for rest, value in zip(collected, values, strict=True):
                if value is not msgspec.UNSET:
                    rest[name] = value
            _set(contacts, field, repeat(msgspec.UNSET))
    _set(contacts, ADDITIONAL, collected)


def _set(contacts: list[Any], name: str, values: Iterable[object]) -> None:
    """Set a field of all contacts; a loop of Python's own would take twice as long."""
    deque(map(setattr, contacts, repeat(name), values), maxlen=0)
