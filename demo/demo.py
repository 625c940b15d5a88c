"""`make demo`: Customerly to PostgreSQL, a file to Customerly, and answers, on one machine."""

from __future__ import annotations

import json
import shutil
import sys
import time
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pipelines
import psycopg
from customerly_sandbox import Sandbox
from pipelines import ROOT, settings
from postgres import forget, postgres
from processes import ServiceError, interruptible
from rich.console import Console
from rich.padding import Padding
from rich.syntax import Syntax
from rich.table import Table
from rich.text import Text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

FOLDER = ROOT / ".demo"
LEADS = Path("demo/leads.csv")

HOW_MANY = """\
SELECT (SELECT count(*) FROM customerly.users) AS users,
       (SELECT count(*) FROM customerly.leads) AS leads,
       (SELECT count(*) FROM customerly.tags)  AS tags"""
LIFECYCLE = """\
SELECT lifecycle, count(*) AS contacts,
       count(*) FILTER (WHERE is_reachable) AS reachable
FROM customerly_models.customerly__contacts
GROUP BY lifecycle ORDER BY lifecycle"""

# What the file may change about a lead, and where that is.
CHANGES: dict[str, Callable[[dict[str, Any]], Any]] = {
    "name": lambda lead: lead["name"],
    "tags": lambda lead: ", ".join(sorted(lead["user_tags"])),
    "company": lambda lead: lead["attributes"].get("company"),
    "seats": lambda lead: lead["attributes"].get("seats"),
}

NEXT = {
    "make up": "keeps such services running, with a page to look at them",
    "cp .env.example .env": "goes live: your token and warehouse go in it (README.md)",
}

console = Console(highlight=False)


class DemoError(Exception):
    """A pipeline failed: `str()` says why and where to look."""


@dataclass(frozen=True)
class Stage:
    """What the parts of the demo play on.

    Args:
        sandbox: Customerly's stand-in.
        warehouse: PostgreSQL's address.
        env: The environment in which Meltano knows both.
    """

    sandbox: Sandbox
    warehouse: str
    env: dict[str, str]


def main(parts: Sequence[str]) -> int:
    """Run the demo.

    Args:
        parts: Names of `PARTS`, in order.

    Returns:
        The exit status.
    """
    shutil.rmtree(FOLDER, ignore_errors=True)
    FOLDER.mkdir()
    began = time.monotonic()
    try:
        with interruptible(), ExitStack() as services:
            stage = prepare(services)
            for part in parts:
                PARTS[part](stage)
    except KeyboardInterrupt:
        console.print("\nStopped: nothing is left running.")
        return 130
    except (ServiceError, DemoError) as error:
        console.print(Text(str(error), "red"), soft_wrap=True)
        return 1
    finally:
        forget(FOLDER / "postgres")
    console.print(f"\nAll that was started is stopped again, after {since(began)}. What next?")
    for command, meaning in NEXT.items():
        console.print(f"  [bold]{command:<20}[/]  {meaning}")
    return 0


def prepare(services: ExitStack) -> Stage:
    """Start the services."""
    console.print("[bold]Customerly pipelines, both ways, on this machine alone[/]\n")
    sandbox = services.enter_context(Sandbox(users=500, leads=200, seed=7))
    done("a sandbox stands in for Customerly", sandbox.url)
    with console.status("PostgreSQL is starting"):
        warehouse = services.enter_context(postgres(FOLDER / "postgres"))
    done("a real PostgreSQL is the warehouse", warehouse.rpartition("@")[2])
    return Stage(sandbox, warehouse, settings(sandbox.url, warehouse, FOLDER))


def extract(stage: Stage) -> None:
    """Customerly to PostgreSQL."""
    heading("1  Customerly → PostgreSQL")
    run("extract", stage.env)
    answer(stage.warehouse, HOW_MANY)


