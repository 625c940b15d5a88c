"""The folder of one project: Meltano's system directory, and with it state, log and lock."""

from __future__ import annotations

import fcntl
import os
import shutil
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

import msgspec

from customerly.errors import CustomerlyError
from customerly.meltano.project import KINDS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path


_TRIES = 5  # whoever asks whether a run is under way holds the lock for a moment
_PAUSE = 0.05


class RunResult(msgspec.Struct, kw_only=True):
    """How a run ended: the line of JSON that `customerly fleet run` prints.

    Args:
        project: The project's name.
        job: The job of `meltano.yml`.
        ok: Whether all of it was done.
        records: Stream to the number of records that were read.
        requests: How many requests the API was sent.
        seconds: How long it took.
        message: Why it failed; empty where it did not.
    """

    project: str
    job: str
    ok: bool
    records: dict[str, int] = {}
    requests: int = 0
    seconds: float = 0.0
    message: str = ""


class KeptResult(RunResult, kw_only=True):
    """A result as it is kept.

    Args:
        ended_at: When the run ended, ISO 8601 in UTC.
        rejects: Stream to the number of records that were left out or rejected.
    """

    ended_at: str
    rejects: dict[str, int] = {}


class ProjectIsRunningError(CustomerlyError):
    """Another run of the project has not ended."""


class Workspace:
    """What Meltano and the fleet keep of one project.

    Meltano hands the state of one run to another that is under way in the same system directory;
    hence each project has one of its own, which shares nothing but the installed plugins.

    Args:
        system: Meltano's system directory, `.meltano`, that the plugins are installed in.
        name: The project's name.
    """

    def __init__(self, system: Path, name: str) -> None:
        self._system = system
        self.folder = system / "fleet" / name
        self.database = self.folder / "meltano.db"
        self._lock = self.folder / "lock"
        self._results = self.folder / "results.jsonl"

    def log(self, job: str) -> Path:
        """Say where the log of a job's last run is.

        Args:
            job: The job.

        Returns:
            The file, a line of JSON each.
        """
        return self.folder / f"{job}.log"

    def prepare(self) -> None:
        """Make the folder, for its owner alone, and link the plugins.

        Raises:
            CustomerlyError: No plugin is installed.
        """
        if not any((self._system / kind).is_dir() for kind in KINDS):
            raise CustomerlyError("Meltano's plugins are missing: run `make install`")
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        for kind in KINDS:
            link = self.folder / kind
            if not link.is_symlink():
                link.symlink_to(self._system / kind)

    def clear(self) -> None:
        """Remove what a run that was killed left behind: its settings, the token among them."""
        shutil.rmtree(self.folder / "run", ignore_errors=True)

    @contextmanager
    def locked(self) -> Iterator[int]:
        """Keep every other run of the project away, for as long as the block lasts.

        Yields:
            The lock's file descriptor: a process that inherits it holds the lock too.

        Raises:
            ProjectIsRunningError: There is such a run.
        """
        descriptor = os.open(self._lock, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            _take(descriptor)
            yield descriptor
        finally:
            os.close(descriptor)

    @property
    def is_running(self) -> bool:
        """Whether a run is under way."""
        try:
            with self.locked():
                return False
        except ProjectIsRunningError:
            return True
        except FileNotFoundError:
            return False

    def keep(self, result: RunResult, ended_at: str, rejects: Mapping[str, int]) -> None:
        """Keep a result.

        Args:
            result: The result.
            ended_at: When the run ended, ISO 8601 in UTC.
            rejects: Stream to the number of records that were left out or rejected.
        """
        kept = {**msgspec.structs.asdict(result), "ended_at": ended_at, "rejects": dict(rejects)}
        line = msgspec.json.encode(kept)
        with self._results.open("ab") as file:
            file.write(line + b"\n")

    def last_results(self) -> dict[str, KeptResult]:
        """Read how the last run of each job ended.

        Returns:
            Job to result; the job that ended last comes last.
        """
        found: dict[str, KeptResult] = {}
        lines = self._results.read_bytes().splitlines() if self._results.exists() else []
        for line in lines:
            try:
                result = msgspec.json.decode(line, type=KeptResult)
            except msgspec.MsgspecError:
                continue  # a line that a full disk cut off
            found.pop(result.job, None)
            found[result.job] = result
        return found


def _take(descriptor: int) -> None:
    for left in reversed(range(_TRIES)):
        try:
            return fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if not left:
                raise ProjectIsRunningError("A run of it is under way: wait for its end") from None
        time.sleep(_PAUSE)
    return None
