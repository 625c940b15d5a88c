"""Whatever a user can cause ends in one clear line, exit status 1, no traceback, no token."""

from __future__ import annotations

import json

import pytest

from tests.support.stub import StubServer, answer
from tests.support.tap import run_command, run_tap, selecting

TOKEN = "tok-5e2d1f-secret"
QUIET = {"access_token": TOKEN, "api_url": "http://127.0.0.1:9/v1", "max_attempts": 1}


def one_line(run, *parts):
    assert run.code == 1
    assert len(run.complaints) == 1, run.stderr
    assert "Traceback" not in run.stderr
    assert TOKEN not in run.stderr + run.stdout
    for part in parts:
        assert part in run.complaints[0]


@pytest.mark.parametrize(
    ("setting", "parts"),
    [
        ({"access_token": None}, ["access_token is missing"]),
        ({"access_token": ""}, ["access_token is missing"]),
        ({"access_token": 12345678}, ["access_token: must be a text"]),
        ({"access_token": "two words"}, ["access_token"]),
        ({"api_url": "http://example.com/v1"}, ["api_url is plain http"]),
        ({"page_size": 0}, ["page_size: must be at least 1"]),
        ({"page_size": 101}, ["page_size: must be at most 100"]),
        ({"page_size": "many"}, ["page_size: must be a whole number"]),
        ({"max_concurrency": 0}, ["max_concurrency: must be at least 1"]),
        ({"requests_per_second": 0}, ["requests_per_second: must be above 0"]),
        ({"request_timeout": "soon"}, ["request_timeout: must be a number"]),
        ({"max_attempts": 0}, ["max_attempts: must be at least 1"]),
        ({"start_date": "yesterday"}, ["start_date: must be a date-time"]),
        ({"start_date": 5}, ["start_date: must be a text"]),
        ({"lists": []}, ["lists: must be an object"]),
        ({"lists": {"user": {}}}, ["lists: user is not known here", "users, leads, tags"]),
        ({"lists": {"users": {"limit": 0}}}, ["lists.users.limit: must be at least 1"]),
        ({"lists": {"users": {"limit": "x"}}}, ["lists.users.limit: must be a whole number"]),
        ({"lists": {"users": {"sort_direction": "up"}}}, ["must be one of asc, desc"]),
        ({"lists": {"users": {"order": "name"}}}, ["lists.users: order is not known here"]),
        ({"lists": {"tags": {"sort": "name"}}}, ["lists.tags: sort is not known here"]),
        ({"contacts": {"accounts": []}}, ["contacts: accounts is not known here"]),
        ({"contacts": {"users": {"email": "a"}}}, ["contacts.users: must be a list"]),
        ({"contacts": {"users": [{}]}}, ["contacts.users[0]: needs one of email, user_id"]),
        (
            {"contacts": {"users": [{"email": "ada@example.com", "user_id": "7"}]}},
            ["contacts.users[0]: takes only one of email, user_id"],
        ),
        ({"contacts": {"users": [{"email": ""}]}}, ["contacts.users[0].email: must not be empty"]),
        ({"contacts": {"leads": [{"user_id": "7"}]}}, ["contacts.leads[0]: user_id is not known"]),
        ({"custom_streams": [{"path": "x"}]}, ["custom_streams[0]: needs name"]),
        ({"custom_streams": [{"name": "x"}]}, ["custom_streams[0]: needs path"]),
        ({"custom_streams": [{"name": "1 x", "path": "x"}]}, ["custom_streams[0].name: must be"]),
        ({"custom_streams": [{"name": "tags", "path": "x"}]}, ["there is a stream tags already"]),
        (
            {"custom_streams": [{"name": "x", "path": "x"}, {"name": "x", "path": "y"}]},
            ["custom_streams[1].name: there is a stream x already"],
        ),
        (
            {"custom_streams": [{"name": "x", "path": "https://evil.example/x"}]},
            ["custom_streams[0].path: must be a path on the API's own host"],
        ),
        (
            {"custom_streams": [{"name": "x", "path": "//evil.example/x"}]},
            ["custom_streams[0].path"],
        ),
        ({"custom_streams": [{"name": "x", "path": "a/../../b"}]}, ["custom_streams[0].path"]),
        ({"custom_streams": [{"name": "x", "path": "x", "query": {"a": [1]}}]}, ["[0].query.a"]),
        ({"custom_streams": [{"name": "x", "path": "x", "key": "id"}]}, ["key is not known here"]),
        ({"discover_attributes": "x"}, ["discover_attributes: must be true or false"]),
        ({"stream_maps": {"users": {"email": "broken("}}}, ["Failed to parse"]),
        ({"page_size": 0, "max_attempts": 0}, ["page_size", "; ", "max_attempts"]),
    ],
)
def test_a_wrong_setting_is_told_before_any_request(setting, parts):
    run = run_tap({**QUIET, **setting})
    one_line(run, *parts)
    assert run.stdout == ""
    assert "ada@example.com" not in run.stderr


@pytest.mark.parametrize("option", ["config", "catalog", "state"])
@pytest.mark.parametrize(
    ("content", "part"),
    [
        (None, "No such file"),
        (b'{"broken"', "is not valid JSON (line 1"),
        (b"[]", "must hold a JSON object"),
        (b"\xff\xfe", "is not a text file in UTF-8"),
    ],
)
def test_a_file_that_cannot_be_read_is_named(option, content, part, tmp_path):
    path = tmp_path / "given.json"
    if content is not None:
        path.write_bytes(content)
    config = tmp_path / "config.json"
    config.write_text(json.dumps(QUIET))
    run = run_command("--config", str(config), f"--{option}", str(path))
    one_line(run, f"--{option}", "given.json", part)


