"""Each row of the table in docs/modules.md, run: the pipeline's way and the command's."""

from __future__ import annotations

import json
import os
import re
import shlex
from typing import TYPE_CHECKING, Any

import pytest
import requests
import yaml
from customerly.cli import main
from pipelines import ROOT
from processes import free_port, is_free, running
from tap_customerly.tap import TapCustomerly
from target_customerly.target import TargetCustomerly

from tests.support.run import BIN, invoke
from tests.support.target import record, schema, text_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    import click
    from customerly_sandbox import Sandbox

    from tests.support.run import Run

    Records = list[dict[str, Any]]
    Check = Callable[[Records, Sandbox], None]

ROW = re.compile(
    r"\| (?P<module>[^|]+) \| (?P<way>setting|record) `(?P<given>[^`]+)`, "
    r"(?:stream|resource) `(?P<stream>\w+)` \| `(?P<command>customerly [^`]+)` \|"
)
ROWS = {row["module"]: row for row in ROW.finditer((ROOT / "docs" / "modules.md").read_text())}
TRIGGERS = "Universal triggers"
COMMANDS: dict[str, Callable[[], click.Command]] = {
    "customerly": lambda: main,
    "tap-customerly": lambda: TapCustomerly.cli,
    "target-customerly": lambda: TargetCustomerly.cli,
}


@pytest.fixture
def world(make_sandbox: Callable[..., Sandbox]) -> Sandbox:
    """A sandbox with the contacts that the table names."""
    sandbox = make_sandbox(20, 10)
    sandbox.upsert("users", {"email": "ada@example.com", "user_id": "7", "name": "Ada"})
    sandbox.upsert("leads", {"email": "lin@example.com", "name": "Lin"})
    both = {"users": [{"email": "ada@example.com"}], "leads": [{"email": "lin@example.com"}]}
    sandbox.tag("old", **both)
    return sandbox


class Ways:
    """The two ways of doing what a row says; both return the records that come out."""

    def __init__(self, sandbox: Sandbox, folder: Path) -> None:
        self.sandbox = sandbox
        self.folder = folder

    def pipeline(self, row: re.Match[str]) -> Records:
        given = yaml.safe_load(row["given"])
        if row["way"] == "setting":
            run = self.run("tap-customerly", "--config", self.config(given))
            return run.records(row["stream"])
        stream = row["stream"]
        messages = [schema(stream, {name: {} for name in given}), record(stream, **given)]
        self.run("target-customerly", "--config", self.config({}), text=text_of(messages))
        assert not (self.folder / "customerly-rejects.jsonl").exists()
        return []

    def command(self, row: re.Match[str]) -> Records:
        return self.run(*shlex.split(row["command"])).lines

    def config(self, setting: dict[str, Any]) -> str:
        path = self.folder / "config.json"
        path.write_text(json.dumps({**self.sandbox.config, **setting}))
        return str(path)

    @property
    def env(self) -> dict[str, str | None]:
        return {
            "CUSTOMERLY_API_URL": self.sandbox.url,
            "CUSTOMERLY_ACCESS_TOKEN": self.sandbox.token,
        }

    def run(self, name: str, *arguments: str, text: str = "") -> Run:
        run = invoke(COMMANDS[name], *arguments, text=text, env=self.env)
        assert run.code == 0, run.stderr
        return run


def listed(kind: str, field: str, count: int, *, descending: bool) -> Check:
    """So many contacts come out, in this order."""

    def check(records: Records, world: Sandbox) -> None:
        direction = "desc" if descending else "asc"
        query = {"sort": field, "per_page": "100", "sort_direction": direction}
        everybody = world.write("GET", f"{kind}/list", **query)["data"][kind]
        assert [each["email"] for each in records] == [each["email"] for each in everybody][:count]

    return check


def found(email: str) -> Check:
    """This contact comes out."""

    def check(records: Records, _world: Sandbox) -> None:
        assert [each["email"] for each in records] == [email]

    return check


