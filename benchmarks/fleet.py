"""What a run of a fleet costs: seconds, processor time and memory, for docs/scaling.md.

    .venv/bin/python benchmarks/fleet.py [PROJECTS CONTACTS AT_ONCE]...

Each point runs that many projects, each with so many users, against sandboxes in this process, into
an embedded PostgreSQL; its lines are a first run and a second one, which finds nothing new.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path

import psutil
from customerly_sandbox import Sandbox

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "demo"))

from pipelines import BIN, settings  # noqa: E402 (the path comes first)
from postgres import forget, postgres  # noqa: E402

POINTS = [(1, 300, 1), (1, 20_000, 1), (6, 300, 2)]


def family(process: subprocess.Popen[bytes]) -> tuple[float, int]:
    """Processor seconds and bytes of memory of a process and all that it has started."""
    seconds, memory = 0.0, 0
    for each in [psutil.Process(process.pid), *psutil.Process(process.pid).children(True)]:
        try:
            used = each.cpu_times()
            seconds += used.user + used.system + used.children_user + used.children_system
            memory += each.memory_info().rss
        except psutil.NoSuchProcess:
            continue
    return seconds, memory


def run(folder: Path, env: dict[str, str], at_once: int) -> str:
    """Run the whole fleet once, and say what it cost."""
    command = [str(BIN / "customerly"), "fleet", "run", "--all", "--jobs", str(at_once)]
    began = time.monotonic()
    process = subprocess.Popen(command, cwd=folder, env=env, stdout=subprocess.PIPE)
    processor, memory = 0.0, 0
    while process.poll() is None:
        now, held = family(process)
        processor, memory = max(processor, now), max(memory, held)
        time.sleep(0.1)
    took = time.monotonic() - began
    lines = [json.loads(line) for line in (process.stdout or [])]
    assert all(line["ok"] for line in lines), lines
    records = sum(sum(line["records"].values()) for line in lines)
    requests = sum(line["requests"] for line in lines)
    return (
        f"{records:>8,} records {requests:>5} requests {took:6.1f} s "
        f"{processor:6.1f} s of processor {memory / 1e6:6.0f} MB at most"
    )


def measure(warehouse: str, projects: int, contacts: int, at_once: int) -> None:
    """Measure one point."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        for name in ("meltano.yml", "logging.yaml"):
            shutil.copy(ROOT / name, folder)
        (folder / ".meltano").mkdir()
        for kind in ("extractors", "loaders"):
            (folder / ".meltano" / kind).symlink_to(ROOT / ".meltano" / kind)
        urls = {
            f"p{projects}-{contacts}-{number}": stack.enter_context(Sandbox(contacts, 0)).url
            for number in range(projects)
        }
        fleet = {name: {"token_env": "TOKEN", "api_url": url} for name, url in urls.items()}
        (folder / "fleet.yml").write_text(json.dumps({"projects": fleet}))
        env = settings("", warehouse, folder, TOKEN="sandbox-token")
        for name in ("MELTANO_DATABASE_URI", "TAP_CUSTOMERLY_API_URL", "TARGET_CUSTOMERLY_API_URL"):
            del env[name]
        for what in ("first", "second"):
            print(
                f"{projects:>3} projects, {contacts:>6,} contacts, {at_once} at once, {what:<6}",
                run(folder, env, at_once),
                flush=True,
            )


def main() -> None:
    """Measure the points that the arguments name, else the usual ones."""
    numbers = [int(each) for each in sys.argv[1:]]
    points = list(zip(numbers[::3], numbers[1::3], numbers[2::3], strict=True)) or POINTS
    place = Path(tempfile.mkdtemp())
    try:
        with postgres(place) as warehouse:
            for point in points:
                measure(warehouse, *point)
    finally:
        forget(place)


if __name__ == "__main__":
    os.umask(0o077)
    main()
