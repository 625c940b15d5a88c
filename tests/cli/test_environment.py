"""Where the command line takes the token and the URL from."""

from __future__ import annotations

import os
import pty

import pytest

from tests.support.run import start

NOTHING = {"CUSTOMERLY_ACCESS_TOKEN": None, "CUSTOMERLY_API_URL": None}


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def write_env(folder, token, url):
    text = f"CUSTOMERLY_ACCESS_TOKEN={token}\nCUSTOMERLY_API_URL='{url}'\nOTHER=1\n"
    (folder / ".env").write_text(text, encoding="utf-8-sig")


def test_a_file_in_the_folder_will_do(run, sandbox, folder):
    write_env(folder, sandbox.token, sandbox.url)
    ran = run("tags list --limit 1", env=NOTHING)
    assert ran.code == 0
    assert ran.stderr == ""


def test_a_variable_wins_unless_it_is_empty(run, sandbox, folder):
    write_env(folder, "wrong", sandbox.url)
    assert run("tags list", env={"CUSTOMERLY_API_URL": ""}).code == 0
    assert "token" in run("tags list", env={"CUSTOMERLY_ACCESS_TOKEN": ""}).failed()


def test_a_file_that_is_no_text_is_named(run, folder):
    (folder / ".env").write_bytes(b"\xff\xfe\x00")
    assert ".env cannot be read" in run("tags list", env=NOTHING).failed()


def test_it_is_said_once_at_a_terminal(environment, sandbox, folder):
    write_env(folder, sandbox.token, sandbox.url)
    bare = {name: value for name, value in environment.items() if name not in NOTHING}
    ours, theirs = pty.openpty()
    with start("customerly", "tags", "list", env=bare, cwd=folder, stderr=theirs) as process:
        process.stdout.read()
    os.close(theirs)
    said = os.read(ours, 1000).decode()
    os.close(ours)
    assert said.count(".env") == 1
    assert "CUSTOMERLY_ACCESS_TOKEN, CUSTOMERLY_API_URL: from .env" in said
    assert sandbox.token not in said


def test_a_token_file_with_a_byte_order_mark_is_read(run, sandbox, folder):
    (folder / "token").write_text(f"{sandbox.token}\n", encoding="utf-8-sig")
    assert run("check --access-token-file token", env={"CUSTOMERLY_ACCESS_TOKEN": None}).code == 0


def test_the_help_lists_every_command_without_loading_one(run):
    import click
    from customerly.cli import main

    context = click.Context(main)
    listed = run("--help").stdout
    for name in main.list_commands(context):
        assert f"\n  {name} " in listed
        assert main.get_command(context, name) is not None
