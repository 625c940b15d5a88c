"""What is read out of a delivery's body."""

from __future__ import annotations

import base64
import json

import pytest
from customerly.webhooks.delivery import Delivery, NewDelivery


def read(body: bytes, content_type: str = "application/json") -> Delivery:
    headers = {"content-type": content_type}
    return Delivery.read(7, NewDelivery(1_767_225_601_000_042, None, {}, headers, body))


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
        "headers": {"content-type": "application/json"},
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
        b"[" * 100_000,
        "grüße".encode(),
    ],
)
def test_what_is_no_json_is_text(body: bytes) -> None:
    delivery = read(body)
    assert (delivery.body, delivery.body_text, delivery.body_base64) == (None, body.decode(), None)


@pytest.mark.parametrize(
    ("name", "as_read"),
    [
        (rb'"A \ud83d"', "A \ufffd"),
        (b"NaN", None),
        (b"-Infinity", None),
        (b"-1e400", "-1e400"),
        (b'"Zo\xc3"', "Zo\ufffd"),
    ],
)
def test_a_broken_value_hides_no_other(name: bytes, as_read: str | None) -> None:
    contact = b'{"email": "a@b.c", "crmhero_user_id": 5, "name": ' + name + b"}"
    delivery = read(b'{"event": "x", "data": {"user": {"data": ' + contact + b"}}}")
    assert (delivery.event, delivery.email, delivery.crmhero_user_id) == ("x", "a@b.c", 5)
    assert delivery.body["data"]["user"]["data"]["name"] == as_read
    assert delivery.body_text is None


def test_what_is_no_utf8_keeps_its_bytes() -> None:
    raw = b'{"name": "\xe9\xff", "a": 1}'
    delivery = read(raw)
    assert delivery.body == {"name": "\ufffd\ufffd", "a": 1}
    assert base64.b64decode(delivery.body_base64 or "") == raw
    raw = b"\xe9 no JSON"
    delivery = read(raw)
    assert delivery.body_text == "\\xe9 no JSON"
    assert base64.b64decode(delivery.body_base64 or "") == raw


FORM = "application/x-www-form-urlencoded; charset=utf-8"


@pytest.mark.parametrize(
    ("raw", "content_type", "body"),
    [
        (b"event=x&email=a%40b.c&note=", FORM, {"event": "x", "email": "a@b.c", "note": ""}),
        (b"payload=%7B%22event%22%3A%22x%22%2C%22email%22%3A%22a%40b.c%22%7D", FORM, None),
        (b"payload=%7B%22event%22%3A%22x%22%2C%22email%22%3A%22a%40b.c%22%7D", "text/plain", None),
        (b'{"event":"x","email":"a@b.c"}', FORM, None),
    ],
)
def test_a_form_is_parsed(raw: bytes, content_type: str, body: object) -> None:
    delivery = read(raw, content_type)
    assert (delivery.event, delivery.email) == ("x", "a@b.c")
    assert delivery.body == (body or {"event": "x", "email": "a@b.c"})
    assert delivery.body_text is None


def test_a_byte_order_mark_is_no_reason_to_give_up() -> None:
    assert read(b'\xef\xbb\xbf{"a": 1}').body == {"a": 1}
