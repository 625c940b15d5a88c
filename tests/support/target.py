"""Running target-customerly in this process, and the messages that it reads."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from target_customerly.target import TargetCustomerly

from tests.support.run import Json, Run, invoke, read_lines

if TYPE_CHECKING:
    from collections.abc import Iterable


def run_command(*arguments: str, text: str = "") -> Run:
    """Run the command with these arguments, and this on standard input."""
    return invoke(lambda: TargetCustomerly.cli, *arguments, text=text)


def run_target(config: Json, messages: Iterable[Json] | str, *arguments: str) -> Run:
    """Run the command on these messages; `rejects` is what its rejects file then holds."""
    text = messages if isinstance(messages, str) else text_of(messages)
    with tempfile.TemporaryDirectory() as folder:
        rejects = Path(folder, "rejects.jsonl")
        path = Path(folder, "config.json")
        path.write_text(json.dumps({"rejects_path": str(rejects), **config}), encoding="utf-8")
        run = run_command("--config", str(path), *arguments, text=text)
        if rejects.exists():
            run.rejects = read_lines(rejects)
        return run


def text_of(messages: Iterable[Json]) -> str:
    """Messages as a tap prints them, one a line."""
    return "".join(json.dumps(message) + "\n" for message in messages)


def schema(stream: str, properties: Json | None = None, *keys: str) -> Json:
    """A SCHEMA message; without properties, one that allows anything."""
    content = {"type": "object", "properties": properties or {}}
    return {"type": "SCHEMA", "stream": stream, "schema": content, "key_properties": [*keys]}


def record(stream: str, **fields: Any) -> Json:
    """A RECORD message."""
    return {"type": "RECORD", "stream": stream, "record": fields}


def state(value: Any) -> Json:
    """A STATE message."""
    return {"type": "STATE", "value": value}
