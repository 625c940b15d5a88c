"""Meltano itself, in a copy of the project, between a sandbox and an embedded PostgreSQL."""

from __future__ import annotations

import shutil
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import psycopg
import pytest
from pipelines import ROOT, run, settings
from postgres import forget, postgres
from psycopg.rows import dict_row

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from customerly_sandbox import Sandbox


@dataclass
class Project:
    """A copy of the project, which shares nothing with the checkout but the installed plugins."""

    folder: Path
    warehouse: str
    log: str = ""
    env: dict[str, str] = field(default_factory=dict)

    def run(self, job: str, *, sandbox: Sandbox, **more: str) -> int:
        """Run `meltano run JOB`; `log` is what it said."""
        env = settings(sandbox.url, self.warehouse, self.folder, **self.env, **more)
        path = self.folder / "meltano.log"
        code = run(job, env=env, log=path, project=self.folder)
        self.log = path.read_text(errors="replace")
        return code

    def query(self, sql: str) -> list[dict[str, Any]]:
        """Ask the warehouse."""
        with psycopg.connect(self.warehouse, row_factory=dict_row) as connection:
            return connection.execute(sql).fetchall()


@pytest.fixture(scope="session")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a PostgreSQL server that lasts as long as the tests."""
    folder = tmp_path_factory.mktemp("postgres")
    with postgres(folder) as address:
        yield address
    forget(folder)


@pytest.fixture
def project(tmp_path: Path, warehouse: str) -> Project:
    """A fresh copy of the project, without state, and an empty warehouse."""
    installed = ROOT / ".meltano"
    assert (installed / ".installed").exists(), "Meltano's plugins are missing: run `make install`"
    with psycopg.connect(warehouse) as connection:
        connection.execute("DROP SCHEMA IF EXISTS customerly CASCADE")
    folder = tmp_path / "project"
    (folder / ".meltano").mkdir(parents=True)
    for name in ("meltano.yml", "logging.yaml"):
        shutil.copy(ROOT / name, folder)
    for kind in ("extractors", "loaders"):
        (folder / ".meltano" / kind).symlink_to(installed / kind)
    return Project(folder, warehouse)
