"""What stands in the way of `customerly listen` is one clear line."""

from __future__ import annotations

import socket
import subprocess
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner
from customerly.cli import main

from tests.webhooks.conftest import COMMAND, SECRET

if TYPE_CHECKING:
    from pathlib import Path


def run(secret_file: Path, spool: Path, *more: str) -> str:
    """Run the command, which must fail at once; return its one line."""
    arguments = ["listen", "--path-secret-file", str(secret_file), "--spool", str(spool), *more]
    result = CliRunner().invoke(main, arguments)
    assert result.exit_code == 1, result.output
    assert result.stdout == ""
    (line,) = [each for each in result.stderr.splitlines() if not each.startswith("Warning")]
    assert line.startswith("Error: ")
    assert SECRET not in line
    return line


@pytest.fixture
def secret_file(tmp_path: Path) -> Path:
    file = tmp_path / "secret"
    file.write_text(SECRET)
    return file


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "is empty"),
        (b" \n", "is empty"),
        (b"short", "too easy to guess"),
        (b"healthz", "too easy to guess"),
        (b"with/slash/in/it", "a meaning in a URL"),
        (b"with a blank in it", "a meaning in a URL"),
        (b"two-lines-of-it\ntwo-lines-of-it", "a meaning in a URL"),
        ("geheimnisträger".encode(), "a meaning in a URL"),
        (b"\xff\xfe\xff\xfe\xff\xfe", "holds no text"),
    ],
)
def test_a_secret_that_is_none(tmp_path: Path, content: bytes, said: str) -> None:
    file = tmp_path / "secret"
    file.write_bytes(content)
    assert said in run(file, tmp_path / "spool")


def test_no_secret_file(tmp_path: Path) -> None:
    assert "cannot be read: No such file" in run(tmp_path / "none", tmp_path / "spool")
    assert "cannot be read: Is a directory" in run(tmp_path, tmp_path / "spool")


def test_a_spool_that_cannot_be(tmp_path: Path, secret_file: Path) -> None:
    assert "cannot be used: Not a directory" in run(secret_file, secret_file / "spool")


def test_a_port_that_is_taken(tmp_path: Path, secret_file: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        line = run(secret_file, tmp_path / "spool", "--port", str(port))
    assert f"Cannot listen on 127.0.0.1 port {port}: Address already in use" in line


def test_an_address_that_is_not_ours(tmp_path: Path, secret_file: Path) -> None:
    assert "Cannot listen on" in run(secret_file, tmp_path / "spool", "--host", "192.0.2.1")
    assert "Cannot listen on" in run(secret_file, tmp_path / "spool", "--host", "no.such.invalid")


def test_a_spool_that_another_receiver_has(listen, secret_file: Path) -> None:
    receiver = listen()
    assert "another receiver that is running" in run(secret_file, receiver.spool, "--port", "0")


def test_a_secret_that_others_can_read_is_a_warning(tmp_path: Path, secret_file: Path) -> None:
    secret_file.chmod(0o644)
    result = subprocess.run(
        [COMMAND, "listen", "--path-secret-file", secret_file, "--spool", secret_file / "x"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 1
    assert "Warning: other users may read" in result.stderr
    assert "Traceback" not in result.stderr


def test_usage() -> None:
    result = CliRunner().invoke(main, ["listen"])
    assert result.exit_code == 2
    result = CliRunner().invoke(main, ["listen", "--help"])
    assert result.exit_code == 0
    assert "Example: customerly listen" in result.stdout
