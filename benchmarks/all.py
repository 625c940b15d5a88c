"""Measure everything, and write it into the documentation.

    python benchmarks/all.py            # about half an hour, on a machine that does nothing else
    python benchmarks/all.py --quick    # two minutes: smaller, once, and only printed

The figures go into docs/benchmarks.md, between its markers, and docs/benchmarks.svg.
"""

from __future__ import annotations

import argparse
import os
import platform
import re
import subprocess
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path

import chart
import figures
import psutil

HERE = Path(__file__).parent
DOCS = HERE.parent / "docs"
FULL = {"read": "", "write": "", "files": "--rounds 1"}
QUICK = {
    "read": "--users 10000 --rounds 1 --look-ups 400 --most 20000",
    "write": "--records 10000 --rounds 1 --unchanged 5000 --only compare unchanged",
    "files": "--rows 10000 --rounds 1",
}
_FIGURES = re.compile(r"(?<=<!-- figures -->\n).*(?=<!-- end of figures -->)", re.DOTALL)


def measured(options: dict[str, str]) -> list[figures.Figure]:
    """Run the scripts one after the other."""
    found: list[figures.Figure] = []
    with tempfile.TemporaryDirectory() as folder:
        for name, arguments in options.items():
            path = Path(folder) / f"{name}.json"
            print(f"{name}.py {arguments}", file=sys.stderr, flush=True)
            command = [sys.executable, str(HERE / f"{name}.py"), *arguments.split()]
            subprocess.run([*command, "--json", path], stdout=subprocess.DEVNULL, check=True)
            found += figures.load(path)
    return found


def machine() -> str:
    """Say where and when it was."""
    memory = psutil.virtual_memory().total / 2**30
    return (
        f"Measured on {datetime.now(UTC):%Y-%m-%d}, {platform.system()} on {os.cpu_count()} cores "
        f"and {memory:.0f} GiB, Python {platform.python_version()}."
    )


def main() -> None:
    """Measure, print, and write."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="smaller, and nothing is written")
    given = parser.parse_args()
    found = measured(QUICK if given.quick else FULL)
    shown = "\n".join([machine(), "", *figures.table(found)])
    print(shown)
    if given.quick:
        return
    page = DOCS / "benchmarks.md"
    page.write_text(_FIGURES.sub(lambda _: f"\n{shown}\n\n", page.read_text()))
    (DOCS / "benchmarks.svg").write_text(chart.drawn(found))


if __name__ == "__main__":
    main()
