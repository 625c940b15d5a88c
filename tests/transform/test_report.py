"""The page that `customerly-report` writes, as a browser shows it."""

from __future__ import annotations

import json
import re
from collections import Counter
from datetime import datetime
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner
from customerly_report.command import main
from customerly_report.rejects import last_import

from tests.support.browser import Browser

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.transform.conftest import Models

MODELS = "customerly_models"
ONE_PROJECT = rf"(SELECT * FROM {MODELS}.\1 WHERE project = 'customerly') AS \1"
MOST_BYTES = 400 * 1024
# The heading of a part, and the SQL whose rows its table must show.
NUMBERS = {
    "who-is-reachable": "SELECT coalesce(unreachable_because, 'reachable'), count(*)"
    " FROM {schema}.customerly__contacts WHERE NOT is_deleted GROUP BY 1 ORDER BY 2 DESC, 1",
    "unsubscribes-and-bounces": "SELECT contact_type || 's', contacts, unsubscribed, bounced, spam"
    " FROM {schema}.customerly__deliverability ORDER BY 1 DESC",
    "tags": "SELECT tag, contacts FROM {schema}.customerly__tags ORDER BY 2 DESC, 1",
    "net-promoter-score": "SELECT contact_type || 's', votes, promoters, passives, detractors,"
    " trim_scale(score) FROM {schema}.customerly__nps ORDER BY 1 DESC",
    "what-was-read-when": "SELECT stream, records,"
    " to_char(loaded_at AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI')"
    " FROM {schema}.customerly__loads ORDER BY 1",
    "most-read-articles": "SELECT title, visits, reactions,"
    " coalesce(round(100 * positive_share)::text, '–')"
    " FROM {schema}.customerly__article_performance ORDER BY visits DESC, title LIMIT 10",
    "contacts-by-plan": "SELECT coalesce(nullif(attributes ->> 'plan', ''), 'none'), count(*)"
    " FROM {schema}.customerly__contacts WHERE NOT is_deleted GROUP BY 1 ORDER BY 2 DESC, 1",
}


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with Browser() as browser:
        yield browser


def report(warehouse: str, folder: Path, *options: str) -> Path:
    """Write the page."""
    page = folder / "report.html"
    url = warehouse.replace("://", "+psycopg://")
    missing = str(folder / "no-rejects.jsonl")
    given = ["--url", url, "--output", str(page), "--rejects", missing, "--attribute", "plan"]
    done = CliRunner().invoke(main, [*given, *options])
    assert done.exit_code == 0, done.output
    return page


