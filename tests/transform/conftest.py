"""Two sandboxes, one changed between three loads, and their models in PostgreSQL and DuckDB."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest
from customerly.webhooks.delivery import NewDelivery
from customerly.webhooks.spool import Spool
from customerly_sandbox import Sandbox
from postgres import forget, postgres
from target_postgres.target import TargetPostgres

from tests.support.run import read_lines
from tests.support.target import record, run_target, schema
from tests.transform.building import VARIABLE, Dbt, Loader, Row, ask_postgres, load_duckdb

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

FIRST, SECOND = "customerly", "second"
UNITED = {"DBT_CUSTOMERLY_PROJECTS": json.dumps({FIRST: FIRST, SECOND: "older"})}
"""Two projects, each in a schema of its own; the second one's tables have older types."""


@pytest.fixture(scope="session")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a PostgreSQL server that lasts as long as the tests."""
    folder = tmp_path_factory.mktemp("postgres")
    with postgres(folder) as address:
        yield address
    forget(folder)


@pytest.fixture(scope="session")
def dbt(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Dbt]:
    """dbt, in one process for all tests."""
    with Dbt(tmp_path_factory.mktemp("dbt")) as dbt:
        yield dbt


@dataclass
class Story:
    """What a sandbox came to hold, and what was done to it on the way.

    Args:
        state: Its whole state, in the end.
        done: Change to the keys of the contacts that it was done to.
        deliveries: What the webhook receiver kept: event and address.
        log: What target-customerly logged.
    """

    state: Row
    done: dict[str, set[int]] = field(default_factory=dict)
    deliveries: list[tuple[str, str]] = field(default_factory=list)
    log: list[Row] = field(default_factory=list)


@dataclass
class Models:
    """The models of a warehouse, as one project's rows of them.

    Args:
        ask: Gives the rows of a query.
        story: What became of the project.
        project: Its name.
        schema: Where the models are.
    """

    ask: Callable[[str], list[Row]]
    story: Story = field(repr=False)
    project: str = FIRST
    schema: str = "customerly_models"

    def rows(self, model: str, condition: str = "true") -> list[Row]:
        """The project's rows of a model."""
        chosen = f"project = '{self.project}' AND {condition}"
        return self.ask(f"SELECT * FROM {self.schema}.{model} WHERE {chosen}")


def change(sandbox: Sandbox, step: int = 1) -> dict[str, set[int]]:
    """Convert, unsubscribe, tag and delete a few contacts each, or `step` times as many."""
    leads = [lead for lead in sandbox.contacts("leads") if lead["email"]]
    users = [user for user in sandbox.contacts("users") if user["email"] and user["user_id"]]
    converted, gone = leads[: 4 * step], [*users[: 5 * step], *leads[4 * step : 7 * step]]
    quiet = [user for user in users[5 * step :] if not user["unsubscribe"]][: 3 * step]
    sandbox.upsert("users", *({"email": lead["email"]} for lead in converted))
    for contact in gone:
        kind = "users" if contact in users else "leads"
        sandbox.delete(kind, email=contact["email"])
    for user in quiet:
        sandbox.write("POST", f"users/unsubscribe/{user['user_id']}")
    tagged = users[10 * step : 14 * step]
    sandbox.tag("brand new", users=[{"email": user["email"]} for user in tagged])
    return {
        "became a user": {lead["crmhero_user_id"] for lead in converted},
        "unsubscribed": {user["crmhero_user_id"] for user in quiet},
        "disappeared": {contact["crmhero_user_id"] for contact in gone},
    }


def deliver(folder: Path, sandbox: Sandbox) -> list[tuple[str, str]]:
    """Keep deliveries as the receiver does, one of them twice."""
    emails = [user["email"] for user in sandbox.contacts("users") if user["email"]][:3]
    sent = [("user.tagged", emails[0]), ("user.tagged", emails[0]), ("user.updated", emails[1])]
    with Spool(folder) as spool:
        spool.append(
            [
                NewDelivery(
                    received_at=1_790_000_000_000_000,
                    hook=None,
                    query={},
                    headers={},
                    body=json.dumps(
                        {"event": event, "data": {"user": {"data": {"email": email}}}}
                    ).encode(),
                )
                for event, email in sent
            ]
        )
    return sent


