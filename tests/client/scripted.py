"""A server that says exactly what a test tells it to, byte for byte, over real sockets."""

from __future__ import annotations

import json
import socket
import threading
from collections import deque


def answer(status=200, body=None, headers=(), raw=None):
    content = raw if raw is not None else json.dumps(body).encode()
    lines = [f"HTTP/1.1 {status} X", f"Content-Length: {len(content)}", *headers]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + content


def ok(data=()):
    return answer(body={"data": data})


HANG_UP = b""  # closes the connection after the request has been read


class ScriptedServer:
    """Answers request after request from a list; the last entry answers all that follow."""

    def __init__(self, *script):
        self.script = deque(script or [ok()])
        self.requests = []
        self._lock = threading.Lock()
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port = self._socket.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}/v1"
        threading.Thread(target=self._accept, daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *error):
        self._socket.close()

    def _accept(self):
        while True:
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection):
        with connection, connection.makefile("rb") as lines:
            while request := self._read(lines):
                with self._lock:
                    self.requests.append(request)
                    step = self.script.popleft() if len(self.script) > 1 else self.script[0]
                content = step(request) if callable(step) else step
                if not content:
                    return
                try:
                    connection.sendall(content)
                except OSError:
                    return
                if content.endswith(b"CUT"):
                    return

    @staticmethod
    def _read(lines):
        first = lines.readline().decode().split()
        if len(first) < 2:
            return None
        headers = {}
        while (line := lines.readline().strip()) != b"":
            name, _, value = line.decode("latin-1").partition(":")
            headers[name.lower()] = value.strip()
        body = lines.read(int(headers.get("content-length", 0)))
        return {"method": first[0], "path": first[1], "headers": headers, "body": body}