def gone(kind: str, email: str) -> Check:
    """This contact is not there any more, and all others are."""

    def check(_records: Records, world: Sandbox) -> None:
        assert world.find(kind, email=email) is None
        assert len(world.contacts("users")) + len(world.contacts("leads")) == 31

    return check


def tagged(kind: str, email: str, *tags: str) -> Check:
    """This contact has these tags."""

    def check(_records: Records, world: Sandbox) -> None:
        contact = world.find(kind, email=email)
        assert contact
        assert sorted(contact["user_tags"]) == [*tags]

    return check


def user_is_stored(_records: Records, world: Sandbox) -> None:
    user = world.find("users", email="ada@example.com")
    assert user
    assert (user["name"], user["user_id"]) == ("Ada King", "7")
    assert {"vip", "beta"} <= set(user["user_tags"])
    assert user["attributes"]["seats"] == 5


def lead_is_stored(_records: Records, world: Sandbox) -> None:
    lead = world.find("leads", email="new@example.com")
    assert lead
    assert (lead["name"], lead["user_tags"]) == ("New", ["vip"])
    assert lead["attributes"] == {"plan": "pro"}


def tags_are_listed(records: Records, world: Sandbox) -> None:
    assert [each["name"] for each in records] == world.state()["tags"][:3]


def tag_is_gone(_records: Records, world: Sandbox) -> None:
    assert "old" not in world.state()["tags"]
    ada = world.find("users", email="ada@example.com")
    assert ada
    assert ada["user_tags"] == []


ADA, LIN = ("users", "ada@example.com"), ("leads", "lin@example.com")
CHECKS: dict[str, Check] = {
    "List users, with limit, sort by, sort direction": listed("users", "name", 10, descending=True),
    "List leads": listed("leads", "email", 5, descending=False),
    "Get a user by email": found("ada@example.com"),
    "Get a user by user id": found("ada@example.com"),
    "Get a lead by email": found("lin@example.com"),
    "Create or update a user": user_is_stored,
    "Create or update a lead": lead_is_stored,
    "Delete a user by email": gone(*ADA),
    "Delete a user by user id": gone(*ADA),
    "Delete a lead": gone(*LIN),
    "List tags, with limit": tags_are_listed,
    "Add a tag to a user by email": tagged(*ADA, "old", "vip"),
    "Add a tag to a user by user id": tagged(*ADA, "old", "vip"),
    "Add a tag to a lead": tagged(*LIN, "old", "vip"),
    "Untag a user": tagged(*ADA),
    "Untag a lead": tagged(*LIN),
    "Make an API call": tagged(*ADA, "old", "vip"),
    "Delete a tag": tag_is_gone,
}
"""What is so after a row was run; a row without a check fails."""


@pytest.mark.parametrize("way", ["pipeline", "command"])
@pytest.mark.parametrize("module", sorted(ROWS.keys() - {TRIGGERS}))
def test_a_row_does_what_it_says(
    world: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, module: str, way: str
) -> None:
    monkeypatch.chdir(tmp_path)
    records = getattr(Ways(world, tmp_path), way)(ROWS[module])
    CHECKS[module](records, world)


def test_the_table_has_every_module() -> None:
    assert ROWS.keys() == {*CHECKS, TRIGGERS}


def test_universal_triggers(
    world: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    row, ways, port = ROWS[TRIGGERS], Ways(world, tmp_path), free_port()
    (tmp_path / "secret.txt").write_text("long-enough-to-be-a-secret-0123456789")
    command = [BIN / "customerly", *shlex.split(row["command"])[1:], "--port", port]
    with running(
        command,
        name="The receiver",
        log=tmp_path / "listen.log",
        ready=lambda: not is_free(port),
        cwd=tmp_path,
        env={**os.environ, **ways.env},
    ):
        body = {"data": {"user": {"data": {"email": "ada@example.com"}}}}
        url = f"http://127.0.0.1:{port}/long-enough-to-be-a-secret-0123456789/tagged"
        assert requests.post(url, json=body, timeout=10).status_code == 200
        (event,) = ways.pipeline(row)
    assert (event["hook"], event["email"], event["body"]) == ("tagged", "ada@example.com", body)
