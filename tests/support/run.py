"""Running a command: in this process, or as the installed one; and what it left behind."""

from __future__ import annotations

import gc
import json
import logging
import os
import signal
import subprocess
import sys
import warnings
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from click.testing import CliRunner

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

BIN = Path(sys.executable).parent
"""Where the installed commands are."""

Json = dict[str, Any]


def read_lines(path: Path) -> list[Json]:
    """The objects of a file with one JSON object a line."""
    return [json.loads(line) for line in path.read_bytes().split(b"\n") if line]


@dataclass
class Run:
    """What a command left behind.

    Args:
        code: Exit status.
        stdout: Standard output.
        stderr: Standard error.
        rejects: What a target's rejects file holds.
    """

    code: int
    stdout: str
    stderr: str
    rejects: list[Json] = field(default_factory=list)

    @property
    def lines(self) -> list[Any]:
        """Standard output, each line as JSON."""
        return [json.loads(line) for line in self.stdout.splitlines()]

    @property
    def only(self) -> Any:
        """The one line of standard output, as JSON, of a command that went well."""
        assert self.code == 0, self.stderr
        (line,) = self.lines
        return line

    @property
    def complaints(self) -> list[str]:
        """Standard error without what is merely information, and without time and logger."""
        lines = [line for line in self.stderr.splitlines() if line.strip()]
        return [line.split(" | ")[-1] for line in lines if " | INFO " not in line]

    def failed(self, code: int = 1) -> str:
        """The one line that says why the command went wrong; questions may come before it."""
        assert self.code == code, (self.stdout, self.stderr)
        assert self.stdout == ""
        *asked, line = self.stderr.splitlines()
        assert line.startswith("Error: ")
        assert all("[y/N]" in text for text in asked)
        return line

    # A tap's messages

    @property
    def messages(self) -> list[Json]:
        """The Singer messages on standard output; none where it holds something else."""
        return self.lines if self.stdout.startswith('{"type"') else []

    def of(self, kind: str, stream: str | None = None) -> list[Json]:
        """The messages of one type, of one stream or of all."""
        return [
            message
            for message in self.messages
            if message["type"] == kind and stream in {None, message.get("stream")}
        ]

    def records(self, stream: str) -> list[Json]:
        """A stream's records."""
        return [message["record"] for message in self.of("RECORD", stream)]

    def ids(self, stream: str) -> list[int]:
        """The `crmhero_user_id` of each of a stream's records."""
        return [record["crmhero_user_id"] for record in self.records(stream)]

    def schema(self, stream: str) -> Json:
        """A stream's first schema."""
        return self.of("SCHEMA", stream)[0]["schema"]

    @property
    def streams(self) -> set[str]:
        """The streams that have a schema."""
        return {message["stream"] for message in self.of("SCHEMA")}

    # State: a tap's STATE messages, or the values that a target passed on

    @property
    def states(self) -> list[Any]:
        """Each state, in order."""
        messages = self.messages
        return [m["value"] for m in messages if m["type"] == "STATE"] if messages else self.lines

    @property
    def state(self) -> Any:
        """The last state."""
        return self.states[-1]


class _Deferred(click.Command):
    """Makes a command when it runs: the SDK sets up logging, on standard error, as it makes one."""

    def __init__(self, make: Callable[[], click.Command]) -> None:
        super().__init__(None)
        self._make = make

    def main(self, *arguments: Any, **options: Any) -> Any:
        """Make the command and run it."""
        command = self._make()
        return command.main(*arguments, **{**options, "prog_name": command.name})


def invoke(
    make: Callable[[], click.Command],
    *arguments: str,
    text: str = "",
    env: Mapping[str, str | None] | None = None,
) -> Run:
    """Run a command in this process, and leave the process as it was.

    Args:
        make: Gives the click command, as `lambda: TapCustomerly.cli`.
        *arguments: Its arguments.
        text: Standard input.
        env: Environment variables; None removes one.

    Returns:
        What it left behind; an exception other than an exit is raised.
    """
    with _restored():
        result = CliRunner().invoke(_Deferred(make), [*arguments], input=text.encode(), env=env)
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return Run(result.exit_code, result.stdout_bytes.decode(), result.stderr_bytes.decode())


@contextmanager
def _restored() -> Iterator[None]:
    """Undo what a command changes for its process: logging, warnings, signals, the collector."""
    root = logging.getLogger()
    handlers, level, hook = list(root.handlers), root.level, sys.excepthook
    signals = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
    threshold = gc.get_threshold()
    try:
        with warnings.catch_warnings():
            yield
    finally:
        root.handlers[:], sys.excepthook = handlers, hook
        root.setLevel(level)
        for number, handler in signals.items():
            signal.signal(number, handler)
        logging.captureWarnings(capture=False)
        # A Singer command freezes what there is when it begins: whatever of this process is
        # garbage by then, open sockets among it, would stay for ever.
        gc.unfreeze()
        gc.set_threshold(*threshold)


def execute(
    name: str,
    *arguments: str | Path,
    text: str = "",
    env: Mapping[str, str] | None = None,
    cwd: Path | None = None,
    timeout: float = 60,
) -> Run:
    """Run an installed command to its end.

    Args:
        name: Such as `tap-customerly`.
        *arguments: Its arguments.
        text: Standard input.
        env: Variables beside this process's own.
        cwd: Its working folder.
        timeout: Seconds after which the test fails.
    """
    done = subprocess.run(
        [BIN / name, *arguments],
        input=text.encode(),
        env={**os.environ, **(env or {})},
        cwd=cwd,
        capture_output=True,
        timeout=timeout,
        check=False,
    )
    return Run(done.returncode, done.stdout.decode(), done.stderr.decode())


def shell(line: str, env: Mapping[str, str], timeout: float = 60) -> Run:
    """Run a line of bash that finds the installed commands, with this environment alone."""
    path = f"{BIN}{os.pathsep}{env['PATH']}"
    done = subprocess.run(
        ["bash", "-c", f"set -o pipefail; {line}"],
        env={**env, "PATH": path},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=timeout,
        check=False,
    )
    return Run(done.returncode, done.stdout, done.stderr)


def start(name: str, *arguments: str | Path, **options: Any) -> subprocess.Popen[bytes]:
    """Start an installed command, its output and errors in pipes unless `options` say otherwise.

    Use it in a `with` block, which waits for its end.
    """
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    env = {**os.environ, **options.pop("env", {})}
    return subprocess.Popen([BIN / name, *arguments], env=env, **{**pipes, **options})
