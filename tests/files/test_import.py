"""`customerly import` as a person meets it."""

from __future__ import annotations

import csv
import os
from typing import TYPE_CHECKING, Any

import pytest

from tests.files.corpus import ADA, LIN, MO
from tests.files.workbooks import xlsx

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.support.run import Run

    Import = Callable[..., Run]


def write(path: Path, text: str, encoding: str = "utf-8") -> Path:
    path.write_bytes(text.encode(encoding))
    return path


def stored(sandbox: Any, kind: str = "leads") -> dict[str, Any]:
    return {one["email"]: one for one in sandbox.contacts(kind)}


def test_a_file_with_mistakes_is_imported_mended_and_imported_again(
    tmp_path: Path, empty_sandbox: Any, run_import: Import
) -> None:
    rows = [
        ["E-Mail", "Full name", "Seats"],
        [ADA, "Ada", 5],
        ["lin@@example.com", "Lin", 7],
        [None, "Mo", 1],
        [None, None, None],
        ["zed@example.com", "Zed", "many"],
    ]
    path = tmp_path / "leads.xlsx"
    xlsx(rows)(path)
    first = run_import(path, "--yes", "--type", "Seats=number")
    assert first.code == 1
    rejects = tmp_path / "leads.xlsx.rejects.csv"
    assert rejects.stat().st_mode & 0o777 == 0o600
    text = rejects.read_text(encoding="utf-8-sig")
    with rejects.open(encoding="utf-8-sig", newline="") as lines:
        assert [row["row"] for row in csv.DictReader(lines)] == ["3", "4", "6"]
    mended = text.replace("@@", "@").replace(",Mo,", f"{MO},Mo,", 1).replace("many", "9")
    rejects.write_text(mended, encoding="utf-8-sig")
    second = run_import(rejects, "--yes", "--type", "Seats=number")
    assert second.code == 0, second.stdout
    held = {email: one["attributes"] for email, one in stored(empty_sandbox).items()}
    assert held == {
        ADA: {"Seats": 5},
        LIN: {"Seats": 7},
        MO: {"Seats": 1},
        "zed@example.com": {"Seats": 9},
    }


def test_a_spreadsheet_that_opens_the_rejects_changes_no_cell_and_runs_none(
    tmp_path: Path, empty_sandbox: Any, run_import: Import
) -> None:
    cells = ["007", "+49170", "4917020000001234567", '=HYPERLINK("x")', "@SUM(1)", "-1+1", "-5"]
    columns = ["email", *(f"c{number}" for number in range(len(cells)))]
    path = tmp_path / "l.csv"
    with path.open("w", newline="", encoding="utf-8") as lines:
        csv.writer(lines).writerows([columns, ["ada@@example.com", *cells]])
    assert run_import(path, "--yes").code == 1
    rejects = tmp_path / "l.csv.rejects.csv"
    with rejects.open(encoding="utf-8-sig", newline="") as lines:
        header, row = csv.reader(lines)
    assert (header[-2:], row[-2]) == (["row", "reason"], "2")
    assert row[1:4] == ['="007"', '="+49170"', '="4917020000001234567"']
    assert row[4] == '="=HYPERLINK(""x"")"'
    assert row[7] == "-5"
    rejects.write_text(rejects.read_text(encoding="utf-8").replace("@@", "@"), encoding="utf-8")
    assert run_import(rejects, "--yes").code == 0
    attributes = stored(empty_sandbox)[ADA]["attributes"]
    assert list(attributes.values()) == cells


def test_the_preview_shows_each_column_and_what_looks_like_more_than_text(
    tmp_path: Path, run_import: Import
) -> None:
    path = write(tmp_path / "l.csv", f"E-Mail;会社;seats;note\r\n{ADA};Acme;5;x\r\n", "utf-16")
    run = run_import(path, "--dry-run", "--map", "note=")
    shown = " ".join(run.stderr.split())
    assert 'CSV, encoding utf-16, delimiter ";"; rows: 1' in shown
    for line in ("E-Mail email", "会社 attribute huishe (text)", "note left out"):
        assert line in shown
    assert "--type 'seats=number'" in shown


