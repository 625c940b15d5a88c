"""Running `customerly`: most commands in this process, some as the installed one."""

from __future__ import annotations

import os
import shlex
from typing import TYPE_CHECKING

import pytest
from customerly.cli import main

from tests.support import run as running

if TYPE_CHECKING:
    from collections.abc import Callable

    from customerly_sandbox import Sandbox

    from tests.support.run import Run

QUICK = {
    "CUSTOMERLY_REQUEST_TIMEOUT": "5",
    "CUSTOMERLY_MAX_ATTEMPTS": "2",
    "CUSTOMERLY_MAX_WAIT": "0.2",
}


@pytest.fixture
def sandbox(make_sandbox: Callable[..., Sandbox]) -> Sandbox:
    """A small sandbox whose token is no word of the help."""
    return make_sandbox(token="cli-secret-81f7")


@pytest.fixture
def settings(sandbox: Sandbox) -> dict[str, str]:
    """The variables with which the command reaches `sandbox`."""
    return {
        "CUSTOMERLY_ACCESS_TOKEN": sandbox.token,
        "CUSTOMERLY_API_URL": sandbox.url,
        **QUICK,
    }


@pytest.fixture
def run(sandbox: Sandbox, settings: dict[str, str]) -> Callable[..., Run]:
    """Runs a command against `sandbox`: `run("users list --desc", answer="y", env={})`."""
    own = {name: None for name in os.environ if name.startswith("CUSTOMERLY_")}

    def call(
        line: str, *further: str, answer: str = "", env: dict[str, str | None] | None = None
    ) -> Run:
        arguments = [*shlex.split(line), *further]
        variables = {**own, **settings, **(env or {})}
        ran = running.invoke(lambda: main, *arguments, text=answer, env=variables)
        assert sandbox.token not in ran.stdout + ran.stderr
        return ran

    return call


@pytest.fixture
def environment(settings: dict[str, str]) -> dict[str, str]:
    """The whole environment in which the installed command reaches `sandbox`."""
    others = {k: v for k, v in os.environ.items() if not k.startswith("CUSTOMERLY_")}
    return {**others, **settings}


@pytest.fixture
def shell(environment: dict[str, str]) -> Callable[..., Run]:
    """Runs a line of bash in which `customerly` is the installed command."""

    def call(line: str, **env: str) -> Run:
        ran = running.shell(line, {**environment, **env})
        assert "Traceback" not in ran.stderr
        return ran

    return call
