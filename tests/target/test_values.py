"""A cell's value, by itself."""

from __future__ import annotations

from datetime import date, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from target_customerly.intake import values
from target_customerly.intake.addresses import address
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
        ("1767312000", 1767312000),
        ("2026-01-02T00:00Z", 1767312000),
        ("2026-01-02 00:00:00 UTC", 1767312000),
        ("2026-01-02 00:00:00.5 +0000", 1767312000),
        ("2026-01-02T01:00:00+01", 1767312000),
        ("2026-01-01T24:00:00Z", 1767312000),
        ("2026-W01-5", 1767312000),
        ("2026-002", 1767312000),
        ("2026-002T00:00:00Z", 1767312000),
        (datetime(2026, 1, 2), 1767312000),  # noqa: DTZ001
        (date(2026, 1, 2), 1767312000),
        ("infinity", None),
        ("0000-00-00 00:00:00", None),
        ("2026-01-02 00:00:00 +0000 UTC", 1767312000),
    ],
)
def test_forms_of_a_date(text: Any, expected: int | None) -> None:
    assert seconds("at", text) == expected


@pytest.mark.parametrize(
    "text", ["tomorrow", "2026-13-01", "2026-01-02T25:00:00Z", "02/01/2026", "2025-366"]
)
def test_what_is_no_date_is_refused_without_being_shown(text: str) -> None:
    with pytest.raises(BadValue) as caught:
        seconds("at", text)
    assert "at" in str(caught.value)
    assert text not in str(caught.value)


@pytest.mark.parametrize(
    "written",
    [
        "ada@example.com",
        "Ada+News@Example.com",
        "o'neil@example.co.uk",
        "a%b@exämple.org",
        "é@é.fr",
    ],
)
def test_addresses_go_out_as_they_came(written: str) -> None:
    assert address("email", written) == written


@pytest.mark.parametrize(
    "written",
    [
        "ada",
        "ada@",
        "@example.com",
        "ada@example",
        "a b@example.com",
        "ada@exam ple.com",
        "a@b@c.de",
        "ada@exam\x00ple.com",
        "ada@example.com/",
        "ada@example.com.",
        "ada@exa_mple.com",
        "ada@example.com, lin@example.com",
        "ada@example..com",
        "x" * 250 + "@example.com",
        5,
        True,
        ["a@b.de"],
    ],
)
def test_what_is_no_address_is_refused_without_being_shown(written: Any) -> None:
    with pytest.raises(BadValue) as caught:
        address("email", written)
    assert "email" in str(caught.value)
    assert str(written) not in str(caught.value)


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
        (5, ["5"]),
        (2024.0, ["2024"]),
        ("2024", ["2024"]),
        ('"News","VIP, gold"', ["News", "VIP, gold"]),
        ('"News";"VIP, gold"', ["News", "VIP, gold"]),
        ('{vip,"big spender"}', ["vip", "big spender"]),
        ("{}", []),
        ('{a,NULL,"b\\"c"}', ["a", 'b"c']),
        ('"a" ; "b"', ["a", "b"]),
        ("['vip', 'a, b']", ["vip", "a, b"]),
        ("* myContacts ::: * Friends", ["myContacts", "Friends"]),
        ("vip\nnew\u00a0", ["vip", "new"]),
    ],
)
def test_tags_come_in_the_forms_of_exporters(given_: Any, expected: list[str]) -> None:
    assert read_tags("tags", given_) == expected


@pytest.mark.parametrize(
    "given_", [True, {"a": 1}, '{"a": 1}', "[oops", [["a"]], [True], '"a" b", "c']
)
def test_what_are_no_tags(given_: Any) -> None:
    with pytest.raises(BadValue, match="tags"):
        read_tags("tags", given_)


@given(st.text())
def test_a_name_is_normalised_once(name: str) -> None:
    plain = normalised(name)
    assert plain == "" or is_plain_name(plain)
    assert normalised(plain) == plain


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Company name", "company_name"),
        ("Plan", "Plan"),
        ("prénom", "prenom"),
        ("E-mail Señor", "e_mail_senor"),
        ("a.b/c", "a_b_c"),
        ("", ""),
        ("会社", "huishe"),
        ("Größe", "grosse"),
        ("★", ""),
        ("__ ", ""),
    ],
)
def test_names(name: str, expected: str) -> None:
    assert normalised(name) == expected


@pytest.mark.parametrize("written", ["4.91702E+11", "4,91702E+11", "5E+11", "7.0", 1e17])
def test_a_key_that_a_spreadsheet_rounded_is_refused(written: Any) -> None:
    with pytest.raises(BadValue, match="user_id"):
        values.key("user_id", written)


@pytest.mark.parametrize(("written", "expected"), [(" 7\u200b", "7"), (7.0, "7"), ("1e5", "1e5")])
def test_other_keys_are_taken_without_blanks(written: Any, expected: str) -> None:
    assert values.key("user_id", written) == expected


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        (" ada@example.com ", "ada@example.com"),
        ("lin@example.com\u00a0", "lin@example.com"),
        ("\u200bmo@example.com\ufeff", "mo@example.com"),
        ("mailto:a@example.com", "a@example.com"),
        ("MAILTO:a@example.com?subject=hi", "a@example.com"),
        ("'b@example.com", "b@example.com"),
        ('"b@example.com"', "b@example.com"),
        ("Ada <c@example.com>", "c@example.com"),
        ("<c@example.com>", "c@example.com"),
    ],
)
def test_addresses_are_read_as_a_person_means_them(written: str, expected: str) -> None:
    assert address("email", written) == expected


@pytest.mark.parametrize(
    ("written", "expected"),
    [("WAHR", True), ("vero", True), ("oui", True), ("sí", True), ("x", True), ("Falsch", False)],
)
def test_flags_in_the_languages_of_spreadsheets(written: str, expected: bool) -> None:
    assert values.flag("unsubscribe", written) is expected


@pytest.mark.parametrize("number", [float("inf"), 2**70])
def test_a_number_that_nothing_can_hold_is_refused(number: float) -> None:
    with pytest.raises(BadValue, match="too large"):
        values.scalar("mrr", number, truncate=False)


@pytest.mark.parametrize("name", ["Ada\nlin@example.com,Lin", "x" * 1000])
def test_a_name_that_an_open_quote_made_is_refused(name: str) -> None:
    with pytest.raises(BadValue, match="quote"):
        values.name_of("name", name)


def test_text_over_128_characters() -> None:
    assert values.scalar("bio", "x" * 128, truncate=False) == "x" * 128
    assert values.scalar("bio", "x" * 129, truncate=True) == "x" * 128
    with pytest.raises(BadValue, match=r"bio: text of 300 characters"):
        values.scalar("bio", "x" * 300, truncate=False)


@pytest.mark.parametrize("value", [2**63, -(2**70), {"a": 1}, [1]])
def test_what_no_attribute_holds(value: Any) -> None:
    with pytest.raises(BadValue, match="seats"):
        values.scalar("seats", value, truncate=False)
