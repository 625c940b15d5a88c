"""Contacts that are decoded straight into records come out as the general way has them."""

from __future__ import annotations

import json
import urllib.request
from datetime import datetime

import msgspec
import pytest
from customerly.values import Unreadable, read_moment
from customerly_sandbox import Sandbox
from hypothesis import given
from hypothesis import strategies as st
from tap_customerly.records.cleaning import Cleaner
from tap_customerly.records.contact import CONTACT
from tap_customerly.records.moments import read_moments
from tap_customerly.records.typed import PageDecoder

from tests.support.tap import run_tap, selecting
from tests.tap.test_cleaning import scalars, values
from tests.tap.test_contacts import QUIRKS

FIELDS = [name for name in CONTACT["properties"] if name != "additional_fields"]
TEXTS = ["null", "NULL", "nUll", "nan", "Infinity", "-inf", "1.0", "1e3", " 1", "+1", "007", "1_0"]

odd = scalars | values | st.sampled_from([*TEXTS, 2**63, -(2**63), 10**400, 1e308, -0.0, "2" * 400])
usual = st.fixed_dictionaries(
    {"crmhero_user_id": st.integers(1, 10**9) | st.integers(1, 10**9).map(str)},
    optional={
        "email": st.emails() | st.none(),
        "name": st.text(max_size=9) | st.none(),
        "is_user": st.sampled_from([0, 1, "0", "1", True, False, None]),
        "last_update": st.datetimes().map(lambda when: str(when)[:19]),
        "first_seen_at": st.integers(0, 2**33) | st.integers(0, 2**33).map(str) | st.none(),
        "attributes": st.just([]) | st.dictionaries(st.text(max_size=5), scalars, max_size=3),
        "latitude": st.floats(-90, 90) | st.floats(-90, 90).map(str) | st.integers(-90, 90),
        "web_session": st.integers(0, 99) | st.integers(0, 99).map(str),
    },
)
names = st.sampled_from([*FIELDS, "additional_fields", "loyalty_tier", "class"]) | st.text(
    max_size=4
)
contacts = st.tuples(usual, st.dictionaries(names, odd, max_size=3)).map(
    lambda two: two[0] | two[1]
)


def both_ways(decode, body):
    """The records of a page, read straight and the general way, as they would leave."""
    straight = decode(body)
    if straight is None:
        return None
    clean = Cleaner(CONTACT)
    general = [clean(contact) for contact in msgspec.json.decode(body)["data"]["users"]]
    read = [clean(item) if isinstance(item, dict) else item for item in straight]
    encode = msgspec.json.Encoder(order="sorted").encode
    return [encode(record) for record in read], [encode(record) for record in general]


@given(st.lists(contacts, max_size=4), st.booleans())
def test_both_ways_make_the_same_records(page, escaped):
    decode = PageDecoder("users")
    try:
        body = json.dumps({"data": {"users": page}}, ensure_ascii=escaped).encode()
        msgspec.json.decode(body)
    except (ValueError, RecursionError):
        return  # no JSON: NaN, half an emoji
    for _ in range(3):  # what is not documented is learned meanwhile
        found = both_ways(decode, body)
        assert found is not None
        assert found[0] == found[1]


moments = (
    st.integers()
    | st.integers(0, 2**33)
    | st.integers(0, 2**33).map(str)
    | st.datetimes().map(str)
    | st.datetimes(timezones=st.timezones()).map(datetime.isoformat)
    | st.datetimes().map(lambda when: str(when)[:19])
    | st.none()
    | st.sampled_from([*TEXTS, "", "0", "1970-01-01 00:00:00", "1970-01-01T00:00:00Z"])
)


@given(st.lists(moments, max_size=4) | st.lists(st.integers(0, 9), max_size=4))
def test_many_moments_are_read_as_each_one_is(values):
    try:
        expected = [None if value is None else read_moment(value) for value in values]
    except Unreadable:
        with pytest.raises(Unreadable):
            read_moments(values)
    else:
        assert read_moments(values) == expected


@pytest.mark.parametrize("quirks", QUIRKS)
def test_both_ways_agree_on_what_the_sandbox_sends(quirks):
    with Sandbox(120, 0, quirks=quirks) as sandbox:
        url = f"{sandbox.url}/users/list?per_page=100&sort=last_update"
        request = urllib.request.Request(url, headers={"Authorization": f"Bearer {sandbox.token}"})
        body = urllib.request.urlopen(request).read()
    decode = PageDecoder("users")
    for _ in range(9):
        straight, general = both_ways(decode, body)
        assert straight == general


def test_most_contacts_are_read_straight(make_sandbox):
    """The usual forms of PHP, and a field that is not documented, do not need the general way."""
    with Sandbox(300, 0) as sandbox:
        url = f"{sandbox.url}/users/list?per_page=100&sort=last_update&page="
        decode, dicts = PageDecoder("users"), 0
        for page in range(3):
            headers = {"Authorization": f"Bearer {sandbox.token}"}
            request = urllib.request.Request(f"{url}{page}", headers=headers)
            dicts += sum(
                isinstance(c, dict) for c in decode(urllib.request.urlopen(request).read())
            )
    assert dicts == 0


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b'{"data": []}',
        b'{"data": {"leads": []}}',
        b'{"data": {"users": {}}}',
        b'{"error": {"message": "no"}, "data": {"users": []}}',
        b'{"data": {"users": [',
        b'\xff{"data": {"users": []}}',
    ],
)
def test_what_is_no_page_is_left_to_the_general_way(body):
    assert PageDecoder("users")(body) is None


def test_the_tap_says_the_same_both_ways(sandbox):
    straight = run_tap(sandbox.config, catalog=selecting("users", "leads"))
    maps = {"users": {}, "leads": {}}
    general = run_tap({**sandbox.config, "stream_maps": maps}, catalog=selecting("users", "leads"))
    for stream in ("users", "leads"):
        assert straight.records(stream) == general.records(stream)
    assert straight.state == general.state
