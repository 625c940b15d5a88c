"""Running `customerly import` in this process, against a sandbox."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from customerly.cli import main

from tests.support.run import Run, invoke

if TYPE_CHECKING:
    from collections.abc import Callable


@pytest.fixture
def run_import(empty_sandbox: Any) -> Callable[..., Run]:
    """Runs the command with these arguments; the sandbox is empty before."""

    def run(*arguments: object, text: str = "") -> Run:
        env = {
            "CUSTOMERLY_ACCESS_TOKEN": empty_sandbox.config["access_token"],
            "CUSTOMERLY_API_URL": empty_sandbox.config["api_url"],
        }
        return invoke(lambda: main, "import", *map(str, arguments), text=text, env=env)

    return run
