"""From documented forms to what a PHP backend over MySQL puts on the wire, and its envelopes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec
from customerly.fields import FLAGS, INTEGERS, NUMBERS, SECONDS

from customerly_sandbox.models import records

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from customerly_sandbox.fields import Record
    from customerly_sandbox.models.store import Store
    from customerly_sandbox.quirks import Quirks

encode = msgspec.json.Encoder().encode
_CACHED = 60_000
"""Encoded contacts that are kept: some hundred megabytes."""
_EMPTY: dict[str, Any] = {"list": [], "object": {}, "null": None}


def _documented(_record: Record) -> None:
    """Leave everything as the contract has it."""


def _text(record: Record) -> None:
    """Integers, numbers and flags as text."""
    for name in (*INTEGERS, *NUMBERS, *FLAGS):
        if record[name] is not None:
            record[name] = str(record[name])


def _booleans(record: Record) -> None:
    """Flags as booleans."""
    for name in FLAGS:
        record[name] = bool(record[name])


_FORMS: dict[str, tuple[Callable[[Record], None], ...]] = {
    "documented": (_documented,),
    "text": (_text,),
    "booleans": (_booleans,),
    "mixed": (_documented, _text, _booleans),
}


def _last_update(record: Record, quirks: Quirks) -> None:
    text, form = record["last_update"], quirks.last_update_form
    if text is None or (form == "text" and not quirks.last_update_zone):
        return
    seconds = records.seconds_of(text) + quirks.last_update_zone
    text = records.date_text(seconds)
    forms = {"text": text, "unix": seconds, "iso": f"{text[:10]}T{text[11:]}Z"}
    record["last_update"] = forms[form]


def shape(record: Record, quirks: Quirks) -> Record:
    """Give a contact its wire form, in place."""
    number = record["crmhero_user_id"]
    forms = _FORMS[quirks.wire_forms]
    forms[number % len(forms)](record)
    if quirks.timestamps == "text" or (quirks.timestamps == "mixed" and number % 5 == 0):
        for name in SECONDS:
            if record[name] is not None:
                record[name] = str(record[name])
    _last_update(record, quirks)
    if quirks.user_id_form == "integer" and (record["user_id"] or "").isdecimal():
        record["user_id"] = int(record["user_id"])
    for name in ("attributes", "user_events"):
        if record.get(name) == {}:
            record[name] = _EMPTY[quirks.empty_object]
    if quirks.user_tags_form == "objects" and "user_tags" in record:
        record["user_tags"] = [
            {"tag_id": n, "name": tag} for n, tag in enumerate(record["user_tags"], start=1)
        ]
    return record


def contact(store: Store, number: int) -> bytes:
    """A contact of a list, encoded."""
    found = store.encoded.get(number)
    if found is None:
        found = encode(shape(records.record(store, number), store.quirks))
        if len(store.encoded) >= _CACHED:
            store.encoded.clear()
        store.encoded[number] = found
    return found


def contacts(store: Store, kind: str, numbers: Iterable[int]) -> bytes:
    """A list's whole body."""
    found = [contact(store, number) for number in numbers]
    if not found:
        return encode(no_contacts(kind, store.quirks.empty_page))
    return b'{"data":{"%s":[%s]}}' % (kind.encode(), b",".join(found))


def no_contacts(kind: str, form: str) -> Record:
    """A list's body that holds no contact, in a form of the quirk `empty_page`."""
    forms: dict[str, Record] = {
        "list": {"data": {kind: []}},
        "null": {"data": {kind: None}},
        "data_null": {"data": None},
        "data_empty": {"data": []},
        "missing": {"data": {}},
    }
    return forms[form]


def data(value: object) -> bytes:
    """The success envelope."""
    return encode({"data": value})


def error(message: str, status: int, quirks: Quirks) -> bytes:
    """The error envelope."""
    codes: dict[str, Record] = {
        "zero": {"code": 0},
        "status": {"code": status},
        "text": {"code": str(status)},
        "missing": {},
    }
    return encode({"error": {"message": message, **codes[quirks.error_code]}})
