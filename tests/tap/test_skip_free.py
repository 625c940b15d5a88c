"""Nothing is skipped, through the whole tap: over HTTP, while contacts change, through kills.

`make test` plays a few seeds, `make soak` twenty, and larger lists where the time goes into that.
"""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys

import pytest
from customerly.api import Api
from customerly.client import Client
from customerly.connection import Connection
from customerly_sandbox import Sandbox
from customerly_sandbox.process import SandboxProcess
from hypothesis import given, settings
from hypothesis import strategies as st
from tap_customerly.pagination import Pool, Row
from tap_customerly.streams import base

from tests.support.tap import run_tap, selecting
from tests.tap.expected import by_id
from tests.tap.forward_reader import ForwardReader

SOAK = os.environ.get("HYPOTHESIS_PROFILE") == "soak"
SEEDS = range(20 if SOAK else 2)
USERS = 5_000 if SOAK else 1_500
WAYS = ["moment", "id", "id_descending"]


@pytest.fixture(autouse=True)
def every_state(monkeypatch):
    """Have each state written that could be, so that each can be read on from."""
    monkeypatch.setattr(base, "_STATE_RECORDS", 1)


def moments(contacts):
    """What a contact was last touched at, by id: as the sandbox tells, and as a record does."""
    return {
        contact["crmhero_user_id"]: (contact["last_update"] or "")[:19].replace("T", " ")
        for contact in contacts
    }


def untouched(before, after):
    return {number for number, moment in moments(before).items() if after.get(number) == moment}


# --- while contacts change ------------------------------------------------------------------------


@pytest.mark.parametrize("workers", [1, 8])
@pytest.mark.parametrize("seed", SEEDS)
def test_untouched_contacts_are_never_missing(seed, workers, make_sandbox):
    """A user is deleted, updated or created at each request."""
    sandbox = make_sandbox(USERS, 0, seed=seed, quirks={"ties": WAYS[seed % 3]})
    before = sandbox.contacts("users")
    sandbox.mutate(1, seed=seed)
    config = {**sandbox.config, "max_concurrency": workers}
    catalog = selecting("users")
    run = run_tap(config, catalog=catalog)
    sandbox.mutate(0)
    after = moments(sandbox.contacts("users"))
    assert len(untouched(before, after)) > 0.95 * USERS
    assert untouched(before, after) <= set(run.ids("users"))
    later = run_tap(config, catalog=catalog, state=run.state)
    assert len(later.records("users")) < 500
    warehouse = moments([*run.records("users"), *later.records("users")])
    assert {number: warehouse.get(number) for number in after} == after


def forward(sandbox):
    """The ids that a forward reader finds."""
    with (
        Client(Connection.from_config(sandbox.config, user_agent="test")) as client,
        Pool(1) as pool,
    ):
        api = Api(client)

        def fetch(page, per_page, _):
            return [
                Row(int(contact["crmhero_user_id"]), "", contact)
                for contact in api.list_contacts("users", page=page, per_page=per_page)
            ]

        reader = ForwardReader(fetch, 100, 1, pool=pool)
        return {row.key for batch in reader.everything() for row in batch.items}


def test_a_forward_reader_misses_some(make_sandbox):
    """The same changes, so that we know that they can be missed."""
    missing = []
    for seed in SEEDS:
        sandbox = make_sandbox(USERS, 0, seed=seed, quirks={"ties": WAYS[seed % 3]})
        before = sandbox.contacts("users")
        sandbox.mutate(1, seed=seed)
        found = forward(sandbox)
        sandbox.mutate(0)
        missing.append(len(untouched(before, moments(sandbox.contacts("users"))) - found))
    print("contacts left alone that a forward reader misses:", missing)
    assert min(missing) > USERS // 1_000


@pytest.mark.parametrize("workers", [1, 8])
@pytest.mark.parametrize("seed", SEEDS)
def test_no_living_contact_is_missing_from_a_version(seed, workers, make_sandbox):
    sandbox = make_sandbox(USERS, 0, seed=seed, quirks={"ties": WAYS[seed % 3]}, bulk=seed * 20)
    living = [set(moments(sandbox.contacts("users")))]

    def note(_):
        living.append(set(sandbox.store.orders["users"].numbers()))
        del living[:-2]

    sandbox.on_request(note)
    sandbox.mutate(1, seed=seed)
    config = {**sandbox.config, "max_concurrency": workers}
    run = run_tap(config, catalog=selecting("users", replication_method="FULL_TABLE"))
    (activated,) = run.of("ACTIVATE_VERSION", "users")
    assert {message["version"] for message in run.of("RECORD")} == {activated["version"]}
    at_the_last_request = living[0]
    assert at_the_last_request <= set(run.ids("users"))


# --- going on after a kill ------------------------------------------------------------------------


