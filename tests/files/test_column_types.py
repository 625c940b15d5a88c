"""What the columns of a file look like: nothing is guessed that can be read in two ways."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from customerly.cli.importing.column_types import Looks
from hypothesis import given
from hypothesis import strategies as st
from tap_contact_files.row import Row
from target_customerly.intake.cell_types import TYPES

from tests.files.corpus import ADA, LIN
from tests.files.test_import import stored, write

if TYPE_CHECKING:
    from pathlib import Path

    from tests.files.test_import import Import

SURE = {
    "number": [["5", "-7", "0"], ["1.5", "1.234"], ["0.125"], ["1000.250"], ["12", "3.5"]],
    "decimal-comma": [
        ["1.234,56"],
        ["1 234,5", "1\u202f234,0", "12"],
        ["12,5", "1.234", "7"],
        ["0,125"],
        ["1,234", "1,5"],
    ],
    "decimal-point": [["1,234.56"], ["1,234", "5,000.1"]],
    "boolean": [["true", "FALSE"], ["wahr", "falsch"]],
    "date": [["2026-01-31"], ["2026-01-31T10:00:00Z", "2026-02-01"]],
    "D/M/YYYY": [["01/02/2026", "31/12/2026"]],
    "M/D/YYYY": [["01/02/2026", "12/31/2026"]],
    "D.M.YYYY": [["01.02.2026"], ["1.2.2026", "31.12.2026"]],
    "D.M.YYYY H:mm": [["31.12.2026 09:30", "1.2.2026 9:30"]],
    "M/D/YYYY h:mm A": [["1/31/2026 2:30 PM", "12/1/2026 12:05 AM"]],
    "D-M-YYYY H:mm:ss": [["31-12-2026 09:30:00"]],
}
IN_TWO_WAYS = {
    ("decimal-comma", "decimal-point"): [["1.234"], ["1.234", "5"], ["1,234", "12"]],
    ("D/M/YYYY", "M/D/YYYY"): [["01/02/2026", "11/12/2026"]],
}
TEXT = [
    ["1.5", "1,5"],
    ["007"],
    ["+49170"],
    ["1234567890123456"],
    ["1.2.3"],
    ["12", "n/a"],
    ["31/12/2026", "12/31/2026"],
    ["31.12.2026", "31/12/2026"],
    ["31.02.2026"],
    ["12.31.2026"],
    ["01.02.2026 25:00"],
    ["1/31/2026 13:30 PM"],
    ["1e5"],
    ["12 €"],
]


def look_of(cells: list[str | None]) -> Any:
    looks = Looks()
    for number, cell in enumerate(cells, start=2):
        looks.take(Row(number, ["x", cell]))
    return looks.of(1)


def cases(table: dict[Any, list[list[str]]]) -> list[Any]:
    return [pytest.param(key, cells, id=" ".join(cells)) for key in table for cells in table[key]]


@pytest.mark.parametrize(("type_", "cells"), cases(SURE))
def test_cells_that_can_be_one_thing_only(type_: str, cells: list[str]) -> None:
    for written in (cells, cells[::-1], [None, *cells, None]):
        look = look_of(written)
        assert (look.types, look.is_sure) == ((type_,), True)


@pytest.mark.parametrize(("types", "cells"), cases(IN_TWO_WAYS))
def test_cells_that_can_be_two_things(types: tuple[str, str], cells: list[str]) -> None:
    look = look_of(cells)
    assert (look.types, look.is_sure) == (types, False)


@pytest.mark.parametrize("cells", TEXT, ids=" ".join)
def test_cells_that_are_text(cells: list[str]) -> None:
    assert look_of(cells) is None


@pytest.mark.parametrize(
    ("cells", "can_be"),
    [(["46053", "37000"], True), (["46053", "12"], False), (["2026"], False), (["46053.5"], False)],
)
def test_numbers_that_can_be_a_spreadsheets_days(cells: list[str], *, can_be: bool) -> None:
    assert look_of([*cells]).can_be_days is can_be


def test_a_number_that_can_be_a_day_is_said(tmp_path: Path, run_import: Import) -> None:
    path = write(tmp_path / "l.csv", f"email,since\n{ADA},46053\n")
    assert "--type 'since=excel' a date" in run_import(path, "--dry-run").stderr


def test_groups_alone_can_be_an_address_of_a_computer() -> None:
    assert look_of(["192.168.100.200"]).is_sure is False


@given(st.lists(st.integers(-(10**8), 10**8).map(lambda n: n / 100), min_size=1, max_size=5))
def test_numbers_written_with_a_comma_are_read_as_they_were_meant(numbers: list[float]) -> None:
    cells = [
        f"{number:,.2f}".replace(",", " ").replace(".", ",").replace(" ", ".") for number in numbers
    ]
    look = look_of([*cells])
    assert (look.types, look.is_sure) == (("decimal-comma",), True)
    assert [TYPES["decimal-comma"]("x", cell) for cell in cells] == numbers


def test_a_european_export_is_understood(
    tmp_path: Path, empty_sandbox: Any, run_import: Import
) -> None:
    text = (
        "E-Mail;Umsatz;Kunden;Preis;Seit;Termin\r\n"
        f"{ADA};1.234,56;1.234;1,5;31.12.2025;01/02/2026\r\n"
        f"{LIN};12,5;2.500;1.250;01.01.2026;03/04/2026\r\n"
    )
    path = write(tmp_path / "l.csv", text, "windows-1252")
    run = run_import(path, "--yes", "--types", "auto", "--type", "Preis=number")
    assert run.code == 0, run.stderr
    assert stored(empty_sandbox)[LIN]["attributes"] == {
        "Umsatz": 12.5,
        "Kunden": "2.500",
        "Preis": 1250,
        "Seit": 1767225600,
        "Termin": "03/04/2026",
    }
    shown = " ".join(run.stderr.split())
    assert "--type 'Kunden=decimal-comma' or --type 'Kunden=decimal-point' decides" in shown
    assert "--type 'Termin=D/M/YYYY' or --type 'Termin=M/D/YYYY' decides" in shown


def test_a_number_of_which_nobody_knows_what_its_point_means_is_said(
    tmp_path: Path, run_import: Import
) -> None:
    path = write(tmp_path / "l.csv", f"email;x\n{ADA};1.234\n")
    run = run_import(path, "--dry-run", "--type", "x=number")
    assert "x is a number, in which 1.234 has a decimal point" in run.stderr
