"""Rows of delimited text: whatever a writer of CSV writes is read, and damage stays in its row."""

from __future__ import annotations

import csv
import io
from unittest.mock import patch

from customerly.text import trimmed
from hypothesis import given
from hypothesis import strategies as st
from tap_contact_files import delimited
from tap_contact_files.delimited import read_rows
from tap_contact_files.dialect import Dialect

CELLS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0@=#"), max_size=8)
DIALECTS = st.sampled_from([Dialect(","), Dialect(";"), Dialect("\t"), Dialect("|")])


def lines_of(text: str) -> list[str]:
    return list(io.StringIO(text, newline=""))


@given(DIALECTS, st.lists(st.lists(CELLS, min_size=3, max_size=3), max_size=6))
def test_a_table_is_read_as_it_was_written(dialect: Dialect, table: list[list[str]]) -> None:
    written = io.StringIO(newline="")
    csv.writer(written, delimiter=dialect.delimiter).writerows(table)
    read = list(read_rows(lines_of(written.getvalue()), dialect, 3))
    expected = [[cell if trimmed(cell) else None for cell in row] for row in table]
    assert [row.cells for row in read] == expected
    assert [row.number for row in read] == list(range(1, len(table) + 1))
    assert all(row.problem is None for row in read)


@given(st.integers(1, 8), st.integers(0, 7))
def test_an_open_quote_takes_no_other_row_along(count: int, place: int) -> None:
    lines = [f"p{n}@example.com,x{n},{n}\n" for n in range(count)]
    place %= count
    lines[place] = f'p{place}@example.com,"x{place},{place}\n'
    rows = list(read_rows(lines, Dialect(","), 3))
    assert [row.number for row in rows if row.problem] == [place + 1]
    kept = [row.cells for row in rows if not row.problem]
    expected = [[f"p{n}@example.com", f"x{n}", str(n)] for n in range(len(lines)) if n != place]
    assert kept == expected


PIECES = st.sampled_from(['"', '""', ",", "\n", "\r\n", "a", "a@b.example", " ", "\0", "\\", ""])


@given(st.lists(PIECES, max_size=40).map("".join), st.integers(1, 5), st.sampled_from([None, 3]))
def test_lines_that_are_cut_at_once_are_cut_as_row_by_row(
    text: str, block: int, width: int | None
) -> None:
    lines = lines_of(text)
    with patch.object(delimited, "_BLOCK", block):
        at_once = list(read_rows(lines, Dialect(","), width))
    with patch.object(delimited, "_each_on_its_line", return_value=None):
        row_by_row = list(read_rows(lines, Dialect(","), width))
    assert at_once == row_by_row
