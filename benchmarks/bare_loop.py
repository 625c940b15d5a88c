"""The least that can be done: eight threads post ready-made batches, and look at nothing.

python benchmarks/bare_loop.py http://127.0.0.1:8000/v1/users TOKEN < batches.jsonl
"""

from __future__ import annotations

import sys
import threading
from queue import SimpleQueue

import requests

THREADS = 8


def post(url: str, token: str, batches: SimpleQueue[bytes | None]) -> None:
    """Post batches until there are no more."""
    session = requests.Session()
    session.headers.update({"Authorization": f"Bearer {token}", "Content-Type": "application/json"})
    while (batch := batches.get()) is not None:
        session.post(url, data=batch, timeout=60).raise_for_status()


def main() -> None:
    """Post each line of standard input."""
    batches: SimpleQueue[bytes | None] = SimpleQueue()
    threads = [
        threading.Thread(target=post, args=(*sys.argv[1:3], batches)) for _ in range(THREADS)
    ]
    for thread in threads:
        thread.start()
    for line in sys.stdin.buffer:
        batches.put(line)
    for _ in threads:
        batches.put(None)
    for thread in threads:
        thread.join()


if __name__ == "__main__":
    main()
