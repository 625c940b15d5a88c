"""A receiver in a process of its own, as `customerly listen` starts it."""

from __future__ import annotations

import http.client
import os
import re
import signal
import socket
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from customerly.webhooks.spool_reader import SpoolReader

from tests.support.waiting import eventually

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from customerly.webhooks.delivery import Delivery

SECRET = "correct-horse-battery-staple"
COMMAND = Path(sys.executable).with_name("customerly")
READY = re.compile(r"listening on http://127\.0\.0\.1:(\d+)")


class Listening:
    """One `customerly listen`."""

    def __init__(self, folder: Path, *options: str, spool: Path | None = None) -> None:
        self.folder = folder
        self.spool = spool or folder / "spool"
        self.secret_file = folder / "secret"
        self.secret_file.touch(mode=0o600)
        self.secret_file.write_text(f"{SECRET}\n")
        self.log = folder / "log"
        self.options = options
        self.port = 0
        self.start()

    def start(self) -> None:
        """Start it (again), on the port that it had."""
        self.log.touch()
        started = self._ready()
        with self.log.open("a") as log:
            self.process = subprocess.Popen(
                [
                    *(COMMAND, "listen", "--port", str(self.port)),
                    *("--path-secret-file", self.secret_file, "--spool", self.spool),
                    *self.options,
                ],
                stdout=log,
                stderr=log,
                stdin=subprocess.DEVNULL,
            )
        eventually(lambda: self._ready() > started or self.process.poll() is not None)
        assert self._ready() > started, self.log.read_text()
        self.port = int(READY.findall(self.log.read_text())[-1])

    def _ready(self) -> int:
        return len(READY.findall(self.log.read_text()))

    def stop(self, number: int = signal.SIGTERM) -> int:
        """Send a signal and return the exit status."""
        if self.process.poll() is None:
            self.process.send_signal(number)
        return self.process.wait(20)

    def request(
        self,
        method: str = "POST",
        path: str = f"/{SECRET}",
        body: bytes | None = b"{}",
        headers: dict[str, str] | None = None,
    ) -> http.client.HTTPResponse:
        """Send one request on a connection of its own; the answer's body is read already."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        try:
            connection.request(method, path, body, headers or {})
            answer = connection.getresponse()
            answer.content = answer.read()
        finally:
            connection.close()
        return answer

    def raw(self, sent: bytes, seconds: float = 20) -> bytes:
        """Send bytes as they are; return all that comes back until the connection ends."""
        received = b""
        with socket.create_connection(("127.0.0.1", self.port), timeout=seconds) as connection:
            try:
                connection.sendall(sent)
                while part := connection.recv(65536):
                    received += part
            except (ConnectionError, TimeoutError):
                pass
        return received

    def kept(self) -> list[Delivery]:
        """Everything that is in the spool."""
        with SpoolReader(self.spool) as reader:
            return list(reader.deliveries())

    @property
    def memory(self) -> int:
        """Bytes that the process takes."""
        pages = int(Path(f"/proc/{self.process.pid}/statm").read_text().split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE")


@pytest.fixture
def listen(tmp_path: Path) -> Iterator[Callable[..., Listening]]:
    """Starts receivers; all of them are stopped at the end."""
    started: list[Listening] = []

    def start(*options: str, spool: Path | None = None) -> Listening:
        folder = tmp_path / f"receiver-{len(started)}"
        folder.mkdir()
        started.append(Listening(folder, *options, spool=spool))
        return started[-1]

    yield start
    for each in started:
        each.stop(signal.SIGKILL)


@pytest.fixture(scope="module")
def receiver(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Listening]:
    """One receiver for a module's tests; each looks at its own deliveries."""
    listening = Listening(
        tmp_path_factory.mktemp("receiver"), "--body-seconds", "1", "--max-body-kb", "100"
    )
    yield listening
    assert listening.stop() == 0