def load(stage: Stage) -> None:
    """A file from Excel to Customerly."""
    heading("2  a file from Excel → Customerly")
    console.print(f"{LEADS} has semicolons, Windows-1252, a blank row and a padded address.\n")
    before = {lead["crmhero_user_id"]: lead for lead in stage.sandbox.contacts("leads")}
    # One row of the file is wrong on purpose.
    wanted = {"IMPORT_FILE": str(LEADS), "TARGET_CUSTOMERLY_MAX_REJECTS": "1"}
    run("import", stage.env, **wanted)
    after = {lead["crmhero_user_id"]: lead for lead in stage.sandbox.contacts("leads")}
    changed = [number for number, lead in after.items() if lead != before.get(number)]
    console.print(f"\n{len(before)} leads became {len(after)}; what is new is [green]green[/]:\n")
    rows = [compare(before.get(number), after[number]) for number in changed]
    console.print(table(("email", *CHANGES), rows))
    console.print("\nKept aside, to be mended and imported again:\n")
    rejects = map(json.loads, (FOLDER / "rejects.jsonl").read_text().splitlines())
    kept = [
        (str(each["row"]), each["record"]["E-Mail"], Text(each["reason"], "yellow"))
        for each in rejects
    ]
    console.print(table(("row", "E-Mail", "reason"), kept))


def model(stage: Stage) -> None:
    """What the warehouse then answers."""
    heading("3  PostgreSQL → answers")
    run("extract dbt-postgres:build", stage.env)
    answer(stage.warehouse, LIFECYCLE)
    console.print()
    report = FOLDER / "report.html"
    run("report", {**stage.env, "CUSTOMERLY_REPORT_OUTPUT": str(report)})
    done("the report, one page of pictures", str(report.relative_to(ROOT)))


PARTS = {"extract": extract, "load": load, "model": model}


def answer(warehouse: str, query: str) -> None:
    """Show a query, and what the warehouse answers."""
    sql = Syntax(query, "sql", theme="ansi_dark", background_color="default")
    console.print("", sql, sep="\n")
    with psycopg.connect(warehouse) as connection:
        found = connection.execute(query)
        names = [column.name for column in found.description or ()]
        rows = [["" if cell is None else str(cell) for cell in row] for row in found]
    console.print(table(names, rows))


def compare(old: dict[str, Any] | None, new: dict[str, Any]) -> list[Text]:
    """Lay out a lead, with what the file said anew in green."""
    cells = [Text(new["email"], "green" if old is None else "")]
    for value_of in CHANGES.values():
        same = old is not None and value_of(old) == value_of(new)
        cells.append(Text(str(value_of(new) or ""), "" if same else "green"))
    return cells


def run(jobs: str, env: dict[str, str], **variables: str) -> None:
    """Run jobs of `meltano.yml`, with a line that moves while they take their time.

    Args:
        jobs: Their names.
        env: Environment variables.
        **variables: More of them, which are shown before the command.
    """
    began = time.monotonic()
    log = FOLDER / f"{jobs.split(maxsplit=1)[0]}.log"
    shown = "".join(f"{name}={value} " for name, value in variables.items())
    console.print(f"[dim]$[/] [bold]{shown}meltano run {jobs}[/]", soft_wrap=True)
    with console.status("") as status:
        code = pipelines.run(
            *jobs.split(),
            env={**env, **variables},
            log=log,
            meanwhile=lambda: status.update(since(began)),
        )
    if code:
        tail = log.read_text(errors="replace").strip().splitlines()[-12:]
        raise DemoError("\n".join([*tail, f"meltano run {jobs} failed; its whole log is {log}"]))
    done("it ran to its end", since(began))


def heading(text: str) -> None:
    """Begin a part."""
    console.print()
    console.rule(f"[bold]{text}[/]", align="left", style="dim")


def done(what: str, more: str) -> None:
    """Say that a step is over."""
    console.print(f"[green]✓[/] {what:<36}[dim]{more}[/]")


def table(names: Sequence[str], rows: Iterable[Sequence[Text | str]]) -> Padding:
    """Lay out rows."""
    laid = Table(*names, box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim")
    for row in rows:
        laid.add_row(*(cell if isinstance(cell, Text) else Text(cell) for cell in row))
    return Padding(laid, (0, 0, 0, 2))


def since(moment: float) -> str:
    """The seconds since then, as text."""
    return f"{time.monotonic() - moment:.1f} s"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:] or [*PARTS]))