@pytest.mark.parametrize(
    ("state", "part"),
    [
        ({"bookmarks": []}, "bookmarks must be an object"),
        ({"bookmarks": {"users": "2026"}}, "bookmarks.users must be an object"),
        (
            {"bookmarks": {"users": {"replication_key_value": "soon"}}},
            "bookmarks.users.replication_key_value",
        ),
    ],
)
def test_a_state_of_another_form(state, part):
    one_line(run_tap(QUIET, state=state), part)


@pytest.mark.parametrize(
    ("catalog", "part"),
    [
        ({}, "streams must be a list"),
        ({"streams": [{}]}, "streams[0] has no tap_stream_id"),
        ({"streams": [{"tap_stream_id": "users"}]}, "stream users has no schema"),
        ({"streams": [{"tap_stream_id": "users", "schema": {}, "metadata": [1]}]}, "metadata"),
        (
            {"streams": [{"tap_stream_id": "users", "schema": {}, "replication_method": "LOG"}]},
            "must be FULL_TABLE or INCREMENTAL",
        ),
    ],
)
def test_a_catalog_of_another_form(catalog, part):
    one_line(run_tap(QUIET, catalog=catalog), part)


def test_a_variable_that_cannot_be_read_is_named(monkeypatch):
    monkeypatch.setenv("TAP_CUSTOMERLY_ACCESS_TOKEN", TOKEN)
    monkeypatch.setenv("TAP_CUSTOMERLY_PAGE_SIZE", "ten")
    one_line(run_command("--config", "ENV"), "TAP_CUSTOMERLY_PAGE_SIZE")


def test_all_settings_can_come_from_the_environment(sandbox, monkeypatch):
    settings = {
        "ACCESS_TOKEN": sandbox.token,
        "API_URL": sandbox.url,
        "MAX_CONCURRENCY": "2",
        "REQUESTS_PER_SECOND": "500",
        "REQUEST_TIMEOUT": "7.5",
        "PAGE_SIZE": "10",
        "LISTS": '{"users": {"limit": 3}}',
        "CONTACTS": '{"leads": []}',
        "CUSTOM_STREAMS": '[{"name": "team", "path": "accounts/"}]',
        "DISCOVER_ATTRIBUTES": "false",
    }
    for name, value in settings.items():
        monkeypatch.setenv(f"TAP_CUSTOMERLY_{name}", value)
    run = run_command("--config", "ENV")
    assert run.code == 0, run.stderr
    assert len(run.records("users")) == 3
    assert run.records("leads") == []
    assert run.streams == {"users", "leads", "tags", "team"}


@pytest.mark.parametrize("status", [500, 401, 403])
def test_a_wrong_token(status, make_sandbox):
    sandbox = make_sandbox(quirks={"bad_token_status": status})
    run = run_tap({**sandbox.config, "access_token": TOKEN})
    one_line(run, "refused the access token", "Check access_token")
    assert len(sandbox.requests) <= 4, "it is never tried again"


def test_a_token_that_is_revoked_midway_leaves_a_sound_state(make_sandbox):
    sandbox = make_sandbox(users=300, leads=5)
    sandbox.revoke_token(after=12)
    run = run_tap({**sandbox.config, "page_size": 10, "max_concurrency": 1})
    one_line(run, "refused the access token")
    assert run.state["bookmarks"]["leads"]["replication_key_value"], "the first stream was done"
    assert "replication_key_value" not in run.state["bookmarks"].get("users", {})
    sandbox.revoke_token(after=10**6)


def test_no_server():
    one_line(run_tap(QUIET), "takes no connection", "api_url")


@pytest.mark.parametrize(
    ("said", "part"),
    [
        (answer(raw=b"<html>It works!</html>"), "the answer is not JSON"),
        (answer(body={"data": {"users": 5}}), "the answer holds no list"),
        (answer(502, raw=b"Bad gateway"), "HTTP 502"),
        (answer(404, body={"error": {"message": "Route not found"}}), "Route not found"),
    ],
)
def test_a_server_that_talks_nonsense(said, part):
    with StubServer(said) as server:
        one_line(run_tap({**QUIET, "api_url": server.url}), part)


def test_the_token_is_nowhere_at_debug_level(sandbox, api_settings, monkeypatch, capfd):
    monkeypatch.setenv("TAP_CUSTOMERLY_LOGLEVEL", "DEBUG")
    sandbox.control("POST", "token", token=TOKEN)
    config = {**api_settings, "access_token": TOKEN}
    run = run_tap(config)
    assert run.code == 0
    assert " | DEBUG " in run.stderr
    assert TOKEN not in run.stderr + run.stdout
    assert TOKEN not in "".join(capfd.readouterr())
    for arguments in (["--about"], ["--about", "--format", "json"], ["--discover"], ["--test"]):
        run = run_tap(config, *arguments)
        assert run.code == 0
        assert TOKEN not in run.stderr + run.stdout
    run = run_tap({**config, "access_token": TOKEN + "x"})
    assert run.code == 1
    assert TOKEN not in run.stderr


def test_no_personal_data_above_debug_level(sandbox, api_settings):
    email = next(c["email"] for c in sandbox.contacts("users") if c["email"])
    wanted = {"users": [{"email": email}, {"email": "nobody@example.com"}]}
    run = run_tap({**api_settings, "contacts": wanted}, catalog=selecting("users", "user_details"))
    assert run.code == 0
    assert "@" not in run.stderr