def test_what_a_person_may_not_expect_of_a_sheet_is_said(
    tmp_path: Path, run_import: Import
) -> None:
    path = tmp_path / "l.xlsx"
    rows = [["email", "name", None, "plan", "price"], [ADA, "Ada", None, "pro", 10], [LIN]]
    xlsx(rows, hidden_rows=[3])(path)
    hidden = "rows that are hidden or filtered out in the sheet, and are read too: 1"
    run = run_import(path, "--dry-run")
    assert hidden in run.stderr
    assert "! column C is blank, and plan, price right of it are read" in run.stderr
    assert hidden in run_import(path, "--dry-run", "--json").lines[0]["warnings"][0]
    xlsx([["email", "name", "n"], [ADA, ("=A1", ""), ("=1", 1)]])(path)
    (warning,) = run_import(path, "--dry-run", "--json").lines[0]["warnings"]
    assert warning.startswith("formulas without a value")
    assert warning.endswith(": 1")
    xlsx([["email", "n"], [ADA, ("=1", 1)]])(path)
    assert run_import(path, "--dry-run", "--json").lines[0]["warnings"] == []


def test_cells_that_hardly_mean_what_they_say_are_counted(
    tmp_path: Path, run_import: Import
) -> None:
    garbled = "José".encode().decode("windows-1252")
    text = (
        f"email,name,phone,note,left\n{ADA},{garbled},3.9E+11,-,NULL\n{LIN},Nan,0391,NULL,NULL\n"
        f"{MO},JOÃO Â,1E5,NULL and void,x\nzed@example.com,Zed,491702000000123000,1,2\n"
        "zoe@example.com,Zoe,100,1000000000000001,2000000000000\n"
    )
    path = write(tmp_path / "l.csv", text)
    (told,) = run_import(path, "--dry-run", "--json", "--map", "left=").lines
    name, phone, note = told["warnings"]
    assert name.startswith(f"name: 1 cell, as in row 2 ({garbled}): ")
    assert phone.startswith("phone: 2 cells, as in row 2 (3.9E+11): ")
    assert note.startswith("note: 2 cells, as in row 2 (-): words for nothing")
    assert "! phone: 2 cells" in run_import(path, "--dry-run").stderr


def test_text_that_no_attribute_holds_is_rejected_or_cut(
    tmp_path: Path, empty_sandbox: Any, run_import: Import
) -> None:
    path = write(tmp_path / "l.csv", f"email,bio\n{ADA},{'x' * 300}\n")
    assert "--long-text truncate would cut it" in run_import(path, "--yes").stdout
    assert "--long-text truncate would cut it" in run_import(path, "--dry-run").stdout
    assert run_import(path, "--dry-run", "--long-text", "truncate").code == 0
    assert run_import(path, "--yes", "--long-text", "truncate").code == 0
    assert stored(empty_sandbox)[ADA]["attributes"] == {"bio": "x" * 128}


def test_a_column_that_customerly_sets_itself_is_said_once(
    tmp_path: Path, empty_sandbox: Any, run_import: Import
) -> None:
    path = write(tmp_path / "l.csv", f"email,city\n{ADA},Rome\n")
    run = run_import(path, "--yes")
    assert run.stderr.count("city is left out") == 1
    assert "streams" not in run.stderr
    assert stored(empty_sandbox)[ADA]["attributes"] == {}
    run_import(path, "--yes", "--map", "city=city")
    assert stored(empty_sandbox)[ADA]["attributes"] == {"city": "Rome"}


def test_a_dry_run_sends_nothing_and_writes_nothing(
    tmp_path: Path, empty_sandbox: Any, run_import: Import
) -> None:
    path = write(tmp_path / "l.csv", f"email,name\n{ADA},Ada\nno,No\n\n")
    run = run_import(path, "--dry-run", "--json")
    (told,) = run.lines
    counts = ("rows", "would_be_sent", "rejected", "blank", "applied")
    assert [told[name] for name in counts] == [3, 1, 1, 1, 0]
    assert run.code == 1
    assert os.listdir(tmp_path) == ["l.csv"]  # noqa: PTH208
    assert not empty_sandbox.requests


def test_nothing_is_imported_where_nobody_can_answer(
    tmp_path: Path, empty_sandbox: Any, run_import: Import
) -> None:
    run = run_import(write(tmp_path / "l.csv", f"email\n{ADA}\n"))
    assert run.code == 1
    assert run.stderr.splitlines()[-1].startswith("Error: Nobody is there to answer")
    assert not empty_sandbox.requests


def test_what_is_wrong_with_one_file_is_said_before_another_is_sent(
    tmp_path: Path, empty_sandbox: Any, run_import: Import
) -> None:
    good = write(tmp_path / "good.csv", f"email\n{ADA}\n")
    run = run_import(good, tmp_path / "missing.csv", "--yes", "--json")
    assert "missing.csv: there is no such file" in run.failed()
    assert not empty_sandbox.requests


