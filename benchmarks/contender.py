"""One of those who are compared: a command, run as a process of its own from start to end."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from customerly_sandbox.process import SandboxProcess

# A process of its own, since to the system a child has needed at least the memory of its parent.
_LAUNCHER = """
import os, sys, time
started = time.perf_counter()
child = os.posix_spawnp(sys.argv[2], sys.argv[2:], os.environ)
_, status, usage = os.wait4(child, 0)
took = time.perf_counter() - started
used = f"{took} {usage.ru_utime + usage.ru_stime} {usage.ru_maxrss}"
os.write(int(sys.argv[1]), used.encode())
sys.exit(os.waitstatus_to_exitcode(status))
"""


@dataclass
class Contender:
    """A command and what its turns took.

    Args:
        name: As the table shows it.
        command: What is run.
        source: Its standard input.
    """

    name: str
    command: list[str]
    source: Path = Path(os.devnull)
    seconds: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)
    memory: list[float] = field(default_factory=list)
    requests: int = 0

    @property
    def median(self) -> float:
        """Seconds."""
        return statistics.median(self.seconds)

    @property
    def cpu_seconds(self) -> float:
        """Seconds of processor time, which other processes disturb less."""
        return statistics.median(self.cpu)

    @property
    def megabytes(self) -> float:
        """Peak memory."""
        return statistics.median(self.memory)

    def forget(self) -> None:
        """Forget what earlier turns took."""
        self.seconds, self.cpu, self.memory = [], [], []

    def run(self, sandbox: SandboxProcess, done: Callable[[IO[bytes]], int], wanted: int) -> None:
        """Take one turn, and make sure that the whole work was done.

        Args:
            sandbox: What is talked to.
            done: Counts contacts that went through, given what was written to standard output.
            wanted: How many there must be.
        """
        sandbox.control("DELETE", "requests")
        with (
            self.source.open("rb") as source,
            tempfile.TemporaryFile() as output,
            tempfile.TemporaryFile() as said,
            tempfile.TemporaryFile() as used,
        ):
            launcher = subprocess.run(
                [sys.executable, "-I", "-S", "-c", _LAUNCHER, str(used.fileno()), *self.command],
                check=False,
                stdin=source,
                stdout=output,
                stderr=said,
                pass_fds=[used.fileno()],
            )
            if launcher.returncode:
                said.seek(0)
                sys.exit(f"{self.name} failed: {said.read().decode()[-2000:]}")
            used.seek(0)
            seconds, cpu, kilobytes = map(float, used.read().split())
            output.seek(0)
            count = done(output)
        self.seconds.append(seconds)
        self.cpu.append(cpu)
        self.memory.append(kilobytes / 1024)
        self.requests = sandbox.control("GET", "requests")["total"]
        if count != wanted:
            sys.exit(f"{self.name} got {count:,} of {wanted:,} contacts through")
