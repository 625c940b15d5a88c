"""In which form results come: cards and tables for people, JSON and CSV for programs."""

from __future__ import annotations

import csv
import io
import json
import random

import pytest
from customerly.cli import main
from customerly.cli.tables import print_card, print_table
from rich.cells import cell_len

from tests.support.run import invoke

ADA = {
    "email": "ada.of.the.very.long.address@example.com",
    "name": "Ada",
    "user_id": "007",
    "attributes": {"plan": "pro", "seats": 5, "active": True, "zip": "01234"},
}


@pytest.fixture
def ada(sandbox):
    sandbox.upsert("users", ADA)
    sandbox.tag("vip", users=[{"email": ADA["email"]}])
    sandbox.tag("a, b", users=[{"email": ADA["email"]}])
    return ADA["email"]


def table_of(text):
    return list(csv.DictReader(io.StringIO(text)))


# --- forms ---


def test_one_array_of_all(run):
    run_ = run("users list --output json")
    assert len(run_.stdout.splitlines()) == 1
    assert len(json.loads(run_.stdout)) == 30


def test_lines_of_json_in_a_pipe(run):
    assert run("users list --output jsonl").stdout == run("users list").stdout


def test_a_look_up_in_each_form(run, ada):
    assert run("users get", ada, "--output", "json").only["email"] == ada
    card = run("users get", ada, "--output", "table").stdout
    assert card.splitlines()[0] == f"Ada <{ada}>"
    (row,) = table_of(run("users get", ada, "--output", "csv").stdout)
    assert (row["email"], row["user_id"], row["seats"]) == (ada, "007", "5")
    assert json.loads(row["tags"]) == ["vip", "a, b"]


def test_tags_as_csv(run, sandbox):
    rows = table_of(run("tags list --output csv").stdout)
    assert [row["name"] for row in rows] == sandbox.state()["tags"]


def test_only_the_fields_that_are_asked_for_in_that_order(run, ada):
    fields = ("--fields", "name, email,attributes.plan,attributes.none,nothing.at.all")
    only = {"name": "Ada", "email": ada, "attributes.plan": "pro"}
    missing = dict.fromkeys(("attributes.none", "nothing.at.all"))
    found = run("users get", ada, *fields).only
    assert (found, [*found]) == (only | missing, [*only, *missing])
    assert only | missing in run("users list", *fields).lines
    (row,) = table_of(run("users get", ada, *fields, "--output", "csv").stdout)
    assert row == only | dict.fromkeys(missing, "")
    rows = table_of(run("users list", *fields, "--output", "csv").stdout)
    assert only | dict.fromkeys(missing, "") in rows
    head = run("users list --output table", *fields).stdout.splitlines()[0].split()
    assert head[:2] == ["name", "email"]


# --- what names a contact ---


def test_an_address_or_an_id_names_a_contact(run, ada):
    assert run("users get", ada).only["email"] == ada
    assert run("users get 007").only["email"] == ada
    assert run("users delete 007 --yes").only == {"user_id": "007", "deleted": True}


@pytest.mark.parametrize("more", [["--email", "b@example.com"], ["--user-id", "7"]])
def test_only_one_thing_names_a_contact(run, more):
    run("users get a@example.com", *more).failed(2)


# --- tables and cards ---


@pytest.mark.parametrize("width", [40, 60, 80, 120])
def test_a_table_fits_its_terminal_and_breaks_no_address(run, ada, width):
    run_ = run("users list --output table", env={"COLUMNS": str(width)})
    lines = run_.stdout.splitlines()
    if width > 40:
        assert max(map(cell_len, lines)) <= width
    assert any(ada in line for line in lines)
    assert any("2025-" in line for line in lines) == (width >= 80)


def test_wide_letters_take_two_cells(capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "30")
    print_table(("name", "city"), [("田中 ゆい" * 3, "東京"), ("Ada", "Rome")])
    lines = capsys.readouterr().out.splitlines()
    assert max(map(cell_len, lines)) <= 30
    assert lines[2].rstrip().endswith("東京")


def test_a_card_shows_what_is_there_and_moments_as_such(capsys):
    print_card(
        {
            "email": "ada@example.com",
            "name": "Ada \x1b[31m",
            "last_update": "2026-01-31 12:00:59",
            "first_seen_at": "1765000000",
            "unsubscribe": "0",
            "user_id": None,
            "user_tags": ["vip", "beta"],
            "user_segments": [{"name": "A"}, {"name": "B"}],
            "attributes": {"plan": "pro"},
        }
    )
    shown = capsys.readouterr().out
    assert "\x1b[31m" not in shown
    for line in (
        "last_update    2026-01-31 12:00",
        "first_seen_at  2025-12-06 05:46",
        "unsubscribe    no",
        "user_tags      vip, beta",
        "attributes     plan: pro",
    ):
        assert line in shown
    assert "user_id" not in shown


# --- CSV that is imported again ---


WORDS = (
    "Zoë",
    "田中",
    "naïve; really",
    "a,b",
    'say "hi"',
    "two\nlines",
    "007",
    "1e5",
    "true",
    "=1+1",
)


def people(count, seed=7):
    """Users of every kind of value; mixed ones share a column."""
    rng = random.Random(seed)
    for number in range(count):
        yield {
            "email": f"käthe+{number}@example.com" if number % 7 == 0 else f"p{number}@example.com",
            "user_id": f"{number:05}",
            "name": f"{rng.choice(WORDS)} {number}".replace("\n", " "),
            "attributes": {
                "seats": rng.randrange(1000),
                "ratio": rng.random(),
                "active": rng.random() < 0.5,
                "note": rng.choice(WORDS),
                "mixed": rng.choice([5, 1.5, True, "many", "5"]),
                "city": rng.choice(["Rome", "東京"]),
            },
        }


def comparable(sandbox):
    fields = ("email", "user_id", "name", "attributes", "user_tags")
    return {
        each["email"]: {name: each[name] for name in fields} for each in sandbox.contacts("users")
    }


def options_of(run_):
    """What the export says on standard error about importing it again."""
    return run_.stderr.partition("customerly import FILE ")[2].split()


@pytest.mark.parametrize("dialect", ["as it is", "excel"])
def test_an_export_that_is_imported_again_gives_the_same_contacts(
    make_sandbox, run, tmp_path, dialect
):
    here = make_sandbox(users=0, leads=0, token="cli-secret-81f7")
    there = make_sandbox(users=0, leads=0, token="cli-secret-81f7")
    everybody = list(people(1000))
    for at in range(0, 1000, 100):
        here.write("POST", "users", {"users": everybody[at : at + 100]})
    exported = run("users list --output csv", env={"CUSTOMERLY_API_URL": here.url})
    file = tmp_path / "users.csv"
    if dialect == "excel":
        text = io.StringIO()
        rows = csv.reader(io.StringIO(exported.stdout))
        csv.writer(text, delimiter=";", lineterminator="\r\n").writerows(rows)
        file.write_bytes(b"\xef\xbb\xbf" + text.getvalue().encode())
    else:
        file.write_text(exported.stdout, encoding="utf-8")
    imported = invoke(
        lambda: main,
        *["import", str(file), "--as", "users", "--yes", *options_of(exported)],
        env={"CUSTOMERLY_ACCESS_TOKEN": there.token, "CUSTOMERLY_API_URL": there.url},
    )
    assert imported.code == 0, imported.stderr
    assert comparable(there) == comparable(here)
