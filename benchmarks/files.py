"""How fast a file is imported: ours, by Singer and by command, beside a plain pair of the SDK.

    python benchmarks/files.py --rows 100000 --rounds 3 --latency 50

They take turns, each as processes of its own from start to end, against one sandbox in another
process that is emptied before each turn. Prints a Markdown table; `--json` saves the same.
"""

from __future__ import annotations

import argparse
import json
import shlex
import sys
import tempfile
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

import figures
from contender import Contender
from customerly_sandbox.process import SandboxProcess
from figures import Figure

if TYPE_CHECKING:
    from collections.abc import Iterator

HERE = Path(__file__).parent
BIN = Path(sys.executable).parent


def write_file(path: Path, rows: int) -> Path:
    """Write a CSV file of leads like many."""
    with path.open("w", encoding="utf-8") as file:
        file.write("email,name,plan,company,seats\n")
        file.writelines(
            f'person.{n}@bench.example,"Përson, {n}",pro,Acme {n % 90},{n % 50}\n'
            for n in range(rows)
        )
    return path


def contenders(sandbox: SandboxProcess, folder: Path, rows: int) -> list[Contender]:
    """Those who are compared, the plain pair first."""
    leads = str(write_file(folder / "leads.csv", rows))
    to = {"access_token": sandbox.token, "api_url": sandbox.url}
    fast = {**to, "max_concurrency": 8, "rejects_path": str(folder / "rejects.jsonl")}

    def config(name: str, content: dict[str, Any]) -> str:
        path = folder / f"{name}.json"
        path.write_text(json.dumps(content))
        return f"--config {path}"

    plain = (
        f"{sys.executable} {HERE}/plain_files.py {config('plain_tap', {'path': leads})} | "
        f"{sys.executable} {HERE}/plain_target.py {config('plain_target', to)}"
    )
    ours = (
        f"{BIN}/tap-contact-files {config('tap', {'files': [{'path': leads}]})} | "
        f"{BIN}/target-customerly {config('target', fast)}"
    )
    command = (
        f"CUSTOMERLY_ACCESS_TOKEN={sandbox.token} CUSTOMERLY_API_URL={sandbox.url} "
        f"CUSTOMERLY_MAX_CONCURRENCY=8 {BIN}/customerly import {shlex.quote(leads)} --yes"
    )
    lines = {
        "plain SDK tap and target": plain,
        "tap-contact-files and target-customerly, 8 at once": ours,
        "customerly import, 8 at once": command,
    }
    return [
        Contender(name, ["bash", "-c", f"set -o pipefail; {line}"]) for name, line in lines.items()
    ]


def measured(compared: list[Contender], what: str) -> Iterator[Figure]:
    """Medians beside those of the plain pair."""
    for each in compared:
        yield Figure(what, each.name, each.median, "s")
        yield Figure(what, each.name, compared[0].median / each.median, "times plain")
        yield Figure(what, each.name, each.requests, "requests")
        yield Figure(what, each.name, each.megabytes, "MB")


def main() -> None:
    """Compare at each latency."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, default=50_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--latency", type=float, nargs="*", default=[0], help="milliseconds")
    parser.add_argument("--json", type=Path, help="where to save the figures")
    given = parser.parse_args()
    found: list[Figure] = []
    with tempfile.TemporaryDirectory() as name, SandboxProcess(users=0, leads=0) as sandbox:

        def received(_output: IO[bytes]) -> int:
            return int(sandbox.control("GET", "requests")["contacts_received"])

        for latency in given.latency:
            compared = contenders(sandbox, Path(name), given.rows)
            for _ in range(given.rounds):
                for each in compared:
                    sandbox.control("POST", "reset")
                    sandbox.control("POST", "latency", ms=latency)
                    each.run(sandbox, received, given.rows)
            found += measured(compared, f"import {given.rows:,} rows, {latency:g} ms")
    print("\n".join(figures.table(found)))
    if given.json:
        figures.save(given.json, found)


if __name__ == "__main__":
    main()
