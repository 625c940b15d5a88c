"""`customerly status`: each stream's bookmark, lag, last run, records and rejects."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from uuid import UUID

import platformdirs
import pytest
from customerly.cli import main
from customerly.fleet.workspace import RunResult, Workspace

from tests.support.run import invoke

NOW = datetime.now(UTC).replace(microsecond=0)
RUN = UUID("01a21d71-126b-7a23-b024-52324447ccd3")
JOB = "live:tap-customerly-to-target-postgres"


def database(path, bookmarks, outcome="SUCCESS", job=JOB):
    path.parent.mkdir(parents=True, exist_ok=True)
    began = (NOW - timedelta(minutes=30)).replace(tzinfo=None).isoformat(" ")
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute(
            "CREATE TABLE IF NOT EXISTS runs "
            "(id INTEGER PRIMARY KEY, job_name, state, run_id, started_at, ended_at, "
            "last_heartbeat_at)"
        )
        connection.execute(
            "CREATE TABLE IF NOT EXISTS state (state_id, completed_state, updated_at)"
        )
        row = (None, job, outcome, RUN.hex, began, None, began)
        connection.execute("INSERT INTO runs VALUES (?, ?, ?, ?, ?, ?, ?)", row)
        if bookmarks:
            state = json.dumps({"singer_state": {"bookmarks": bookmarks}})
            connection.execute("INSERT INTO state VALUES (?, ?, ?)", (job, state, began))


@pytest.fixture
def project(tmp_path, monkeypatch):
    (tmp_path / "meltano.yml").write_text("environments: [{name: live}]\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MELTANO_ENVIRONMENT", "live")
    return tmp_path


@pytest.fixture
def read(project):
    moment = (NOW - timedelta(hours=2)).isoformat()
    bookmarks = {"users": {"replication_key_value": moment}, "tags": {}}
    database(project / ".meltano" / "meltano.db", bookmarks)
    return moment


def rows():
    run = invoke(lambda: main, "status", "--json")
    assert run.code == 0, run.stderr
    return run.lines


def test_a_stream_is_as_far_as_its_bookmark(read):
    users, tags = rows()
    assert (users["job"], users["stream"], users["bookmark"]) == (JOB, "users", read)
    lag = (datetime.now(UTC) - datetime.fromisoformat(read)).total_seconds()
    assert users["lag_seconds"] == pytest.approx(lag, abs=60)
    assert users["last_run"] == "SUCCESS"
    assert users["last_run_at"] == (NOW - timedelta(minutes=30)).isoformat()
    assert (tags["stream"], tags["bookmark"], tags["lag_seconds"]) == ("tags", None, None)


def test_a_number_is_no_moment(project):
    bookmarks = {"webhook_events": {"replication_key_value": 1765000000}}
    database(project / ".meltano" / "meltano.db", bookmarks)
    (row,) = rows()
    assert (row["bookmark"], row["lag_seconds"]) == (1765000000, None)


def test_a_job_without_a_state_is_shown_by_its_run(project, read):
    database(project / ".meltano" / "meltano.db", None, "RUNNING", "live:import")
    assert [(row["job"], row["last_run"]) for row in rows() if not row["stream"]] == [
        ("live:import", "KILLED")
    ]


@pytest.mark.parametrize("folder", [str(RUN), "another"])
def test_records_are_those_of_the_log_that_meltano_keeps_of_the_run(
    tmp_path, read, monkeypatch, folder
):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("XDG_STATE_HOME", raising=False)
    logs = platformdirs.user_log_path("meltano")
    log = logs / "elt" / "livetap-customerly-to-target-postgres" / folder / "elt.log"
    log.parent.mkdir(parents=True)
    begin = "2026-11-27T14:38:55.870757Z [info     ] tap-customerly "
    log.write_text(
        f"{begin}users: 9,700 records, 50 %, about 9,600 to go (965/s)\n"
        f"{begin}users: 20,000 records, 235 requests, 21.1 s\n"
        f"{begin}tags: 10 records, 1 requests, 0.1 s\n"
    )
    found = {row["stream"]: row["records"] for row in rows()}
    expected = {"users": 20_000, "tags": 10} if folder == str(RUN) else {}
    assert found == {name: expected.get(name) for name in ("users", "tags")}


def test_rejects_are_counted_by_stream(project, read):
    lines = ['{"stream": "leads", "record": {}}'] * 2 + ["no JSON", '{"stream": "tags"}', ""]
    (project / "customerly-rejects.jsonl").write_text("\n".join(lines))
    counts = {row["stream"]: row["rejects"] for row in rows() if row["rejects"]}
    assert counts == {"leads": 2, "tags": 1}


def test_the_projects_of_a_fleet_have_rows_of_their_own(project, read, monkeypatch):
    (project / "fleet.yml").write_text("projects: {acme: {token_env: ACME_TOKEN}}\n")
    (project / ".meltano" / "extractors").mkdir()
    workspace = Workspace(project / ".meltano", "acme")
    workspace.prepare()
    database(workspace.database, {"users": {"replication_key_value": read}}, job="acme:users")
    result = RunResult(project="acme", job="extract", ok=True, records={"users": 17})
    workspace.keep(result, NOW.isoformat(), {})
    (row,) = (row for row in rows() if row["project"] == "acme")
    assert (row["stream"], row["bookmark"], row["records"]) == ("users", read, 17)


def test_people_get_a_table(read, monkeypatch):
    monkeypatch.setenv("COLUMNS", "200")
    run = invoke(lambda: main, "status")
    assert run.code == 0
    assert "2 hours" in run.stdout
    assert "success" in run.stdout


def test_outside_a_project_it_says_so(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("MELTANO_PROJECT_ROOT", raising=False)
    assert "no meltano.yml" in invoke(lambda: main, "status").failed()


def test_a_project_that_never_ran_has_no_rows(project):
    assert rows() == []
