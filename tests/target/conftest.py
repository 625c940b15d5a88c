"""Applies records to an empty sandbox through the real command, in this process."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.support.target import record, run_target, schema

if TYPE_CHECKING:
    from customerly_sandbox import Sandbox

    from tests.support.run import Json, Run


class Target:
    """The target, set up for one sandbox."""

    def __init__(self, sandbox: Sandbox, **config: Any) -> None:
        self.sandbox = sandbox
        self.config = {**sandbox.config, "max_attempts": 2, "max_wait": 0.3, **config}

    def run(self, messages: list[Json] | str, *arguments: str, **config: Any) -> Run:
        """Run these messages."""
        return run_target({**self.config, **config}, messages, *arguments)

    def apply(
        self, stream: str, *records: Json, properties: Json | None = None, **config: Any
    ) -> Run:
        """Run the records of one stream, after its SCHEMA."""
        lines = [record(stream, **each) for each in records]
        return self.run([schema(stream, properties), *lines], **config)

    def of(self, kind: str, email: str) -> Json:
        """A contact as the sandbox holds it."""
        return self.sandbox.find(kind, email=email)

    def tags(self, email: str, kind: str = "users") -> list[str]:
        """A contact's tags, in order of their names."""
        return sorted(self.of(kind, email)["user_tags"])

    def writes(self) -> list[tuple[str, str]]:
        """Method and path of each request that writes."""
        return [
            (r["method"], r["path"].removeprefix("/v1/"))
            for r in self.sandbox.requests
            if r["method"] != "GET"
        ]


@pytest.fixture
def target(empty_sandbox: Sandbox) -> Target:
    return Target(empty_sandbox)


@pytest.fixture
def make_target(make_sandbox: Any) -> Any:
    """Makes a target for an empty sandbox with these quirks."""

    def make(users: int = 0, leads: int = 0, config: Json | None = None, **quirks: Any) -> Target:
        return Target(make_sandbox(users, leads, quirks=quirks), **(config or {}))

    return make
