"""How fast the target writes, side by side with a plain SDK target and a bare loop.

    python benchmarks/write.py                      # all that has a goal
    python benchmarks/write.py --records 10000 --rounds 1 --latency 0 --only compare

The contenders take turns, each as a process of its own from start to end, against one sandbox in
another process that is emptied before each turn. Prints a Markdown table; `--json` saves the same.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

import figures
from contender import Contender
from customerly.connection import Connection
from customerly_sandbox.process import SandboxProcess
from figures import Figure
from target_customerly.ledger.database import Database

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

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


def emptied(sandbox: SandboxProcess, latency: float = 0) -> None:
    """Prepare a sandbox for a turn."""
    sandbox.control("POST", "reset")
    sandbox.control("POST", "latency", ms=latency)


def stored(sandbox: SandboxProcess) -> Callable[[IO[bytes]], int]:
    """Make what counts the contacts that have arrived."""
    return lambda _output: len(sandbox.control("GET", "state")["users"])


class Bench:
    """Runs the measurements.

    Args:
        sandbox: What is written to.
        folder: Where files may be made.
        given: The command's options.
    """

    def __init__(self, sandbox: SandboxProcess, folder: Path, given: argparse.Namespace) -> None:
        self._sandbox = sandbox
        self._folder = folder
        self._given = given

    def ours(self, name: str, lines: Path, **config: Any) -> Contender:
        """The target, with settings of its own."""
        given = {
            "access_token": self._sandbox.token,
            "api_url": self._sandbox.url,
            "max_concurrency": 8,
            "rejects_path": str(self._folder / "rejects.jsonl"),
            **config,
        }
        path = self._folder / f"{name}.json"
        path.write_text(json.dumps(given))
        command = Path(sys.executable).with_name("target-customerly")
        return Contender(name, [str(command), "--config", str(path)], lines)

    def others(self, lines: Path, ready: Path) -> list[Contender]:
        """A plain SDK target, and eight threads that do nothing but send."""
        plain = self._folder / "plain.json"
        plain.write_text(
            json.dumps({"access_token": self._sandbox.token, "api_url": self._sandbox.url})
        )
        run = [sys.executable, str(HERE / "plain_target.py"), "--config", str(plain)]
        loop = [
            *(sys.executable, str(HERE / "bare_loop.py")),
            *(f"{self._sandbox.url}/users", self._sandbox.token),
        ]
        return [
            Contender("plain SDK target", run, lines),
            Contender("bare loop, 8 threads", loop, ready),
        ]

    def compare(self) -> Iterator[Figure]:
        """Write, with and without tags, as fast as others do."""
        count = self._given.records
        ready = write_lines(self._folder / "batches.jsonl", batches(count))
        facts = self._folder / "facts.json"
        facts.write_text(json.dumps({"facts": [{"fact": "tags_in_upsert", "answer": "add"}]}))
        for tags in ([], ["bench"]):
            lines = write_lines(self._folder / "messages.jsonl", singer(count, tags))
            compared = [self.ours("target-customerly", lines)]
            if tags:
                compared += [self.ours("with api_facts", lines, api_facts=str(facts))]
            compared += self.others(lines, ready)
            for latency in self._given.latency:
                what = f"write {count:,} {'tagged ' if tags else ''}contacts, {latency:g} ms"
                yield from self._race(compared, what, latency)

    def _race(self, compared: list[Contender], what: str, latency: float) -> Iterator[Figure]:
        for each in compared:
            each.forget()
        for _ in range(self._given.rounds):
            for each in compared:
                emptied(self._sandbox, latency)
                each.run(self._sandbox, stored(self._sandbox), self._given.records)
        plain = compared[-2].median
        for each in compared:
            goal = _GOALS.get(latency) if each not in compared[-2:] else None
            yield Figure(what, each.name, each.median, "s")
            yield Figure(what, each.name, plain / each.median, "times plain", goal)
            yield Figure(what, each.name, each.cpu_seconds, "s of CPU")
            yield Figure(what, each.name, each.requests, "requests")

    def memory(self) -> Iterator[Figure]:
        """Write ever more records in the same memory."""
        first = 0.0
        for count in (50_000, 500_000):
            lines = write_lines(self._folder / "memory.jsonl", singer(count))
            each = self.ours("target-customerly", lines)
            emptied(self._sandbox)
            each.run(self._sandbox, stored(self._sandbox), count)
            what = f"peak memory, {count:,} written"
            goal = f"<= {first + 20:.0f}" if first else None
            first = each.megabytes
            yield Figure(what, each.name, each.megabytes, "MB", goal)

    def unchanged(self) -> Iterator[Figure]:
        """Write the same twice: the second run sends nothing."""
        count = self._given.unchanged
        lines = write_lines(self._folder / "messages.jsonl", singer(count))
        snapshot = {"skip_unchanged": True, "snapshot_path": str(self._folder / "twice.db")}
        emptied(self._sandbox)
        for name, sent, goal in (("first run", count, None), ("second run", 0, "< 4")):
            each = self.ours(name, lines, **snapshot)
            each.run(self._sandbox, self._received, sent)
            what = f"skip_unchanged, {count:,} the same"
            yield Figure(what, name, each.median, "s", goal)
            yield Figure(what, name, each.cpu_seconds, "s of CPU")

    def remembered(self) -> Iterator[Figure]:
        """Remember many contacts in next to no memory."""
        count, changed = self._given.remembered, 20_000
        lines = write_lines(self._folder / "messages.jsonl", singer(changed))
        path = self._folder / "many.db"
        self._fill(path, count)
        snapshot = {"skip_unchanged": True, "snapshot_path": str(path)}
        none = self.ours("no snapshot", lines)
        many = self.ours(f"{count:,} remembered", lines, **snapshot)
        for each in (none, many):
            emptied(self._sandbox)
            each.run(self._sandbox, self._received, changed)
            goal = f"<= {none.megabytes + 40:.0f}" if each is many else None
            yield Figure("peak memory, skip_unchanged", each.name, each.megabytes, "MB", goal)

    def _received(self, _output: IO[bytes]) -> int:
        return int(self._sandbox.control("GET", "requests")["contacts_received"])

    def _fill(self, path: Path, count: int) -> None:
        """Make a snapshot of contacts that are not in the input."""
        config = {"access_token": self._sandbox.token, "api_url": self._sandbox.url}
        database = Database(path, Connection.from_config(config, user_agent="benchmark"))
        rows = sorted(
            (database.hash(b"%d" % n), database.hash(b"id %d" % n), database.hash(b"as %d" % n))
            for n in range(count)
        )
        database.change(lambda db: db.executemany("INSERT INTO contact VALUES (?, ?, ?)", rows))
        database.close()


def main() -> None:
    """Run what was asked for."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--records", type=int, default=50_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--latency", type=float, nargs="*", default=[0, 50], help="milliseconds")
    parser.add_argument("--unchanged", type=int, default=100_000, help="records that come twice")
    parser.add_argument("--remembered", type=int, default=1_000_000, help="contacts")
    parser.add_argument("--only", nargs="*", choices=_MEASURED, default=list(_MEASURED))
    parser.add_argument("--json", type=Path, help="where to save the figures")
    given = parser.parse_args()
    found: list[Figure] = []
    with (
        tempfile.TemporaryDirectory() as name,
        SandboxProcess(users=0, leads=0) as sandbox,
    ):
        for each in given.only:
            found += _MEASURED[each](Bench(sandbox, Path(name), given))
    print("\n".join(figures.table(found)))
    if given.json:
        figures.save(given.json, found)


_GOALS = {0: ">= 3", 50: ">= 8"}  # times the plain target, by latency in milliseconds
_MEASURED = {
    "compare": Bench.compare,
    "unchanged": Bench.unchanged,
    "remembered": Bench.remembered,
    "memory": Bench.memory,
}

if __name__ == "__main__":
    main()
