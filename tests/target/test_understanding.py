"""Columns and cells as people and exports write them, by the target alone."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.support.target import record, run_target, schema

ADA, LIN = "ada@example.com", "lin@example.com"
TEXT = {"type": ["string", "null"]}
FILE = {"_sdc_source_file": "l.csv", "_sdc_source_lineno": 2}
FILE_COLUMNS = dict.fromkeys(FILE, TEXT)


def apply(
    sandbox: Any, *rows: dict[str, Any], stream: str = "leads", columns: Any = None, **config: Any
) -> Any:
    names = dict.fromkeys(name for row in rows for name in row)
    properties = dict.fromkeys(names, TEXT) if columns is None else columns
    messages = [schema(stream, properties), *(record(stream, **row) for row in rows)]
    return run_target({**sandbox.config, **config}, messages)


def rule(**entry: Any) -> dict[str, Any]:
    return {"leads": {"resource": "leads", **entry}}


def stored(sandbox: Any, kind: str = "leads") -> dict[str, Any]:
    return {one["email"]: one for one in sandbox.contacts(kind)}


def attributes(sandbox: Any) -> dict[str, Any]:
    return stored(sandbox)[ADA]["attributes"]


def test_columns_by_usual_names_are_said_in_one_line(empty_sandbox: Any) -> None:
    row = {"E-Mail": ADA, "Vorname": "Ada", "Nachname": "Byron", "Labels": "vip", "Größe": "5"}
    run = apply(empty_sandbox, row)
    assert run.code == 0, run.stderr
    held = stored(empty_sandbox)[ADA]
    assert (held["name"], held["user_tags"]) == ("Ada Byron", ["vip"])
    assert held["attributes"] == {"grosse": "5"}
    (line,) = [line for line in run.stderr.splitlines() if "E-Mail → email" in line]
    assert "Größe → attribute grosse" in line


def test_two_columns_that_could_be_a_field_are_none(empty_sandbox: Any) -> None:
    row = {"email": ADA, "Full name": "Ada", "Display name": "Countess"}
    assert apply(empty_sandbox, row).code == 0
    assert stored(empty_sandbox)[ADA]["name"] is None
    assert attributes(empty_sandbox) == {"full_name": "Ada", "display_name": "Countess"}


def test_a_mapping_joins_renames_and_leaves_out(empty_sandbox: Any) -> None:
    mapping = {"a": "name", "b": "name", "c": "plan", "d": None}
    row = {"email": ADA, "a": "Ada ", "b": " Byron", "c": "pro", "d": "secret"}
    for given in (mapping, json.dumps(mapping)):
        assert apply(empty_sandbox, row, streams=rule(mapping=given)).code == 0
    assert stored(empty_sandbox)[ADA]["name"] == "Ada Byron"
    assert attributes(empty_sandbox) == {"plan": "pro"}


@pytest.mark.parametrize(
    ("columns", "entry", "says"),
    [
        (["email;name;tags"], {}, "is the delimiter right?"),
        (["who", "name"], {}, "has no column for email"),
        (["email", "nam"], {"mapping": {"name": "name"}}, "did you mean nam?"),
        (["email", "x"], {"types": {"y": "number"}}, "types names the column y"),
        (["email", "x"], {"types": {"x": "foo"}}, "foo is neither"),
        (["email", "★"], {}, "no letter or digit"),
        (["email"], {"mapping": "{no"}, "is no JSON"),
    ],
)
def test_what_does_not_fit_ends_the_run_before_anything_is_sent(
    empty_sandbox: Any, columns: list[str], entry: Any, says: str
) -> None:
    row = dict.fromkeys(columns, ADA)
    run = apply(empty_sandbox, row, streams=rule(**entry))
    assert run.code == 1
    assert says in run.complaints[-1]
    assert not empty_sandbox.requests


def test_types_make_more_of_text(empty_sandbox: Any) -> None:
    types = {"n": "number", "f": "boolean", "d": "date", "e": "excel", "o": "D.M.YYYY", "t": "text"}
    row = {"n": "1.234,50", "f": "VERO", "d": "2026-W01-5", "e": "46024", "o": "2.1.2026"}
    run = apply(empty_sandbox, {"email": ADA, **row, "t": "007"}, streams=rule(types=types))
    assert run.code == 0, run.rejects
    midnight = 1767312000
    expected = {"n": 1234.5, "f": True, "d": midnight, "e": midnight, "o": midnight, "t": "007"}
    assert attributes(empty_sandbox) == expected


@pytest.mark.parametrize(
    ("type_", "cell", "sent"),
    [
        ("decimal-comma", "1.234", 1234),
        ("decimal-comma", "1.234.567,25", 1234567.25),
        ("decimal-comma", "-12,5", -12.5),
        ("decimal-comma", "1\u202f234,5", 1234.5),
        ("decimal-comma", "7", 7),
        ("decimal-point", "1,234", 1234),
        ("decimal-point", "1.234", 1.234),
        ("decimal-point", "1'234.50", 1234.5),
    ],
)
def test_what_a_point_and_a_comma_stand_for_can_be_said(
    empty_sandbox: Any, type_: str, cell: str, sent: float
) -> None:
    run = apply(empty_sandbox, {"email": ADA, "x": cell}, streams=rule(types={"x": type_}))
    assert run.code == 0, run.rejects
    assert attributes(empty_sandbox) == {"x": sent}


@pytest.mark.parametrize(
    ("cells", "sent"),
    [(["1.234", "5"], "1.234"), (["0.5", "1.234"], 1.234), (["1.25", "1.234"], 1.234)],
)
def test_a_point_that_can_stand_for_thousands_is_found_to_be_no_number(
    empty_sandbox: Any, cells: list[str], sent: object
) -> None:
    files = [{"email": f"{n}@example.com", "x": cell, **FILE} for n, cell in enumerate(cells)]
    columns = {"email": TEXT, "x": TEXT, **FILE_COLUMNS}
    apply(empty_sandbox, *files, columns=columns, streams=rule(types="auto"))
    held = [one["attributes"]["x"] for one in stored(empty_sandbox).values()]
    assert sent in held
    assert type(sent) in map(type, held)


@pytest.mark.parametrize(
    ("type_", "cell"),
    [
        ("number", "1,234"),
        ("decimal-comma", "12.5"),
        ("decimal-comma", "1.23,4"),
        ("decimal-comma", "1.234.56"),
        ("decimal-point", "12,5"),
        ("decimal-point", "1x234"),
        ("number", "four"),
        ("boolean", "maybe"),
        ("date", "31/12/2024"),
        ("date", "1767312000000"),
        ("excel", "9999999999"),
        ("DD/MM/YYYY", "12/31/2024"),
    ],
)
def test_a_cell_that_is_not_of_its_type_rejects_the_record(
    empty_sandbox: Any, type_: str, cell: str
) -> None:
    run = apply(empty_sandbox, {"email": ADA, "x": cell}, streams=rule(types={"x": type_}))
    (reject,) = run.rejects
    assert reject["reason"].startswith("check: x:")
    assert cell not in reject["reason"]


def test_types_are_found_in_files_alone_as_long_as_cells_agree(empty_sandbox: Any) -> None:
    row = {"email": ADA, "n": "5", "zip": "01234", "phone": "+49170", "id": "1234567890123456"}
    other = {"email": LIN, "n": "5b", "zip": "1", "phone": "1", "id": "1"}
    columns = dict.fromkeys(row, TEXT)
    apply(empty_sandbox, row, columns=columns, streams=rule(types="auto"))
    assert attributes(empty_sandbox)["n"] == "5"
    files = [{**one, **FILE} for one in (row, other)]
    apply(empty_sandbox, *files, columns={**columns, **FILE_COLUMNS}, streams=rule(types="auto"))
    held = stored(empty_sandbox)
    assert held[ADA]["attributes"]["n"] == 5
    texts = {name: row[name] for name in ("zip", "phone", "id")}
    assert {name: held[ADA]["attributes"][name] for name in texts} == texts
    assert held[LIN]["attributes"] == {"n": "5b", "zip": "1", "phone": "1", "id": "1"}


def test_a_reject_of_a_file_names_file_and_row(empty_sandbox: Any) -> None:
    run = apply(empty_sandbox, {"email": "ada@", **FILE})
    assert (run.rejects[0]["file"], run.rejects[0]["row"]) == ("l.csv", 2)


def test_a_record_of_nothing_is_blank(empty_sandbox: Any) -> None:
    blank = {"email": " ", "name": "\u200b", **FILE}
    run = apply(empty_sandbox, {"email": ADA, "name": "Ada"}, blank)
    assert run.code == 0
    assert "1 applied, 0 unchanged, 0 skipped, 1 blank, 0 rejected" in run.stderr


def test_a_tag_for_all(empty_sandbox: Any) -> None:
    apply(empty_sandbox, {"email": ADA, "tags": "vip"}, {"email": LIN}, streams=rule(tag="fair"))
    tags = {email: sorted(one["user_tags"]) for email, one in stored(empty_sandbox).items()}
    assert tags == {ADA: ["fair", "vip"], LIN: ["fair"]}


def test_nested_columns_reject_nobody(empty_sandbox: Any) -> None:
    row = {"roles": ["admin", "dev", 3], "meta": {"a": 1}, "many": ["x" * 100, "y" * 100]}
    run = apply(empty_sandbox, {"email": ADA, **row}, {"email": LIN, **row})
    assert run.code == 0
    expected = {"roles": "admin, dev, 3", "meta": '{"a":1}'}
    assert [one["attributes"] for one in stored(empty_sandbox).values()] == [expected, expected]
    assert [("many" in line) for line in run.complaints] == [True]


def test_decimals_are_numbers_and_what_nothing_holds_is_rejected(empty_sandbox: Any) -> None:
    columns = {"email": TEXT, "mrr": {"type": ["string", "null"], "format": "singer.decimal"}}
    run = apply(empty_sandbox, {"email": ADA, "mrr": "12.50"}, columns=columns)
    assert attributes(empty_sandbox) == {"mrr": 12.5}
    text = json.dumps(schema("leads", {"email": TEXT, "mrr": {"type": "number"}})) + "\n"
    text += json.dumps(record("leads", email=ADA, mrr=0.5)).replace("0.5", "1e999") + "\n"
    run = run_target(empty_sandbox.config, text)
    assert "too large" in run.rejects[0]["reason"]
    assert attributes(empty_sandbox) == {"mrr": 12.5}


def test_half_an_emoji_is_a_replacement_character(empty_sandbox: Any) -> None:
    text = json.dumps(schema("leads", {"email": TEXT, "name": TEXT})) + "\n"
    text += json.dumps(record("leads", email=ADA, name="Ada \ud83d")) + "\n"
    run = run_target(empty_sandbox.config, text)
    assert run.code == 0, run.stderr
    assert stored(empty_sandbox)[ADA]["name"] == "Ada \ufffd"


@pytest.mark.parametrize("columns", [{"email": TEXT, "city": TEXT}, {"email": TEXT}, {}])
def test_a_column_of_customerlys_own_name_is_warned_of(empty_sandbox: Any, columns: Any) -> None:
    run = apply(empty_sandbox, {"email": ADA, "city": "Rome"}, columns=columns)
    assert [("city" in line) for line in run.complaints] == [True]


def test_an_opt_out_of_a_lead_is_told_of_after_the_rest_is_stored(empty_sandbox: Any) -> None:
    run = apply(empty_sandbox, {"email": ADA, "name": "Ada", "unsubscribe": "oui"})
    assert "not unsubscribed" in run.rejects[0]["reason"]
    assert stored(empty_sandbox)[ADA]["name"] == "Ada"


def test_an_opt_out_is_applied_by_a_look_up_where_the_address_alone_is_known(
    empty_sandbox: Any,
) -> None:
    empty_sandbox.upsert("users", {"email": ADA, "user_id": "7"})
    run = apply(empty_sandbox, {"email": ADA, "Opt-out": "x"}, {"email": LIN}, stream="users")
    assert run.code == 0, run.rejects
    assert stored(empty_sandbox, "users")[ADA]["unsubscribe"]
    assert not stored(empty_sandbox, "users")[LIN]["unsubscribe"]
