"""A run of one project, and of many at once: each is a `meltano run` of its own."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from customerly.errors import CustomerlyError
from customerly.fleet.run_log import RunLog
from customerly.fleet.workspace import ProjectIsRunningError, RunResult, Workspace

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from customerly.fleet.definition import FleetProject
    from customerly.meltano.project import MeltanoProject

_LOGGING = files("customerly.fleet") / "logging.yaml"
_STOP_SECONDS = 10.0


@dataclass
class Runner:
    """Runs jobs of a Meltano project for the projects of a fleet.

    Args:
        meltano: The Meltano project.
        fleet: All of the fleet's projects, by name.
    """

    meltano: MeltanoProject
    fleet: Mapping[str, FleetProject]
    _processes: set[subprocess.Popen[bytes]] = field(default_factory=set)
    _stopped: bool = False

    def workspace(self, name: str) -> Workspace:
        """Find the folder of a project.

        Args:
            name: The project's name.

        Returns:
            Its folder, which may not be there yet.
        """
        system = self.meltano.environ.get("MELTANO_SYS_DIR_ROOT")
        return Workspace(Path(system or self.meltano.folder / ".meltano").absolute(), name)

    def run_all(self, names: Iterable[str], job: str, at_once: int) -> Iterator[RunResult]:
        """Run a job for several projects.

        Args:
            names: The projects' names.
            job: A job of `meltano.yml`.
            at_once: Most runs under way at a time.

        Yields:
            The result of each, as it ends.
        """
        with ThreadPoolExecutor(at_once) as pool:
            runs = [pool.submit(self.run, name, job) for name in names]
            try:
                for run in as_completed(runs):
                    yield run.result()
            finally:
                self.stop()

    def run(self, name: str, job: str) -> RunResult:
        """Run a job for one project.

        Args:
            name: The project's name.
            job: A job of `meltano.yml`.

        Returns:
            How it ended: what goes wrong with one project is its result, and hurts no other.
        """
        began = time.monotonic()
        result = RunResult(project=name, job=job, ok=False)
        workspace, log = self.workspace(name), RunLog()
        try:
            workspace.prepare()
            with workspace.locked() as lock:
                workspace.clear()
                self._run_locked(workspace, lock, result, log)
        except ProjectIsRunningError as error:
            result.message = str(error)
            return result
        except CustomerlyError as error:
            result.message = str(error)
        except OSError as error:
            result.message = f"{error.filename or workspace.folder}: {error.strerror or error}"
        result.seconds = round(time.monotonic() - began, 3)
        with suppress(OSError):
            workspace.keep(result, datetime.now(UTC).isoformat(timespec="seconds"), log.rejects)
        return result

    def stop(self) -> None:
        """End every run that is under way, and begin none of those that wait."""
        self._stopped = True
        running = list(self._processes)
        for process in running:
            _signal(process, signal.SIGTERM)
        for process in running:
            with suppress(subprocess.TimeoutExpired):
                process.wait(_STOP_SECONDS)
            _signal(process, signal.SIGKILL)

    def _run_locked(self, workspace: Workspace, lock: int, result: RunResult, log: RunLog) -> None:
        project = self.fleet[result.project]
        token = project.token(self.meltano.environ)
        environ = self._environ(project, token, workspace, result.job)
        if self._stopped:
            raise CustomerlyError("Not begun: the fleet was stopped")
        # Without `--force` a run that was killed would keep the next one out for minutes; that no
        # other is under way, our own lock makes sure.
        command = [_meltano(), "run", "--no-install", "--force"]
        command += [f"--state-id-suffix={project.name}", result.job]
        with subprocess.Popen(  # noqa: S603 (our own command)
            command,
            cwd=self.meltano.folder,
            env=environ,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            start_new_session=True,
            pass_fds=(lock,),  # it holds the lock even where we are killed
        ) as process:
            self._processes.add(process)
            try:
                _follow(process, workspace.log(result.job), log, token)
            finally:
                self._processes.discard(process)
        result.ok = process.returncode == 0
        result.records, result.requests = dict(log.records), log.requests
        if not result.ok:
            result.message = log.error.replace(token, "***") or _ended(process.returncode)

    def _environ(
        self, project: FleetProject, token: str, workspace: Workspace, job: str
    ) -> dict[str, str]:
        """The variables that make a `meltano run` the project's own."""
        others = {each.token_env for each in self.fleet.values()}
        environ = {name: value for name, value in os.environ.items() if name not in others}
        streams = [name if "." in name else f"{name}.*" for name in project.streams]
        environ |= {
            "MELTANO_PROJECT_ROOT": str(self.meltano.folder),
            "MELTANO_SYS_DIR_ROOT": str(workspace.folder),
            "MELTANO_CLI_LOG_CONFIG": str(_LOGGING),
            "TAP_CUSTOMERLY_ACCESS_TOKEN": token,
            "TAP_CUSTOMERLY__SELECT": msgspec.json.encode(streams).decode(),
        }
        if project.api_url:
            environ["TAP_CUSTOMERLY_API_URL"] = project.api_url
        for loader in self._loaders(job):
            prefix = loader.replace("-", "_").upper()
            environ[f"{prefix}_DEFAULT_TARGET_SCHEMA"] = project.schema
        return environ

    def _loaders(self, job: str) -> set[str]:
        """The loaders of a job.

        Raises:
            CustomerlyError: `meltano.yml` declares no such job.
        """
        tasks = self.meltano.jobs.get(job)
        if tasks is None:
            known = ", ".join(self.meltano.jobs)
            raise CustomerlyError(f"meltano.yml has no job {job}, but {known}")
        steps = {step for task in tasks for step in task.split()}
        loaders = (each for each in self.meltano.plugins if each.kind == "loaders")
        return {each.name for each in loaders if each.name in steps}


def _follow(process: subprocess.Popen[bytes], path: Path, log: RunLog, token: str) -> None:
    """Read a run's log to its end, and keep it."""
    assert process.stderr is not None  # noqa: S101
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as kept:
        for line in process.stderr:
            log.add(line)
            kept.write(line.replace(token.encode(), b"***"))
            kept.flush()


def _signal(process: subprocess.Popen[bytes], number: signal.Signals) -> None:
    """Send a signal to a run, and to all that it has started."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, number)


def _meltano() -> str:
    """The command that is installed beside us, else the one on the path."""
    beside = Path(sys.executable).with_name("meltano")
    return str(beside) if beside.exists() else "meltano"


def _ended(status: int) -> str:
    if status < 0:
        return f"The run was ended by {signal.Signals(-status).name}: run it again"
    return f"meltano run ended with status {status}: see the log"
