"""Whatever the wire sends, the record is clean, valid and whole."""

from __future__ import annotations

import json
import math
from datetime import UTC, datetime

import fastjsonschema
import msgspec
import pytest
from customerly.values import Unreadable
from hypothesis import given
from hypothesis import strategies as st
from tap_customerly.records.cleaning import Cleaner
from tap_customerly.records.contact import CONTACT, CONTACT_DETAILS
from tap_customerly.records.tags import read_tags

JUNE = "2026-06-01T12:00:00+00:00"
SECONDS = int(datetime(2026, 6, 1, 12, tzinfo=UTC).timestamp())

clean = Cleaner(CONTACT)


def cleaned(field, value, cleaner=clean):
    """The field's clean value, and whether the wire's was kept beside it."""
    raw = {"crmhero_user_id": 1, field: value}
    record = cleaner(raw)
    return record[field], field in record["additional_fields"]


@pytest.mark.parametrize(
    ("field", "wire", "value"),
    [
        ("web_session", 7, 7),
        ("web_session", "7", 7),
        ("web_session", " -7 ", -7),
        ("web_session", 7.0, 7),
        ("web_session", "7.0", 7),
        ("web_session", "7e2", 700),
        ("web_session", True, 1),
        ("web_session", "", None),
        ("web_session", None, None),
        ("latitude", "45.5", 45.5),
        ("latitude", "-.5", -0.5),
        ("latitude", 45, 45),
        ("latitude", "45", 45),
        ("latitude", " ", None),
        ("is_user", 1, True),
        ("is_user", 0, False),
        ("is_user", "1", True),
        ("is_user", "0", False),
        ("is_user", True, True),
        ("is_user", "true", True),
        ("is_user", "FALSE", False),
        ("is_user", "", None),
        ("is_user", 1.0, True),
        ("last_activity", SECONDS, JUNE),
        ("last_activity", str(SECONDS), JUNE),
        ("last_activity", float(SECONDS), JUNE),
        ("last_activity", f"{SECONDS}.0", JUNE),
        ("last_activity", SECONDS * 1000, JUNE),
        ("last_activity", str(SECONDS * 1000), JUNE),
        ("last_activity", SECONDS * 1000000, JUNE),
        ("last_activity", "2026-06-01 12:00:00", JUNE),
        ("last_activity", "2026-06-01T12:00:00Z", JUNE),
        ("last_activity", "2026-06-01T12:00:00z", JUNE),
        ("last_activity", "2026-06-01T14:00:00+02:00", JUNE),
        ("last_activity", "2026-06-01", "2026-06-01T00:00:00+00:00"),
        ("last_activity", "2026-06-01 12:00:00.250", "2026-06-01T12:00:00.250000+00:00"),
        ("last_activity", "0000-00-00 00:00:00", None),
        ("last_activity", "0000-00-00", None),
        (
            "last_update",
            {"date": "2026-01-31 12:00:00.000000", "timezone_type": 3, "timezone": "UTC"},
            "2026-01-31T12:00:00+00:00",
        ),
        ("last_activity", "", None),
        ("last_activity", 0, None),
        ("last_activity", "0", None),
        ("last_activity", False, None),
        ("last_update", "2026-06-01 12:00:00", JUNE),
        ("attributes", [], {}),
        ("attributes", {}, {}),
        ("attributes", "", {}),
        ("attributes", None, {}),
        ("attributes", '{"plan": "pro"}', {"plan": "pro"}),
        ("attributes", {"seats": "5", "x": []}, {"seats": "5", "x": []}),
        ("user_id", 7, "7"),
        ("user_id", "007", "007"),
        ("postal_code", 20121, "20121"),
        ("app_id", True, "true"),
        ("browser_version", 17.5, "17.5"),
        ("name", "", ""),
        ("name", "Zoë 🦊", "Zoë 🦊"),
    ],
)
def test_every_plausible_form_is_read(field, wire, value):
    before = clean.defects.total()
    found, kept = cleaned(field, wire)
    assert found == value
    assert type(found) is type(value)
    assert not kept
    assert clean.defects.total() == before


