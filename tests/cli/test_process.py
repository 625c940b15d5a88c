"""The installed command, as a shell and its pipes meet it."""

from __future__ import annotations

import os
import pty
import subprocess
import sys

import pytest

from tests.support.run import start


def test_it_stops_reading_when_head_closes_the_pipe(shell, make_sandbox):
    large = make_sandbox(token="cli-secret-81f7", users=20_000)
    ran = shell("customerly users list | head -n 3", CUSTOMERLY_API_URL=large.url)
    assert (ran.code, ran.stderr) == (0, "")
    assert len(ran.lines) == 3
    assert large.counters["total"] < 20  # of 201


def test_a_list_streams_while_it_reads(environment, make_sandbox):
    slow = make_sandbox(token="cli-secret-81f7", users=300, latency_ms=300)
    with start(
        "customerly", "users", "list", env={**environment, "CUSTOMERLY_API_URL": slow.url}
    ) as process:
        assert process.stdout.readline().startswith(b'{"crmhero_user_id"')
        assert slow.counters["total"] < 3  # of 4
        assert len(process.stdout.readlines()) == 299


@pytest.mark.parametrize("line", ["users list", "users list --table", "tags list", "--help"])
def test_a_full_disk(shell, line):
    ran = shell(f"customerly {line} > /dev/full")
    assert ran.failed() == "Error: The output cannot be written: No space left on device"


def test_a_closed_output(shell):
    assert shell("customerly tags list >&-").stderr == ""


def test_no_network(shell):
    line = shell("customerly users list", CUSTOMERLY_API_URL="http://127.0.0.1:9/v1").failed()
    assert "127.0.0.1:9 takes no connection" in line


def test_bytes_that_are_no_text(shell):
    assert "UTF-8" in shell(r"customerly users get --email $'\xff'").failed(2)


@pytest.mark.parametrize("fault", ["html", "status", "truncated", "reset"])
def test_answers_that_make_no_sense(run, sandbox, fault):
    sandbox.fail(fault)
    assert "GET /v1/users/list" in run("users list --limit 3").failed()


@pytest.mark.parametrize("content", [None, "", "  \n", "two words", "\x00"])
def test_a_token_file_without_a_token(run, tmp_path, content):
    file = tmp_path / "token"
    if content is not None:
        file.write_text(content)
    run("check --access-token-file", str(file)).failed()


@pytest.mark.parametrize("place", ["before", "after"])
def test_where_the_options_stand(run, sandbox, tmp_path, place):
    file = tmp_path / "token"
    file.write_text(f"{sandbox.token}\n")
    options = f"--access-token-file '{file}' --api-url {sandbox.url}"
    wrong = {"CUSTOMERLY_ACCESS_TOKEN": "wrong", "CUSTOMERLY_API_URL": "http://127.0.0.1:9/v1"}
    line = f"{options} tags list" if place == "before" else f"tags list {options}"
    assert run(line, env=wrong).code == 0


@pytest.mark.parametrize(
    "url", ["http://example.com/v1", "ftp://x/v1", "nonsense", "https://a:b@example.com/v1"]
)
def test_an_api_url_that_cannot_be_used(run, url):
    assert "api_url" in run("check --api-url", url).failed()


def test_no_token_is_ever_an_argument(run, sandbox):
    run("check --access-token=some-secret").failed(2)
    assert "some-secret" not in run("check --access-token=some-secret").stderr


def test_a_delete_at_a_terminal(environment, sandbox):
    sandbox.upsert("users", {"email": "ada@example.com"})
    ours, theirs = pty.openpty()
    delete = ("users", "delete", "--email", "ada@example.com")
    with start("customerly", *delete, env=environment, stdin=theirs, stderr=theirs) as process:
        assert b"[y/N]" in os.read(ours, 1000)
        os.write(ours, b"y\n")
        assert b'"deleted":true' in process.stdout.read()
    os.close(ours)
    os.close(theirs)
    assert process.returncode == 0
    assert sandbox.find("users", "ada@example.com") is None


@pytest.mark.parametrize(
    "command",
    [
        "check",
        *(
            f"{kind} {name}"
            for kind in ("users", "leads")
            for name in ("list", "get", "upsert", "delete")
        ),
        *(f"tags {name}" for name in ("list", "add", "remove", "delete")),
        "api",
        "listen",
        "sandbox",
    ],
)
def test_help_has_an_example(run, command):
    ran = run(f"{command} --help")
    assert ran.code == 0
    assert f"Example: customerly {command}" in " ".join(ran.stdout.split())


def test_help_without_a_command(run):
    assert "users" in run("--help").stdout
    assert run("").code == 2
    assert run("no-such").failed(2) == "Error: No such command 'no-such' (see `customerly --help`)"
    assert "0.1" in run("--version").stdout


def test_help_loads_nothing_heavy():
    code = (
        "import sys, customerly.cli, click\n"
        "sys.argv[1:] = ['--help']\n"
        "try: customerly.cli.main()\n"
        "except SystemExit: pass\n"
        "heavy = {'requests', 'rich', 'aiohttp', 'uvicorn', 'starlette'} & set(sys.modules)\n"
        "sys.exit(str(heavy) if heavy else 0)"
    )
    subprocess.run([sys.executable, "-c", code], check=True, stdout=subprocess.DEVNULL)


@pytest.mark.parametrize("shell_name", ["bash", "zsh", "fish"])
def test_shell_completion(shell, shell_name):
    ran = shell("customerly", _CUSTOMERLY_COMPLETE=f"{shell_name}_source")
    assert (ran.code, ran.stderr) == (0, "")
    assert "_CUSTOMERLY_COMPLETE" in ran.stdout
