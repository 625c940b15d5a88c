"""Runs the target's command in this process, and keeps what it said and what it rejected."""

from __future__ import annotations

import io
import json
import logging
import signal
import sys
import tempfile
import warnings
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from target_customerly.target import TargetCustomerly

if TYPE_CHECKING:
    from collections.abc import Iterable

Message = dict[str, Any]


@dataclass
class Run:
    """One run of the command."""

    code: int
    stdout: str
    stderr: str
    rejects: list[Message]

    @property
    def states(self) -> list[Any]:
        return [json.loads(line) for line in self.stdout.splitlines()]

    @property
    def complaints(self) -> list[str]:
        """What stands on standard error beside the SDK's news, without time and logger."""
        lines = [line for line in self.stderr.splitlines() if line.strip()]
        return [line.split(" | ")[-1] for line in lines if " | INFO " not in line]


def run_command(*arguments: str, text: str | None = None) -> Run:
    """Run the command with these arguments, and this on standard input."""
    out = io.TextIOWrapper(io.BytesIO(), encoding="utf-8")
    err = io.StringIO()
    root = logging.getLogger()
    before, hook, level = list(root.handlers), sys.excepthook, root.level
    signals = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
    stdin, code = sys.stdin, 0
    try:
        sys.stdin = io.TextIOWrapper(io.BytesIO((text or "").encode()), encoding="utf-8")
        with redirect_stdout(out), redirect_stderr(err), warnings.catch_warnings():
            try:
                TargetCustomerly.cli.main([*arguments], prog_name="target-customerly")
            except SystemExit as stop:
                code = int(stop.code or 0)
            out.flush()
    finally:
        sys.stdin = stdin
        root.handlers[:], sys.excepthook = before, hook
        root.setLevel(level)
        for number, handler in signals.items():
            signal.signal(number, handler)
        logging.captureWarnings(capture=False)
    return Run(code, out.buffer.getvalue().decode(), err.getvalue(), [])


def run_target(config: dict[str, Any], messages: Iterable[Message] | str, *arguments: str) -> Run:
    """Run the command on these messages; its rejects go to a file of its own, unless told."""
    if not isinstance(messages, str):
        messages = "".join(json.dumps(message) + "\n" for message in messages)
    with tempfile.TemporaryDirectory() as folder:
        rejects = Path(folder, "rejects.jsonl")
        path = Path(folder, "config.json")
        path.write_text(json.dumps({"rejects_path": str(rejects), **config}), encoding="utf-8")
        run = run_command("--config", str(path), *arguments, text=messages)
        if rejects.exists():
            run.rejects = read_lines(rejects)
        return run


def read_lines(path: Path) -> list[Message]:
    """The objects of a file with one JSON object a line."""
    return [json.loads(line) for line in path.read_bytes().split(b"\n") if line]


def schema(stream: str, properties: dict[str, Any] | None = None, *keys: str) -> Message:
    """A SCHEMA message; without properties, one that allows anything."""
    content = {"type": "object", "properties": properties or {}}
    return {"type": "SCHEMA", "stream": stream, "schema": content, "key_properties": [*keys]}


def record(stream: str, **fields: Any) -> Message:
    """A RECORD message."""
    return {"type": "RECORD", "stream": stream, "record": fields}


def state(value: Any) -> Message:
    """A STATE message."""
    return {"type": "STATE", "value": value}
