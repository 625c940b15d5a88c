"""SIGTERM and SIGINT at any moment: the state is sound, and the end comes without a traceback."""

from __future__ import annotations

import contextlib
import json
import random
import signal
import subprocess
import threading
import time
from typing import TYPE_CHECKING, Any

import pytest
from target_customerly.signals import EXIT_CODES, Watching, check, note

from tests.support.run import BIN
from tests.support.target import record, schema, state

if TYPE_CHECKING:
    from pathlib import Path

COUNT = 2_000
ENDS = {*EXIT_CODES, -signal.SIGTERM}  # the last one before any line of ours has run


def messages() -> list[Any]:
    lines = [schema("users")]
    for number in range(COUNT):
        lines.append(record("users", email=f"p{number}@x.org"))
        if number % 25 == 24:
            lines.append(state(number + 1))
    return lines


class Started:
    """The command, reading endless input that stalls when all was sent."""

    def __init__(self, sandbox: Any, folder: Path, **config: Any) -> None:
        path = folder / "config.json"
        rejects = str(folder / "rejects.jsonl")
        settings = {**sandbox.config, "batch_size_rows": 5, "rejects_path": rejects, **config}
        path.write_text(json.dumps(settings))
        self.stderr = folder / "stderr"
        self.process = subprocess.Popen(
            [BIN / "target-customerly", "--config", path],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self.stderr.open("wb"),
        )
        self.writer = threading.Thread(target=self._write, daemon=True)
        self.writer.start()

    def _write(self) -> None:
        assert self.process.stdin is not None
        with contextlib.suppress(BrokenPipeError):
            self.process.stdin.write(b"".join(json.dumps(m).encode() + b"\n" for m in messages()))
            self.process.stdin.flush()

    def end(self, number: int, sandbox: Any) -> list[int]:
        """Send the signal; what was passed on must be in the sandbox."""
        self.process.send_signal(number)
        assert self.process.stdout is not None
        assert self.process.stdin is not None
        said = self.process.stdout.read().decode()
        code = self.process.wait(30)
        self.writer.join(30)
        self.process.stdout.close()
        with contextlib.suppress(BrokenPipeError):
            self.process.stdin.close()
        assert code in ENDS, self.stderr.read_text()
        assert "Traceback" not in self.stderr.read_text()
        assert "Exception ignored" not in self.stderr.read_text()
        states = [json.loads(line) for line in said.splitlines()]
        assert states == sorted(states)
        there = {user["email"] for user in sandbox.contacts("users")}
        assert {f"p{n}@x.org" for n in range(states[-1] if states else 0)} <= there
        return states


def ended_at_random(make_sandbox: Any, folder: Path, seed: int) -> None:
    dice = random.Random(seed)
    sandbox = make_sandbox(0, 0)
    if dice.random() < 0.3:
        sandbox.fail("rate_limit", skip=dice.randrange(100), retry_after=600)
    reached = threading.Event()
    wanted = dice.randrange(1, 120)
    seen = [0]

    def count(_call: Any) -> None:
        seen[0] += 1
        if seen[0] >= wanted:
            reached.set()

    sandbox.on_request(count)
    started = Started(sandbox, folder)
    if seed % 4 == 0:  # while it still imports
        time.sleep(dice.uniform(0, 0.7))
        started.end(signal.SIGTERM, sandbox)
    else:
        reached.wait(dice.uniform(0.5, 5))
        number = signal.SIGINT if seen[0] and dice.random() < 0.5 else signal.SIGTERM
        started.end(number, sandbox)


@pytest.mark.parametrize("seed", range(4))
def test_a_signal_at_a_random_moment(make_sandbox: Any, tmp_path: Path, seed: int) -> None:
    ended_at_random(make_sandbox, tmp_path, seed)


@pytest.mark.soak
@pytest.mark.parametrize("seed", range(100, 300))
def test_two_hundred_signals(make_sandbox: Any, tmp_path: Path, seed: int) -> None:
    ended_at_random(make_sandbox, tmp_path, seed)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_while_it_waits_as_the_api_asks(
    make_sandbox: Any, tmp_path: Path, number: int
) -> None:
    sandbox = make_sandbox(0, 0)
    asked = threading.Semaphore(0)
    sandbox.fail("rate_limit", skip=3, retry_after=600)
    sandbox.on_request(lambda _call: asked.release())
    started = Started(sandbox, tmp_path)
    for _ in range(4):
        assert asked.acquire(timeout=60)
    states = started.end(number, sandbox)
    assert states == [] or states[-1] <= 25
    assert not (tmp_path / "rejects.jsonl").exists()


def test_a_signal_while_it_waits_for_the_answer_to_a_look_up(
    make_sandbox: Any, tmp_path: Path
) -> None:
    sandbox = make_sandbox(0, 0)
    asked = threading.Event()
    sandbox.fail("slow", seconds=25)
    sandbox.on_request(lambda _call: asked.set())
    started = Started(sandbox, tmp_path, dry_run=True)
    assert asked.wait(60)
    assert started.end(signal.SIGTERM, sandbox) == []


def test_what_is_noted_ends_the_run_where_it_is_looked_for_and_leaves_no_thread() -> None:
    woken = threading.Event()
    before = threading.active_count()
    handlers = [signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)]
    try:
        with Watching(woken.set):
            note(signal.SIGTERM)
            assert woken.wait(30)
            with pytest.raises(SystemExit) as end:
                check()
    finally:
        for number, handler in zip((signal.SIGTERM, signal.SIGINT), handlers, strict=True):
            signal.signal(number, handler)
    assert end.value.code == 143
    assert threading.active_count() == before
    check()  # and the next run begins anew
