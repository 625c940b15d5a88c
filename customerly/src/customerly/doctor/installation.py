"""Checks of what runs a pipeline: Meltano, its plugins, and the warehouse."""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import sys
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from packaging.specifiers import InvalidSpecifier, SpecifierSet

from customerly import __version__
from customerly.doctor.findings import Check
from customerly.doctor.machine import PACKAGES
from customerly.doctor.network import START_SANDBOX

if TYPE_CHECKING:
    from collections.abc import Iterator

    from customerly.doctor.setup import Setup
    from customerly.meltano.project import MeltanoProject, Plugin

_LOCKED = re.compile(r"^([a-z0-9][a-z0-9._-]*)==(\S+)", re.MULTILINE)
_COMPARED = ("singer-sdk", "meltanolabs-target-postgres")
"""Besides our own packages: what a plugin's environment has in common with the lock."""

_INSTALL = "meltano install"
_POSTGRES = 5432
_SECONDS = 20
_CONNECT = """
import os, sqlalchemy
engine = sqlalchemy.create_engine(os.environ["WAREHOUSE"], connect_args={"connect_timeout": 5})
engine.connect().close()
"""
_WAREHOUSE_SAYS = {
    r"password authentication failed|no password supplied|role .* does not exist": (
        "it refuses the user or the password"
    ),
    r"database .* does not exist": "it has no such database",
    r"refused|timed? ?out|could not translate|Name or service not known|unreachable|resolve": (
        "it takes no connection"
    ),
    r"Could not parse|ModuleNotFoundError|NoSuchModuleError|invalid literal": (
        "target-postgres.sqlalchemy_url is no URL of a warehouse"
    ),
}


def meltano(setup: Setup) -> Iterator[Check]:
    """Check that Meltano is there, in a version that the project takes."""
    if setup.project is None:
        return
    version = _meltano_version()
    wanted = str(setup.project.declared.get("requires_meltano") or "")
    do = f"install Meltano {wanted}: make install, or pip install 'meltano{wanted}'"
    if version is None:
        yield Check("meltano", ok=False, says="Meltano is not installed", do=do)
    elif not _fits(version, wanted):
        says = f"Meltano {version}, and the project takes {wanted}"
        yield Check("meltano", ok=False, says=says, do=do)
    else:
        where = setup.project.environment or "no environment"
        yield Check("meltano", ok=True, says=f"{version}, environment {where}")


def _fits(version: str, wanted: str) -> bool:
    try:
        return SpecifierSet(wanted).contains(version, prereleases=True)
    except InvalidSpecifier:
        return True


def _meltano_version() -> str | None:
    try:
        return metadata.version("meltano")
    except metadata.PackageNotFoundError:
        pass
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}"
    command = shutil.which("meltano", path=path)
    if command is None:
        return None
    said = subprocess.run(  # noqa: S603
        [command, "--version"], capture_output=True, text=True, timeout=_SECONDS, check=False
    ).stdout
    found = re.search(r"\d+(\.\d+)+", said)
    return found[0] if found else None


def plugins(setup: Setup) -> Iterator[Check]:
    """Check that each plugin is installed, runs, and is as new as the project."""
    if setup.project is None:
        return
    expected = _expected(setup.project)
    own = [each for each in setup.project.plugins if each.parent is None]
    problems = {}
    for plugin in own:
        problem = _plugin_problem(setup.project, plugin, expected)
        if problem:
            problems[plugin.name] = problem
    for name, problem in problems.items():
        yield Check("plugins", ok=False, says=f"{name} {problem}", do=f"{_INSTALL} {name}")
    if not problems:
        yield Check("plugins", ok=True, says=f"{', '.join(each.name for each in own)} are there")


def _plugin_problem(project: MeltanoProject, plugin: Plugin, expected: dict[str, str]) -> str:
    if not plugin.declared.get("pip_url"):
        return ""  # it runs from where it is, or is not Python
    folder = project.virtualenv(plugin)
    if not folder.is_dir():
        return "is not installed"
    if not (folder / "bin" / "python").exists():
        return "was installed with a Python that is gone"
    if not (folder / "bin" / plugin.executable).exists():
        return f"has no command {plugin.executable}"
    places = [str(each) for each in folder.glob("lib/python*/site-packages")]
    for found in metadata.distributions(path=places):
        name = (found.name or "").lower()
        if name in expected and found.version != expected[name]:
            return f"has {name} {found.version}, and {expected[name]} is expected"
    return ""


def _expected(project: MeltanoProject) -> dict[str, str]:
    """The versions that a plugin's environment should have."""
    lock = project.folder / "requirements.lock"
    locked = dict(_LOCKED.findall(lock.read_text(encoding="utf-8"))) if lock.is_file() else {}
    ours = dict.fromkeys(PACKAGES, __version__)
    return {**{name: locked[name] for name in _COMPARED if name in locked}, **ours}


def warehouse(setup: Setup) -> Iterator[Check]:
    """Check that the warehouse lets us in."""
    plugin = setup.project.plugin("target-postgres") if setup.project else None
    if setup.project is None or plugin is None:
        return
    url = setup.project.setting(plugin.name, "sqlalchemy_url")
    variable = "TARGET_POSTGRES_SQLALCHEMY_URL"
    if url is None:
        if not setup.project.setting(plugin.name, "host"):
            yield Check("warehouse", ok=False, says="none is set", do=f"set {variable} in .env")
        return
    python = setup.project.virtualenv(plugin) / "bin" / "python"
    problem = _login_problem(python, url) if python.exists() else _connection_problem(url)
    if not problem:
        yield Check("warehouse", ok=True, says="lets us in")
    elif setup.project.environment == "sandbox" and _is_usual(setup):
        ok = setup.has_own_connection  # which is another project's, not the sandbox's
        says = "that of the sandbox is not running" if ok else problem
        yield Check("warehouse", ok=ok, says=says, do=START_SANDBOX)
    else:
        do = f"check {variable} in .env, and that the server runs"
        yield Check("warehouse", ok=False, says=problem, do=do)


def _is_usual(setup: Setup) -> bool:
    """Whether the warehouse is the one that `make up` starts."""
    return not setup.environ.get("TARGET_POSTGRES_SQLALCHEMY_URL")


def _login_problem(python: Path, url: str) -> str:
    """Log in with the plugin's own driver; the password is in no argument and no message."""
    try:
        done = subprocess.run(  # noqa: S603
            [str(python), "-c", _CONNECT],
            env={**os.environ, "WAREHOUSE": url},
            capture_output=True,
            text=True,
            timeout=_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return f"it does not answer within {_SECONDS} seconds"
    if done.returncode == 0:
        return ""
    for pattern, meaning in _WAREHOUSE_SAYS.items():
        if re.search(pattern, done.stderr, re.IGNORECASE):
            return meaning
    return "it does not let us in"


def _connection_problem(url: str) -> str:
    try:
        parts = urlsplit(url)
        address = (parts.hostname or "localhost", parts.port or _POSTGRES)
        socket.create_connection(address, 5).close()
    except ValueError:
        return "target-postgres.sqlalchemy_url is no URL of a warehouse"
    except OSError:
        return "it takes no connection"
    return ""
