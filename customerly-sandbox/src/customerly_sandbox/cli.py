"""`customerly sandbox`: a local stand-in for the API."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

SIZE = click.IntRange(0)
_PERSONAL = ("email", "user_id")


def _quirks(
    _context: click.Context, _option: click.Parameter, given: tuple[str, ...]
) -> dict[str, Any]:
    """`name=value` pairs as a dict; a value that reads as JSON is that."""
    found: dict[str, Any] = {}
    for pair in given:
        name, equals, value = pair.partition("=")
        if not equals:
            message = f"{pair!r} is not of the form name=value"
            raise click.BadParameter(message)
        try:
            found[name] = json.loads(value)
        except ValueError:
            found[name] = value
    return found


def _print_ready(started: dict[str, Any]) -> None:
    click.echo(json.dumps(started))


def _print_request(request: dict[str, Any]) -> None:
    asked = {name: "…" if name in _PERSONAL else it for name, it in request["query"].items()}
    query = "&".join(f"{name}={value}" for name, value in asked.items())
    path = f"{request['path']}?{query}" if query else request["path"]
    fault = f" ({request['fault']})" if request["fault"] else ""
    line = f"{request['method']} {path}: {request['status']}, {request['count']}{fault}"
    click.echo(line, err=True)


@click.command()
@click.option(
    "--users", type=SIZE, default=500, show_default=True, help="How many users are there."
)
@click.option(
    "--leads", type=SIZE, default=200, show_default=True, help="How many leads are there."
)
@click.option("--seed", default=7, show_default=True, help="Another seed: other contacts.")
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=8686,
    show_default=True,
    help="0: any that is free.",
)
@click.option("--token", default=None, help="Token to accept.  [default: sandbox-token]")
@click.option(
    "--latency-ms",
    type=click.FloatRange(0),
    default=0.0,
    help="Milliseconds to wait before each answer.",
)
@click.option(
    "--bulk", type=SIZE, default=0, help="So many contacts of each kind share one last_update."
)
@click.option(
    "--undated", type=SIZE, default=0, help="So many contacts of each kind have no last_update."
)
@click.option("--virtual-clock", is_flag=True, help="The clock moves only when it is set.")
@click.option(
    "--step",
    type=click.FloatRange(0),
    default=0.0,
    help="Seconds that a change takes on a virtual clock.",
)
@click.option(
    "--quirk",
    "quirks",
    multiple=True,
    metavar="NAME=VALUE",
    callback=_quirks,
    help="What it does where the API's documentation is silent; see the README.",
)
@click.option(
    "--state",
    type=click.Path(dir_okay=False, path_type=Path),
    help="A file to keep its state in, from one run to the next.",
)
@click.option("--verbose", is_flag=True, help="Print each request on standard error.")
def sandbox(
    *,
    users: int,
    leads: int,
    seed: int,
    host: str,
    port: int,
    token: str | None,
    latency_ms: float,
    bulk: int,
    undated: int,
    virtual_clock: bool,
    step: float,
    quirks: dict[str, Any],
    state: Path | None,
    verbose: bool,
) -> None:
    """Run a local stand-in for Customerly's API, filled with made-up contacts.

    It prints one line of JSON with its URL and token when it is ready, and serves until
    it is stopped (Ctrl-C).

    Example: customerly sandbox --users 500 --leads 200 --seed 7 --port 8686
    """
    import asyncio

    from customerly_sandbox.people.population import Population
    from customerly_sandbox.project import TOKEN, Settings
    from customerly_sandbox.quirks import Quirks
    from customerly_sandbox.running import serve

    try:
        settings = Settings(
            Population(users, leads, seed, bulk, undated),
            Quirks().changed(quirks),
            token or TOKEN,
            latency_ms / 1000,
            virtual_clock,
            step,
            state,
        )
    except ValueError as error:
        raise click.UsageError(str(error)) from error
    try:
        asyncio.run(serve(settings, host, port, _print_ready, _print_request if verbose else None))
    except (OSError, ValueError) as error:
        message = f"The sandbox cannot run: {error}"
        raise click.ClickException(message) from error
