"""From documented forms to what a PHP backend over MySQL puts on the wire, and its envelopes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec
from customerly.fields import FLAGS, INTEGERS, NUMBERS, SECONDS

from customerly_sandbox import views

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from customerly_sandbox.fields import Record
    from customerly_sandbox.quirks import Quirks
    from customerly_sandbox.store import Store

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


def _last_update(record: Record, form: str) -> None:
    text = record["last_update"]
    if text is None or form == "text":
        return
    record["last_update"] = (
        views.seconds_of(text) if form == "unix" else f"{text[:10]}T{text[11:]}Z"
    )


def shape(record: Record, quirks: Quirks) -> Record:
    """Give a contact its wire form, in place."""
    number = record["crmhero_user_id"]
    forms = _FORMS[quirks.wire_forms]
    forms[number % len(forms)](record)
    if quirks.timestamps == "text" or (quirks.timestamps == "mixed" and number % 5 == 0):
        for name in SECONDS:
            if record[name] is not None:
                record[name] = str(record[name])
    _last_update(record, quirks.last_update_form)
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
        found = encode(shape(views.record(store, number), store.quirks))
        if len(store.encoded) >= _CACHED:
            store.encoded.clear()
        store.encoded[number] = found
    return found


def contacts(store: Store, kind: str, numbers: Iterable[int]) -> bytes:
    """A list's whole body."""
    joined = b",".join([contact(store, number) for number in numbers])
    return b'{"data":{"%s":[%s]}}' % (kind.encode(), joined)


def data(value: Any) -> bytes:  # noqa: ANN401
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
