"""One of those who are compared: a command, run as a process of its own from start to end."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from customerly_sandbox.process import SandboxProcess


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
        started = time.perf_counter()
        with (
            self.source.open("rb") as source,
            tempfile.TemporaryFile() as output,
            tempfile.TemporaryFile() as said,
        ):
            process = subprocess.Popen(self.command, stdin=source, stdout=output, stderr=said)
            _, status, usage = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
            self.seconds.append(time.perf_counter() - started)
            if process.returncode:
                said.seek(0)
                sys.exit(f"{self.name} failed: {said.read().decode()[-2000:]}")
            output.seek(0)
            count = done(output)
        self.cpu.append(usage.ru_utime + usage.ru_stime)
        self.memory.append(usage.ru_maxrss / 1024)
        self.requests = sandbox.control("GET", "requests")["total"]
        if count != wanted:
            sys.exit(f"{self.name} got {count:,} of {wanted:,} contacts through")