@pytest.mark.parametrize(
    ("field", "wire"),
    [
        ("web_session", "many"),
        ("web_session", 7.5),
        ("web_session", 2**63),
        ("web_session", str(2**80)),
        ("web_session", "1_000"),
        ("web_session", [1]),
        ("latitude", "45,5"),
        ("latitude", "nan"),
        ("latitude", "1e999"),
        ("latitude", math.inf),
        ("latitude", math.nan),
        ("latitude", "9" * 5000),
        ("is_user", 2),
        ("is_user", "maybe"),
        ("is_user", []),
        ("is_user", {"a": 1}),
        ("last_activity", "yesterday"),
        ("last_activity", "2026-02-30 10:00:00"),
        ("last_activity", "2026-13-01"),
        ("last_activity", True),
        ("last_activity", 10**40),
        ("last_activity", math.nan),
        ("last_activity", {"date": "2026-06-01"}),
        ("attributes", [1]),
        ("attributes", "free text"),
        ("attributes", '{"broken"'),
        ("attributes", 5),
        ("name", ["Ada"]),
        ("name", {"first": "Ada"}),
    ],
)
def test_what_cannot_be_read_is_null_kept_and_counted(field, wire):
    cleaner = Cleaner(CONTACT)
    record = cleaner({"crmhero_user_id": 1, field: wire})
    assert record[field] is None
    assert record["additional_fields"][field] is wire
    assert dict(cleaner.defects) == {field: 1}


def test_unknown_fields_are_kept():
    raw = {"crmhero_user_id": 1, "new": None, "newer": [1], "additional_fields": {"a": 1}}
    record = clean(raw)
    assert record["additional_fields"] == {
        "new": None,
        "newer": [1],
        "additional_fields": {"a": 1},
    }


def test_a_record_has_every_field_and_does_not_change_what_came():
    raw = {"crmhero_user_id": "5", "attributes": []}
    record = clean(raw)
    assert list(record) == list(CONTACT["properties"])
    assert raw == {"crmhero_user_id": "5", "attributes": []}


def test_declared_attributes_are_typed_and_others_free():
    schema = json.loads(json.dumps(CONTACT))
    schema["properties"]["attributes"]["properties"] = {
        "seats": {"type": ["integer", "null"]},
        "trial": {"type": ["boolean", "null"]},
    }
    cleaner = Cleaner(schema)
    record = cleaner(
        {"crmhero_user_id": 1, "attributes": {"seats": "5", "trial": "x", "plan": "pro"}}
    )
    assert record["attributes"] == {"seats": 5, "trial": None, "plan": "pro"}
    assert record["additional_fields"] == {"attributes": {"trial": "x"}}
    assert dict(cleaner.defects) == {"attributes.trial": 1}


@pytest.mark.parametrize(
    ("wire", "names"),
    [
        (["vip", "beta"], ["vip", "beta"]),
        ([{"name": "vip"}, {"tag": "beta"}], ["vip", "beta"]),
        ("vip, beta", ["vip", "beta"]),
        ('["vip", "beta"]', ["vip", "beta"]),
        ({"0": "vip", "2": "beta"}, ["vip", "beta"]),
        ({"vip": 1, "beta": 1}, ["vip", "beta"]),
        ({"name": "vip"}, ["vip"]),
        ([7], ["7"]),
        ([], []),
        ({}, []),
        ("", []),
    ],
)
def test_tags_are_names_whatever_came(wire, names):
    assert read_tags(wire) == names


