"""Small things that save a look into the manual: completion, suggestions, trigger, replay."""

from __future__ import annotations

import json
import subprocess

import pytest
from customerly.cli import main

from tests.support.run import execute, invoke
from tests.support.stub import StubServer, answer


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_a_completion_script_names_the_command(run, shell):
    script = run("completion", shell)
    assert script.code == 0
    assert "_CUSTOMERLY_COMPLETE" in script.stdout
    if shell == "bash":
        subprocess.run(["bash", "-n"], input=script.stdout.encode(), check=True)


@pytest.mark.parametrize(
    ("line", "meant"),
    [("user list", "users"), ("users lst", "list"), ("docter", "doctor"), ("tags ad", "add")],
)
def test_a_mistyped_command_is_met_with_a_suggestion(run, line, meant):
    assert f"did you mean {meant}" in run(line).failed(2)


def test_a_word_like_no_command_is_met_with_none(run):
    assert "did you mean" not in run("xyzzy").failed(2)


@pytest.mark.parametrize("group", ["users", "leads", "tags"])
def test_the_help_of_a_group_shows_an_example(run, group):
    shown = run(group, "--help")
    assert f"Example: customerly {group} " in shown.stdout


# --- trigger ---


def test_a_receiver_is_sent_a_webhook(run):
    with StubServer(answer(200, {"status": "ok"})) as server:
        told = run("trigger tagged --lead --email lin@example.com --to", server.url).only
        (request,) = server.requests
    assert told == {"event": "tagged", "status": 200}
    body = json.loads(request["body"])
    assert body["type"] == "tagged"
    assert body["data"]["user"]["data"]["email"] == "lin@example.com"


def test_a_receiver_that_is_not_there_is_said_in_a_line(run):
    assert "takes no connection" in run("trigger tagged --to http://127.0.0.1:1/x").failed()


@pytest.mark.parametrize("url", ["nonsense", "ftp://x", "x:80/y", "http://", "http://[::1/x", ""])
def test_a_receiver_without_a_web_address_is_a_usage_error(run, url):
    assert "an http or https URL is needed" in run("trigger", "tagged", "--to", url).failed(2)


def test_a_receiver_that_refuses_is_said_in_a_line(run):
    with StubServer(answer(404, {})) as server:
        assert "HTTP 404" in run("trigger tagged --to", server.url).failed()


# --- rejects replay ---


@pytest.fixture
def replay(sandbox, settings, tmp_path):
    def call(*records):
        file = tmp_path / "customerly-rejects.jsonl"
        lines = [
            {"stream": "leads", "operation": "upsert", "record": record, "reason": "was refused"}
            for record in records
        ]
        file.write_text("".join(json.dumps(line) + "\n" for line in lines))
        ran = execute("customerly", "rejects", "replay", file, env=settings, cwd=tmp_path)
        left = sorted(path.name for path in tmp_path.iterdir() if path.suffix != ".db")
        return ran, left

    return call


def test_records_whose_cause_is_mended_are_applied(replay, sandbox):
    ran, left = replay({"email": "ada@example.com", "name": "Ada"})
    assert ran.only == {"replayed": 1, "rejected": 0}
    assert sandbox.find("leads", "ada@example.com")["name"] == "Ada"
    assert left == []


def test_records_that_are_rejected_again_are_in_the_file_again(replay, sandbox):
    ran, left = replay({"email": "no address"}, {"email": "ada@example.com"})
    assert ran.code == 1
    assert ran.lines == [{"replayed": 2, "rejected": 1}]
    assert left == ["customerly-rejects.jsonl"]


def test_a_replay_that_ends_early_loses_nothing(replay, sandbox):
    sandbox.revoke_token()
    ran, left = replay({"email": "ada@example.com"})
    assert ran.code == 1
    assert "customerly-rejects.jsonl.replay" in ran.stderr
    assert left == ["customerly-rejects.jsonl.replay"]
    assert sandbox.token not in ran.stderr


def test_a_file_that_is_not_there_makes_no_sense():
    assert "does not exist" in invoke(lambda: main, "rejects", "replay", "none.jsonl").failed(2)
