"""Run tap, target, import and command line from an environment that has nothing but the wheels."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path

from customerly_sandbox import Sandbox

BIN = Path(sys.executable).parent
USERS, LEADS = 120, 45


def run(folder: Path, *command: str, given: bytes = b"", token: str = "") -> bytes:
    """Run an installed command; end where it fails.

    Args:
        folder: The working folder.
        command: Name and arguments.
        given: Its standard input.
        token: The access token, for the command line.

    Returns:
        Its standard output.
    """
    name, *arguments = command
    done = subprocess.run(
        [str(BIN / name), *arguments],
        cwd=folder,
        input=given,
        env={"PATH": str(BIN), "CUSTOMERLY_ACCESS_TOKEN": token},
        capture_output=True,
        check=False,
    )
    if done.returncode:
        sys.exit(f"{' '.join(command)} failed:\n{done.stderr.decode()}")
    return done.stdout


def expect(what: str, *, holds: bool) -> None:
    """Say that something holds; end where it does not."""
    if not holds:
        sys.exit(f"not so: {what}")
    print(f"✓ {what}")


def main() -> None:
    """Read one sandbox, copy it into another, and import a file."""
    with (
        tempfile.TemporaryDirectory() as name,
        Sandbox(USERS, LEADS) as source,
        Sandbox(0, 0) as goal,
    ):
        folder = Path(name)
        for kind, sandbox in (("tap", source), ("target", goal)):
            config = dict(sandbox.config)
            if kind == "target":
                config["max_rejects"] = -1  # nobody can be written who has no address
            (folder / f"{kind}.json").write_text(json.dumps(config))
        read = run(folder, "tap-customerly", "--config", "tap.json")
        records = sum(line.startswith(b'{"type":"RECORD"') for line in read.splitlines())
        tags = len(source.state()["tags"])
        expect("tap-customerly reads all", holds=records == USERS + LEADS + tags)
        run(folder, "target-customerly", "--config", "target.json", given=read)
        there, here = ({each["email"] for each in box.contacts("users")} for box in (source, goal))
        expect("target-customerly writes all", holds=here == there - {None})
        (folder / "leads.csv").write_text("E-Mail;Full name\nnew@example.com;Neu\n")
        told = {"token": goal.config["access_token"]}
        at = ("--api-url", goal.config["api_url"])
        run(folder, "customerly", *at, "import", "leads.csv", "--yes", **told)
        found = goal.find("leads", email="new@example.com")
        expect("customerly import imports", holds=(found or {}).get("name") == "Neu")
        run(folder, "customerly", *at, "check", **told)
        files = run(folder, "tap-contact-files", "--about")
        expect("tap-contact-files says what it is", holds=b"bad_rows_path" in files)
        expect(
            "customerly-report starts", holds=b"Usage" in run(folder, "customerly-report", "--help")
        )


if __name__ == "__main__":
    main()
