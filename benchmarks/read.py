"""How fast the tap reads, side by side with a plain SDK tap and a bare loop.

    python benchmarks/read.py                       # all that has a goal
    python benchmarks/read.py --users 10000 --rounds 1 --latency 0 --only compare

The contenders take turns, each as a process of its own from start to end, against one sandbox in
another process; after each turn the output is checked to hold every user. Prints a Markdown table;
`--json` saves the same.
"""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any
from urllib.parse import urlencode

import figures
from contender import Contender
from customerly_sandbox.process import SandboxProcess
from figures import Figure

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

HERE = Path(__file__).parent
BIN = Path(sys.executable).parent
PAGE = 100
KEY = re.compile(rb'"crmhero_user_id": ?"?(\d+)')
_MANY_PAGES = 500  # from which on a share of them says something
WIRES: dict[str, dict[str, Any]] = {
    "": {"wire_forms": "documented", "timestamps": "integer"},
    "in PHP's forms, ": {},  # numbers and flags as texts now and then
}


def users_in(output: IO[bytes]) -> int:
    """Count the users that a tap wrote, each once."""
    return len({key for line in output for key in KEY.findall(line)})


class Bench:
    """Runs the measurements.

    Args:
        folder: Where files may be made.
        given: The command's options.
    """

    def __init__(self, folder: Path, given: argparse.Namespace) -> None:
        self._folder = folder
        self._given = given

    def _file(self, name: str, content: object) -> str:
        path = self._folder / name
        path.write_text(content if isinstance(content, str) else json.dumps(content))
        return str(path)

    def _catalog(self, *streams: str) -> str:
        """A catalog with just these streams selected."""
        shown = subprocess.run([BIN / "tap-customerly", "--discover"], stdout=-1, check=True)
        found = [s for s in json.loads(shown.stdout)["streams"] if s["tap_stream_id"] in streams]
        for stream in found:
            for each in stream["metadata"]:
                if not each["breadcrumb"]:
                    each["metadata"]["selected"] = True
        return self._file(f"{'-'.join(streams)}.json", {"streams": found})

    def ours(self, sandbox: SandboxProcess, at_once: int, *streams: str) -> Contender:
        """The tap, as it is installed."""
        settings = {"access_token": sandbox.token, "api_url": sandbox.url}
        config = self._file(f"ours-{at_once}.json", {**settings, "max_concurrency": at_once})
        command = [str(BIN / "tap-customerly"), "--config", config]
        catalog = ["--catalog", self._catalog(*streams)] if streams else []
        return Contender(f"tap-customerly, {at_once} at once", [*command, *catalog])

    def plain(self, sandbox: SandboxProcess) -> Contender:
        """A tap that is nothing but the SDK's."""
        config = self._file("plain.json", {"access_token": sandbox.token, "api_url": sandbox.url})
        return Contender(
            "plain SDK tap", [sys.executable, str(HERE / "plain_tap.py"), "--config", config]
        )

    def bare(self, sandbox: SandboxProcess, at_once: int, paths: Iterable[str]) -> Contender:
        """Threads that fetch, and look at nothing."""
        command = [sys.executable, str(HERE / "bare_reader.py"), sandbox.url, sandbox.token]
        lines = self._file("paths.txt", "".join(f"{path}\n" for path in paths))
        return Contender(f"bare loop, {at_once} at once", [*command, str(at_once)], Path(lines))

    def compare(self) -> Iterator[Figure]:
        """Read a list as fast as others do."""
        count = self._given.users
        order = f"per_page={PAGE}&sort=last_update&sort_direction=asc"
        pages = [f"users/list?page={page}&{order}" for page in range(-(-count // PAGE))]
        for form, quirks in WIRES.items():
            with SandboxProcess(users=count, leads=0, quirk=quirks) as sandbox:
                for latency in self._given.latency if form == "" else [0]:
                    sandbox.control("POST", "latency", ms=latency)
                    at_once = 8 if latency else 1
                    compared = [
                        self.plain(sandbox),
                        *(
                            self.ours(sandbox, n, "users")
                            for n in (1, 8)
                            if n <= at_once or not form
                        ),
                        self.bare(sandbox, at_once, pages),
                    ]
                    what = f"read {count:,} users {form}{latency:g} ms"
                    yield from self._race(sandbox, compared, what, _GOALS.get((form, latency), {}))

    def _race(
        self, sandbox: SandboxProcess, compared: list[Contender], what: str, goals: dict[str, str]
    ) -> Iterator[Figure]:
        for _ in range(self._given.rounds):
            for each in compared:
                each.run(sandbox, users_in, self._given.users)
        pages = -(-self._given.users // PAGE)
        most = f"<= {1.06 * pages:.0f}" if pages >= _MANY_PAGES else None
        for each in compared:
            ours = each.name.startswith("tap")
            times = compared[0].median / each.median
            yield Figure(what, each.name, each.median, "s")
            yield Figure(what, each.name, times, "times plain", goals.get(each.name))
            yield Figure(what, each.name, each.cpu_seconds, "s of CPU")
            yield Figure(what, each.name, each.requests, "requests", most if ours else None)
            yield Figure(what, each.name, each.megabytes, "MB")

    def details(self) -> Iterator[Figure]:
        """Look users up one by one, as fast as a bare loop does."""
        count = self._given.look_ups
        with SandboxProcess(users=count, leads=0) as sandbox:
            users = sandbox.control("GET", "state")["users"]
            keys = [(key, user[key]) for user in users for key in ("email", "user_id") if user[key]]
            paths = [f"users?{urlencode([key])}" for key in keys][:count]
            sandbox.control("POST", "latency", ms=50)
            ours = self.ours(sandbox, 8, "user_details")
            bare = self.bare(sandbox, 8, paths)
            for each, done in ((ours, users_in), (bare, lambda _output: count)):
                each.run(sandbox, done, count)
        what = f"user_details, {count:,} look-ups, 50 ms"
        yield Figure(what, ours.name, ours.median, "s", f"<= {1.15 * bare.median:.1f}")
        yield Figure(what, bare.name, bare.median, "s")

    def idle(self) -> Iterator[Figure]:
        """Run again where nothing has changed, and show the help."""
        with SandboxProcess(users=1_000, leads=300) as sandbox:
            tap = self.ours(sandbox, 4)
            first = subprocess.run(tap.command, stdout=-1, stderr=-3, check=True).stdout
            tap.command += [
                "--state",
                self._file("state.json", json.loads(first.splitlines()[-1])["value"]),
            ]
            helps = Contender("customerly --help", [str(BIN / "customerly"), "--help"])
            for _ in range(self._given.rounds + 2):
                for each in (tap, helps):
                    each.run(sandbox, lambda _output: 0, 0)
                    if each is tap:
                        sent = each.requests
        what = "a run that finds nothing changed, 0 ms"
        yield Figure(what, "tap-customerly", tap.median, "s", "<= 0.9")
        yield Figure(what, "tap-customerly", sent, "requests", "<= 3")
        yield Figure("show the help", helps.name, helps.median, "s", "< 0.15")

    def memory(self) -> Iterator[Figure]:
        """Read ever more users in the same memory."""
        first = 0.0
        for count in (1_000, self._given.most):
            with SandboxProcess(users=count, leads=0) as sandbox:
                each = self.ours(sandbox, 8, "users")
                each.run(sandbox, users_in, count)
            goal = f"<= {first + 20:.0f}" if first else None
            first = each.megabytes
            yield Figure(f"peak memory, {count:,} read", each.name, each.megabytes, "MB", goal)


def main() -> None:
    """Run what was asked for."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--users", type=int, default=50_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--latency", type=float, nargs="*", default=[0, 50], help="milliseconds")
    parser.add_argument("--look-ups", type=int, default=20_000, help="of user_details")
    parser.add_argument("--most", type=int, default=1_000_000, help="users read in little memory")
    parser.add_argument("--only", nargs="*", choices=_MEASURED, default=list(_MEASURED))
    parser.add_argument("--json", type=Path, help="where to save the figures")
    given = parser.parse_args()
    found: list[Figure] = []
    with tempfile.TemporaryDirectory() as name:
        for each in given.only:
            found += _MEASURED[each](Bench(Path(name), given))
    print("\n".join(figures.table(found)))
    if given.json:
        figures.save(given.json, found)


# Times the plain tap, by the wire's forms and the latency in milliseconds.
_GOALS: dict[tuple[str, float], dict[str, str]] = {
    ("", 0): {"tap-customerly, 1 at once": ">= 5.5"},
    ("", 50): {"tap-customerly, 8 at once": ">= 8.7"},
    ("in PHP's forms, ", 0): {"tap-customerly, 1 at once": ">= 4"},
}
_MEASURED = {
    "compare": Bench.compare,
    "details": Bench.details,
    "idle": Bench.idle,
    "memory": Bench.memory,
}

if __name__ == "__main__":
    main()
