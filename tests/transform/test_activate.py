"""A model of the warehouse into Customerly, by `meltano run activate`."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import psycopg
import pytest
from pipelines import ROOT

from tests.support.meltano import Project
from tests.transform.activating import Activation

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from customerly_sandbox import Sandbox

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
    '2026-03-01T00:00:00.' || lpad(n::text, 6, '0') || 'Z' AS changed_at
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
    yield Project(
        folder,
        warehouse,
        env={
            "TAP_POSTGRES_FILTER_SCHEMAS": f'["{SCHEMA}"]',
            "TARGET_POSTGRES_DEFAULT_TARGET_SCHEMA": SCHEMA,  # apart from the models' own sources
        },
    )
    execute(warehouse, f"DROP SCHEMA {SCHEMA} CASCADE")


def execute(warehouse: str, sql: str) -> None:
    with psycopg.connect(warehouse) as connection:
        connection.execute(sql.encode())


def break_model(warehouse: str) -> None:
    """Let the model be read up to its fiftieth row."""
    execute(warehouse, f"ALTER TABLE {MODEL} RENAME TO users_before")
    execute(
        warehouse,
        f"CREATE VIEW {MODEL} AS SELECT email, seats / (50 - seats) AS seats, changed_at"
        f" FROM {SCHEMA}.users_before WHERE seats <= 55",
    )


@pytest.fixture
def activation(project: Project, empty_sandbox: Sandbox, tmp_path: Path) -> Activation:
    """The same connectors with the same settings, without Meltano."""
    return Activation(project.warehouse, SCHEMA, empty_sandbox, tmp_path)


def activate(project: Project, sandbox: Sandbox, jobs: str = "activate") -> list[str]:
    """Run the jobs by Meltano; returns the requests that they wrote with."""
    activation = Activation(project.warehouse, SCHEMA, sandbox, project.folder)
    before = len(activation.writes)
    kept = {
        "TARGET_CUSTOMERLY_SNAPSHOT_PATH": str(project.folder / "snapshot.db"),
        "TARGET_CUSTOMERLY_LOG_PATH": str(project.folder / "log.jsonl"),
    }
    code = project.run(jobs, sandbox=sandbox, **kept)
    assert code == 0, project.log
    return activation.writes[before:]


def test_each_type_arrives_a_second_run_writes_nothing_and_the_log_is_loaded(
    project: Project, empty_sandbox: Sandbox
) -> None:
    execute(project.warehouse, f"CREATE TABLE {MODEL} AS {TYPES}")
    empty_sandbox.upsert("users", {"email": "cy@example.com", "tags": ["kept"]})
    # Twice, and then what the target logged: the second time nothing is written.
    writes = activate(project, empty_sandbox, "activate activate log")
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
    assert sorted(writes) == ["POST tags", "POST tags", "POST users"]
    logged = project.query(
        "SELECT status, count(*) AS n, count(DISTINCT run) AS runs"
        f" FROM {SCHEMA}.operations"
        " WHERE finished_at > now() - interval '1 day' GROUP BY status ORDER BY status"
    )
    assert logged == [
        {"status": "applied", "n": 3, "runs": 1},
        {"status": "unchanged", "n": 3, "runs": 1},
    ]


def test_only_what_changed_is_read_and_sent(activation: Activation) -> None:
    execute(activation.warehouse, f"CREATE TABLE {MODEL} AS {MANY.format(count=300)}")
    assert len(activation.run()) == 3
    execute(
        activation.warehouse,
        f"UPDATE {MODEL} SET seats = seats + 1, changed_at = '2026-03-02T00:00:00.000000Z'"
        " WHERE seats <= 100",
    )
    # the newest row of the run before is read again
    assert sum('"RECORD"' in message for message in activation.read()) == 101
    assert len(activation.run()) in {1, 2}
    users = activation.sandbox.contacts("users")
    seats = {user["email"]: user["attributes"]["seats"] for user in users}
    assert seats["user-1@example.com"] == 2
    assert seats["user-300@example.com"] == 300


def test_who_left_the_model_is_deleted_by_a_mirror_and_nobody_else(
    project: Project, empty_sandbox: Sandbox
) -> None:
    execute(project.warehouse, f"CREATE TABLE {MODEL} AS {MANY.format(count=300)}")
    first = Activation(project.warehouse, SCHEMA, empty_sandbox, project.folder)
    first.run("activate-mirror")  # the first run deletes nobody
    empty_sandbox.upsert("users", {"email": "somebody@else.example"})
    execute(project.warehouse, f"DELETE FROM {MODEL} WHERE seats > 270")
    assert activate(project, empty_sandbox, "activate-mirror") == ["DELETE users"] * 30
    left = {user["email"] for user in empty_sandbox.contacts("users")}
    assert left == {f"user-{n}@example.com" for n in range(1, 271)} | {"somebody@else.example"}
    assert " 0 rejected" in project.log


def test_an_input_that_is_cut_short_deletes_nobody(activation: Activation) -> None:
    execute(activation.warehouse, f"CREATE TABLE {MODEL} AS {MANY.format(count=60)}")
    whole = activation.read("activate-mirror")
    shorter = [message for message in whole if '"user-7@example.com"' not in message]
    activation.run("activate-mirror", whole)
    for cut_at in (0, 1, 2, len(shorter) // 2, len(shorter) - 1):
        assert activation.run("activate-mirror", shorter[:cut_at]) == []
    # The input before was not whole: who left is known to have left from the next one on.
    assert activation.run("activate-mirror", shorter) == []
    assert len(activation.sandbox.contacts("users")) == 60
    assert activation.run("activate-mirror", shorter) == ["DELETE users"]


def test_a_model_that_fails_while_it_is_read_deletes_nobody(activation: Activation) -> None:
    execute(activation.warehouse, f"CREATE TABLE {MODEL} AS {MANY.format(count=60)}")
    activation.run("activate-mirror")
    break_model(activation.warehouse)
    messages, said = activation.read_in_vain("activate-mirror")
    assert sum('"RECORD"' in message for message in messages) > 10
    assert "division by zero" in said
    assert activation.run("activate-mirror", messages) == ["POST users"]  # no DELETE
    assert len(activation.sandbox.contacts("users")) == 60


@pytest.mark.soak
def test_nor_does_it_where_meltano_reads_it(project: Project, empty_sandbox: Sandbox) -> None:
    execute(project.warehouse, f"CREATE TABLE {MODEL} AS {MANY.format(count=60)}")
    Activation(project.warehouse, SCHEMA, empty_sandbox, project.folder).run("activate-mirror")
    break_model(project.warehouse)
    snapshot = str(project.folder / "snapshot.db")
    job = {"sandbox": empty_sandbox, "TARGET_CUSTOMERLY_SNAPSHOT_PATH": snapshot}
    assert project.run("activate-mirror", **job) == 1
    assert "division by zero" in project.log
    assert len(empty_sandbox.contacts("users")) == 60


def test_a_second_run_and_a_few_changes_cost_what_changed(activation: Activation) -> None:
    execute(activation.warehouse, f"CREATE TABLE {MODEL} AS {MANY.format(count=1000)}")
    messages = activation.read("activate-mirror")
    assert len(activation.run("activate-mirror", messages)) == 10
    assert activation.run("activate-mirror", messages) == []
    changed = [message.replace('"seats":1', '"seats":9') for message in messages]
    assert sum(one != other for one, other in zip(messages, changed, strict=True)) > 100
    assert len(activation.run("activate-mirror", changed)) in {2, 3}


@pytest.mark.soak
def test_twenty_thousand_rows_cost_what_changed_and_lose_who_left(activation: Activation) -> None:
    job, count = "activate-mirror", 20_000
    execute(activation.warehouse, f"CREATE TABLE {MODEL} AS {MANY.format(count=count)}")
    assert len(activation.run(job)) == count // 100
    assert activation.run(job) == []
    execute(activation.warehouse, f"UPDATE {MODEL} SET seats = -seats WHERE seats <= 100")
    assert len(activation.run(job)) in {1, 2}
    execute(activation.warehouse, f"DELETE FROM {MODEL} WHERE seats > {count - 30}")
    whole = activation.read(job)
    states = [place for place, message in enumerate(whole, 1) if '"STATE"' in message]
    for cut_at in {1, count // 2, len(whole) - 1, *states} - {len(whole)}:
        assert activation.run(job, whole[:cut_at]) == []
    assert activation.run(job, whole) == []
    assert activation.run(job, whole) == ["DELETE users"] * 30
    assert activation.run(job, whole) == []
