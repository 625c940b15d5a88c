"""Workbooks, and files that are no table."""

from __future__ import annotations

from tests.files.corpus.case import ADA, LIN, MO, Case, named
from tests.files.workbooks import DAY, MORNING, Merged, Shown, ods, protected, renamed, xls, xlsx

_CELLS = [
    ["email", "name", "code", "phone", "seats", "rate", "joined", "at", "vip"],
    [ADA, "Ada", 17, 49170111, 17.0, 12.5, DAY, MORNING, True],
    [LIN, "Lin", "A-17", "+49 170 222", "007", 0.1 + 0.2, None, None, False],
]
_SEEN = {
    ADA: {
        "attributes": {
            "code": "17",
            "phone": "49170111",
            "seats": "17",
            "rate": "12.5",
            "joined": "2026-01-31",
            "at": "2026-01-31T12:00:00",
            "vip": "true",
        }
    },
    LIN: {
        "attributes": {
            "code": "A-17",
            "phone": "+49 170 222",
            "seats": "007",
            "rate": "0.3",
            "vip": "false",
        }
    },
}

WORKBOOKS = [
    Case("cells.xlsx", xlsx(_CELLS), _SEEN),
    Case("cells.xls", xls(_CELLS), _SEEN),
    Case("cells.ods", ods(_CELLS), _SEEN),
    Case("since-1904.xlsx", xlsx(_CELLS, date_1904=True), _SEEN),
    Case("two-sheets.xlsx", xlsx([["email"], [ADA]], [["email"], [LIN]]), {ADA: {}}),
    Case(
        "second.xlsx",
        xlsx([["email"], [ADA]], [["email"], [LIN]]),
        {LIN: {}},
        options=("--sheet", "2"),
    ),
    Case(
        "cover.xlsx",
        xlsx([["Report"], ["of the fair"]], [["email"], [LIN]]),
        error="It was read in its sheet Sheet 1; others are Sheet 2: --sheet chooses one",
    ),
    Case(
        "two-headers.xlsx",
        xlsx([["Person", "Person's", "Firm"], ["Email", "Name", "Firm"], [ADA, "Ada", "Acme"]]),
        error="--header-row 2",
    ),
    Case(
        "by-name.xlsx",
        xlsx([["email"], [ADA]], [["email"], [LIN]]),
        {LIN: {}},
        options=("--sheet", "sheet 2"),
    ),
    Case(
        "no-sheet.xlsx",
        xlsx([["email"], [ADA]]),
        error="has no sheet Leads",
        options=("--sheet", "Leads"),
    ),
    Case("hidden.xlsx", xlsx([["email"], [ADA]], [["email"], [LIN]], hidden_first=True), {LIN: {}}),
    Case(
        "formulas.xlsx",
        xlsx([["email", "name", "n"], [("=A1", ADA), ("=B1", "Ada"), ("=1+1", 2)]]),
        {ADA: {"name": "Ada", "attributes": {"n": "2"}}},
    ),
    Case(
        "errors.xlsx", xlsx([["email", "n"], [ADA, ("=1/0", "#DIV/0!")]]), {ADA: {"attributes": {}}}
    ),
    Case(
        "offset.xlsx",
        xlsx([[], [], [None, "email", "name"], [None, ADA, "Ada"], [], [None, "x", "y"]]),
        named(ada="Ada"),
        {6: "email"},
        blank=1,
    ),
    Case("wide.xlsx", xlsx([["email"], [ADA, "beyond"], [LIN]]), {LIN: {}}, {2: "2 cells"}),
    Case("empty.xlsx", xlsx([], [["email"], [ADA]]), error="is empty"),
    Case(
        "numbers.xlsx",
        xlsx([["email", "a", "b", "c"], [ADA, 1e20, 1e-7, 123456789012345]]),
        {
            ADA: {
                "attributes": {
                    "a": "100000000000000000000",
                    "b": "0.0000001",
                    "c": "123456789012345",
                }
            }
        },
    ),
    Case(
        "formats.xlsx",
        xlsx(
            [
                ["email", "share", "price", "at", "took", "code"],
                [
                    *(ADA, Shown(0.25, "0%"), Shown(1234.5, "#,##0.00 €"), Shown(0.4, "hh:mm")),
                    *(Shown(1.5, "[h]:mm:ss"), Shown(7, "00000")),
                ],
            ]
        ),
        {
            ADA: {
                "attributes": {
                    "share": "0.25",
                    "price": "1234.5",
                    "at": "09:36:00",
                    "took": "36:00:00",
                    "code": "00007",
                }
            }
        },
    ),
    Case(
        "key-is-an-error.xlsx",
        xlsx([["email", "name"], [("=VLOOKUP(1,A1,1)", "#N/A"), "Ada"], [LIN, "Lin"]]),
        named(lin="Lin"),
        {2: "email: is missing"},
    ),
    Case(
        "merged-title.xlsx",
        xlsx(
            [
                [Merged("Leads of the fair", 3)],
                ["email", "name", "plan"],
                [ADA, "Ada", "pro"],
                [LIN, "Lin", "pro"],
                [MO],
            ]
        ),
        error="--header-row",
    ),
    Case(
        "merged-below-title.xlsx",
        xlsx([[Merged("Leads of the fair", 3)], ["email", "name", "plan"], [ADA, "Ada", "pro"]]),
        named(ada="Ada"),
        options=("--header-row", "2"),
    ),
    Case(
        "merged-down.xlsx",
        xlsx(
            [
                ["company", "email", "name"],
                [Merged("Acme", 1, rows=3), ADA, "Ada"],
                [None, LIN, "Lin"],
                [None, None, None],
                [None, MO, "Mo"],
            ]
        ),
        {
            ADA: {"attributes": {"company": "Acme"}},
            LIN: {"attributes": {"company": "Acme"}},
            MO: {"attributes": {}},
        },
        blank=1,
    ),
    Case(
        "padded.xlsx",
        xlsx(
            [
                [None, "email", "zip", "price", "code"],
                [None, ADA, Shown(7, "00000"), Shown(7, "0.00"), Shown(7.5, "000")],
                [None, LIN, Shown(123456, "00000"), 8, "A1"],
            ]
        ),
        {
            ADA: {"attributes": {"zip": "00007", "price": "7", "code": "7.5"}},
            LIN: {"attributes": {"zip": "123456", "price": "8", "code": "A1"}},
        },
    ),
    Case(
        "long-number.xlsx",
        xlsx([["email", "id"], [ADA, 491702000000123000], [LIN, 1e20], [MO, 123456789012345]]),
        {
            ADA: {"attributes": {"id": "491702000000123000"}},
            LIN: {"attributes": {"id": "100000000000000000000"}},
            MO: {"attributes": {"id": "123456789012345"}},
        },
    ),
    Case("xls-called.xlsx", renamed(xls([["email"], [ADA]]), ".xls"), {ADA: {}}),
    Case("xlsx-called.xls", renamed(xlsx([["email"], [ADA]]), ".xlsx"), {ADA: {}}),
    Case("ods-called.xlsx", renamed(ods([["email"], [ADA]]), ".ods"), {ADA: {}}),
    Case("no-comma-values.csv", xlsx([["email", "name"], [ADA, "Ada"]]), named(ada="Ada")),
    Case("locked.xlsx", protected, error="save a copy of it without one"),
    Case("damaged.xlsx", b"PK\x03\x04 and then nothing", error="can't be read as a workbook"),
    Case("a-page.xls", b"<html><table><tr><td>email</td></tr></table></html>", error="HTML"),
]
