"""The least that can be done: threads fetch numbered pages, write the bytes, and look at nothing.

python benchmarks/bare_reader.py http://127.0.0.1:8000/v1 TOKEN THREADS PAGES > /dev/null
"""

from __future__ import annotations

import sys
from concurrent.futures import ThreadPoolExecutor
from threading import local

import requests

sessions = local()


def fetch(url: str, token: str, page: int) -> bytes:
    """Fetch one page of users."""
    if not hasattr(sessions, "one"):
        sessions.one = requests.Session()
        sessions.one.headers["Authorization"] = f"Bearer {token}"
    query = {"page": page, "per_page": 100, "sort": "last_update", "sort_direction": "asc"}
    response = sessions.one.get(f"{url}/users/list", params=query, timeout=60)
    response.raise_for_status()
    return response.content


def main() -> None:
    """Write all pages to standard output."""
    url, token = sys.argv[1:3]
    threads, pages = map(int, sys.argv[3:5])
    with ThreadPoolExecutor(threads) as pool:
        for content in pool.map(lambda page: fetch(url, token, page), range(pages)):
            sys.stdout.buffer.write(content + b"\n")


if __name__ == "__main__":
    main()
