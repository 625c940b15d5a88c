"""One sandbox, changed between three loads, and its models in PostgreSQL and in DuckDB."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest
from customerly.webhooks.delivery import NewDelivery
from customerly.webhooks.spool import Spool
from customerly_sandbox import Sandbox
from postgres import forget, postgres

from tests.transform.building import Loader, Row, ask_duckdb, ask_postgres, dbt, load_duckdb

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

VARIABLE = "TARGET_POSTGRES_SQLALCHEMY_URL"


@pytest.fixture(scope="session")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a PostgreSQL server that lasts as long as the tests."""
    folder = tmp_path_factory.mktemp("postgres")
    with postgres(folder) as address:
        yield address
    forget(folder)


@dataclass
class Story:
    """What the sandbox came to hold, and what was done to it on the way.

    Args:
        state: Its whole state, in the end.
        done: Change to the keys of the contacts that it was done to.
        deliveries: What the webhook receiver kept: event and address.
    """

    state: Row
    done: dict[str, set[int]]
    deliveries: list[tuple[str, str]]


@dataclass
class Models:
    """The models of a warehouse: `ask` gives the rows of a query."""

    ask: Callable[[str], list[Row]]
    story: Story = field(repr=False)


def change(sandbox: Sandbox) -> dict[str, set[int]]:
    """Convert, unsubscribe, tag and delete a few contacts each."""
    leads = [lead for lead in sandbox.contacts("leads") if lead["email"]]
    users = [user for user in sandbox.contacts("users") if user["email"] and user["user_id"]]
    converted, gone = leads[:4], [*users[:5], *leads[4:7]]
    quiet = [user for user in users[5:] if not user["unsubscribe"]][:3]
    sandbox.upsert("users", *({"email": lead["email"]} for lead in converted))
    for contact in gone:
        kind = "users" if contact in users else "leads"
        sandbox.delete(kind, email=contact["email"])
    for user in quiet:
        sandbox.write("POST", f"users/unsubscribe/{user['user_id']}")
    sandbox.tag("brand new", users=[{"email": user["email"]} for user in users[10:14]])
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


@pytest.fixture(scope="session")
def in_postgres(tmp_path_factory: pytest.TempPathFactory, warehouse: str) -> Iterator[Models]:
    """Three loads: all, what changed, all again; models after the first and after the last."""
    folder = tmp_path_factory.mktemp("models")
    address = {VARIABLE: warehouse}
    history = ("--select", "+customerly__contact_history", "--exclude-resource-type", "test")
    with Sandbox(users=90, leads=40) as sandbox:
        deliveries = deliver(folder / "spool", sandbox)
        loader = Loader(sandbox, warehouse, folder, {"webhook_spool": str(folder / "spool")})
        loader.load()
        dbt("build", *history, "unit_test", folder=folder, **address)
        done = change(sandbox)
        loader.load()
        loader.load(full=True)
        dbt("build", folder=folder, **address)
        story = Story(sandbox.state(), done, deliveries)
        yield Models(lambda sql: ask_postgres(warehouse, sql), story)


@pytest.fixture(scope="session")
def in_duckdb(in_postgres: Models, tmp_path_factory: pytest.TempPathFactory) -> Models:
    """The last of those loads, by target-duckdb."""
    folder = tmp_path_factory.mktemp("duckdb")
    messages = tmp_path_factory.getbasetemp() / "models0" / "messages.singer"
    path = load_duckdb(messages, folder)
    dbt("build", folder=folder, DBT_CUSTOMERLY_TARGET="duckdb", TARGET_DUCKDB_PATH=str(path))
    return Models(lambda sql: ask_duckdb(path, sql), in_postgres.story)


@pytest.fixture(params=["in_postgres", "in_duckdb"])
def models(request: pytest.FixtureRequest) -> Models:
    """The models of either warehouse."""
    found: Models = request.getfixturevalue(request.param)
    return found
