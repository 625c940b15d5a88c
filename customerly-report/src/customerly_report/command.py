"""The command `customerly-report`."""

from __future__ import annotations

import os
from pathlib import Path

import click
import sqlalchemy
from customerly.redact import redact

from customerly_report.page import write
from customerly_report.warehouse import Warehouse


@click.command()
@click.option(
    "--url",
    envvar="TARGET_POSTGRES_SQLALCHEMY_URL",
    required=True,
    help="The warehouse, as target-postgres has it.",
)
@click.option("--schema", envvar="DBT_CUSTOMERLY_SCHEMA", default="customerly_models")
@click.option(
    "--output",
    envvar="CUSTOMERLY_REPORT_OUTPUT",
    default="report.html",
    type=click.Path(dir_okay=False, path_type=Path),
)
@click.option("--attribute", envvar="CUSTOMERLY_REPORT_ATTRIBUTE", help="The attribute to show.")
@click.option("--project", envvar="CUSTOMERLY_REPORT_PROJECT", help="One project of many.")
@click.option(
    "--rejects",
    envvar="TARGET_CUSTOMERLY_REJECTS_PATH",
    default="customerly-rejects.jsonl",
    type=click.Path(path_type=Path),
    help="The target's file of rejected records, for where its log is not in the warehouse.",
)
def main(
    url: str,
    schema: str,
    output: Path,
    attribute: str | None,
    project: str | None,
    rejects: Path,
) -> None:
    """Write a page of pictures from the models: counts only, nobody's data."""
    os.environ.setdefault("PGCONNECT_TIMEOUT", "10")
    try:
        with Warehouse(url, schema, project=project, attribute=attribute) as warehouse:
            size = write(output, warehouse, rejects)
    except sqlalchemy.exc.ArgumentError:
        message = "--url is no address of a warehouse, as postgresql+psycopg://user:password@host/database"
        raise click.ClickException(message) from None
    except sqlalchemy.exc.SQLAlchemyError as error:
        cause = redact(str(getattr(error, "orig", None) or error), url)
        raise click.ClickException(f"The warehouse could not be read: {cause}") from None
    except OSError as error:
        raise click.ClickException(f"{error.filename}: {error.strerror}") from None
    click.echo(f"{output.resolve()} ({size // 1024} KB)", err=True)
