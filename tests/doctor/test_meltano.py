"""A Meltano project is read as Meltano reads it: its settings, its plugins, its runs and states."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta

import pytest
from customerly.errors import ConfigError, CustomerlyError
from customerly.meltano.history import read_history
from customerly.meltano.project import find_project

DECLARED = """
default_environment: sandbox
environments:
  - name: sandbox
    env: {PORT: "8686"}
    config:
      plugins:
        extractors:
          - name: tap-customerly
            config: {api_url: "http://127.0.0.1:${PORT}/v1"}
  - name: live
    config:
      plugins:
        extractors:
          - name: tap-customerly
            config: {access_token: "${CUSTOMERLY_ACCESS_TOKEN}"}
plugins:
  extractors:
    - name: tap-customerly
      config: {page_size: 50}
      settings:
        - {name: page_size, value: 100}
        - {name: max_attempts, value: 6}
    - name: tap-customerly--webhooks
      inherit_from: tap-customerly
      config: {webhook_spool: "$MELTANO_PROJECT_ROOT/spool"}
"""
NOW = datetime(2026, 11, 27, 12, tzinfo=UTC)


@pytest.fixture
def project(tmp_path):
    def make(env_file="", declared=DECLARED, **environ):
        (tmp_path / "meltano.yml").write_text(declared, encoding="utf-8")
        (tmp_path / ".env").write_text(env_file, encoding="utf-8")
        inside = tmp_path / "a" / "b"
        inside.mkdir(parents=True, exist_ok=True)
        return find_project(inside, environ)

    return make


@pytest.mark.parametrize(
    ("plugin", "name", "value"),
    [
        ("tap-customerly", "api_url", "http://127.0.0.1:8686/v1"),
        ("tap-customerly", "page_size", "50"),
        ("tap-customerly", "max_attempts", "6"),
        ("tap-customerly", "access_token", None),
        ("tap-customerly--webhooks", "page_size", "50"),
        ("tap-customerly", "start_date", None),
        ("tap-unknown", "start_date", None),
    ],
)
def test_a_setting_comes_from_meltano_yml(project, plugin, name, value):
    assert project().setting(plugin, name) == value


def test_a_folder_is_written_with_the_projects_root(project):
    found = project()
    assert found.setting("tap-customerly--webhooks", "webhook_spool") == f"{found.folder}/spool"


def test_the_shell_wins_over_the_env_file_and_that_over_meltano_yml(project):
    file = "TAP_CUSTOMERLY_PAGE_SIZE=20\nTAP_CUSTOMERLY_MAX_ATTEMPTS=2\n"
    found = project(file, TAP_CUSTOMERLY_PAGE_SIZE="10")
    assert found.setting("tap-customerly", "page_size") == "10"
    assert found.setting("tap-customerly", "max_attempts") == "2"


def test_an_empty_variable_is_not_set(project):
    found = project("TAP_CUSTOMERLY_PAGE_SIZE=\n", TAP_CUSTOMERLY_MAX_ATTEMPTS="")
    assert found.setting("tap-customerly", "page_size") == "50"
    assert found.setting("tap-customerly", "max_attempts") == "6"


def test_the_environment_is_chosen_and_its_variables_are_filled_in(project):
    found = project("MELTANO_ENVIRONMENT=live\nCUSTOMERLY_ACCESS_TOKEN=secret\n")
    assert found.environment == "live"
    assert found.setting("tap-customerly", "access_token") == "secret"
    assert found.setting("tap-customerly", "api_url") is None


def test_a_plugin_that_inherits_shares_an_installation(project):
    found = project()
    own, inheriting = found.plugins
    assert (own.parent, inheriting.parent) == (None, "tap-customerly")
    where = found.virtualenv(own).relative_to(found.folder)
    assert str(where) == ".meltano/extractors/tap-customerly/venv"


def test_no_project_is_no_error(tmp_path):
    assert find_project(tmp_path, {}) is None


@pytest.mark.parametrize(("text", "said"), [("a: [", "in line 1"), ("5", "no Meltano project")])
def test_a_meltano_yml_that_is_broken_is_named(project, text, said):
    with pytest.raises(ConfigError, match=rf"meltano\.yml .*{said}"):
        project(declared=text)


@pytest.mark.parametrize(
    ("address", "path"),
    [("sqlite:////var/lib/my%20db?x=1", "/var/lib/my db"), ("postgresql://h/d", "None")],
)
def test_the_database_can_be_elsewhere(project, address, path):
    assert str(project(MELTANO_DATABASE_URI=address).database) == path


# --- runs and states ---------------------------------------------------------------------------


@pytest.fixture
def database(tmp_path):
    path = tmp_path / "meltano.db"
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute(
            "CREATE TABLE runs (id INTEGER PRIMARY KEY, job_name, state, started_at, ended_at, "
            "last_heartbeat_at, run_id)"
        )
        connection.execute("CREATE TABLE state (state_id, completed_state, updated_at)")

    def add(table, *values):
        with closing(sqlite3.connect(path)) as connection, connection:
            given = (*values, None) if table == "runs" else values  # the last is its run_id
            marks = ", ".join("?" * len(given))
            connection.execute(f"INSERT INTO {table} VALUES ({marks})", given)
        return path

    return add


def test_the_last_run_of_each_job_of_the_environment_is_found(database):
    database("runs", 1, "live:a", "FAIL", "2026-11-27 09:00:00.5", "2026-11-27 09:01:00", None)
    database("runs", 2, "live:b", "SUCCESS", "2026-11-27 09:30:00", "2026-11-27 09:31:00", None)
    database("runs", 3, "sandbox:a", "FAIL", "2026-11-27 10:00:00", None, None)
    path = database("runs", 4, "live:a", "SUCCESS", "2026-11-27 11:00:00", None, None)
    found = read_history(path, "live").runs
    assert [(run.state_id, run.outcome) for run in found] == [
        ("live:a", "SUCCESS"),
        ("live:b", "SUCCESS"),
    ]
    assert found[0].started_at == datetime(2026, 11, 27, 11, tzinfo=UTC)


@pytest.mark.parametrize(
    ("outcome", "minutes", "dead"),
    [("RUNNING", 1, False), ("RUNNING", 6, True), ("SUCCESS", 60, False), ("FAIL", 60, False)],
)
def test_a_run_without_a_sign_of_life_is_dead(database, outcome, minutes, dead):
    seen = (NOW - timedelta(minutes=minutes)).replace(tzinfo=None).isoformat(" ")
    path = database("runs", 1, "live:a", outcome, "2026-11-27 08:00:00", None, seen)
    (run,) = read_history(path).runs
    assert run.is_dead(NOW) is dead


def test_bookmarks_are_found_and_what_is_no_state_holds_none(database):
    bookmarks = {"users": {"replication_key_value": "2026-11-27T09:00:00+00:00"}, "tags": {}}
    state = json.dumps({"singer_state": {"bookmarks": bookmarks}})
    database("state", "live:a", state, "2026-11-27 09:31:00")
    database("state", "live:b", "no JSON", None)
    path = database("state", "live:c", '{"singer_state": {"bookmarks": [1]}}', None)
    found = read_history(path, "live").states
    assert [each.bookmarks for each in found] == [bookmarks, {}, {}]
    assert found[0].updated_at == datetime(2026, 11, 27, 9, 31, tzinfo=UTC)


def test_a_project_that_never_ran_has_no_history(tmp_path):
    found = read_history(tmp_path / "none.db")
    assert (found.runs, found.states) == ([], [])


def test_a_file_that_is_no_database_is_named(tmp_path):
    (tmp_path / "meltano.db").write_bytes(b"no database, but long enough to be taken for one" * 50)
    with pytest.raises(CustomerlyError, match=r"Meltano's database .*meltano\.db cannot be read"):
        read_history(tmp_path / "meltano.db")
