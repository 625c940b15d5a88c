"""What is read out of a delivery's body."""

from __future__ import annotations

import base64
import json

import pytest
from customerly.webhooks.delivery import Delivery, NewDelivery


def read(body: bytes) -> Delivery:
    return Delivery.read(7, NewDelivery(1_767_225_601_000_042, None, {}, {}, body))


def test_the_documented_body() -> None:
    body = {"event": "tagged", "data": {"user": {"data": {"email": "a@b.c", "crmhero_user_id": 5}}}}
    delivery = read(json.dumps(body).encode())
    assert delivery.to_dict() == {
        "sequence": 7,
        "received_at": "2026-01-01T00:00:01.000042Z",
        "hook": None,
        "event": "tagged",
        "email": "a@b.c",
        "crmhero_user_id": 5,
        "headers": {},
        "query": {},
        "body": body,
        "body_text": None,
        "body_base64": None,
    }


@pytest.mark.parametrize(
    ("body", "event", "email", "contact"),
    [
        ({"type": "user.updated", "data": {"email": "a@b.c"}}, "user.updated", "a@b.c", None),
        ({"event": {"name": "tag"}, "user": {"email": "a@b.c"}}, "tag", "a@b.c", None),
        ({"data": {"event": "x", "lead": {"data": {"crmhero_user_id": "814"}}}}, "x", None, 814),
        ({"data": {"user": [], "event": ""}}, None, None, None),
        ({"data": {"user": {"data": {"internal_user_id": 3, "email": None}}}}, None, None, 3),
        ({"crmhero_user_id": True}, None, None, None),
        ({"crmhero_user_id": "9" * 400}, None, None, None),
        ({"crmhero_user_id": 10**30}, None, None, None),
        ([{"email": "a@b.c"}], None, None, None),
        ("hello", None, None, None),
        (False, None, None, None),
    ],
)
def test_other_places(body: object, event: object, email: object, contact: object) -> None:
    delivery = read(json.dumps(body).encode())
    assert (delivery.event, delivery.email, delivery.crmhero_user_id) == (event, email, contact)
    assert delivery.body_text is None
    assert delivery.body == (body if body != {"crmhero_user_id": 10**30} else delivery.body)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"null",
        b"{broken",
        b"a=1&b=2",
        b'{"a": NaN}',
        b'{"a": "\\ud800"}',
        b"[" * 100_000,
        "grüße".encode(),
    ],
)
def test_what_is_no_json_is_text(body: bytes) -> None:
    delivery = read(body)
    assert (delivery.body, delivery.body_text, delivery.body_base64) == (None, body.decode(), None)


def test_what_is_no_utf8_keeps_its_bytes() -> None:
    raw = b'{"name": "\xe9\xff", "a": 1}'
    delivery = read(raw)
    assert delivery.body is None
    assert delivery.body_text == '{"name": "\\xe9\\xff", "a": 1}'
    assert base64.b64decode(delivery.body_base64 or "") == raw


def test_a_byte_order_mark_is_no_reason_to_give_up() -> None:
    assert read(b'\xef\xbb\xbf{"a": 1}').body == {"a": 1}
