"""Running commands: most in this process, some as the installed command."""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner
from customerly.cli import main

if TYPE_CHECKING:
    from collections.abc import Callable

    from customerly_sandbox import Sandbox

COMMAND = Path(sys.executable).with_name("customerly")
QUICK = {"CUSTOMERLY_REQUEST_TIMEOUT": "5", "CUSTOMERLY_MAX_ATTEMPTS": "2"}


@dataclass
class Ran:
    """What a command left behind."""

    status: int
    out: str
    error: str

    @property
    def lines(self) -> list[Any]:
        """Standard output, each line as JSON."""
        return [json.loads(line) for line in self.out.splitlines()]

    @property
    def only(self) -> Any:
        """The one line of standard output, as JSON, of a command that went well."""
        assert self.status == 0, self.error
        assert len(self.out.splitlines()) == 1
        return json.loads(self.out)

    def failed(self, status: int = 1) -> str:
        """The one line that says why it went wrong."""
        assert self.status == status, (self.out, self.error)
        assert self.out == ""
        *asked, line = self.error.splitlines()
        assert line.startswith("Error: ")
        assert all("[y/N]" in text for text in asked)
        return line


def _no_settings() -> dict[str, None]:
    return {name: None for name in os.environ if name.startswith("CUSTOMERLY_")}


@pytest.fixture
def sandbox(make_sandbox: Callable[..., Sandbox]) -> Sandbox:
    """A small sandbox whose token is no word of the help."""
    return make_sandbox(token="cli-secret-81f7")


@pytest.fixture
def run(sandbox: Sandbox) -> Callable[..., Ran]:
    """Runs a command against `sandbox`: `run("users list --desc", answer="y", env={})`."""
    settings = {
        "CUSTOMERLY_ACCESS_TOKEN": sandbox.token,
        "CUSTOMERLY_API_URL": sandbox.url,
        **QUICK,
    }

    def call(
        line: str, *further: str, answer: str = "", env: dict[str, str | None] | None = None
    ) -> Ran:
        arguments = [*shlex.split(line), *further]
        result = CliRunner().invoke(
            main, arguments, input=answer, env={**_no_settings(), **settings, **(env or {})}
        )
        assert result.exception is None or isinstance(result.exception, SystemExit)
        assert sandbox.token not in result.output
        return Ran(result.exit_code, result.stdout, result.stderr)

    return call


@pytest.fixture
def environment(sandbox: Sandbox) -> dict[str, str]:
    """The environment in which the installed command reaches `sandbox`."""
    others = {k: v for k, v in os.environ.items() if not k.startswith("CUSTOMERLY_")}
    return {
        **others,
        "CUSTOMERLY_ACCESS_TOKEN": sandbox.token,
        "CUSTOMERLY_API_URL": sandbox.url,
        **QUICK,
    }


@pytest.fixture
def shell(environment: dict[str, str]) -> Callable[..., Ran]:
    """Runs a line of bash in which `customerly` is the installed command."""

    def call(line: str, **env: str) -> Ran:
        path = f"{COMMAND.parent}{os.pathsep}{environment['PATH']}"
        result = subprocess.run(
            ["bash", "-c", f"set -o pipefail; {line}"],
            env={**environment, "PATH": path, **env},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert "Traceback" not in result.stderr
        return Ran(result.returncode, result.stdout, result.stderr)

    return call
