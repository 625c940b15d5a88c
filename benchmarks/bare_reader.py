"""The least that can be done: threads fetch ready-made paths, write the bytes, and look at nothing.

python benchmarks/bare_reader.py http://127.0.0.1:8000/v1 TOKEN THREADS < paths > /dev/null
"""

from __future__ import annotations

import sys
from concurrent.futures import ThreadPoolExecutor
from threading import local

import requests

sessions = local()


def fetch(url: str, token: str) -> bytes:
    """Fetch one answer."""
    if not hasattr(sessions, "one"):
        sessions.one = requests.Session()
        sessions.one.headers["Authorization"] = f"Bearer {token}"
    response = sessions.one.get(url, timeout=60)
    response.raise_for_status()
    return response.content


def main() -> None:
    """Write the answers for all of standard input to standard output."""
    url, token, threads = sys.argv[1:4]
    paths = sys.stdin.read().splitlines()
    with ThreadPoolExecutor(int(threads)) as pool:
        for content in pool.map(lambda path: fetch(f"{url}/{path}", token), paths):
            sys.stdout.buffer.write(content + b"\n")


if __name__ == "__main__":
    main()
