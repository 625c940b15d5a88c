"""A model of the warehouse into Customerly, by `meltano run activate`."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import psycopg
import pytest
from pipelines import ROOT

from tests.support.meltano import Project

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from customerly_sandbox import Sandbox

pytestmark = pytest.mark.xdist_group("transform")

SCHEMA = "activate_models"
MODEL = f"{SCHEMA}.customerly_users"
TYPES = """
SELECT
    email,
    'cus-' || n AS user_id,
    CASE n WHEN 1 THEN ARRAY['vip', 'b c'] WHEN 2 THEN ARRAY[]::text[] END AS tags,
    timestamptz '2026-01-02 03:04:05+01' AS seen_at,
    date '2026-01-02' AS day,
    12.50::numeric(10, 2) AS price,
    3::bigint AS seats,
    true AS flag,
    ARRAY['a', 'b'] AS labels,
    '{"x": 1}'::jsonb AS extra,
    CASE WHEN n = 1 THEN 'pro' END AS plan,
    '2026-03-01T00:00:00.000000Z' AS changed_at
FROM (VALUES (1, 'ada@example.com'), (2, 'bo@example.com'), (3, 'cy@example.com')) AS v (n, email)
"""
MANY = """
SELECT 'user-' || n || '@example.com' AS email, n AS seats,
    '2026-03-01T00:00:00.000000Z' AS changed_at
FROM generate_series(1, {count}) AS n
"""


@pytest.fixture
def project(tmp_path: Path, warehouse: str) -> Iterator[Project]:
    """A copy of the project, without state, and a warehouse whose models a test makes."""
    folder = tmp_path / "project"
    (folder / ".meltano").mkdir(parents=True)
    for name in ("meltano.yml", "logging.yaml"):
        shutil.copy(ROOT / name, folder)
    for kind in ("extractors", "loaders"):
        (folder / ".meltano" / kind).symlink_to(ROOT / ".meltano" / kind)
    execute(warehouse, f"CREATE SCHEMA IF NOT EXISTS {SCHEMA}")
    execute(warehouse, f"DROP TABLE IF EXISTS {MODEL}")
    yield Project(folder, warehouse, env={"TAP_POSTGRES_FILTER_SCHEMAS": f'["{SCHEMA}"]'})
    execute(warehouse, f"DROP TABLE IF EXISTS {MODEL}")


def execute(warehouse: str, sql: str) -> None:
    with psycopg.connect(warehouse) as connection:
        connection.execute(sql.encode())


def writes(sandbox: Sandbox) -> list[str]:
    """The requests that write."""
    return [
        f"{request['method']} {request['path']}"
        for request in sandbox.requests
        if request["method"] != "GET"
    ]


def activate(project: Project, sandbox: Sandbox, job: str = "activate") -> list[str]:
    """Run the job; returns the requests that it wrote with."""
    before = len(writes(sandbox))
    snapshot = str(project.folder / "snapshot.db")
    code = project.run(job, sandbox=sandbox, TARGET_CUSTOMERLY_SNAPSHOT_PATH=snapshot)
    assert code == 0, project.log
    return writes(sandbox)[before:]


def test_each_type_arrives_as_it_is_meant_and_a_second_run_writes_nothing(
    project: Project, empty_sandbox: Sandbox
) -> None:
    execute(project.warehouse, f"CREATE TABLE {MODEL} AS {TYPES}")
    empty_sandbox.upsert("users", {"email": "cy@example.com", "tags": ["kept"]})
    assert activate(project, empty_sandbox)
    users = {user["email"]: user for user in empty_sandbox.contacts("users")}
    assert set(users) == {"ada@example.com", "bo@example.com", "cy@example.com"}
    assert users["ada@example.com"]["user_id"] == "cus-1"
    assert users["ada@example.com"]["attributes"] == {
        "seen_at": 1767319445,
        "day": 1767312000,
        "price": 12.5,
        "seats": 3,
        "flag": True,
        "labels": "a, b",
        "extra": '{"x":1}',
        "plan": "pro",
    }
    assert users["bo@example.com"]["attributes"]["plan"] == ""
    tags = {email: user["user_tags"] for email, user in users.items()}
    assert tags == {
        "ada@example.com": ["vip", "b c"],
        "bo@example.com": [],
        "cy@example.com": ["kept"],
    }
    assert activate(project, empty_sandbox) == []


def test_only_what_changed_is_read_and_sent(project: Project, empty_sandbox: Sandbox) -> None:
    execute(project.warehouse, f"CREATE TABLE {MODEL} AS {MANY.format(count=300)}")
    assert len(activate(project, empty_sandbox)) == 3
    execute(
        project.warehouse,
        f"UPDATE {MODEL} SET seats = seats + 1, changed_at = '2026-03-02T00:00:00.000000Z'"
        " WHERE seats <= 100",
    )
    assert len(activate(project, empty_sandbox)) in {1, 2}
    assert " 100 applied" in project.log
    seats = {user["email"]: user["attributes"]["seats"] for user in empty_sandbox.contacts("users")}
    assert seats["user-1@example.com"] == 2
    assert seats["user-300@example.com"] == 300


def test_who_left_the_model_is_deleted_by_a_mirror_and_nobody_else(
    project: Project, empty_sandbox: Sandbox
) -> None:
    execute(project.warehouse, f"CREATE TABLE {MODEL} AS {MANY.format(count=300)}")
    activate(project, empty_sandbox, "activate-mirror")  # the first run deletes nobody
    empty_sandbox.upsert("users", {"email": "somebody@else.example"})
    execute(project.warehouse, f"DELETE FROM {MODEL} WHERE seats > 270")
    assert activate(project, empty_sandbox, "activate-mirror") == ["DELETE users"] * 30
    left = {user["email"] for user in empty_sandbox.contacts("users")}
    assert left == {f"user-{n}@example.com" for n in range(1, 271)} | {"somebody@else.example"}
    assert " 0 rejected" in project.log