@pytest.fixture(scope="module")
def page(in_postgres: Models, warehouse: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The page about all projects."""
    return report(warehouse, tmp_path_factory.mktemp("report"))


def is_plain(page: Path) -> None:
    """One small file: no script, and no address of another host."""
    text = page.read_text()
    assert len(text.encode()) <= MOST_BYTES
    assert "<script" not in text.lower()
    assert "@import" not in text
    outside = text.replace("http://www.w3.org/", "")
    assert "http://" not in outside
    assert "https://" not in outside


def test_each_table_says_what_sql_says(
    in_postgres: Models, warehouse: str, tmp_path: Path, browser: Browser
) -> None:
    page = report(warehouse, tmp_path, "--project", in_postgres.project)
    is_plain(page)
    browser.open(page)
    for anchor, sql in NUMBERS.items():
        rows = in_postgres.ask(re.sub(r"\{schema\}\.(\w+)", ONE_PROJECT, sql))
        wanted = [
            [f"{cell:,}" if isinstance(cell, int) else str(cell) for cell in row.values()]
            for row in rows
        ]
        browser.evaluate("document.querySelectorAll('details').forEach(each => each.open = true)")
        assert browser.table(f"#{anchor} table") == wanted, anchor
    months = browser.table("#growth table")
    (there,) = in_postgres.ask(
        f"SELECT count(*) AS n FROM {MODELS}.customerly__contacts"
        " WHERE NOT is_deleted AND project = 'customerly'"
    )
    assert months[-1][-1] == f"{there['n']:,}"
    log = in_postgres.story.log
    rejected = Counter(line["status"] for line in log if line["run"] == log[-1]["run"])["rejected"]
    rejects = browser.table("#rejects-of-the-last-import table")
    assert sum(int(row[-1]) for row in rejects) == rejected > 0
    assert browser.hosts() == set()
    assert browser.complaints() == []


def test_the_page_holds_nobodys_data(in_postgres: Models, page: Path) -> None:
    text = page.read_text()
    assert "@" not in text.replace("@media", "")
    assert "bo at example.com" not in text  # which a reason in the log quotes
    for contact in in_postgres.story.state["users"]:
        assert not contact["name"] or contact["name"] not in text


def test_pictures_are_drawn_and_legible_in_light_and_in_dark(
    page: Path, tmp_path: Path, browser: Browser
) -> None:
    browser.open(page)
    shades = {}
    for dark in (False, True):
        browser.dark(on=dark)
        picture = browser.screenshot(tmp_path / f"{dark}.png")
        assert picture.stat().st_size > 20_000
        shades[dark] = browser.evaluate(
            "return [getComputedStyle(document.body).backgroundColor,"
            " getComputedStyle(document.querySelector('svg text')).fill]"
        )
        clipped = browser.evaluate(
            "return [...document.querySelectorAll('section > svg')].filter(svg => {"
            " const box = svg.getBoundingClientRect();"
            " return box.width < 200 || [...svg.querySelectorAll('text')].some(text => {"
            "  const at = text.getBoundingClientRect();"
            "  return at.width && (at.right > box.right + 2 || at.bottom > box.bottom + 2) })"
            " }).length"
        )
        assert clipped == 0
    assert shades[False] == ["rgb(255, 255, 255)", "rgb(28, 35, 48)"]
    assert shades[True] == ["rgb(18, 22, 29)", "rgb(230, 233, 239)"]


def test_an_empty_warehouse_is_told_part_by_part(
    warehouse: str, tmp_path: Path, browser: Browser
) -> None:
    page = report(warehouse, tmp_path, "--schema", "nothing_here")
    is_plain(page)
    browser.open(page)
    said = browser.texts("p.missing")
    assert len(said) == len(browser.texts("section"))
    assert all("Not built yet" in text for text in said[:-1])


def test_rejects_are_counted_by_reason_without_whom(tmp_path: Path) -> None:
    rejects = tmp_path / "rejects.jsonl"
    lines = [
        ("2026-01-01T10:00:00+00:00", "email 'old@example.com' is malformed"),
        ("2026-01-02T10:00:00+00:00", "email 'anna at example.com' is malformed"),
        ("2026-01-02T10:00:05+00:00", "email 'bo at example.com' is malformed"),
        ("2026-01-02T10:30:00+00:00", "cy@example.com belongs to another contact"),
    ]
    rejects.write_text(
        "".join(
            json.dumps({"stream": "leads", "operation": "upsert", "reason": reason, "at": at})
            + "\n"
            for at, reason in lines
        )
        + '{"half": '
    )
    newest = [
        {"stream": "leads", "operation": "upsert", "reason": "email … is malformed", "records": 2},
        {
            "stream": "leads",
            "operation": "upsert",
            "reason": "<address> belongs to another contact",
            "records": 1,
        },
    ]
    assert last_import([], rejects) == newest


def test_the_log_says_what_was_rejected_unless_the_file_is_newer(tmp_path: Path) -> None:
    said = {"stream": "leads", "operation": "upsert", "reason": "'x@y.z' is no good"}
    rejects = tmp_path / "rejects.jsonl"
    rejects.write_text(json.dumps({**said, "at": "2026-01-02T10:00:00+00:00"}))
    plain = {**said, "reason": "… is no good"}
    for ended, records in (("2026-01-01T00:00:00+00:00", 1), ("2026-01-03T00:00:00+00:00", 3)):
        row = {**said, "operations": 3, "finished_at": datetime.fromisoformat(ended)}
        logged = [{**row, "is_rejected": True}, {**row, "reason": None, "is_rejected": False}]
        assert last_import(logged, rejects) == [{**plain, "records": records}]
        assert last_import(logged[1:], rejects) == ([{**plain, "records": 1}] * (records == 1))


def test_a_warehouse_that_is_down_is_one_line(tmp_path: Path) -> None:
    url = "postgresql+psycopg://someone:hidden@127.0.0.1:1/nowhere"
    done = CliRunner().invoke(main, ["--url", url, "--output", str(tmp_path / "report.html")])
    assert done.exit_code == 1
    assert len(done.output.strip().splitlines()) == 1
    assert "The warehouse could not be read" in done.output
    assert "hidden" not in done.output
