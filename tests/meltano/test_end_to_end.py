"""The two pipelines, whole: every contact, every field, every reject."""

from __future__ import annotations

import csv
import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
from customerly.meltano.project import find_project
from customerly.status import stream_statuses

from tests.support.meltano import expected, landed

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from customerly_sandbox import Sandbox

    from tests.support.meltano import Project


def check_contacts(project: Project, sandbox: Sandbox) -> None:
    for kind in ("users", "leads"):
        wanted, found = expected(sandbox.contacts(kind)), landed(project, kind)
        assert found.keys() == wanted.keys()
        for number, contact in wanted.items():
            assert found[number] == contact


def extract(project: Project, sandbox: Sandbox, job: str = "extract") -> None:
    assert project.run(job, sandbox=sandbox) == 0, project.log


def read_by_the_last_run(project: Project) -> dict[str, int | None]:
    """What `customerly status` says of it."""
    database = f"sqlite:///{project.folder / 'meltano.db'}"
    environ = {"MELTANO_ENVIRONMENT": "sandbox", "MELTANO_DATABASE_URI": database}
    found = find_project(project.folder, environ)
    assert found is not None
    return {one.stream: one.records for one in stream_statuses(found, datetime.now(UTC))}


MARKED = "SELECT email FROM customerly.users WHERE _sdc_deleted_at IS NOT NULL"


def test_each_contact_lands_then_what_is_gone_is_marked_by_a_full_read_then_changes_land(
    project: Project, make_sandbox: Callable[..., Sandbox]
) -> None:
    sandbox = make_sandbox(450, 220, bulk=30, undated=3)
    extract(project, sandbox)
    check_contacts(project, sandbox)
    counts = {"users": 450, "leads": 220, "tags": len(sandbox.state()["tags"])}
    assert read_by_the_last_run(project) == counts
    tags = {row["name"] for row in project.query("SELECT name FROM customerly.tags")}
    assert tags == set(sandbox.state()["tags"])

    gone, gone_later = [
        [contact["email"] for contact in sandbox.contacts("users") if contact["email"]][place::40]
        for place in (5, 6)
    ]
    for email in gone:
        sandbox.delete("users", email=email)
    extract(project, sandbox, "extract-full")
    assert sorted(row["email"] for row in project.query(MARKED)) == sorted(gone)

    # The hourly job reads little, sees what is new, can't see what is gone, and leaves marks alone.
    for email in gone_later:
        sandbox.delete("users", email=email)
    sandbox.upsert("users", {"email": "new@example.com", "name": "New"})
    sandbox.upsert("leads", {"email": sandbox.contacts("leads")[0]["email"], "name": "Renamed"})
    before, requests = sandbox.counters["contacts_sent"], sandbox.counters["total"]
    extract(project, sandbox)
    assert sandbox.counters["contacts_sent"] - before <= 2 * 200
    assert sandbox.counters["total"] - requests <= 2 * 6 + 1
    assert project.query("SELECT * FROM customerly.users WHERE email = 'new@example.com'")
    assert project.query("SELECT * FROM customerly.leads WHERE name = 'Renamed'")
    assert sorted(row["email"] for row in project.query(MARKED)) == sorted(gone)


@pytest.mark.soak
def test_thousands_of_contacts_land(project: Project, make_sandbox: Callable[..., Sandbox]) -> None:
    sandbox = make_sandbox(5000, 2000, bulk=400, undated=20)
    extract(project, sandbox)
    check_contacts(project, sandbox)
    extract(project, sandbox)
    check_contacts(project, sandbox)


