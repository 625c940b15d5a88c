"""Runs the tap's command in this process, and keeps what it said."""

from __future__ import annotations

import io
import json
import logging
import sys
import tempfile
import warnings
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tap_customerly.tap import TapCustomerly

Messages = list[dict[str, Any]]


@dataclass
class Run:
    """One run of the command."""

    code: int
    messages: Messages
    stdout: str
    stderr: str

    def of(self, kind: str, stream: str | None = None) -> Messages:
        return [
            message
            for message in self.messages
            if message["type"] == kind and stream in {None, message.get("stream")}
        ]

    def records(self, stream: str) -> Messages:
        return [message["record"] for message in self.of("RECORD", stream)]

    def ids(self, stream: str) -> list[int]:
        return [record["crmhero_user_id"] for record in self.records(stream)]

    def schema(self, stream: str) -> dict[str, Any]:
        return self.of("SCHEMA", stream)[0]["schema"]

    @property
    def streams(self) -> set[str]:
        return {message["stream"] for message in self.of("SCHEMA")}

    @property
    def states(self) -> list[dict[str, Any]]:
        return [message["value"] for message in self.of("STATE")]

    @property
    def state(self) -> dict[str, Any]:
        return self.states[-1]

    @property
    def complaints(self) -> list[str]:
        """What stands on standard error beside the SDK's news, without time and logger."""
        lines = [line for line in self.stderr.splitlines() if line.strip()]
        return [line.split(" | ")[-1] for line in lines if " | INFO " not in line]


def run_command(*arguments: str) -> Run:
    """Run the command with these arguments."""
    out = io.TextIOWrapper(io.BytesIO(), encoding="utf-8")
    err = io.StringIO()
    root = logging.getLogger()
    before, hook, level = list(root.handlers), sys.excepthook, root.level
    code = 0
    try:
        with redirect_stdout(out), redirect_stderr(err), warnings.catch_warnings():
            try:
                TapCustomerly.cli.main([*arguments], prog_name="tap-customerly")
            except SystemExit as stop:
                code = int(stop.code or 0)
            out.flush()
    finally:
        root.handlers[:], sys.excepthook = before, hook
        root.setLevel(level)
        logging.captureWarnings(capture=False)
    text = out.buffer.getvalue().decode()
    lines = text.splitlines()
    messages = [json.loads(line) for line in lines] if text.startswith('{"type"') else []
    return Run(code, messages, text, err.getvalue())


def run_tap(
    config: dict[str, Any],
    *arguments: str,
    catalog: dict[str, Any] | None = None,
    state: dict[str, Any] | None = None,
) -> Run:
    """Run the command with files that hold these."""
    with tempfile.TemporaryDirectory() as folder:
        options = []
        for name, content in (("config", config), ("catalog", catalog), ("state", state)):
            if content is not None:
                path = Path(folder, f"{name}.json")
                path.write_text(json.dumps(content), encoding="utf-8")
                options += [f"--{name}", str(path)]
        return run_command(*options, *arguments)


def discovered(config: dict[str, Any] | None = None) -> dict[str, Any]:
    """The catalog as `--discover` prints it."""
    run = run_tap(config or {}, "--discover")
    assert run.code == 0, run.stderr
    return json.loads(run.stdout)


def selecting(*streams: str, config: dict[str, Any] | None = None, **changes: Any) -> Any:
    """A catalog with just these streams selected; `changes` are for each of their entries."""
    catalog = discovered(config)
    names = {entry["tap_stream_id"] for entry in catalog["streams"]}
    assert names.issuperset(streams), names
    for entry in catalog["streams"]:
        chosen = entry["tap_stream_id"] in streams
        root = next(item for item in entry["metadata"] if not item["breadcrumb"])
        root["metadata"]["selected"] = chosen
        if chosen:
            entry.update(changes)
    return catalog
