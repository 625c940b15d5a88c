"""`customerly api`: any authorised call."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import msgspec

from customerly.calls import checked_headers, checked_method, host_path
from customerly.cli.connecting import with_api
from customerly.cli.terminal import pairs, print_json
from customerly.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Callable

    from customerly.api import Api


def _checked(check: Callable[[Any], Any]) -> Callable[[click.Context, click.Parameter, Any], Any]:
    """Make a callback that refuses what the client would refuse, before anything is read."""

    def callback(_context: click.Context, _parameter: click.Parameter, value: Any) -> Any:  # noqa: ANN401
        try:
            check(value)
        except ConfigError as error:
            raise click.BadParameter(str(error)) from error
        return value

    return callback


def _headers(
    context: click.Context, option: click.Parameter, given: tuple[str, ...]
) -> dict[str, str]:
    found = pairs(":")(context, option, given)
    headers = {name: value.strip(" ") for name, value in found.items()}
    _checked(checked_headers)(context, option, headers)
    return headers


def _body(_context: click.Context, _option: click.Parameter, text: str | None) -> Any:  # noqa: ANN401
    if text is None:
        return None
    try:
        if text == "@-":
            text = sys.stdin.read()
        elif text.startswith("@"):
            text = Path(text[1:]).read_text(encoding="utf-8")
        return msgspec.json.decode(text)
    except (msgspec.MsgspecError, UnicodeError, RecursionError) as error:
        message = f"this is not JSON: {error}"
        raise click.BadParameter(message) from error
    except OSError as error:
        message = f"the file cannot be read: {error.strerror}"
        raise click.BadParameter(message) from error


@click.command()
@click.argument("method", callback=_checked(checked_method))
@click.argument("path", callback=_checked(host_path))
@click.option(
    "--query",
    multiple=True,
    metavar="KEY=VALUE",
    callback=pairs("="),
    help="A parameter of the query. Repeatable.",
)
@click.option(
    "--header",
    "headers",
    multiple=True,
    metavar="NAME:VALUE",
    callback=_headers,
    help="A further header. Repeatable.",
)
@click.option(
    "--body", metavar="JSON", callback=_body, help="The body; @FILE reads it from a file, @- too."
)
@with_api
def api(
    api: Api,
    *,
    method: str,
    path: str,
    query: dict[str, str],
    headers: dict[str, str],
    body: Any,  # noqa: ANN401
) -> None:
    """Make any authorised call; PATH is relative to the API's host.

    The token goes to that host and to no other. A GET or HEAD is tried again where it fails,
    any other call is made once. The whole answer is printed.

    Example: customerly api GET /v1/users/list --query page=0 --query per_page=5
    """
    answer = api.call(
        method,
        path,
        headers=headers,
        query=query,
        body=body,
        repeatable=method.upper() in {"GET", "HEAD"},
    )
    if answer.body is None:
        click.echo(f"HTTP {answer.status}, without JSON", err=True)
    print_json(answer.body)