@pytest.mark.parametrize(
    ("wire", "names"),
    [
        ([{"tag_id": 3, "name": "vip"}], ["vip"]),
        (["vip", None], ["vip"]),
        ([{"id": 3}], None),
        (5, None),
        ("[broken", None),
    ],
)
def test_tags_that_say_more_than_names_are_kept_beside_them(wire, names):
    with pytest.raises(Unreadable) as unreadable:
        read_tags(wire)
    assert unreadable.value.instead == names
    cleaner = Cleaner(CONTACT_DETAILS, {"user_tags": read_tags})
    record = cleaner({"crmhero_user_id": 1, "user_tags": wire})
    assert record["user_tags"] == names
    assert record["additional_fields"] == {"user_tags": wire}
    assert cleaner.defects.total() == (names is None)


# --- properties --------------------------------------------------------------------------------

scalars = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(st.characters(codec="utf-8"))
    | st.sampled_from(["", "0", "1", "true", "0000-00-00 00:00:00", "[]", "{}", "nan", "1e400"])
    | st.datetimes().map(str)
    | st.datetimes().map(lambda when: when.isoformat() + "Z")
    | st.integers().map(str)
    | st.floats().map(str)
)
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=8,
)
names = st.sampled_from(sorted(CONTACT_DETAILS["properties"])) | st.text(max_size=8)
records = st.dictionaries(names, values, max_size=20)
is_valid = fastjsonschema.compile(json.loads(json.dumps(CONTACT_DETAILS)))
NULLISH = (None, "", 0, 0.0, False, "0", [], {})


@given(records)
def test_the_cleaner_never_raises_is_always_valid_and_loses_nothing(raw):
    cleaner = Cleaner(CONTACT_DETAILS, {"user_tags": read_tags})
    record = cleaner(raw)
    if record["crmhero_user_id"] is not None:
        is_valid(record)
    msgspec.json.encode(record)
    for name, wire in raw.items():
        kept = record["additional_fields"]
        if name in kept:
            assert kept[name] is wire
            continue
        value = record[name]
        assert name in CONTACT_DETAILS["properties"]
        if value in (None, [], {}):
            nothing = str(wire).strip().startswith(("0000-00-00",)) or not str(wire).strip()
            zero = isinstance(wire, str) and wire.strip("0+-.eE ") == ""
            assert wire in NULLISH or nothing or zero or json.loads(wire) in NULLISH, (name, wire)


@given(st.dictionaries(st.text(max_size=6), values, max_size=6))
def test_declared_attributes_lose_nothing_either(attributes):
    schema = json.loads(json.dumps(CONTACT))
    kinds = ["integer", "number", "boolean", "string", "array", "object"]
    declared = {name: {"type": [kinds[n % 6], "null"]} for n, name in enumerate(attributes)}
    schema["properties"]["attributes"]["properties"] = declared
    record = Cleaner(schema)({"crmhero_user_id": 1, "attributes": attributes})
    assert record["attributes"].keys() == attributes.keys()
    fastjsonschema.compile(schema)(record)
    msgspec.json.encode(record)


@given(st.datetimes(datetime(1980, 1, 1), datetime(2100, 1, 1)))  # noqa: DTZ001
def test_all_forms_of_a_moment_become_one(moment):
    moment = moment.replace(microsecond=0)
    seconds = int(moment.replace(tzinfo=UTC).timestamp())
    forms = [
        seconds,
        str(seconds),
        float(seconds),
        seconds * 1000,
        str(moment),
        moment.isoformat(),
        moment.isoformat() + "Z",
        f"{moment} UTC",
        moment.isoformat() + "+00:00",
    ]
    assert {clean({"last_update": form})["last_update"] for form in forms} == {
        moment.isoformat() + "+00:00"
    }


@pytest.mark.parametrize("wire", [253_402_300_799, "253402300799", 253_402_300_799.0])
def test_the_last_second_that_a_calendar_has_is_read_as_seconds(wire):
    assert cleaned("last_activity", wire) == ("9999-12-31T23:59:59+00:00", False)
