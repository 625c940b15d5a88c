"""Checks of this machine: Python, our packages, and whether files can be written."""

from __future__ import annotations

import errno
import os
import shutil
import stat
import sys
import tempfile
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING

from customerly import __version__
from customerly.doctor.findings import Check, shown_path

if TYPE_CHECKING:
    from collections.abc import Iterator

    from customerly.doctor.setup import Setup

PACKAGES = (
    "customerly",
    "customerly-sandbox",
    "tap-customerly",
    "target-customerly",
    "tap-contact-files",
)
_PYTHONS = ((3, 11), (3, 13))
_PROBE = b"\0" * 65_536
_LITTLE = 256 << 20  # bytes; a read of a million contacts needs no more
_WRITTEN = {
    "rejects_path": "customerly-rejects.jsonl",
    "snapshot_path": "customerly-snapshot.db",
    "log_path": None,
}
"""Settings of target-customerly that name a file that it writes, and their defaults."""


def python(_setup: Setup) -> Iterator[Check]:
    """Check the version of Python."""
    version = ".".join(map(str, sys.version_info[:3]))
    lowest, highest = (".".join(map(str, each)) for each in _PYTHONS)
    if sys.version_info[:2] < _PYTHONS[0]:
        yield Check("python", ok=False, says=version, do=f"install Python {lowest} to {highest}")
        return
    untried = "" if sys.version_info[:2] <= _PYTHONS[1] else f"it is tested up to {highest}"
    yield Check("python", ok=True, says=f"{version} on {sys.platform}", do=untried)


def packages(_setup: Setup) -> Iterator[Check]:
    """Check that our packages are of one version."""
    found = {}
    for name in PACKAGES:
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    others = {name: each for name, each in found.items() if each != __version__}
    if others:
        shown = ", ".join(f"{name} {version}" for name, version in others.items())
        says = f"customerly {__version__} beside {shown}"
        do = "install all of them at one version: make install, or pip install --upgrade"
        yield Check("packages", ok=False, says=says, do=do)
    else:
        yield Check("packages", ok=True, says=f"{', '.join(found)} {__version__}")


def disk(setup: Setup) -> Iterator[Check]:
    """Check that the folders and files that runs write to take something."""
    for path in _written_to(setup):
        folder = path if path.is_dir() else path.parent
        problem = _problem(path)
        if problem:
            shown = shown_path(path, setup.root)
            do = f"make room, or let us write there: {shown_path(folder, setup.root)}"
            yield Check("disk", ok=False, says=f"{shown} can't be written: {problem}", do=do)
            return
    free = min(shutil.disk_usage(folder).free for folder in (setup.root, Path(_temporary())))
    if free < _LITTLE:
        yield Check("disk", ok=False, says=f"{free >> 20} MB are free", do="make room")
    else:
        yield Check("disk", ok=True, says=f"{free / (1 << 30):.1f} GB are free")


def _written_to(setup: Setup) -> Iterator[Path]:
    yield setup.root
    yield Path(_temporary())
    if setup.project is None:
        return
    meltano = setup.project.folder / ".meltano"
    if meltano.is_dir():
        yield meltano
    for name, default in _WRITTEN.items():
        given = setup.project.setting("target-customerly", name) or default
        if given:
            yield setup.project.folder / given
    spool = setup.project.setting("tap-customerly--webhooks", "webhook_spool")
    if spool and Path(spool).is_dir():
        yield Path(spool)


def _temporary() -> str:
    return os.environ.get("TMPDIR") or tempfile.gettempdir()


def _problem(path: Path) -> str:
    """Try to write there, and leave nothing behind; the reason why not, or nothing."""
    try:
        if path.is_dir() or not path.exists():
            with tempfile.TemporaryFile(dir=path if path.is_dir() else path.parent) as file:
                file.write(_PROBE)
                file.flush()
                os.fsync(file.fileno())
        elif stat.S_ISREG(path.stat().st_mode):
            path.open("ab").close()
        else:
            with path.open("wb", buffering=0) as device:
                device.write(b"\n")
    except OSError as error:
        return error.strerror or errno.errorcode.get(error.errno or 0, "unknown")
    return ""
