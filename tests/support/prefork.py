"""Runs a command again and again from one process that has loaded it: that takes half of its time.

This file is run by the Python of the command's own environment, of which it needs nothing but the
command. A task is a line of JSON on standard input; the answer is the exit status, in a line.
"""

from __future__ import annotations

import gc
import importlib
import json
import os
import subprocess
import sys
from functools import cache
from operator import attrgetter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


class Prefork:
    """A command that is loaded, and forks for each run.

    Args:
        executable: Its script, beside the Python that runs it.
        entry: What the script calls, as `module:name`.
    """

    def __init__(self, executable: Path, entry: str) -> None:
        self._executable = executable
        self._process = subprocess.Popen(
            [executable.with_name("python"), "-P", __file__, entry],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def run(
        self, *arguments: str, env: dict[str, str], cwd: Path, output: Path, errors: Path
    ) -> int:
        """Run it to its end, in a session of its own and without input.

        Args:
            *arguments: Its arguments.
            env: All environment variables that it sees.
            cwd: Its working folder.
            output: The file that its output goes into.
            errors: The file that its errors go into, which can be the same.

        Returns:
            Its exit status.
        """
        task = {
            "argv": [str(self._executable), *arguments],
            "env": env,
            "cwd": str(cwd),
            "output": str(output),
            "errors": str(errors),
        }
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(task) + "\n")
        self._process.stdin.flush()
        answer = self._process.stdout.readline()
        assert answer, f"{self._executable} could not be loaded"
        return int(answer)


@cache
def prefork(executable: Path, entry: str) -> Prefork:
    """The command, loaded once; it ends with this process, whose pipe it reads."""
    return Prefork(executable, entry)


def main(entry: str) -> None:
    """Load the command, and fork for each task."""
    name, _, path = entry.partition(":")
    module = importlib.import_module(name)
    gc.collect()
    gc.freeze()
    answers = os.fdopen(os.dup(1), "w")
    while line := sys.stdin.readline():
        child = os.fork()
        if not child:
            answers.close()
            become(**json.loads(line))
            sys.exit(attrgetter(path)(module)())
        _, status = os.waitpid(child, 0)
        print(os.waitstatus_to_exitcode(status), file=answers, flush=True)


def become(argv: list[str], env: dict[str, str], cwd: str, output: str, errors: str) -> None:
    """Be a process that was started like this."""
    os.setsid()
    os.chdir(cwd)
    os.environ.clear()
    os.environ.update(env)
    sys.argv[:] = argv
    for number, path in ((0, os.devnull), (1, output), (2, errors)):
        flags = os.O_RDWR | os.O_CREAT | os.O_APPEND
        file = os.open(path, flags if number else os.O_RDONLY)
        os.dup2(file, number)
        os.close(file)


if __name__ == "__main__":
    main(sys.argv[1])
