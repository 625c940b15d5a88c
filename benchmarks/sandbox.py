"""How many contacts a second the sandbox serves and takes, on one core, 100 a request.

    python benchmarks/sandbox.py --users 100000 --requests 1000

The sandbox runs in a process of its own; the client sends ready-made bytes and parses
nothing, so what is measured is the sandbox.
"""

from __future__ import annotations

import argparse
import http.client
import json
import time
from urllib.parse import urlsplit

import psutil
from customerly_sandbox.process import SandboxProcess

BATCH = 100


def contacts(first: int) -> bytes:
    """An upsert of a hundred contacts, each with a name, tags and attributes."""
    found = [
        {
            "email": f"person.{number}@bench.example",
            "user_id": f"bench-{number}",
            "name": f"Përson {number}",
            "tags": ["bench", f"group-{number % 7}"],
            "attributes": {"plan": "pro", "seats": number % 50, "trial": False, "at": 1767225600},
        }
        for number in range(first, first + BATCH)
    ]
    return json.dumps({"users": found}).encode()


class Meter:
    """Sends requests, and prints how many contacts went through a second."""

    def __init__(self, sandbox: SandboxProcess) -> None:
        self._connection = http.client.HTTPConnection(urlsplit(sandbox.url).netloc)
        self._headers = {"Authorization": f"Bearer {sandbox.token}"}
        self._process = psutil.Process(sandbox.process.pid)

    def run(self, name: str, requests: list[tuple[str, str, bytes | None]]) -> None:
        """Send them all, one after another, over one connection."""
        busy = sum(self._process.cpu_times()[:2])
        start = time.perf_counter()
        for method, path, body in requests:
            self._connection.request(method, f"/v1/{path}", body, self._headers)
            answer = self._connection.getresponse()
            answer.read()
            assert answer.status == 200, answer.status
        wall = time.perf_counter() - start
        busy = sum(self._process.cpu_times()[:2]) - busy
        count = len(requests) * BATCH
        memory = self._process.memory_info().rss / 2**20
        print(
            f"{name:<34} {count / wall:>9,.0f} contacts/s   "
            f"{count / max(busy, 1e-9):>9,.0f} a second of CPU   {memory:,.0f} MB"
        )


def main() -> None:
    """Measure reading, reading again, creating and updating."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--users", type=int, default=100_000)
    parser.add_argument("--requests", type=int, default=500)
    given = parser.parse_args()
    pages = -(-given.users // BATCH)
    start = time.perf_counter()
    with SandboxProcess(users=given.users, leads=0) as sandbox:
        print(f"ready after {time.perf_counter() - start:.2f} s with {given.users:,} users")
        meter = Meter(sandbox)
        order = "per_page=100&sort=last_update&sort_direction="
        spread = [
            ("GET", f"users/list?page={n * pages // given.requests}&{order}asc", None)
            for n in range(given.requests)
        ]
        first = [
            ("GET", f"users/list?page={n % 100}&{order}asc", None) for n in range(given.requests)
        ]
        newest = [
            ("GET", f"users/list?page={n % 100}&{order}desc", None) for n in range(given.requests)
        ]
        writes = [("POST", "users", contacts(n * BATCH)) for n in range(given.requests)]
        meter.run("read, spread over the list", spread)
        meter.run("read, the same 100 pages", first)
        meter.run("create", writes)
        meter.run("update", writes)
        meter.run("read what was written, newest first", newest)


if __name__ == "__main__":
    main()
