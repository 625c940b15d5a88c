"""`customerly doctor`: what is broken is the first thing that is red, and what works is green."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import pytest
from customerly.cli import main
from customerly.facts import read_facts

from tests.support.run import invoke
from tests.support.stub import StubServer, answer, ok

TOKEN = "doctor-secret-4711"
PROJECT = """
default_environment: live
environments:
  - name: live
  - name: sandbox
plugins:
  extractors:
    - name: tap-customerly
      pip_url: tap-customerly
      config: {access_token: "${CUSTOMERLY_ACCESS_TOKEN}", api_url: "${CUSTOMERLY_API_URL}"}
    - name: tap-customerly--webhooks
      inherit_from: tap-customerly
      config: {webhook_spool: "${MELTANO_PROJECT_ROOT}/spool"}
  loaders:
    - name: target-postgres
      config: {sqlalchemy_url: "postgresql://u:pass-word@127.0.0.1:1/db"}
"""


@dataclass
class Patient:
    """A set-up that can be broken in one way or another."""

    folder: Path
    env: dict[str, str | None]
    arguments: list[str] = field(default_factory=list)

    def doctor(self, *arguments: str) -> Any:
        return invoke(lambda: main, "doctor", *self.arguments, *arguments, env=self.env)

    def checks(self, *arguments: str) -> tuple[int, list[dict[str, Any]]]:
        run = self.doctor("--json", *arguments)
        assert TOKEN not in run.stdout + run.stderr
        assert str(Path.home()) not in run.stdout
        return run.code, json.loads(run.stdout)["checks"]

    def first_red(self) -> dict[str, Any]:
        code, checks = self.checks()
        red = [check for check in checks if not check["ok"]]
        assert code == 1
        assert all(check["do"] for check in red)
        return red[0]

    def project(self, declared: str = PROJECT) -> None:
        (self.folder / "meltano.yml").write_text(declared, encoding="utf-8")
        venv = self.folder / ".meltano" / "extractors" / "tap-customerly" / "venv"
        (venv / "bin").mkdir(parents=True)
        for name in ("python", "tap-customerly"):
            (venv / "bin" / name).touch()

    def history(self, outcome: str, *, minutes: float = 60) -> None:
        path = self.folder / ".meltano" / "meltano.db"
        now = datetime.now(UTC).replace(tzinfo=None)
        then = (now - timedelta(minutes=minutes)).isoformat(" ")
        with closing(sqlite3.connect(path)) as connection, connection:
            connection.execute(
                "CREATE TABLE runs (id INTEGER PRIMARY KEY, job_name, state, started_at, ended_at, "
                "last_heartbeat_at, run_id)"
            )
            connection.execute("CREATE TABLE state (state_id, completed_state, updated_at)")
            row = (1, "live:tap-to-target", outcome, then, None, then, None)
            connection.execute("INSERT INTO runs VALUES (?, ?, ?, ?, ?, ?, ?)", row)


@pytest.fixture
def patient(make_sandbox, tmp_path, monkeypatch):
    sandbox = make_sandbox(token=TOKEN)
    monkeypatch.chdir(tmp_path)
    env = dict.fromkeys(
        (
            "HTTPS_PROXY",
            "https_proxy",
            "HTTP_PROXY",
            "http_proxy",
            "ALL_PROXY",
            "MELTANO_ENVIRONMENT",
        )
    )
    return Patient(
        tmp_path, {**env, "CUSTOMERLY_ACCESS_TOKEN": TOKEN, "CUSTOMERLY_API_URL": sandbox.url}
    )


def test_a_set_up_that_works_is_green(patient):
    code, checks = patient.checks()
    assert code == 0, checks
    assert {check["check"] for check in checks} >= {"python", "packages", "disk", "token", "clock"}


def test_people_get_a_line_each_and_what_to_do(patient):
    patient.env["CUSTOMERLY_ACCESS_TOKEN"] = "another"
    run = patient.doctor()
    assert run.code == 1
    (at,) = [n for n, line in enumerate(run.stdout.splitlines()) if line.startswith("✗ token")]
    assert "→ copy the token again" in run.stdout.splitlines()[at + 1]
    assert "✓ python: 3." in run.stdout


# --- broken set-ups: the first red line names the cause ---


def test_no_token(patient):
    patient.env["CUSTOMERLY_ACCESS_TOKEN"] = ""
    red = patient.first_red()
    assert red["check"] == "token"
    assert "missing" in red["says"]


@pytest.mark.parametrize("status", [500, 401])
def test_a_wrong_token(patient, make_sandbox, status):
    other = make_sandbox(token="another", quirks={"bad_token_status": status})
    patient.env["CUSTOMERLY_API_URL"] = other.url
    assert patient.first_red()["check"] == "token"


def test_a_token_file_that_is_not_there(patient):
    patient.arguments = ["--access-token-file", "none.txt"]
    assert "none.txt cannot be read" in patient.first_red()["says"]


@pytest.mark.parametrize(
    ("url", "check", "said"),
    [
        ("http://api.example.com/v1", "api url", "plain http"),
        ("nonsense", "api url", "is not an http(s) URL"),
        ("http://127.0.0.1:1/v1", "api", "takes no connection"),
    ],
)
def test_a_wrong_url(patient, url, check, said):
    patient.env["CUSTOMERLY_API_URL"] = url
    red = patient.first_red()
    assert red["check"] == check
    assert said in red["says"]


def test_an_api_that_is_down(patient, waits):
    with StubServer(answer(503, raw=b"<html>")) as server:
        patient.env["CUSTOMERLY_API_URL"] = server.url
        red = patient.first_red()
    assert red["check"] == "api"
    assert "HTTP 503" in red["says"]


@pytest.mark.parametrize(
    ("value", "said"),
    [("http://", "names no host"), ("gopher://h", "no kind of proxy"), ("http://h:x", "is no URL")],
)
def test_a_proxy_variable_that_cannot_work(patient, value, said):
    patient.env["HTTPS_PROXY"] = value
    red = patient.first_red()
    assert red["check"] == "proxy"
    assert red["says"] == f"HTTPS_PROXY {red['says'].removeprefix('HTTPS_PROXY ')}"
    assert said in red["says"]


def test_a_proxy_that_is_not_there(patient):
    patient.env["CUSTOMERLY_API_URL"] = "https://api.example.com/v1"
    patient.env["HTTPS_PROXY"] = "http://127.0.0.1:1"
    assert patient.first_red() == {
        "check": "proxy",
        "ok": False,
        "says": "HTTPS_PROXY names a proxy that takes no connection",
        "do": "correct HTTPS_PROXY, or unset it",
    }


@pytest.mark.parametrize("content", [None, "no certificate"])
def test_certificates_that_cannot_be_read(patient, content):
    file = patient.folder / "ca.pem"
    if content:
        file.write_text(content)
    patient.env["REQUESTS_CA_BUNDLE"] = str(file)
    red = patient.first_red()
    assert red["check"] == "certificates"
    assert "REQUESTS_CA_BUNDLE" in red["says"]


@pytest.mark.parametrize("hours", [-3, 3])
def test_a_clock_that_is_off(patient, hours):
    date = format_datetime(datetime.now(UTC) + timedelta(hours=hours, minutes=1), usegmt=True)
    with StubServer(ok_with_date := answer(body={"data": []}, headers=[f"Date: {date}"])) as server:
        assert ok_with_date
        patient.env["CUSTOMERLY_API_URL"] = server.url
        red = patient.first_red()
    assert red["check"] == "clock"
    assert ("ahead" if hours < 0 else "behind") in red["says"]


def test_a_full_disk(patient):
    patient.project()
    patient.env["TARGET_CUSTOMERLY_REJECTS_PATH"] = "/dev/full"
    red = patient.first_red()
    assert red["check"] == "disk"
    assert "No space left" in red["says"]


def test_a_folder_for_rejects_that_is_not_there(patient):
    patient.project()
    patient.env["TARGET_CUSTOMERLY_REJECTS_PATH"] = "nowhere/rejects.jsonl"
    assert patient.first_red()["check"] == "disk"


def test_a_meltano_yml_that_is_broken(patient):
    patient.project("plugins: [")
    red = patient.first_red()
    assert red["check"] == "settings"
    assert "meltano.yml" in red["says"]
    assert "in line 1" in red["says"]


def test_a_meltano_that_is_too_old_for_the_project(patient):
    patient.project("requires_meltano: '>=99'")
    red = patient.first_red()
    assert red["check"] == "meltano"
    assert ">=99" in red["do"]


def test_a_plugin_that_is_not_installed(patient):
    (patient.folder / "meltano.yml").write_text(PROJECT, encoding="utf-8")
    red = patient.first_red()
    assert (red["check"], red["says"]) == ("plugins", "tap-customerly is not installed")


def test_an_old_plugin(patient):
    patient.project()
    venv = patient.folder / ".meltano" / "extractors" / "tap-customerly" / "venv"
    info = venv / "lib" / "python3.11" / "site-packages" / "tap_customerly-0.0.1.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: tap-customerly\nVersion: 0.0.1\n")
    red = patient.first_red()
    assert red["check"] == "plugins"
    assert "has tap-customerly 0.0.1" in red["says"]
    assert red["do"] == "meltano install tap-customerly"


def test_a_plugin_whose_python_is_gone(patient):
    patient.project()
    python = patient.folder / ".meltano" / "extractors" / "tap-customerly" / "venv" / "bin/python"
    python.unlink()
    python.symlink_to("/nowhere/python3.9")
    assert "a Python that is gone" in patient.first_red()["says"]


def test_a_warehouse_that_is_down(patient):
    patient.project()
    red = patient.first_red()
    assert red["check"] == "warehouse"
    assert "takes no connection" in red["says"]
    assert "pass-word" not in str(red)


def test_a_last_run_that_failed(patient):
    patient.project(PROJECT.partition("  loaders")[0])
    patient.history("FAIL")
    red = patient.first_red()
    assert red["check"] == "runs"
    assert "live:tap-to-target failed 1 hour ago" in red["says"]


def test_a_state_of_which_meltano_does_not_know_the_age_is_there_all_the_same(patient):
    patient.project(PROJECT.partition("  loaders")[0])
    patient.history("SUCCESS", minutes=1)
    path = patient.folder / ".meltano" / "meltano.db"
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("INSERT INTO state VALUES ('live:tap-to-target', '{}', NULL)")
    _, checks = patient.checks()
    (state,) = [check for check in checks if check["check"] == "state"]
    assert state["says"] == "the first run has left one"


def test_a_run_that_was_killed(patient):
    patient.project(PROJECT.partition("  loaders")[0])
    patient.history("RUNNING", minutes=9)
    assert "was killed" in patient.first_red()["says"]


def test_a_spool_that_is_none(patient):
    patient.project(PROJECT.partition("  loaders")[0])
    (patient.folder / "spool").mkdir()
    red = patient.first_red()
    assert red["check"] == "spool"
    assert str(patient.folder) not in red["says"]


def test_what_is_rejected_is_counted_and_fails_nothing(patient):
    file = patient.folder / "customerly-rejects.jsonl"
    file.write_text('{"record": {"email": "ada@example.com"}}\n\n{}\n')
    code, checks = patient.checks()
    assert code == 0
    (rejects,) = (check for check in checks if check["check"] == "rejects")
    assert rejects["says"] == "2 in customerly-rejects.jsonl"


# --- whose token ---


def test_the_connectors_of_a_project_are_checked_with_their_own_tokens(patient):
    patient.project(PROJECT.partition("  loaders")[0])
    patient.env["TAP_CUSTOMERLY_ACCESS_TOKEN"] = "another"
    assert patient.first_red()["check"] == "token of tap-customerly"


def test_a_token_in_a_projects_env_file_is_found(patient):
    patient.project(PROJECT.partition("  loaders")[0])
    url = patient.env["CUSTOMERLY_API_URL"]
    env_file = f"CUSTOMERLY_ACCESS_TOKEN={TOKEN}\nCUSTOMERLY_API_URL={url}\n"
    (patient.folder / ".env").write_text(env_file)
    patient.env |= {"CUSTOMERLY_ACCESS_TOKEN": None, "CUSTOMERLY_API_URL": None}
    code, checks = patient.checks()
    assert code == 0, checks


# --- facts ---


def test_facts_are_shown_and_written(patient):
    run = patient.doctor("--json", "--api", "--facts", "facts.json")
    found = json.loads(run.stdout)
    assert set(found) == {"checks", "facts"}
    assert all(set(each) == {"fact", "answer", "how"} for each in found["facts"])
    assert read_facts(patient.folder / "facts.json").missing_contact_status == 200


@pytest.mark.parametrize(("zone", "ok"), [(0, True), (7200, False)])
def test_a_look_at_a_list_shows_limits_forms_and_the_time_zone(patient, make_sandbox, zone, ok):
    quirks = {"last_update_zone": zone, "quota_headers": True, "quota": 1000}
    sandbox = make_sandbox(token=TOKEN, quirks=quirks)
    sandbox.upsert("users", {"email": "ada@example.com"})
    patient.env["CUSTOMERLY_API_URL"] = sandbox.url
    _, checks = patient.checks("--api")
    said = {check["check"]: check for check in checks}
    assert "x-ratelimit-remaining" in said["rate limit"]["says"]
    assert "numbers as " in said["forms of values"]["says"]
    assert said["time zone"]["ok"] is ok


def test_without_asking_there_are_no_facts(patient):
    assert json.loads(patient.doctor("--json").stdout)["facts"] == []


def test_nothing_is_asked_of_an_api_that_is_not_there(patient, waits):
    patient.env["CUSTOMERLY_API_URL"] = "http://127.0.0.1:1/v1"
    run = patient.doctor("--json", "--api")
    assert run.code == 1
    assert json.loads(run.stdout)["facts"] == []


def test_nothing_printed_names_a_contact(patient, make_sandbox):
    sandbox = make_sandbox(token=TOKEN)
    patient.env["CUSTOMERLY_API_URL"] = sandbox.url
    shown = patient.doctor("--api").stdout + patient.doctor("--api", "--json").stdout
    for contact in sandbox.contacts("users") + sandbox.contacts("leads"):
        assert not contact["email"] or contact["email"] not in shown
        assert not contact["name"] or contact["name"] not in shown


def test_a_facts_file_that_cannot_be_written_is_named(patient):
    with StubServer(ok([])) as server:
        patient.env["CUSTOMERLY_API_URL"] = server.url
        run = patient.doctor("--facts", "no/where.json")
    assert run.code == 1
    assert "no/where.json cannot be written" in run.stderr
