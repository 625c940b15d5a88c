"""What the jobs `activate` and `activate-mirror` run, with their settings, without Meltano."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import yaml
from pipelines import ROOT

from tests.support.prefork import prefork
from tests.support.target import run_target
from tests.transform.building import driven

if TYPE_CHECKING:
    from pathlib import Path

    from customerly_sandbox import Sandbox

    from tests.support.run import Run

TAP = ROOT / ".meltano" / "extractors" / "tap-postgres" / "venv" / "bin" / "customerly-model-tap"
JOBS = {
    "activate": ("tap-postgres--changes", "target-customerly--activate"),
    "activate-mirror": ("tap-postgres", "target-customerly--mirror"),
}


def declared(name: str) -> dict[str, Any]:
    """A plugin of `meltano.yml` with what it inherits: its `config` and `metadata`."""
    plugins = yaml.safe_load((ROOT / "meltano.yml").read_text())["plugins"]
    (found,) = (each for kind in plugins.values() for each in kind if each["name"] == name)
    base = declared(found["inherit_from"]) if "inherit_from" in found else {}
    return {**base, **found, "config": {**base.get("config", {}), **found.get("config", {})}}


@dataclass
class Activation:
    """One warehouse's model and one sandbox, with what runs leave behind between each other.

    Args:
        warehouse: PostgreSQL's address.
        schema: Where the model is.
        sandbox: What is written to.
        folder: Where configuration and the snapshot are.
    """

    warehouse: str
    schema: str
    sandbox: Sandbox
    folder: Path
    _states: dict[str, Any] = field(default_factory=dict)
    _catalogs: dict[str, Path] = field(default_factory=dict)

    @property
    def writes(self) -> list[str]:
        """The requests so far that write."""
        return [
            f"{request['method']} {request['path']}"
            for request in self.sandbox.requests
            if request["method"] != "GET"
        ]

    def run(self, job: str = "activate", messages: list[str] | None = None) -> list[str]:
        """Run a job's connectors; returns the requests that it wrote with.

        Args:
            job: Its name.
            messages: What the target is given; by default what the tap reads.
        """
        before = len(self.writes)
        run = self.apply(job, self.read(job) if messages is None else messages)
        assert run.code == 0, run.stderr[-3000:]
        self._states[job] = run.state if run.lines else self._states.get(job)
        return self.writes[before:]

    def read(self, job: str = "activate") -> list[str]:
        """The messages of the job's tap."""
        code, messages, said = self._read(job)
        assert code == 0, said[-3000:]
        return messages

    def read_in_vain(self, job: str) -> tuple[list[str], str]:
        """The messages of the job's tap until it fails, and what it says of it."""
        code, messages, said = self._read(job)
        assert code == 1
        return messages, said

    def _read(self, job: str) -> tuple[int, list[str], str]:
        tap, _ = JOBS[job]
        config = self._file("tap", {"sqlalchemy_url": driven(self.warehouse), **self._tap(tap)})
        if job not in self._catalogs:
            _, found, said = self._run_tap("--config", config, "--discover")
            assert found, said[-3000:]
            chosen = _chosen(json.loads("".join(found)), declared(tap))
            self._catalogs[job] = self._file(f"{job}-catalog", chosen)
        options = ["--config", config, "--catalog", self._catalogs[job]]
        if self._states.get(job):
            options += ["--state", self._file("state", self._states[job])]
        return self._run_tap(*options)

    def _run_tap(self, *arguments: str | Path) -> tuple[int, list[str], str]:
        output, errors = self.folder / "messages.singer", self.folder / "tap.log"
        for path in (output, errors):
            path.unlink(missing_ok=True)
        code = prefork(TAP, "model_tap:ModelTap.cli").run(
            *map(str, arguments),
            env=dict(os.environ),
            cwd=self.folder,
            output=output,
            errors=errors,
        )
        return code, output.read_text().splitlines(keepends=True), errors.read_text()

    def apply(self, job: str, messages: list[str]) -> Run:
        """Give messages to the job's target."""
        _, target = JOBS[job]
        config = declared(target)["config"]
        return run_target(
            {
                **config,
                **self.sandbox.config,
                "streams": json.loads(config["streams"]),
                "snapshot_path": str(self.folder / "snapshot.db"),
            },
            "".join(messages),
        )

    def _tap(self, name: str) -> dict[str, Any]:
        return {**declared(name)["config"], "filter_schemas": [self.schema]}

    def _file(self, name: str, content: object) -> Path:
        path = self.folder / f"{name}.json"
        path.write_text(json.dumps(content), encoding="utf-8")
        return path


def _chosen(catalog: dict[str, Any], plugin: dict[str, Any]) -> dict[str, Any]:
    """A catalog as Meltano makes it of a plugin's `select` and `metadata`."""
    assert declared("tap-postgres")["select"] == ["*-customerly_users.*"]
    (given,) = plugin.get("metadata", {"": {}}).values()
    streams = [each for each in catalog["streams"] if each["stream"].endswith("-customerly_users")]
    for stream in streams:
        for item in stream["metadata"]:
            item["metadata"]["selected"] = True
            if not item["breadcrumb"]:
                item["metadata"] |= given
        stream["replication_method"] = given.get("replication-method", "FULL_TABLE")
        stream["replication_key"] = given.get("replication-key")
    return {"streams": streams}