@pytest.mark.parametrize("workers", [1, 8])
def test_reading_on_from_every_state_completes_the_read(workers, make_sandbox):
    """Each state of a read, while contacts change, then go on with the list at rest."""
    sandbox = make_sandbox(20_000 if SOAK else 1_000, 0, quirks={"ties": "id"})
    sandbox.mutate(0.2)
    config = {**sandbox.config, "max_concurrency": workers}
    catalog = selecting("users")
    run = run_tap(config, catalog=catalog)
    sandbox.mutate(0)
    after = moments(sandbox.contacts("users"))
    read, tried = [], 0
    for message in run.messages:
        if message["type"] == "RECORD":
            read.append(message["record"])
        elif message["type"] == "STATE":
            tried += 1
            rest = run_tap(config, catalog=catalog, state=message["value"])
            warehouse = moments([*read, *rest.records("users")])
            assert {number: warehouse.get(number) for number in after} == after
    assert tried > 5


@pytest.mark.parametrize("seed", range(10 if SOAK else 1))
def test_a_killed_read_goes_on_near_where_it_was(seed, tmp_path):
    """SIGKILL at a random moment of a first read of 500 pages: complete, and little read twice."""
    everyone, page_size = (50_000, 100) if SOAK else (10_000, 20)
    with SandboxProcess(users=everyone, leads=0, seed=seed) as sandbox:
        config = {"access_token": sandbox.token, "api_url": sandbox.url, "max_concurrency": 8}
        config["page_size"] = page_size
        catalog = selecting("users")
        moment = random.Random(seed).randrange(1, everyone)
        lines = killed(tmp_path, config, catalog, moment)
        state = {}
        for line in lines:
            if line["type"] == "STATE":
                state = line["value"]
        first = [line["record"]["crmhero_user_id"] for line in lines if line["type"] == "RECORD"]
        second = run_tap(config, catalog=catalog, state=state).ids("users")
    assert len({*first, *second}) == everyone
    assert len(first) + len(second) - everyone <= 0.15 * everyone


def killed(folder, config, catalog, after):
    """Kill the command after so many lines, and return all that it wrote until then."""
    for name, content in (("config", config), ("catalog", catalog)):
        (folder / name).write_text(json.dumps(content), encoding="utf-8")
    command = "from tap_customerly.tap import TapCustomerly; TapCustomerly.cli()"
    files = ("--config", folder / "config", "--catalog", folder / "catalog")
    with subprocess.Popen(
        [sys.executable, "-c", command, *files], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    ) as process:
        lines = []
        for line in process.stdout:
            lines.append(line)
            if len(lines) == after:
                process.kill()
    return [json.loads(line) for line in lines if line.endswith(b"\n")]


# --- whatever comes -------------------------------------------------------------------------------

runs = st.builds(
    dict,
    workers=st.integers(1, 8),
    page_size=st.integers(1, 20),
    largest_page=st.sampled_from([100, 100, 7]),
    rate=st.sampled_from([0, 0.1, 0.5, 2, 10]),
    where=st.sampled_from(["anywhere", "oldest", "newest"]),
    killed_at=st.one_of(st.none(), st.floats(0, 1)),
)


@settings(deadline=None, max_examples=300 if SOAK else 15)
@given(
    users=st.integers(0, 120),
    population=st.fixed_dictionaries({"undated": st.integers(0, 9), "bulk": st.integers(0, 60)}),
    ties=st.sampled_from(WAYS),
    plan=st.lists(runs, min_size=1, max_size=3),
    seed=st.integers(0, 1_000),
)
def test_whatever_happens_the_next_run_puts_it_right(users, population, ties, plan, seed):
    """Runs that are cut off at some state, and one at rest after them."""
    catalog = selecting("users")
    warehouse, state = {}, None
    with Sandbox(users, 0, seed=seed, quirks={"ties": ties}, **population) as sandbox:
        for number, run in enumerate([*plan, {**plan[-1], "rate": 0, "killed_at": None}]):
            sandbox.set_quirks(ties=ties, largest_page=run["largest_page"])
            sandbox.mutate(run["rate"], where=run["where"], seed=seed + number)
            config = {
                **sandbox.config,
                "page_size": run["page_size"],
                "max_concurrency": run["workers"],
            }
            before = moments(sandbox.contacts("users"))
            messages = run_tap(config, catalog=catalog, state=state).messages
            if run["killed_at"] is not None:
                messages = messages[: int(run["killed_at"] * len(messages))]
            for message in messages:
                if message["type"] == "STATE":
                    state = message["value"]
                elif message["type"] == "RECORD":
                    warehouse.update(by_id([message["record"]]))
        sandbox.mutate(0)
        after = moments(sandbox.contacts("users"))
    assert before == after
    found = moments(warehouse.values())
    assert {number: found.get(number) for number in after} == after
