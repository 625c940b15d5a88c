"""What a command loads before it does anything: it makes up most of the time of a short run."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from customerly.deferred import defer

BIN = Path(sys.executable).parent


def loaded_by(command):
    """The modules that are imported while a command shows its help."""
    said = subprocess.run(
        [sys.executable, "-X", "importtime", BIN / command, "--help"],
        capture_output=True,
        text=True,
        check=True,
    ).stderr
    return {line.rpartition("|")[2].strip() for line in said.splitlines() if "|" in line}


def test_the_help_of_customerly_loads_neither_singer_nor_http():
    loaded = loaded_by("customerly")
    assert "customerly.cli" in loaded
    assert not loaded & {"singer_sdk", "requests", "urllib3", "aiohttp", "psutil", "sqlite3"}


@pytest.mark.parametrize("command", ["tap-customerly", "target-customerly"])
def test_a_connector_does_not_load_what_it_never_calls(command):
    loaded = loaded_by(command)
    assert "singer_sdk" in loaded
    assert not loaded & {"joblib", "upath", "fsspec"}


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
