"""STATE: passed on only after what it covers is settled, and then soon."""

from __future__ import annotations

import json
import os
import selectors
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING, Any

import pytest

from tests.support.target import record, schema, state
from tests.support.waiting import eventually

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.run import Json

COMMAND = [
    sys.executable,
    "-c",
    "from target_customerly.target import TargetCustomerly as T; T.cli()",
]


class Process:
    """The command as a process of its own, with its standard input kept open."""

    def __init__(self, config: Json, folder: Path, **environment: str) -> None:
        path = folder / "config.json"
        path.write_text(json.dumps({**config, "rejects_path": str(folder / "rejects.jsonl")}))
        self.process = subprocess.Popen(
            [*COMMAND, "--config", str(path)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=(folder / "stderr").open("w"),
            env={**os.environ, **environment},
            cwd=folder,
        )

    def send(self, *messages: Json) -> None:
        self.process.stdin.write(b"".join(json.dumps(m).encode() + b"\n" for m in messages))
        self.process.stdin.flush()

    def next_state(self, within: float) -> Any:
        """The next line of standard output, or None."""
        with selectors.DefaultSelector() as selector:
            selector.register(self.process.stdout, selectors.EVENT_READ)
            ready = selector.select(within)
        return json.loads(self.process.stdout.readline()) if ready else None

    def end(self) -> int:
        self.process.stdin.close()
        return self.process.wait(20)


@pytest.fixture
def start(target: Any, tmp_path: Path) -> Any:
    started = []

    def make(**config: Any) -> Process:
        started.append(Process({**target.config, **config}, tmp_path))
        return started[-1]

    yield make
    for each in started:
        if each.process.poll() is None:
            each.process.kill()
            each.process.wait()
        each.process.stdin.close()
        each.process.stdout.close()


def test_states_come_in_order_and_the_last_one_always(target: Any) -> None:
    messages = [schema("users")]
    for number in range(50):
        messages += [record("users", email=f"p{number}@x.org"), state({"n": number})]
    run = target.run(messages, batch_size_rows=7)
    numbers = [value["n"] for value in run.states]
    assert numbers == sorted(set(numbers))
    assert numbers[-1] == 49


def test_a_state_of_nothing_is_passed_on(target: Any) -> None:
    assert target.run([state({"a": 1}), state({"a": 2})]).states[-1] == {"a": 2}


def test_a_rejected_record_is_covered_too(target: Any) -> None:
    run = target.run([schema("users"), record("users", email="nobody"), state(1)])
    assert (run.code, run.states, len(run.rejects)) == (1, [1], 1)


def test_within_two_seconds_while_the_input_stalls(target: Any, start: Any) -> None:
    process = start()
    process.send(schema("users"), record("users", email="a@x.org"), state(1))
    assert process.next_state(20) == 1  # with the time that Python takes to start
    assert [user["email"] for user in target.sandbox.contacts("users")] == ["a@x.org"]
    process.send(record("users", email="b@x.org"), record("users", email="nobody"), state(2))
    began = time.monotonic()
    assert process.next_state(10) == 2
    assert time.monotonic() - began < 2
    assert len(target.sandbox.contacts("users")) == 2
    process.send(state(3))
    assert process.next_state(2) == 3
    assert process.end() == 1


def test_no_state_before_its_records_are_applied(target: Any, start: Any) -> None:
    target.sandbox.fail("slow", method="POST", seconds=0.5, times=1)
    process = start(batch_size_rows=1)
    process.send(schema("users"), record("users", email="a@x.org"), state(1))
    process.send(record("users", email="b@x.org"), state(2))
    assert process.next_state(20) in (1, 2)
    assert {user["email"] for user in target.sandbox.contacts("users")} >= {"a@x.org"}
    assert process.end() == 0


def test_a_signal_ends_it_cleanly_and_rejects_nothing(
    target: Any, start: Any, tmp_path: Path
) -> None:
    process = start(max_attempts=10)
    process.send(schema("users"), record("users", email="a@x.org"), state(1))
    assert process.next_state(20) == 1
    target.sandbox.fail("status", method="POST", status=500)  # GET /tags answers all the while
    written = len(target.writes())
    process.send(record("users", email="b@x.org"), record("users", email="c@x.org"), state(2))
    eventually(lambda: len(target.writes()) > written)  # it waits for its next attempt
    process.process.send_signal(signal.SIGTERM)
    assert process.process.wait(10) != 0
    assert process.next_state(0.1) is None if process.process.stdout.peek() else True
    assert not (tmp_path / "rejects.jsonl").exists()
    said = (tmp_path / "stderr").read_text()
    assert "Traceback" not in said
    assert "users: 1 applied" in said


def test_a_kill_and_a_run_from_the_last_state(target: Any, start: Any) -> None:
    people = [record("users", email=f"p{number}@x.org", n=number) for number in range(300)]
    done = 0
    for _ in range(3):
        process = start(batch_size_rows=10)
        process.send(schema("users"))
        for number, person in enumerate(people[done:], done + 1):
            process.send(person, state(number))
        latest = process.next_state(20)
        process.process.kill()
        process.process.wait()
        rest = process.process.stdout.read().splitlines()
        done = json.loads(rest[-1]) if rest else latest or done
        stored = {user["email"] for user in target.sandbox.contacts("users")}
        assert {person["record"]["email"] for person in people[:done]} <= stored
    run = target.run([schema("users"), *people[done:], state(300)])
    assert run.states[-1] == 300
    assert len(target.sandbox.contacts("users")) == 300
