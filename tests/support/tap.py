"""Running tap-customerly in this process."""

from __future__ import annotations

import json
import tempfile
from functools import cache
from pathlib import Path
from typing import Any

from tap_customerly.tap import TapCustomerly

from tests.support.run import Json, Run, invoke


def run_command(*arguments: str) -> Run:
    """Run the command with these arguments."""
    return invoke(lambda: TapCustomerly.cli, *arguments)


def run_tap(
    config: Json, *arguments: str, catalog: Json | None = None, state: Json | None = None
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


def discovered(config: Json | None = None) -> Json:
    """The catalog as `--discover` prints it; without an API to ask, it is always the same."""
    text = json.dumps(config or {}, sort_keys=True)
    return json.loads(_discover(text) if "api_url" in text else _discover_once(text))


def _discover(config: str) -> str:
    run = run_tap(json.loads(config), "--discover")
    assert run.code == 0, run.stderr
    return run.stdout


_discover_once = cache(_discover)


def selecting(*streams: str, config: Json | None = None, **changes: Any) -> Json:
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
