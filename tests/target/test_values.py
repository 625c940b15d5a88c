"""A cell's value, by itself."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from target_customerly.intake import values
from target_customerly.intake.dates import seconds
from target_customerly.intake.names import is_plain_name, normalised
from target_customerly.intake.tag_cells import read_tags
from target_customerly.intake.values import BadValue

MOMENTS = st.datetimes(
    min_value=datetime(1902, 1, 1),  # noqa: DTZ001
    max_value=datetime(2999, 1, 1),  # noqa: DTZ001
)


@given(MOMENTS, st.integers(-14 * 60, 14 * 60))
def test_a_moment_becomes_its_unix_seconds(moment: datetime, minutes: int) -> None:
    aware = moment.replace(tzinfo=timezone(timedelta(minutes=minutes)))
    expected = int(aware.timestamp() // 1)
    assert seconds("at", aware.isoformat()) == expected
    assert seconds("at", aware.isoformat(" ")) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-01-02", 1767312000),
        ("2026-01-02T00:00:00Z", 1767312000),
        ("2026-01-02 00:00:00", 1767312000),
        ("2026-01-02T01:00:00+01:00", 1767312000),
        ("2026-01-02T00:00:00.999Z", 1767312000),
        (" 2026-01-02 ", 1767312000),
        (1767312000, 1767312000),
    ],
)
def test_forms_of_a_date(text: Any, expected: int) -> None:
    assert seconds("at", text) == expected


@pytest.mark.parametrize("text", ["tomorrow", "2026-13-01", "2026-01-02T25:00:00Z", "02/01/2026"])
def test_what_is_no_date_is_refused_without_being_shown(text: str) -> None:
    with pytest.raises(BadValue) as caught:
        seconds("at", text)
    assert "at" in str(caught.value)
    assert text not in str(caught.value)


@pytest.mark.parametrize(
    "address",
    [
        "ada@example.com",
        "Ada+News@Example.com",
        "o'neil@example.co.uk",
        "a%b@exämple.org",
        "é@é.fr",
    ],
)
def test_addresses_go_out_as_they_came(address: str) -> None:
    assert values.address("email", address) == address


@pytest.mark.parametrize(
    "address",
    [
        "ada",
        "ada@",
        "@example.com",
        "ada@example",
        "a b@example.com",
        "ada@exam ple.com",
        "a@b@c.de",
        "ada@example.com\x00",
        "ada@example..com",
        "x" * 250 + "@example.com",
        5,
        True,
        ["a@b.de"],
    ],
)
def test_what_is_no_address_is_refused_without_being_shown(address: Any) -> None:
    with pytest.raises(BadValue) as caught:
        values.address("email", address)
    assert "email" in str(caught.value)
    assert str(address) not in str(caught.value)


@pytest.mark.parametrize(
    ("given_", "expected"),
    [
        (["vip", "new"], ["vip", "new"]),
        ('["vip", "a, b"]', ["vip", "a, b"]),
        ("vip, new; old", ["vip", "new", "old"]),
        ("vip,,vip; ", ["vip"]),
        ([{"name": "vip"}, 7], ["vip", "7"]),
        ([], []),
        ("[]", []),
    ],
)
def test_tags_come_in_three_forms(given_: Any, expected: list[str]) -> None:
    assert read_tags("tags", given_) == expected


@pytest.mark.parametrize("given_", [5, {"a": 1}, "[oops", [["a"]], [True]])
def test_what_are_no_tags(given_: Any) -> None:
    with pytest.raises(BadValue, match="tags"):
        read_tags("tags", given_)


@given(st.text())
def test_a_name_is_normalised_once(name: str) -> None:
    plain = normalised(name)
    assert is_plain_name(plain)
    assert normalised(plain) == plain


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Company name", "company_name"),
        ("Plan", "Plan"),
        ("prénom", "prenom"),
        ("E-mail Señor", "e_mail_senor"),
        ("a.b/c", "a_b_c"),
        ("", "_"),
    ],
)
def test_names(name: str, expected: str) -> None:
    assert normalised(name) == expected


def test_text_over_128_characters() -> None:
    assert values.scalar("bio", "x" * 128, truncate=False) == "x" * 128
    assert values.scalar("bio", "x" * 129, truncate=True) == "x" * 128
    with pytest.raises(BadValue, match=r"bio: text of 300 characters"):
        values.scalar("bio", "x" * 300, truncate=False)


@pytest.mark.parametrize("value", [2**63, -(2**70), {"a": 1}, [1]])
def test_what_no_attribute_holds(value: Any) -> None:
    with pytest.raises(BadValue, match="seats"):
        values.scalar("seats", value, truncate=False)
