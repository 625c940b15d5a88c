"""Each row of the table in docs/modules.md, run: the pipeline's way and the command's."""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import requests
import yaml
from pipelines import ROOT
from processes import free_port, is_free, running

if TYPE_CHECKING:
    from collections.abc import Callable

    from customerly_sandbox import Sandbox

BIN = Path(sys.executable).parent
ROW = re.compile(
    r"\| (?P<module>[^|]+) \| (?P<way>setting|record) `(?P<given>[^`]+)`, "
    r"(?:stream|resource) `(?P<stream>\w+)` \| `(?P<command>customerly [^`]+)` \|"
)
ROWS = {row["module"]: row for row in ROW.finditer((ROOT / "docs" / "modules.md").read_text())}


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

    def pipeline(self, row: re.Match[str]) -> list[dict[str, Any]]:
        given = yaml.safe_load(row["given"])
        if row["way"] == "setting":
            return self.tap(row["stream"], given)
        return self.target(row["stream"], given)

    def tap(self, stream: str, setting: dict[str, Any]) -> list[dict[str, Any]]:
        lines = self.run("tap-customerly", "--config", self.config(setting)).splitlines()
        messages = [json.loads(line) for line in lines]
        return [
            message["record"]
            for message in messages
            if message["type"] == "RECORD" and message["stream"] == stream
        ]

    def target(self, stream: str, record: dict[str, Any]) -> list[dict[str, Any]]:
        schema = {"properties": {name: {} for name in record}}
        head = {"type": "SCHEMA", "stream": stream, "schema": schema, "key_properties": []}
        lines = [head, {"type": "RECORD", "stream": stream, "record": record}]
        text = "\n".join(map(json.dumps, lines))
        self.run("target-customerly", "--config", self.config({}), text=text)
        assert not (self.folder / "customerly-rejects.jsonl").exists()
        return []

    def command(self, row: re.Match[str]) -> list[dict[str, Any]]:
        output = self.run(*shlex.split(row["command"]))
        return [json.loads(line) for line in output.splitlines()]

    def config(self, setting: dict[str, Any]) -> str:
        path = self.folder / "config.json"
        path.write_text(json.dumps({**self.sandbox.config, **setting}))
        return str(path)

    @property
    def env(self) -> dict[str, str]:
        return {
            **os.environ,
            "CUSTOMERLY_API_URL": self.sandbox.url,
            "CUSTOMERLY_ACCESS_TOKEN": self.sandbox.token,
        }

    def run(self, name: str, *arguments: str, text: str = "") -> str:
        result = subprocess.run(
            [BIN / name, *arguments],
            input=text,
            capture_output=True,
            text=True,
            cwd=self.folder,
            env=self.env,
            check=False,
        )
        assert result.returncode == 0, result.stderr
        return result.stdout


@pytest.fixture(params=["pipeline", "command"])
def do(
    request: pytest.FixtureRequest, world: Sandbox, tmp_path: Path
) -> Callable[[str], list[dict[str, Any]]]:
    """Does what a row says, one way or the other."""
    way = getattr(Ways(world, tmp_path), request.param)
    return lambda module: way(ROWS[module])


LISTS = {
    "List users, with limit, sort by, sort direction": ("users", "name", True, 10),
    "List leads": ("leads", "email", False, 5),
}


@pytest.mark.parametrize("module", LISTS)
def test_list(do: Callable[..., Any], world: Sandbox, module: str) -> None:
    kind, field, descending, limit = LISTS[module]
    everybody = world.write(
        "GET",
        f"{kind}/list",
        sort=field,
        per_page="100",
        sort_direction="desc" if descending else "asc",
    )["data"][kind]
    assert [each["email"] for each in do(module)] == [each["email"] for each in everybody][:limit]


