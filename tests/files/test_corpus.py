"""Every file of the corpus by `customerly import`: nothing is lost, each reject names its row."""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING, Any

import pytest

from tests.files.corpus import CORPUS, Case

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.support.run import Run


def test_the_corpus_holds_enough() -> None:
    assert len(CORPUS) >= 60
    assert len({case.name for case in CORPUS}) == len(CORPUS)


@pytest.mark.parametrize("case", CORPUS, ids=str)
def test_a_file_gives_what_it_must(
    case: Case, tmp_path: Path, empty_sandbox: Any, run_import: Callable[..., Run]
) -> None:
    path = case.write(tmp_path)
    run = run_import(path, "--yes", "--json", *case.options)
    assert "Traceback" not in run.stderr
    if case.error:
        assert case.error in run.failed()
        assert case.name in run.stderr or "klingon" in case.name
        assert not empty_sandbox.requests
        return
    (told,) = run.lines
    parts = told["applied"] + told["rejected"] + told["blank"] + told["skipped"]
    assert (parts, told["not_sent"]) == (told["rows"], 0), told
    assert (told["blank"], told["rejected"]) == (case.blank, len(case.rejected)), run
    assert run.code == (1 if case.rejected else 0)
    reasons = _reasons(path)
    assert reasons.keys() == case.rejected.keys()
    assert all(part in reasons[row] for row, part in case.rejected.items()), reasons
    stored = {one["email"]: one for one in empty_sandbox.contacts("leads")}
    assert stored.keys() == case.contacts.keys()
    for email, wanted in case.contacts.items():
        for field, value in wanted.items():
            held = stored[email][field]
            assert (sorted(held) if field == "user_tags" else held) == value, field


def _reasons(path: Path) -> dict[int, str]:
    """Row to reason, as FILE.rejects.csv has them."""
    rejects = path.with_name(f"{path.name}.rejects.csv")
    if not rejects.exists():
        return {}
    with rejects.open(encoding="utf-8-sig", newline="") as lines:
        first = lines.readline()
        lines.seek(0)
        delimiter = next((one for one in ";\t|^" if one in first), ",")
        return {
            int(row["row"]): row["reason"] for row in csv.DictReader(lines, delimiter=delimiter)
        }
