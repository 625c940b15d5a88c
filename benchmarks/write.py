"""How fast the target writes, side by side with a plain SDK target and a bare loop.

    python benchmarks/write.py --records 50000 --rounds 3
    python benchmarks/write.py --tags               # each record has a tag, tags_mode is add
    python benchmarks/write.py --unchanged 100000   # a second, identical run with skip_unchanged

The three take turns, each as a process of its own from start to end, against one sandbox in
another process that is emptied before each turn. Prints Markdown tables.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from contender import Contender
from customerly_sandbox.process import SandboxProcess

if TYPE_CHECKING:
    from collections.abc import Iterator

HERE = Path(__file__).parent
BATCH = 100
SCHEMA = {
    "type": "SCHEMA",
    "stream": "users",
    "key_properties": ["email"],
    "schema": {
        "properties": {
            "email": {"type": "string"},
            "user_id": {"type": "string"},
            "name": {"type": ["string", "null"]},
            "attributes": {"type": "object"},
        }
    },
}


def record(number: int) -> dict[str, Any]:
    """A contact like many."""
    return {
        "email": f"person.{number}@bench.example",
        "user_id": f"bench-{number}",
        "name": f"Përson {number}",
        "attributes": {"plan": "pro", "seats": number % 50, "trial": False, "at": 1767225600},
    }


def singer(count: int, tags: list[str] | None = None) -> Iterator[dict[str, Any]]:
    """The messages of an import, with a STATE after each thousand."""
    yield SCHEMA
    more = {"tags": tags} if tags else {}
    for number in range(count):
        yield {"type": "RECORD", "stream": "users", "record": {**record(number), **more}}
        if number % 1_000 == 999:
            yield {"type": "STATE", "value": {"bookmarks": {"users": {"row": number + 1}}}}


def batches(count: int) -> Iterator[dict[str, Any]]:
    """The same contacts, ready to be posted."""
    for first in range(0, count, BATCH):
        yield {"users": [record(number) for number in range(first, min(first + BATCH, count))]}


def write_lines(path: Path, lines: Iterator[dict[str, Any]]) -> Path:
    """Write JSON lines."""
    with path.open("w", encoding="utf-8") as file:
        file.writelines(json.dumps(line) + "\n" for line in lines)
    return path


def turn(contender: Contender, sandbox: SandboxProcess, count: int, latency: float = 0) -> None:
    """Let one write to an empty sandbox, and check that every contact has arrived."""
    sandbox.control("POST", "reset")
    sandbox.control("POST", "latency", ms=latency)

    def stored(_output: IO[bytes]) -> int:
        return len(sandbox.control("GET", "state")["users"])

    contender.run(sandbox, stored, count)


def contenders(
    sandbox: SandboxProcess, folder: Path, count: int, tags: list[str] | None = None
) -> list[Contender]:
    """Those who are compared, the target first."""
    config = {"access_token": sandbox.token, "api_url": sandbox.url}
    plain, ours = folder / "plain.json", folder / "ours.json"
    plain.write_text(json.dumps(config))
    ours.write_text(
        json.dumps({**config, "max_concurrency": 8, "rejects_path": str(folder / "rejects.jsonl")})
    )
    lines = write_lines(folder / "messages.jsonl", singer(count, tags))
    ready = write_lines(folder / "batches.jsonl", batches(count))
    run = sys.executable
    command = Path(run).with_name("target-customerly")
    return [
        Contender("target-customerly", [str(command), "--config", str(ours)], lines),
        Contender(
            "plain SDK target", [run, str(HERE / "plain_target.py"), "--config", str(plain)], lines
        ),
        Contender(
            "bare loop, 8 threads",
            [run, str(HERE / "bare_loop.py"), f"{sandbox.url}/users", sandbox.token],
            ready,
        ),
    ]


def table(compared: list[Contender], count: int) -> Iterator[str]:
    """Print medians beside those of the plain target and of the bare loop."""
    yield "| | seconds | contacts/s | times plain | of the bare loop | requests | peak memory |"
    yield "| --- | ---: | ---: | ---: | ---: | ---: | ---: |"
    _, plain, bare = compared
    for each in compared:
        cells = [
            each.name,
            f"{each.median:.2f}",
            f"{count / each.median:,.0f}",
            f"{plain.median / each.median:.1f}×",
            f"{bare.median / each.median:.0%}",
            f"{each.requests:,}",
            f"{each.megabytes:.0f} MB",
        ]
        yield f"| {' | '.join(cells)} |"


def memory(contender: Contender, sandbox: SandboxProcess, folder: Path) -> Iterator[str]:
    """Print the target's peak memory for ever more records."""
    yield "| records | peak memory |"
    yield "| ---: | ---: |"
    for count in (1_000, 50_000, 500_000):
        path = write_lines(folder / "memory.jsonl", singer(count))
        measured = Contender(contender.name, contender.command, path)
        turn(measured, sandbox, count)
        yield f"| {count:,} | {measured.megabytes:.0f} MB |"


def unchanged(sandbox: SandboxProcess, folder: Path, count: int) -> Iterator[str]:
    """Print what a second identical run takes, and how much memory the snapshot adds."""
    command = str(Path(sys.executable).with_name("target-customerly"))
    lines = write_lines(folder / "messages.jsonl", singer(count))
    yield "| run | seconds | peak memory |"
    yield "| --- | ---: | ---: |"
    sandbox.control("POST", "reset")
    for name, skips, sent in (
        ("no snapshot", False, count),
        ("skip_unchanged, first run", True, count),
        ("skip_unchanged, second run", True, 0),
    ):
        config = {
            "access_token": sandbox.token,
            "api_url": sandbox.url,
            "max_concurrency": 8,
            "skip_unchanged": skips,
            "snapshot_path": str(folder / "snapshot.db"),
            "rejects_path": str(folder / "rejects.jsonl"),
        }
        path = folder / "unchanged.json"
        path.write_text(json.dumps(config))
        measured = Contender(name, [command, "--config", str(path)], lines)

        def received(_output: IO[bytes]) -> int:
            return int(sandbox.control("GET", "requests")["contacts_received"])

        measured.run(sandbox, received, sent)
        yield f"| {name} | {measured.median:.2f} | {measured.megabytes:.0f} MB |"


def main() -> None:
    """Compare at each latency."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--records", type=int, default=50_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--latency", type=float, nargs="*", default=[0, 50], help="milliseconds")
    parser.add_argument("--memory", action="store_true", help="measure up to 500,000 records too")
    parser.add_argument("--tags", action="store_true", help="give each record a tag")
    parser.add_argument("--unchanged", type=int, help="records of a second, identical run")
    given = parser.parse_args()
    with (
        tempfile.TemporaryDirectory() as name,
        SandboxProcess(users=0, leads=0) as sandbox,
    ):
        folder = Path(name)
        if given.unchanged:
            print("\n".join(unchanged(sandbox, folder, given.unchanged)), flush=True)
            return
        tags = ["bench"] if given.tags else None
        for latency in given.latency:
            compared = contenders(sandbox, folder, given.records, tags)
            for _ in range(given.rounds):
                for each in compared:
                    turn(each, sandbox, given.records, latency)
            print(f"\n{given.records:,} upserts, {latency:g} ms latency, {given.rounds} rounds:\n")
            print("\n".join(table(compared, given.records)), flush=True)
        if given.memory:
            ours = contenders(sandbox, folder, 1)[0]
            print("\n" + "\n".join(memory(ours, sandbox, folder)))


if __name__ == "__main__":
    main()
