"""The examples of the READMEs, run as they are written, with the file that they show."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.support.run import shell

if TYPE_CHECKING:
    from tests.support.run import Run

ROOT = Path(__file__).parents[2]
LIN, ADA = "lin@example.com", "ada@example.com"


def block(readme: str, language: str, holding: str) -> str:
    """The code block of a README that holds a text."""
    text = (ROOT / readme).read_text(encoding="utf-8")
    blocks = re.findall(rf"```{language}\n(.*?)```", text, re.DOTALL)
    (found,) = [one for one in blocks if holding in one]
    return found


def commands(readme: str, holding: str) -> list[str]:
    """What a console block has behind its prompts."""
    lines = block(readme, "console", holding).splitlines()
    return [line.removeprefix("$ ") for line in lines if line.startswith("$ ")]


def run_in(folder: Path, line: str, sandbox: Any) -> Run:
    env = {
        "PATH": "/usr/bin:/bin",
        "HOME": str(folder),
        "CUSTOMERLY_ACCESS_TOKEN": sandbox.config["access_token"],
        "CUSTOMERLY_API_URL": sandbox.config["api_url"],
    }
    return shell(f"cd {folder} && {line}", env)


def test_the_targets_file_gives_the_leads_that_its_readme_promises(
    tmp_path: Path, empty_sandbox: Any
) -> None:
    readme = "target-customerly/README.md"
    (tmp_path / "leads.csv").write_text(block(readme, "csv", "E-mail"), encoding="utf-8")
    (line,) = [
        line.partition("#")[0].strip()
        for line in block(readme, "sh", "customerly import").splitlines()
        if line.startswith("customerly import")
    ]
    done = run_in(tmp_path, f"{line} --yes", empty_sandbox)
    assert done.code == 0, done.stderr
    leads = {lead["email"]: lead for lead in empty_sandbox.contacts("leads")}
    assert leads[LIN]["name"] == "Lin Chen"
    assert leads[LIN]["user_tags"] == ["newsletter", "trial"]
    assert leads[LIN]["attributes"] == {"company_name": "Acme", "Seats": "5"}
    assert leads[ADA]["attributes"] == {}


def test_the_taps_example_prints_messages(tmp_path: Path, empty_sandbox: Any) -> None:
    (tmp_path / "leads.csv").write_text(f"email\n{ADA}\n")
    _install, *lines = commands("tap-contact-files/README.md", "tap-contact-files --config")
    done = run_in(tmp_path, " && ".join(lines), empty_sandbox)
    assert [record["email"] for record in done.records("contacts")] == [ADA]


def test_the_commands_example_imports(tmp_path: Path, empty_sandbox: Any) -> None:
    (tmp_path / "leads.csv").write_text(f"email\n{ADA}\n")
    _install, line = commands("customerly/README.md", "customerly import")
    done = run_in(tmp_path, f"{line} --yes", empty_sandbox)
    assert done.code == 0, done.stderr
    assert empty_sandbox.contacts("leads")[0]["user_tags"] == ["fair-2026"]
