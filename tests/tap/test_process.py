"""The command as a process: pipes, disks, signals, terminals, kills and the clock."""

from __future__ import annotations

import json
import os
import pty
import random
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from tests.support.tap import selecting
from tests.support.waiting import LONG, eventually

COMMAND = str(Path(sys.executable).with_name("tap-customerly"))


@pytest.fixture
def config(make_sandbox, tmp_path):
    sandbox = make_sandbox(users=3000, leads=0)
    path = tmp_path / "config.json"
    path.write_text(json.dumps({**sandbox.config, "page_size": 20}))
    (tmp_path / "catalog.json").write_text(json.dumps(selecting("users")))
    return path


def command(config, *arguments):
    catalog = config.with_name("catalog.json")
    return [COMMAND, "--config", str(config), "--catalog", str(catalog), *arguments]


def complaints(stderr):
    return [line for line in stderr.decode().splitlines() if " | INFO " not in line]


def test_a_target_that_ends_is_told_in_one_line(config):
    with subprocess.Popen(command(config), stdout=-1, stderr=-1) as tap:
        tap.stdout.readline()
        tap.stdout.close()
        stderr = tap.stderr.read()
    assert tap.returncode == 1
    assert len(complaints(stderr)) == 1, stderr
    assert b"Standard output was closed" in stderr


@pytest.mark.skipif(
    not Path("/dev/full").exists(), reason="there is no /dev/full, which stands for a full disk"
)
def test_a_full_disk_is_told_in_one_line(config):
    with Path("/dev/full").open("wb") as full:
        tap = subprocess.run(command(config), stdout=full, stderr=-1, check=False)
    assert tap.returncode == 1
    assert len(complaints(tap.stderr)) == 1, tap.stderr
    assert b"No space left on device" in tap.stderr


def test_a_closed_standard_output_is_told_in_one_line(config):
    closing = ["sh", "-c", 'exec "$@" >&-', "sh"]
    tap = subprocess.run([*closing, *command(config)], stderr=-1, check=False)
    assert tap.returncode == 1
    assert len(complaints(tap.stderr)) == 1, tap.stderr
    assert b"Standard output can't be written" in tap.stderr


def test_a_closed_standard_error_stops_nothing(config):
    closing = ["sh", "-c", 'exec "$@" 2>&-', "sh"]
    tap = subprocess.run([*closing, *command(config)], stdout=-1, check=True)
    assert tap.stdout.count(b'"RECORD"') == 3000


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_at_once_and_not_as_a_success(number, make_sandbox, config):
    slow = make_sandbox(users=3000, leads=0, latency_ms=600_000)  # it waits for no answer
    config.write_text(json.dumps(slow.config))
    with subprocess.Popen(command(config), stdout=-1, stderr=-1) as tap:
        eventually(lambda: slow.counters["most_at_once"])
        tap.send_signal(number)
        _, stderr = tap.communicate(timeout=LONG)
    assert tap.returncode == 128 + number
    assert b"Traceback" not in stderr


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_though_nobody_reads_what_it_writes(number, config):
    with subprocess.Popen(command(config), stdout=-1, stderr=-1) as tap:
        tap.stdout.read(1)  # and no more: the pipe fills up
        tap.send_signal(number)
        assert tap.wait(10) == 128 + number
        tap.stdout.close()
        assert b"Traceback" not in tap.stderr.read()


@pytest.mark.parametrize(
    "seed", [pytest.param(s, marks=pytest.mark.soak) for s in range(200)] + [7]
)
def test_a_signal_at_any_moment_leaves_sound_lines_and_no_traceback(seed, config):
    chance = random.Random(seed)
    number = chance.choice([signal.SIGTERM, signal.SIGINT])
    with subprocess.Popen(command(config), stdout=-1, stderr=-1) as tap:
        timer = threading.Timer(0.02 + chance.random() * 1.2, tap.send_signal, [number])
        timer.start()
        stdout, stderr = tap.communicate()
        timer.cancel()
    if b"from tap_customerly.__main__ import main" in stderr:
        return  # Python itself was not up yet
    assert b"Traceback" not in stderr, stderr
    assert tap.returncode in {0, -number, 128 + number}
    for line in stdout.splitlines(keepends=True):
        assert json.loads(line) if line.endswith(b"\n") else tap.returncode


def test_help_and_discovery_ask_for_nothing(make_sandbox, config):
    sandbox = make_sandbox(users=20, leads=20)
    config.write_text(json.dumps(sandbox.config))
    for arguments in (["--help"], ["--config", str(config), "--discover"]):
        subprocess.run([COMMAND, *arguments], stdout=-1, stderr=-1, check=True)
    assert sandbox.requests == []


def test_a_run_that_finds_nothing_changed_takes_a_request_a_stream(make_sandbox, config):
    sandbox = make_sandbox(users=1_000, leads=300)
    config.write_text(json.dumps(sandbox.config))
    state = config.with_name("state.json")
    state.write_text("{}")
    run = [COMMAND, "--config", str(config), "--state", str(state)]
    first = subprocess.run(run, stdout=-1, stderr=-1, check=True).stdout.splitlines()
    state.write_text(json.dumps(json.loads(first[-1])["value"]))
    seen = len(sandbox.requests)
    subprocess.run(run, stdout=-1, stderr=-1, check=True)
    assert len(sandbox.requests) == seen + 3


def read_terminal(terminal):
    shown = b""
    try:
        while piece := os.read(terminal, 4096):
            shown += piece
    except OSError:
        pass  # Linux says so when the other side has closed
    return shown


def test_progress_shows_on_a_terminal_alone(make_sandbox, config):
    sandbox = make_sandbox(users=600, leads=0, latency_ms=100)
    config.write_text(json.dumps({**sandbox.config, "max_concurrency": 1}))
    ours, theirs = pty.openpty()
    with subprocess.Popen(command(config), stdout=subprocess.DEVNULL, stderr=theirs) as tap:
        os.close(theirs)
        shown = read_terminal(ours)
    os.close(ours)
    assert tap.returncode == 0
    assert b"users: " in shown
    assert b"/s)" in shown

    piped = subprocess.run(command(config), stdout=-1, stderr=-1, check=True)
    assert complaints(piped.stderr) == []
    assert b"/s)" not in piped.stderr
