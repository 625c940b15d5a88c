"""The sandbox as a child process, for what must not share a processor with it."""

from __future__ import annotations

import http.client
import json
import subprocess
import sys
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from typing import Self

    from customerly_sandbox.fields import Record


class SandboxProcess:
    """A sandbox of its own process, as `customerly sandbox` starts it.

    Args:
        options: The command's options by name: `users=500, quirks={"ties": "id"}`.
    """

    def __init__(self, **options: Any) -> None:
        self._options = {"port": 0, **options}
        self.url = ""
        self.token = ""

    def start(self) -> Self:
        """Start it, and wait until it answers.

        Raises:
            RuntimeError: It ended instead.
        """
        arguments = [
            text for name, value in self._options.items() for text in _argument(name, value)
        ]
        self.process = subprocess.Popen(
            [sys.executable, "-m", "customerly_sandbox", *arguments], stdout=subprocess.PIPE
        )
        line = self.process.stdout.readline() if self.process.stdout else b""
        if not line:
            message = f"the sandbox ended with exit status {self.process.wait()}"
            raise RuntimeError(message)
        started = json.loads(line)
        self.url, self.control_url, self.token = (
            started["url"],
            started["control"],
            started["token"],
        )
        return self

    def stop(self) -> None:
        """Stop it, and wait until it has ended."""
        self.process.terminate()
        self.process.wait()
        if self.process.stdout is not None:
            self.process.stdout.close()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    def control(self, method: str, name: str, /, **body: Any) -> object:
        """Call a control route.

        Raises:
            ValueError: It refuses.
        """
        parts = urlsplit(self.control_url)
        connection = http.client.HTTPConnection(parts.netloc, timeout=600)
        try:
            connection.request(method, f"{parts.path}/{name}", json.dumps(body))
            answer = connection.getresponse()
            found: Record = json.loads(answer.read())
        finally:
            connection.close()
        if answer.status >= 400:
            raise ValueError(found.get("error"))
        return found


def _argument(name: str, value: object) -> list[str]:
    """One option, as the command line has it."""
    if isinstance(value, dict):
        pairs = [f"{quirk}={json.dumps(choice)}" for quirk, choice in value.items()]
        return [text for pair in pairs for text in ("--quirk", pair)]
    option = f"--{name.replace('_', '-')}"
    if isinstance(value, bool):
        return [option] if value else []
    return [option, str(value)]
