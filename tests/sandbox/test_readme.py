"""The tables of the sandbox's README are the code's."""

from __future__ import annotations

from sandbox_docs import README, TABLES, written


def test_the_readme_is_up_to_date():
    text = README.read_text(encoding="utf-8")
    assert written(text) == text
    assert all(f"<!-- {name}, written by" in text for name in TABLES)
