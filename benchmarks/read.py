"""How fast the tap reads, side by side with a plain SDK tap and a bare loop.

    python benchmarks/read.py --users 50000 --rounds 3

They take turns, each as a process of its own from start to end, against one sandbox in another
process; after each turn the output is checked to hold every user. Prints Markdown tables.
"""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import IO, TYPE_CHECKING

from contender import Contender
from customerly_sandbox.process import SandboxProcess

if TYPE_CHECKING:
    from collections.abc import Iterator

HERE = Path(__file__).parent
PAGE = 100
KEY = re.compile(rb'"crmhero_user_id": ?"?(\d+)')


def users_in(output: IO[bytes]) -> int:
    """Count the users that a tap wrote, each once."""
    return len({key for line in output for key in KEY.findall(line)})


def ours(sandbox: SandboxProcess, folder: Path, concurrency: int) -> Contender:
    """The tap, as it is installed."""
    command = str(Path(sys.executable).with_name("tap-customerly"))
    config = folder / f"ours-{concurrency}.json"
    settings = {"access_token": sandbox.token, "api_url": sandbox.url}
    config.write_text(json.dumps({**settings, "max_concurrency": concurrency}))
    catalog = folder / "catalog.json"
    if not catalog.exists():
        shown = subprocess.run([command, "--discover"], capture_output=True, check=True).stdout
        streams = [s for s in json.loads(shown)["streams"] if s["tap_stream_id"] == "users"]
        catalog.write_text(json.dumps({"streams": streams}))
    return Contender(
        f"tap-customerly, {concurrency} at once",
        [command, "--config", str(config), "--catalog", str(catalog)],
    )


def contenders(
    sandbox: SandboxProcess, folder: Path, users: int, concurrency: list[int]
) -> list[Contender]:
    """Those who are compared, the plain tap first."""
    config = folder / "plain.json"
    config.write_text(json.dumps({"access_token": sandbox.token, "api_url": sandbox.url}))
    pages = str(-(-users // PAGE))
    bare = [sys.executable, str(HERE / "bare_reader.py"), sandbox.url, sandbox.token]
    plain = [sys.executable, str(HERE / "plain_tap.py"), "--config", str(config)]
    return [
        Contender("plain SDK tap", plain),
        *(ours(sandbox, folder, count) for count in concurrency),
        *(Contender(f"bare loop, {n} at once", [*bare, str(n), pages]) for n in concurrency),
    ]


def table(compared: list[Contender], users: int) -> Iterator[str]:
    """Print medians, and how many times as fast as the plain tap each was."""
    yield "| | seconds | users/s | times plain | requests | peak memory |"
    yield "| --- | ---: | ---: | ---: | ---: | ---: |"
    for each in compared:
        cells = [
            each.name,
            f"{each.median:.2f}",
            f"{users / each.median:,.0f}",
            f"{compared[0].median / each.median:.1f}×",
            f"{each.requests:,}",
            f"{each.megabytes:.0f} MB",
        ]
        yield f"| {' | '.join(cells)} |"


def memory(folder: Path, sizes: list[int]) -> Iterator[str]:
    """Print the tap's peak memory for ever more users."""
    yield "| users | peak memory at 8 at once |"
    yield "| ---: | ---: |"
    for users in sizes:
        with SandboxProcess(users=users, leads=0) as sandbox:
            measured = ours(sandbox, folder, 8)
            measured.run(sandbox, users_in, users)
        yield f"| {users:,} | {measured.megabytes:.0f} MB |"


def main() -> None:
    """Compare at each latency."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--users", type=int, default=50_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--concurrency", type=int, nargs="*", default=[1, 4, 8])
    parser.add_argument("--latency", type=float, nargs="*", default=[0, 50], help="milliseconds")
    parser.add_argument("--memory", type=int, nargs="*", default=[], help="these many users")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with SandboxProcess(users=given.users, leads=0) as sandbox:
            for latency in given.latency:
                sandbox.control("POST", "latency", ms=latency)
                compared = contenders(sandbox, folder, given.users, given.concurrency)
                for _ in range(given.rounds):
                    for each in compared:
                        each.run(sandbox, users_in, given.users)
                print(f"\n{given.users:,} users, {latency:g} ms latency, {given.rounds} rounds:\n")
                print("\n".join(table(compared, given.users)), flush=True)
        if given.memory:
            print("\n" + "\n".join(memory(folder, given.memory)))


if __name__ == "__main__":
    main()
