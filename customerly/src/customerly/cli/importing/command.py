"""`customerly import`: its options, and the way from files to what became of them."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from customerly.cli.connecting import connection_options, given_connection
from customerly.cli.importing.options import ImportOptions, pairs_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from customerly.cli.importing.plan import ImportPlan

_NEEDED = ("tap_contact_files", "target_customerly")
_EXTRA = "The import needs an extra: pip install 'customerly[import]'"


@click.command("import")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="FILE…")
@click.option(
    "--as",
    "resource",
    type=click.Choice(["users", "leads", "tags"]),
    default="leads",
    show_default=True,
    help="What a row is. A row of tags ties a tag to a contact.",
)
@click.option(
    "--map",
    "mapping",
    multiple=True,
    metavar="COLUMN=FIELD",
    help="What a column becomes: email, user_id, name, tags, or an attribute of that name; "
    "'COLUMN=' leaves it out. Two columns can become the name. Repeatable.",
)
@click.option(
    "--type",
    "types",
    multiple=True,
    metavar="COLUMN=TYPE",
    help="Type of an attribute: text, number, decimal-comma (1.234,56), decimal-point (1,234.56), "
    "boolean, date (2026-01-31), excel (a spreadsheet's number of a day), or a form of dates as "
    "DD/MM/YYYY. Repeatable.",
)
@click.option(
    "--types",
    "auto",
    type=click.Choice(["auto"]),
    help="Give each attribute the type that all of its cells agree on.",
)
@click.option("--tag", metavar="NAME", help="A tag for all, so that an import can be found again.")
@click.option(
    "--tag-separator",
    metavar="TEXT",
    help="Between the tags of one cell, as |.  [default: , or ;]",
)
@click.option("--sheet", help="Of a workbook: name, or number from 1.  [default: the first]")
@click.option("--header-row", type=click.IntRange(1), help="Row of the columns' names.")
@click.option("--delimiter", help="Of a text file, as ; or tab.  [default: what the file shows]")
@click.option("--encoding", help="Of a text file, as windows-1252.  [default: what it shows]")
@click.option(
    "--operation",
    metavar="NAME",
    help="What is done with a row: upsert, insert, update, delete, unsubscribe (of users); tag, "
    "untag (of tags).  [default: upsert, or tag]",
)
@click.option(
    "--long-text",
    type=click.Choice(["reject", "truncate"]),
    default="reject",
    show_default=True,
    help="What is done with a row whose text is over the 128 characters that an attribute holds.",
)
@click.option("--dry-run", is_flag=True, help="Check every row, and send nothing.")
@click.option("--yes", is_flag=True, help="Import without asking.")
@click.option("--json", "as_json", is_flag=True, help="Print what became of each file as JSON.")
@connection_options
def import_(files: tuple[Path, ...], **given: Any) -> None:
    """Import contacts from CSV files and their kin, or from workbooks (XLSX, XLS, ODS).

    It shows how each file is understood, asks, imports, and ends with what became of the rows.
    A row that can't be imported is in FILE.rejects.csv, with the reason: mend it there, in any
    spreadsheet, and import that file. FILE is - for what comes through a pipe.

    Example: customerly import leads.xlsx --tag fair-2026 --type 'Seats=number'

    Example: unzip -p export.zip leads.csv | customerly import - --yes
    """
    _require_extra()
    from customerly.cli.importing import standard_input

    with standard_input.kept(files) as paths:
        _import(paths, given)


def _import(files: Sequence[Path], given: dict[str, Any]) -> None:
    from customerly.cli.importing import result
    from customerly.cli.importing.dry_run import check_rows
    from customerly.cli.importing.plan import plan_import
    from customerly.cli.importing.preview import show

    as_json, dry_run, yes = given["as_json"], given["dry_run"], given["yes"]
    options = _options(given)
    plans = [plan_import(file, options) for file in files]
    if not as_json:
        for plan in plans:
            show(plan)
    if not dry_run:
        connection = given_connection()
        _ask(plans, yes=yes)
        from customerly.cli.importing.running import run
    became = []
    for plan in plans:
        done = check_rows(plan) if dry_run else run(plan, connection)
        result.show(plan, done, as_json=as_json)
        became.append(done)
        if done.error is not None:
            raise done.error
    if any(done.is_not_whole for done in became):
        raise click.exceptions.Exit(1)


def _require_extra() -> None:
    for package in _NEEDED:
        try:
            importlib.import_module(package)
        except ModuleNotFoundError:
            raise click.ClickException(_EXTRA) from None


def _options(given: dict[str, Any]) -> ImportOptions:
    return ImportOptions(
        resource=given["resource"],
        operation=given["operation"],
        mapping=pairs_of("--map", given["mapping"]),
        types=pairs_of("--type", given["types"]),
        finds_types=given["auto"] is not None,
        tag=given["tag"] or "",
        tag_separator=given["tag_separator"] or "",
        sheet=given["sheet"],
        header_row=given["header_row"],
        delimiter=given["delimiter"],
        encoding=given["encoding"],
        long_text=given["long_text"],
    )


def _ask(plans: list[ImportPlan], *, yes: bool) -> None:
    """Ask before anything is sent; where nobody can answer, nothing is."""
    if yes:
        return
    if not (sys.stdin and sys.stdin.isatty()):
        message = "Nobody is there to answer: nothing was imported. With --yes it is, unasked."
        raise click.ClickException(message)
    rows, options = sum(plan.to_send for plan in plans), plans[0].options
    question = f"{(options.operation or 'import').capitalize()} {rows:,} rows as {options.resource}"
    forever = " for ever, conversations included" if options.operation == "delete" else ""
    if not click.confirm(f"{question}{forever}?", err=True):
        message = "Declined: nothing was imported."
        raise click.ClickException(message)
