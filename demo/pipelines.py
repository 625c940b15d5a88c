"""Run Meltano on the embedded services, whatever the user's own settings are."""

from __future__ import annotations

import os
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from processes import end

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

ROOT = Path(__file__).resolve().parents[1]
BIN = Path(sys.executable).parent

# The user's own settings begin like this: none of them may reach what runs on the sandbox.
_SETTINGS = ("CUSTOMERLY_", "MELTANO_", "TAP_", "TARGET_", "IMPORT_", "DBT_")


def settings(api_url: str, warehouse: str, folder: Path, **more: str) -> dict[str, str]:
    """Make the environment in which Meltano knows the embedded services and nothing else.

    Args:
        api_url: The sandbox's URL.
        warehouse: PostgreSQL's address.
        folder: Where Meltano's state, and the rejects, go.
        **more: More settings.

    Returns:
        Environment variables.
    """
    clean = {key: value for key, value in os.environ.items() if not key.startswith(_SETTINGS)}
    return clean | {
        "TAP_CUSTOMERLY_API_URL": api_url,
        "TARGET_CUSTOMERLY_API_URL": api_url,
        "TARGET_CUSTOMERLY_REJECTS_PATH": str(folder / "rejects.jsonl"),
        "TARGET_POSTGRES_SQLALCHEMY_URL": warehouse.replace("://", "+psycopg://"),
        "MELTANO_DATABASE_URI": f"sqlite:///{folder / 'meltano.db'}",
        "NO_COLOR": "1",
        **more,
    }


def run(
    *jobs: str,
    env: Mapping[str, str],
    log: Path,
    project: Path = ROOT,
    meanwhile: Callable[[], None] = lambda: None,
) -> int:
    """Run jobs of `meltano.yml`; end them and all that they started if we are interrupted.

    Args:
        *jobs: Names of jobs, or `plugin:command`.
        env: Environment variables.
        log: Where its output goes.
        project: The folder that holds `meltano.yml`.
        meanwhile: Called a few times a second while it runs.

    Returns:
        The exit status.
    """
    options = ["--environment=sandbox", f"--env-file={os.devnull}"]
    command = [str(BIN / "meltano"), *options, "run", "--no-install", *jobs]
    with log.open("wb") as output:
        process = subprocess.Popen(
            command,
            cwd=project,
            env=env,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            while process.poll() is None:
                meanwhile()
                with suppress(subprocess.TimeoutExpired):
                    process.wait(0.2)
        finally:
            end(process)
    return process.returncode