@pytest.mark.soak
@pytest.mark.parametrize("seed", range(20))
def test_full_reads_of_a_list_that_changes_mark_who_is_gone_and_nobody_else(
    project: Project, make_sandbox: Callable[..., Sandbox], seed: int
) -> None:
    sandbox = make_sandbox(1200, 300, seed=seed)
    assert project.run("extract-full", sandbox=sandbox) == 0, project.log
    for rate in (1, 0):  # a change after each request; then none, so that all can be told
        sandbox.mutate(rate, seed=seed)
        assert project.run("extract-full", sandbox=sandbox) == 0, project.log
        sandbox.mutate(0)
        for kind in ("users", "leads"):
            rows = project.query(f"SELECT crmhero_user_id, _sdc_deleted_at FROM customerly.{kind}")
            marked = {row["crmhero_user_id"] for row in rows if row["_sdc_deleted_at"]}
            stored = {row["crmhero_user_id"] for row in rows}
            living = {contact["crmhero_user_id"] for contact in sandbox.contacts(kind)}
            assert not marked & living
            if rate == 0:
                assert marked == stored - living
                assert living <= stored


COLUMNS = ("email", "name", "tags", "plan", "Seats booked", "Città")
BAD_ROWS = {
    "no email": ["", "No Address", "webinar", "pro", "1", "Bari"],
    "malformed email": ["anna at example.com", "Anna", "webinar", "pro", "2", "Bari"],
    "long text": ["long@example.com", "Long", "webinar", "pro", "3", "x" * 300],
}


def write_leads(path: Path, known: list[dict[str, Any]]) -> dict[str, list[str]]:
    """Write a file of 1,000 good leads, some of them known, and three bad ones."""
    rows = {
        f"lead+{number}@example.com": [
            f"Lead {number}",
            ";".join(["webinar", "Größe XL", "日本"][: number % 4]),
            ("free", "pro", "")[number % 3],
            str(number),
            f"City, {number}",
        ]
        for number in range(1000 - len(known))
    }
    rows |= {lead["email"]: ["", "webinar", "", "", "Bari"] for lead in known}
    lines = [[email, *cells] for email, cells in rows.items()]
    for place, bad in enumerate(BAD_ROWS.values()):
        lines.insert(place * 400 + 100, bad)
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([COLUMNS, *lines])
    return rows


def test_a_file_of_leads_arrives_whole_and_bad_rows_are_kept_aside(
    project: Project, sandbox: Sandbox
) -> None:
    addressed = [lead for lead in sandbox.contacts("leads") if lead["email"]]
    before = {lead["email"]: lead for lead in addressed}
    leads = write_leads(project.folder / "leads.csv", addressed)
    code = project.run("import", sandbox=sandbox, IMPORT_FILE=str(project.folder / "leads.csv"))

    after = {lead["email"]: lead for lead in sandbox.contacts("leads") if lead["email"]}
    assert after.keys() == leads.keys()
    for email, (name, tags, plan, seats, city) in leads.items():
        lead, old = after[email], before.get(email, {"user_tags": [], "attributes": {}})
        assert lead["name"] == (name or old["name"])
        assert set(lead["user_tags"]) == set(filter(None, tags.split(";"))) | set(old["user_tags"])
        sent = {"plan": plan, "seats_booked": seats, "citta": city}
        filled = {key: value for key, value in sent.items() if value}
        assert lead["attributes"] == {**old["attributes"], **filled}

    rejects = (project.folder / "rejects.jsonl").read_text().splitlines()
    reasons = {json.loads(line)["record"]["name"]: json.loads(line)["reason"] for line in rejects}
    assert code == 1
    assert reasons.keys() == {"No Address", "Anna", "Long"}
    assert "email" in reasons["No Address"]
    assert "email" in reasons["Anna"]
    assert "Città" in reasons["Long"]
    assert "128" in reasons["Long"]


@pytest.mark.soak  # without Meltano in tests/files
def test_a_file_that_is_not_there_is_an_error(project: Project, sandbox: Sandbox) -> None:
    missing = str(project.folder / "missing.csv")
    assert project.run("import", sandbox=sandbox, IMPORT_FILE=missing) == 1
    assert "missing.csv" in project.log
    assert sandbox.counters["contacts_received"] == 0
