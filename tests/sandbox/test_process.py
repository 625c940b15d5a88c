"""The sandbox as a command: it starts, tells its URL, keeps its state, and ends cleanly."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import sys

import pytest
import requests
from click.testing import CliRunner
from customerly_sandbox import Sandbox
from customerly_sandbox.cli import sandbox as command
from customerly_sandbox.models.persistence import load, save
from customerly_sandbox.process import SandboxProcess
from customerly_sandbox.quirks import Quirks
from customerly_sandbox.server import LARGEST_BODY

from tests.support.waiting import eventually


@pytest.mark.parametrize("name", [signal.SIGTERM, signal.SIGINT])
def test_it_runs_until_it_is_told_to_stop(name):
    process = subprocess.Popen(
        [sys.executable, "-m", "customerly_sandbox", "--port", "0", "--users", "5",
         "--token", "t", "--quirk", "largest_page=3", "--latency-ms", "1", "--verbose"],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    answered = json.loads(process.stdout.readline())
    assert (answered["token"], answered["users"], answered["leads"]) == ("t", 5, 200)
    answer = requests.get(
        f"{answered['url']}/users/list",
        params={"per_page": 100},
        headers={"Authorization": "Bearer t"},
        timeout=5,
    )
    assert len(answer.json()["data"]["users"]) == 3
    process.send_signal(name)
    out, err = process.communicate(timeout=5)
    assert (process.returncode, out) == (0, "")
    assert err == "GET users/list?per_page=100: 200, 3\n"


def test_a_process_for_tests():
    with SandboxProcess(
        users=3, leads=1, virtual_clock=True, quirks={"largest_page": 2}
    ) as running:
        assert running.control("GET", "")["users"] == 3
        answered = running.control("POST", "quirks", ties="id")
        assert (answered["ties"], answered["largest_page"]) == ("id", 2)
        assert running.control("GET", "clock")["virtual"] is True
        with pytest.raises(ValueError, match="no quirk"):
            running.control("POST", "quirks", nonsense=1)
    assert running.process.returncode == 0


def test_the_state_outlives_the_process(tmp_path):
    path = tmp_path / "state.json"
    with Sandbox(20, 10, state=path) as first:
        first.upsert("users", {"email": "a@b.example", "user_id": "x", "tags": ["y"]})
        gone = next(c["email"] for c in first.contacts("leads") if c["email"])
        first.delete("leads", email=gone)
        first.write("DELETE", "tags", {"tag": "vip"})
        first.write("POST", "users/add-to-company", {"company_id": "c", "user_id": "x"})
        first.upsert("users", {"email": first.contacts("leads")[0]["email"]})
    assert [file.name for file in tmp_path.iterdir()] == ["state.json"]
    assert path.stat().st_mode & 0o777 == 0o600
    with Sandbox(1, 1, state=path) as second:
        assert second.state() == {**first.state(), "now": second.state()["now"]}
        second.upsert("users", {"email": "b@b.example"})
        numbers = [c["crmhero_user_id"] for c in second.contacts("users")]
        assert len(set(numbers)) == len(numbers) == 23


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"format": 2}', "\xff"])
def test_a_file_that_holds_no_state(tmp_path, content):
    path = tmp_path / "state.json"
    path.write_text(content, encoding="latin-1")
    with pytest.raises(ValueError, match="does not hold a sandbox's state"):
        load(path, Quirks())
    answered = CliRunner().invoke(command, ["--port", "0", "--state", str(path)])
    assert answered.exit_code == 1
    assert "does not hold a sandbox's state" in answered.output


def test_a_state_that_cannot_be_saved_leaves_the_former(tmp_path, sandbox, monkeypatch):
    path = tmp_path / "state.json"
    save(sandbox.store, path)
    before = path.read_bytes()
    monkeypatch.setattr("os.fsync", lambda _: (_ for _ in ()).throw(OSError(28, "No space left")))
    sandbox.upsert("users", {"email": "a@b.example"})
    with pytest.raises(OSError, match="No space left"):
        save(sandbox.store, path)
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize(
    ("arguments", "status", "text"),
    [
        (["--quirk", "nonsense=1"], 2, "there is no quirk 'nonsense'"),
        (["--quirk", "ties"], 2, "is not of the form name=value"),
        (["--quirk", "ties=none"], 2, "cannot be 'none'"),
        (["--users", "-1"], 2, "--users"),
        (["--host", "192.0.2.1"], 1, "cannot run"),
        (["--state", "/proc/nowhere/state"], 1, "cannot run"),
    ],
)
def test_what_it_refuses(arguments, status, text):
    answered = CliRunner().invoke(command, ["--port", "0", *arguments])
    assert answered.exit_code == status
    assert text in answered.output
    assert "Traceback" not in answered.output


def test_hostile_callers_leave_no_traceback(make_sandbox, caplog):
    running = make_sandbox()
    address = ("127.0.0.1", int(running.url.split(":")[2].removesuffix("/v1")))
    start = b"POST /v1/users HTTP/1.1\r\nHost: x\r\n"
    for junk in (
        b"garbage\r\n\r\n",
        start + b"Content-Length: -5\r\n\r\n",
        start + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n",
        start + b"Content-Length: 50\r\n\r\nabc",
    ):
        with socket.create_connection(address) as connection:
            connection.sendall(junk)
    answer = requests.get(f"{running.url}/tags", headers=_authorised(running), timeout=5)
    assert answer.status_code == 200
    assert caplog.text == ""


def test_a_body_that_is_too_large(sandbox):
    body = b"[" + b" " * LARGEST_BODY + b"]"
    answer = requests.post(f"{sandbox.url}/users", body, headers=_authorised(sandbox), timeout=20)
    assert answer.status_code == 413


def _authorised(running):
    return {"Authorization": f"Bearer {running.token}"}


def test_the_state_is_saved_while_it_runs(tmp_path):
    path = tmp_path / "state.json"
    with Sandbox(5, 5, state=path) as running:
        running.upsert("users", {"email": "a@b.example"})
        eventually(lambda: load(path, Quirks()).by_email("users", "a@b.example"))
