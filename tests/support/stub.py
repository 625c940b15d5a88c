"""An HTTP server that says what a test tells it to, byte for byte, over real sockets.

with StubServer(answer(500), ok()) as server: ...         # one answer after the other
with StubServer(upstream=sandbox.url) as server:          # the sandbox, but for one path
    server.on("GET", "tags", answer(403, raw=b"<html>", headers=["Content-Type: text/html"]))
"""

from __future__ import annotations

import http.client
import json
import socket
import threading
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import BinaryIO, Self

HANG_UP = b""
"""An answer: the connection is closed when the request has been read."""

Request = dict[str, Any]
"""`method`, `path` with its query, `headers` (names in lower case), `body`."""

Answer = bytes | Callable[[Request], "bytes | None"] | None
"""What to send; None: what the server behind this one says."""


def answer(
    status: int = 200, body: Any = None, headers: Sequence[str] = (), raw: bytes | None = None
) -> bytes:
    """A whole HTTP answer.

    Args:
        status: Its status.
        body: Its body, sent as JSON.
        headers: More headers, as `Retry-After: 1`.
        raw: Its body as it is, in place of `body`. One that ends with `CUT` is the connection's
            last.
    """
    content = raw if raw is not None else json.dumps(body).encode()
    lines = [f"HTTP/1.1 {status} X", f"Content-Length: {len(content)}", *headers]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + content


def ok(data: Any = ()) -> bytes:
    """An answer in the success envelope."""
    return answer(body={"data": data})


class StubServer:
    """Answers as it is told.

    Args:
        *script: Answers to any request, one after the other; the last one answers all that follow.
        upstream: The API root of a server that answers what nothing else does.
    """

    def __init__(self, *script: Answer, upstream: str | None = None) -> None:
        self.requests: list[Request] = []
        self._rules: list[tuple[str, str, deque[Answer]]] = []
        self._upstream = urlsplit(upstream).netloc if upstream else None
        self._lock = threading.Lock()
        self._open: set[socket.socket] = set()
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port = self._socket.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}/v1"
        if script or not upstream:
            self.on("*", "*", *(script or [ok()]))
        threading.Thread(target=self._accept, daemon=True).start()

    def on(self, method: str, path: str, *answers: Answer) -> None:
        """Answer a path, one answer after the other; the last one answers all that follow.

        Args:
            method: Upper case; `*`: any.
            path: Below the API's root, without its query, as `users/list`; `*` stands for anything.
            *answers: What to say; None: what the server behind says.
        """
        self._rules.append((method, path, deque(answers)))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        with self._lock:
            for each in (self._socket, *self._open):
                with suppress(OSError):  # it is at its end already
                    each.shutdown(socket.SHUT_RDWR)  # a close alone does not wake who waits on it
        self._socket.close()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        with self._lock:
            self._open.add(connection)
        try:
            with connection, connection.makefile("rb") as lines, suppress(ConnectionError):
                self._talk(connection, lines)
        finally:
            with self._lock:
                self._open.discard(connection)

    def _talk(self, connection: socket.socket, lines: BinaryIO) -> None:
        while request := _read(lines):
            with self._lock:
                self.requests.append(request)
                step = self._step(request)
            content = step(request) if callable(step) else step
            if content is None:
                content = self._ask_upstream(request)
            if not content:
                return
            try:
                connection.sendall(content)
            except OSError:
                return
            if content.endswith(b"CUT"):
                return

    def _step(self, request: Request) -> Answer:
        path = urlsplit(request["path"]).path.removeprefix("/v1/").strip("/")
        for method, pattern, answers in self._rules:
            if fnmatchcase(request["method"], method) and fnmatchcase(path, pattern):
                return answers.popleft() if len(answers) > 1 else answers[0]
        return None

    def _ask_upstream(self, request: Request) -> bytes:
        if self._upstream is None:
            return ok()
        connection = http.client.HTTPConnection(self._upstream, timeout=60)
        try:
            headers = {name: value for name, value in request["headers"].items() if name != "host"}
            connection.request(request["method"], request["path"], request["body"], headers)
            found = connection.getresponse()
            body = found.read()
        except (OSError, http.client.HTTPException):
            return HANG_UP
        finally:
            connection.close()
        own = {"content-length", "connection", "transfer-encoding"}
        more = [f"{name}: {value}" for name, value in found.getheaders() if name.lower() not in own]
        return answer(found.status, headers=more, raw=body)


def _read(lines: BinaryIO) -> Request | None:
    first = lines.readline().decode().split()
    if len(first) < 2:
        return None
    headers = {}
    while (line := lines.readline().strip()) != b"":
        name, _, value = line.decode("latin-1").partition(":")
        headers[name.lower()] = value.strip()
    body = lines.read(int(headers.get("content-length", 0)))
    return {"method": first[0], "path": first[1], "headers": headers, "body": body}