def test_a_pipe_is_refused_since_it_cannot_be_read_twice(
    tmp_path: Path, empty_sandbox: Any, run_import: Import
) -> None:
    os.mkfifo(tmp_path / "pipe.csv")
    assert "is a pipe or device" in run_import(tmp_path / "pipe.csv", "--yes").failed()
    assert not empty_sandbox.requests


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_standard_input_is_a_file_whose_rejects_are_in_the_working_folder(
    folder: Path, empty_sandbox: Any, run_import: Import
) -> None:
    run = run_import("-", "--yes", "--json", text=f"email;name\n{ADA};Ada\nno;Lin\n")
    (told,) = run.lines
    assert (told["applied"], told["rejected"], told["rejects_file"]) == (1, 1, "stdin.rejects.csv")
    assert [path.name for path in folder.iterdir()] == ["stdin.rejects.csv"]
    assert (folder / "stdin.rejects.csv").stat().st_mode & 0o777 == 0o600
    assert stored(empty_sandbox).keys() == {ADA}


def test_standard_input_takes_the_place_of_no_file(
    folder: Path, empty_sandbox: Any, run_import: Import
) -> None:
    mine = write(folder / "stdin", "mine")
    assert "there is one already" in run_import("-", "--yes", text=f"email\n{ADA}\n").failed()
    assert mine.read_text() == "mine"
    mine.unlink()
    assert "only once" in run_import("-", "-", "--yes", text=f"email\n{ADA}\n").failed()
    assert "stdin: is empty" in run_import("-", "--yes").failed()
    assert not list(folder.iterdir())
    assert not empty_sandbox.requests


def test_several_files_have_each_a_line_of_json(
    tmp_path: Path, empty_sandbox: Any, run_import: Import
) -> None:
    one = write(tmp_path / "1.csv", f"email,name\n{ADA},Ada\n")
    two = write(tmp_path / "2.csv", f"name;email\nLin;{LIN}\n")
    run = run_import(one, two, "--yes", "--json")
    assert [line["applied"] for line in run.lines] == [1, 1]
    assert stored(empty_sandbox)[LIN]["name"] == "Lin"


def test_rows_can_be_tags_and_deletes(
    tmp_path: Path, empty_sandbox: Any, run_import: Import
) -> None:
    empty_sandbox.upsert("users", {"email": ADA}, {"email": LIN})
    tags = write(tmp_path / "tags.csv", f"tag,email\nvip,{ADA}\n")
    assert run_import(tags, "--as", "tags", "--yes").code == 0
    gone = write(tmp_path / "gone.csv", f"Email Address\n{LIN}\n")
    assert run_import(gone, "--as", "users", "--operation", "delete", "--yes").code == 0
    held = stored(empty_sandbox, "users")
    assert held.keys() == {ADA}
    assert held[ADA]["user_tags"] == ["vip"]


def test_whoever_opted_out_is_unsubscribed_or_told_of(
    tmp_path: Path, empty_sandbox: Any, run_import: Import
) -> None:
    empty_sandbox.upsert("users", {"email": LIN, "user_id": "2"})
    text = f"email,user_id,unsubscribe\n{ADA},1,WAHR\n{LIN},,x\n{MO},,1\nzed@example.com,4,\n"
    run = run_import(write(tmp_path / "u.csv", text), "--as", "users", "--yes", "--json")
    held = {
        email: bool(one["unsubscribe"]) for email, one in stored(empty_sandbox, "users").items()
    }
    assert held == {ADA: True, LIN: True, MO: False, "zed@example.com": False}
    assert (run.lines[0]["applied"], run.lines[0]["rejected"]) == (3, 1)


@pytest.mark.parametrize(
    ("column", "written"),
    [("user_id", "4.91702E+11"), ("user_id", "7.0"), ("user_id", "NULL"), ("email", "a@b")],
)
def test_a_key_that_is_none_deletes_nobody(
    tmp_path: Path, empty_sandbox: Any, run_import: Import, column: str, written: str
) -> None:
    empty_sandbox.upsert("users", {"email": ADA, "user_id": "491702000000"})
    path = write(tmp_path / "gone.csv", f"{column}\n{written}\n")
    run = run_import(path, "--as", "users", "--operation", "delete", "--yes", "--json")
    assert run.lines[0]["rejected"] == 1
    assert stored(empty_sandbox, "users").keys() == {ADA}


def test_a_refused_token_is_one_line_and_no_row_is_called_rejected(
    tmp_path: Path, empty_sandbox: Any, run_import: Import
) -> None:
    token = write(tmp_path / "token", "another")
    path = write(tmp_path / "l.csv", f"email\n{ADA}\n")
    run = run_import(path, "--yes", "--json", "--access-token-file", token)
    assert run.code == 1
    assert (run.lines[0]["not_sent"], run.lines[0]["rejected"]) == (1, 0)
    assert run.stderr.startswith("Error: ")
    assert len(run.stderr.splitlines()) == 1
