"""Every link, and every reference to a page, leads to a file and a heading that exist."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.docs.pages import ROOT, anchors, links, problem, tracked

PAGES = tracked("*.md")
REFERENCE = re.compile(r"\bdocs/[\w-]+\.md(?:#[\w-]+)?")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_each_relative_link_leads_somewhere(page):
    relative = [target for target in links(page) if not re.match(r"\w+:", target)]
    assert [found for target in relative if (found := problem(page, target))] == []


def test_each_reference_in_the_code_leads_somewhere():
    broken = [
        f"{path.relative_to(ROOT)}: {found}"
        for path in tracked("*.py", "*.toml", "*.yml", "*.sql", "Makefile", ".github/*")
        if path != Path(__file__)
        for reference in REFERENCE.findall(path.read_text(encoding="utf-8"))
        if (found := problem(ROOT / "README.md", reference))
    ]
    assert broken == []


@pytest.mark.parametrize("target", ["docs/none.md", "docs/pagination.md#no-such", "#none", "../x"])
def test_a_link_to_nowhere_is_found(target):
    assert problem(ROOT / "README.md", target)


@pytest.mark.parametrize("page", ["architecture.md", "assumptions.md", "pagination.md"])
def test_each_path_that_a_page_names_is_there(page):
    text = (ROOT / "docs" / page).read_text(encoding="utf-8")
    named = re.findall(r"`((?:[\w.-]+/)+[\w.-]*)`", text)
    assert named
    assert [path for path in named if not (ROOT / path).exists()] == []


def test_no_docstring_leans_on_a_contract_that_it_does_not_name():
    leaning = [
        path.relative_to(ROOT)
        for path in tracked("*.py")
        if path != Path(__file__) and "wire contract" in path.read_text(encoding="utf-8")
    ]
    assert leaning == []


def test_the_contract_has_the_headings_that_the_code_refers_to():
    assert anchors(ROOT / "docs" / "api-contract.md")[1:] == [
        "basics",
        "lists",
        "fields-of-a-contact",
        "one-contact",
        "create-or-update",
        "tags",
        "the-rest",
        "webhooks",
    ]


def test_the_readme_is_short():
    assert len((ROOT / "README.md").read_text(encoding="utf-8").splitlines()) <= 130
