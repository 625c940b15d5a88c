"""The register of assumptions is complete: each switch of the sandbox, and each fact."""

from __future__ import annotations

import re

from customerly.facts import ApiFacts
from customerly_sandbox.quirks import table

from tests.docs.pages import ROOT

TEXT = (ROOT / "docs" / "assumptions.md").read_text(encoding="utf-8")
ROWS = [
    [cell.strip() for cell in line.strip("| ").split(" | ")]
    for line in TEXT.splitlines()
    if line.startswith("| ")
]
QUIRKS = {name for row in ROWS if len(row) > 2 for name in re.findall(r"`(\w+)`", row[2])}


def test_each_quirk_of_the_sandbox_stands_in_the_register_and_no_other():
    assert {row["name"] for row in table()} == QUIRKS


def test_each_fact_stands_in_the_register_and_no_other():
    assert set(re.findall(r"fact `(\w+)`", TEXT)) == set(ApiFacts.__struct_fields__)
