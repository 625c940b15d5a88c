"""What a command loads before it does anything: it makes up most of the time of a short run."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import click
import pytest
from customerly.cli import CommandLine
from customerly.deferred import defer

BIN = Path(sys.executable).parent
CONNECTING = {"customerly.cli.connecting"}


def loaded_by(command, *given, **environment):
    """The modules that are imported while a command shows its help, or does what it is given."""
    said = subprocess.run(
        [sys.executable, "-X", "importtime", BIN / command, *(given or ["--help"])],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, **environment},
    ).stderr
    return {line.rpartition("|")[2].strip() for line in said.splitlines() if "|" in line}


@pytest.mark.parametrize("command", ["", "tags list", "import"])
def test_the_help_of_customerly_loads_nothing_but_click_and_the_command(command):
    loaded = loaded_by("customerly", *command.split(), "--help")
    assert "customerly.cli" in loaded
    assert not loaded & {"singer_sdk", "requests", "urllib3", "aiohttp", "psutil", "sqlite3"}
    assert not loaded & {"importlib.metadata", "customerly.settings", "rich"}


def test_completing_a_command_loads_none():
    typed = {"COMP_WORDS": "customerly ", "COMP_CWORD": "1"}
    loaded = loaded_by("customerly", _CUSTOMERLY_COMPLETE="bash_complete", **typed)
    assert "click.shell_completion" in loaded
    assert not {name for name in loaded if name.startswith("customerly.cli.")} - CONNECTING


def test_a_command_whose_package_is_missing_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "customerly_sandbox.cli", None)
    with pytest.raises(click.ClickException, match=r"pip install 'customerly\[sandbox\]'"):
        CommandLine("customerly").get_command(click.Context(click.Command("c")), "sandbox")


def test_completion_names_the_commands_that_begin_so():
    group = CommandLine("customerly", {})
    found = group.shell_complete(click.Context(group), "s")
    assert {item.value for item in found} >= {"status", "sandbox"}
    assert all(item.help for item in found)


@pytest.mark.parametrize("command", ["tap-customerly", "tap-contact-files", "target-customerly"])
def test_a_connector_does_not_load_what_it_never_calls(command):
    loaded = loaded_by(command)
    assert "singer_sdk" in loaded
    assert not loaded & {"joblib", "upath", "fsspec", "backoff", "chardet"}


def test_a_deferred_module_is_loaded_by_the_first_call(tmp_path, monkeypatch):
    (tmp_path / "seldom_used.py").write_text("def double(number, by=2):\n    return by * number\n")
    monkeypatch.syspath_prepend(tmp_path)
    defer("seldom_used")
    try:
        from seldom_used import double

        assert not hasattr(sys.modules["seldom_used"], "__file__")
        assert double(3) == 6
        assert double(3, by=3) == 9
        assert sys.modules["seldom_used"].double(1) == 2
        assert sys.modules["seldom_used"].__file__
    finally:
        del sys.modules["seldom_used"]


def test_a_module_that_is_loaded_stays():
    defer("json")
    assert sys.modules["json"].loads("1") == 1
    assert sys.modules["json"].__file__