@pytest.mark.parametrize(
    ("module", "email"),
    [
        ("Get a user by email", "ada@example.com"),
        ("Get a user by user id", "ada@example.com"),
        ("Get a lead by email", "lin@example.com"),
    ],
)
def test_get(do: Callable[..., Any], module: str, email: str) -> None:
    assert [each["email"] for each in do(module)] == [email]


def test_create_or_update_a_user(do: Callable[..., Any], world: Sandbox) -> None:
    do("Create or update a user")
    user = world.find("users", email="ada@example.com")
    assert user
    assert (user["name"], user["user_id"]) == ("Ada King", "7")
    assert {"vip", "beta"} <= set(user["user_tags"])
    assert user["attributes"]["seats"] == 5


def test_create_or_update_a_lead(do: Callable[..., Any], world: Sandbox) -> None:
    do("Create or update a lead")
    lead = world.find("leads", email="new@example.com")
    assert lead
    assert (lead["name"], lead["user_tags"]) == ("New", ["vip"])
    assert lead["attributes"] == {"plan": "pro"}


@pytest.mark.parametrize(
    ("module", "kind", "email"),
    [
        ("Delete a user by email", "users", "ada@example.com"),
        ("Delete a user by user id", "users", "ada@example.com"),
        ("Delete a lead", "leads", "lin@example.com"),
    ],
)
def test_delete(do: Callable[..., Any], world: Sandbox, module: str, kind: str, email: str) -> None:
    others = len(world.contacts("users")) + len(world.contacts("leads")) - 1
    do(module)
    assert world.find(kind, email=email) is None
    assert len(world.contacts("users")) + len(world.contacts("leads")) == others


def test_list_tags(do: Callable[..., Any], world: Sandbox) -> None:
    assert [each["name"] for each in do("List tags, with limit")] == world.state()["tags"][:3]


TAGGING = {
    "Add a tag to a user by email": ("users", ["old", "vip"]),
    "Add a tag to a user by user id": ("users", ["old", "vip"]),
    "Add a tag to a lead": ("leads", ["old", "vip"]),
    "Untag a user": ("users", []),
    "Untag a lead": ("leads", []),
    "Make an API call": ("users", ["old", "vip"]),
}


@pytest.mark.parametrize("module", TAGGING)
def test_tag(do: Callable[..., Any], world: Sandbox, module: str) -> None:
    kind, tags = TAGGING[module]
    do(module)
    email = {"users": "ada@example.com", "leads": "lin@example.com"}[kind]
    contact = world.find(kind, email=email)
    assert contact
    assert sorted(contact["user_tags"]) == tags


def test_delete_a_tag(do: Callable[..., Any], world: Sandbox) -> None:
    do("Delete a tag")
    assert "old" not in world.state()["tags"]
    ada = world.find("users", email="ada@example.com")
    assert ada
    assert ada["user_tags"] == []


def test_universal_triggers(world: Sandbox, tmp_path: Path) -> None:
    row, ways, port = ROWS["Universal triggers"], Ways(world, tmp_path), free_port()
    (tmp_path / "secret.txt").write_text("long-enough-to-be-a-secret-0123456789")
    command = [BIN / "customerly", *shlex.split(row["command"])[1:], "--port", port]
    with running(
        command,
        name="The receiver",
        log=tmp_path / "listen.log",
        ready=lambda: not is_free(port),
        cwd=tmp_path,
        env=ways.env,
    ):
        body = {"data": {"user": {"data": {"email": "ada@example.com"}}}}
        url = f"http://127.0.0.1:{port}/long-enough-to-be-a-secret-0123456789/tagged"
        assert requests.post(url, json=body, timeout=10).status_code == 200
        (event,) = ways.pipeline(row)
    assert (event["hook"], event["email"], event["body"]) == ("tagged", "ada@example.com", body)


def test_each_row_is_run_here() -> None:
    source = Path(__file__).read_text()
    assert len(ROWS) == 19
    assert [module for module in ROWS if f'"{module}"' not in source] == []