def send(log: Path, sandbox: Sandbox) -> None:
    """Send leads with the target twice, some of whom can't be sent."""
    emails = ("ada@example.com", "bo at example.com", "cy@example.com", "di at example.com")
    people = [record("leads", email=email) for email in emails]
    config = {**sandbox.config, "log_path": str(log), "max_rejects": -1}
    for _ in range(2):
        assert run_target(config, [schema("leads"), *people]).code == 0


@pytest.fixture(scope="session")
def stories(
    tmp_path_factory: pytest.TempPathFactory, warehouse: str, dbt: Dbt
) -> Iterator[dict[str, Story]]:
    """Three loads: all, what changed, all again; models after the first and after the last.

    The second project is loaded once, into tables that the library's own target has made.
    """
    folder = tmp_path_factory.mktemp("models")
    spool, log = folder / "spool", folder / "log.jsonl"
    history = ("--select", "+customerly__contact_history", "--exclude-resource-type", "test")
    with Sandbox(users=90, leads=40) as first, Sandbox(users=25, leads=10, seed=11) as second:
        deliveries = deliver(spool, first)
        send(log, first)
        other = Loader(second, warehouse, "older")
        other.read()
        other.put(TargetPostgres)
        other.put()
        loader = Loader(first, warehouse, FIRST)
        loader.more = {"webhook_spool": str(spool), "operation_log": str(log)}
        loader.load()
        dbt("build", *history, "unit_test", **{VARIABLE: warehouse}, **UNITED)
        done = change(first)
        loader.load()
        loader.load(full=True)
        (folder / "messages.singer").write_text(loader.written)
        dbt("build", **{VARIABLE: warehouse}, **UNITED)
        yield {
            FIRST: Story(first.state(), done, deliveries, read_lines(log)),
            SECOND: Story(second.state()),
        }


@pytest.fixture(scope="session")
def in_postgres(warehouse: str, stories: dict[str, Story]) -> Models:
    """The models in PostgreSQL, of the first project."""
    return Models(lambda sql: ask_postgres(warehouse, sql), stories[FIRST])


@pytest.fixture(scope="session")
def in_duckdb(
    stories: dict[str, Story], tmp_path_factory: pytest.TempPathFactory, dbt: Dbt
) -> Models:
    """The models of the last of the first project's loads, by target-duckdb."""
    messages = tmp_path_factory.getbasetemp() / "models0" / "messages.singer"
    path = load_duckdb(messages.read_text(), tmp_path_factory.mktemp("duckdb"))
    dbt("build", DBT_CUSTOMERLY_TARGET="duckdb", TARGET_DUCKDB_PATH=str(path))
    return Models(lambda sql: dbt.ask_duckdb(path, sql), stories[FIRST])


@pytest.fixture(scope="session")
def large(warehouse: str, dbt: Dbt) -> Iterator[Models]:
    """The models of thousands of contacts, of which hundreds changed between three loads."""
    address = {VARIABLE: warehouse, "DBT_CUSTOMERLY_SCHEMA": "large_models"}
    address["DBT_CUSTOMERLY_PROJECTS"] = json.dumps({"large": "large"})
    with Sandbox(users=5_000, leads=2_000) as sandbox:
        loader = Loader(sandbox, warehouse, "large")
        loader.load()
        change(sandbox, 25)
        loader.load()
        change(sandbox, 25)
        loader.load(full=True)
        dbt("build", **address)
        story = Story(sandbox.state())
        yield Models(lambda sql: ask_postgres(warehouse, sql), story, "large", "large_models")


WAREHOUSES = [
    *("in_postgres", "in_postgres second", "in_duckdb"),
    pytest.param("large", marks=pytest.mark.soak),
]


@pytest.fixture(params=WAREHOUSES)
def models(request: pytest.FixtureRequest) -> Models:
    """The models of either warehouse, of either project, and of a large one."""
    fixture, _, second = request.param.partition(" ")
    found: Models = request.getfixturevalue(fixture)
    if not second:
        return found
    return Models(found.ask, request.getfixturevalue("stories")[SECOND], SECOND)
