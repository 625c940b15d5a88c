"""`make dagster`: Dagster with its page, on PostgreSQL, until Ctrl-C.

Its runs and events are kept in the PostgreSQL that DAGSTER_POSTGRES_URL names, else in an embedded
one, whose data outlives it.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path

from customerly.errors import CustomerlyError
from customerly.meltano.project import find_project
from postgres import postgres
from processes import ServiceError, end, interruptible

HERE = Path(__file__).parent
HOME = HERE.parent / ".orchestrate"
WAREHOUSE = "TARGET_POSTGRES_SQLALCHEMY_URL"


def main() -> int:
    """Keep Dagster running.

    Returns:
        The exit status.
    """
    HOME.mkdir(exist_ok=True)
    shutil.copy(HERE / "dagster.yaml", HOME)
    try:
        with interruptible(), ExitStack() as services:
            environ = settings()
            if "DAGSTER_POSTGRES_URL" not in environ:
                environ["DAGSTER_POSTGRES_URL"] = services.enter_context(
                    postgres(HOME / "postgres")
                )
            options = ("-f", str(HERE / "definitions.py"), "-d", str(HERE), *sys.argv[1:])
            dagster = HOME / "venv" / "bin" / "dagster"
            process = subprocess.Popen([dagster, "dev", *options], env=environ)
            services.callback(end, process, signal.SIGINT)  # with all that it started
            return process.wait()
    except KeyboardInterrupt:
        return 0
    except (ServiceError, CustomerlyError) as error:
        sys.stderr.write(f"{error}\n")
        return 1


def settings() -> dict[str, str]:
    """The variables that Dagster runs with: the warehouse is the one that Meltano has."""
    project = find_project(HERE, os.environ)
    environ = {"DAGSTER_HOME": str(HOME), **(project.environ if project else os.environ)}
    warehouse = project and project.setting("target-postgres", "sqlalchemy_url")
    if warehouse:
        environ[WAREHOUSE] = warehouse
    environ.setdefault("DAGSTER_GRPC_TIMEOUT_SECONDS", "300")  # 60 lose runs on a busy machine
    # Dagster's commands find each other on the path.
    environ["PATH"] = os.pathsep.join([str(HOME / "venv" / "bin"), environ.get("PATH", "")])
    return environ


if __name__ == "__main__":
    sys.exit(main())
