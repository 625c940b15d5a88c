"""`make dist`: build every package, and prove that what was built installs and runs.

The packages land in `dist/`, with `sbom.cdx.json`, which lists all that comes along with them. Two
builds of one commit are the same, byte for byte: every time in them is the commit's.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

ROOT = Path(__file__).parent.parent
EXTRAS = {"customerly": "[import,listen,postgres,sandbox,singer]"}
DIST, WORK = ROOT / "dist", ROOT / ".dist"
BIN = Path(sys.executable).parent
UV = str(BIN / "uv")


def run(*command: str | Path, **env: str) -> str:
    """Run a command; end where it fails.

    Args:
        command: The command.
        env: Variables to set, beside those that there are.

    Returns:
        What it printed.
    """
    done = subprocess.run(
        list(map(str, command)),
        cwd=ROOT,
        env=os.environ | env,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        sys.exit(f"{' '.join(map(str, command[:4]))} ... failed:\n{done.stdout}{done.stderr}")
    return done.stdout


def build(folder: Path, packages: Sequence[str]) -> dict[str, str]:
    """Build each package's wheel and source distribution.

    Args:
        folder: Where they go.
        packages: The packages' folders.

    Returns:
        File name to SHA-256.
    """
    shutil.rmtree(folder, ignore_errors=True)
    moment = run("git", "log", "-1", "--format=%ct").strip()
    for package in packages:
        # The build's own tools are those of the lock, from the environment that runs this.
        options = ("--quiet", "--no-build-isolation", "--python", sys.executable)
        run(UV, "build", *options, "--out-dir", folder, package, SOURCE_DATE_EPOCH=moment)
    files = sorted([*folder.glob("*.whl"), *folder.glob("*.tar.gz")])
    if len(files) != 2 * len(packages):
        sys.exit(f"{len(files)} files were built, not two a package")
    return {file.name: hashlib.sha256(file.read_bytes()).hexdigest() for file in files}


def environment(name: str, *requirements: str) -> Path:
    """Make an empty virtual environment, and install into it.

    Args:
        name: What it is called.
        requirements: Arguments of `uv pip install`.

    Returns:
        The folder of its commands.
    """
    folder = WORK / name
    run(UV, "venv", "--quiet", "--clear", "--python", sys.executable, folder)
    run(UV, "pip", "install", "--quiet", "--python", folder / "bin" / "python", *requirements)
    return folder / "bin"


def wheels(packages: Sequence[str]) -> list[str]:
    """Name each wheel as a requirement, with all of its extras."""
    found = {package: next(DIST.glob(f"{package.replace('-', '_')}-*.whl")) for package in packages}
    return [f"{name}{EXTRAS.get(name, '')} @ {file.as_uri()}" for name, file in found.items()]


def main(packages: Sequence[str]) -> None:
    """Build, check, install and run.

    Args:
        packages: The packages' folders, as the Makefile names them.
    """
    built = build(DIST, packages)
    if build(WORK / "again", packages) != built:
        sys.exit("Two builds of one commit differ")
    print(f"✓ {len(built)} files, the same in two builds")
    tools = environment("tools", "--require-hashes", "-r", "requirements-dist.lock")
    run(tools / "twine", "check", "--strict", *(DIST / name for name in built))
    print("✓ an index would take them")
    clean = environment("clean", "--constraint", "requirements.lock", *wheels(packages))
    print(run(clean / "python", "-I", ROOT / "scripts" / "try_packages.py").strip())
    sbom = ("--output-reproducible", "--of", "JSON", "-o", DIST / "sbom.cdx.json")
    run(tools / "cyclonedx-py", "environment", *sbom, clean / "python")
    print("✓ sbom.cdx.json")


if __name__ == "__main__":
    main(sys.argv[1:])
