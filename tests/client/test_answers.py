"""The table of what answers mean."""

import json

import pytest
from customerly.answers import Meaning, read
from hypothesis import given
from hypothesis import strategies as st


def envelope(message, code=0):
    return json.dumps({"error": {"message": message, "code": code}}).encode()


@pytest.mark.parametrize(
    ("status", "content", "meaning"),
    [
        (200, b'{"data": []}', Meaning.OK),
        (200, b'\xef\xbb\xbf{"data": []}', Meaning.OK),
        (200, b'{"data": {"a": 1}, "error": null}', Meaning.OK),
        (204, b"", Meaning.OK),
        (500, envelope("Access token not found."), Meaning.TOKEN_REFUSED),
        (200, envelope("Access token not found."), Meaning.TOKEN_REFUSED),
        (404, envelope("Access token not found."), Meaning.TOKEN_REFUSED),
        (
            500,
            envelope("You must provide a valid header Authorization: Bearer <TOKEN>"),
            Meaning.TOKEN_REFUSED,
        ),
        (401, b"", Meaning.DENIED),
        (403, b"<html>", Meaning.DENIED),
        (403, envelope("Forbidden"), Meaning.DENIED),
        (401, envelope("Access token not found."), Meaning.TOKEN_REFUSED),
        (503, b"<html>busy</html>", Meaning.SLOW_DOWN),
        (429, b'{"error": {"mess', Meaning.SLOW_DOWN),
        (200, envelope("User doesn't exist"), Meaning.MISSING),
        (404, envelope("User doesn’t exist"), Meaning.MISSING),
        (500, envelope("User doesn't exist"), Meaning.MISSING),
        (200, envelope("Tag doesn't exist"), Meaning.MISSING),
        (404, envelope("Lead not found"), Meaning.MISSING),
        (404, envelope("Not found"), Meaning.MISSING),
        (404, envelope("Route not found"), Meaning.NO_ROUTE),
        (404, b"<html>no such page</html>", Meaning.NO_ROUTE),
        (404, envelope("User doesn't exist")[:20], Meaning.AGAIN),
        (413, b"<html>too large</html>", Meaning.TOO_LARGE),
        (400, envelope("Too many users, at most 50 per request"), Meaning.TOO_LARGE),
        (400, envelope("The maximum batch size is 50"), Meaning.TOO_LARGE),
        (400, envelope("Text of attribute is too long, at most 128 characters"), Meaning.REFUSED),
        (422, envelope("Email is invalid"), Meaning.REFUSED),
        (400, b"", Meaning.REFUSED),
        (408, b"", Meaning.AGAIN),
        (302, b"", Meaning.AGAIN),
        (200, envelope("Invalid email address"), Meaning.REFUSED),
        (500, envelope("The email address is not valid"), Meaning.REFUSED),
        (500, envelope("Internal error: email table missing in database"), Meaning.AGAIN),
        (429, b"", Meaning.SLOW_DOWN),
        (200, envelope("Too many requests", 429), Meaning.SLOW_DOWN),
        (503, envelope("Rate limit exceeded"), Meaning.SLOW_DOWN),
        (500, b"", Meaning.AGAIN),
        (502, b"<html>bad gateway</html>", Meaning.AGAIN),
        (500, envelope("Something went wrong"), Meaning.AGAIN),
        (200, envelope("Something went wrong"), Meaning.AGAIN),
        (200, envelope("Validation error: invalid domain"), Meaning.REFUSED),
        (500, envelope("Duplicate entry"), Meaning.REFUSED),
        (500, envelope("SQLSTATE[40001]: duplicate lock"), Meaning.AGAIN),
        (200, b'{"error": []}', Meaning.AGAIN),
        (200, b'{"error": "boom"}', Meaning.AGAIN),
        (200, b"", Meaning.AGAIN),
        (200, b"<html>", Meaning.AGAIN),
        (200, b'{"data": [', Meaning.AGAIN),
        (200, b"[]", Meaning.AGAIN),
        (200, b"{}", Meaning.AGAIN),
    ],
)
def test_each_answer_has_one_meaning(status, content, meaning):
    assert read(status, content).meaning is meaning


@pytest.mark.parametrize(
    "body",
    [
        {"error": "User doesn't exist"},
        {"error": ["User doesn't exist"]},
        {"error": {"message": ["User doesn't exist"]}},
        {"error": [{"message": "User doesn't exist", "code": 0}]},
        {"error": True, "message": "User doesn't exist"},
        {"errors": [{"message": "User doesn't exist"}]},
        {"data": {"error": {"message": "User doesn't exist"}}},
        {"data": None, "error": {"message": "User doesn't exist"}},
    ],
)
@pytest.mark.parametrize("status", [200, 404, 500])
def test_an_error_in_any_form_says_what_it_says(status, body):
    answer = read(status, json.dumps(body).encode())
    assert (answer.meaning, answer.reason) == (Meaning.MISSING, "User doesn't exist")


def test_a_broken_letter_does_not_hide_a_page():
    answer = read(200, b'{"data": [{"name": "Zo\xc3", "city": "\\ud83d", "n": NaN}]}')
    assert answer.meaning is Meaning.OK
    assert answer.data == [{"name": "Zo�", "city": "�", "n": None}]


@given(st.integers(200, 599), st.binary(max_size=60), st.sampled_from(["envelope", "json"]))
def test_any_bytes_have_a_meaning(status, content, expect):
    assert read(status, content, expect).meaning in Meaning


@given(st.text(max_size=200))
def test_any_message_has_a_meaning(message):
    assert read(200, envelope(message)).meaning is not Meaning.OK or not message
