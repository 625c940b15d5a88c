"""`customerly api`: any authorised call."""

from __future__ import annotations

import re
import sys
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import click
import msgspec

from customerly.answer_forms import items_of
from customerly.calls import checked_headers, checked_method, host_path
from customerly.cli.connecting import with_api
from customerly.cli.listing import LARGEST_PAGE
from customerly.cli.terminal import pairs, print_json
from customerly.errors import ConfigError, CustomerlyError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from customerly.api import Api
    from customerly.values import Json


def _checked(check: Callable[[Any], Any]) -> Callable[[click.Context, click.Parameter, Any], Any]:
    """Make a callback that refuses what the client would refuse, before anything is read."""

    def callback(_context: click.Context, _parameter: click.Parameter, value: Json) -> Json:
        try:
            check(value)
        except ConfigError as error:
            raise click.BadParameter(str(error)) from error
        return value

    return callback


def _absolute(path: str, root: str) -> str:
    """Write a path as from the API's host: `users/list` and `v1/users/list` are below `root`."""
    if not re.fullmatch(r"\w[^:@]*", path.partition("?")[0]):
        return path
    return f"/{path}" if f"/{path}".startswith(f"{root}/") else f"{root}/{path}"


def _pages(
    api: Api, path: str, query: dict[str, str], headers: dict[str, str]
) -> Iterator[list[Any]]:
    """Read a list until a page holds nothing new (docs/api-contract.md#lists)."""
    before: list[Any] = []
    plain = path.partition("?")[0].strip("/")
    for page in count(int(query.get("page", 0))):
        sent = {"per_page": str(LARGEST_PAGE), **query, "page": str(page)}
        data = api.call("GET", path, headers=headers, query=sent, repeatable=True).data
        items = items_of(data, *plain.split("/")[-2:])
        if items is None:
            raise CustomerlyError(f"GET {plain} answers no list: leave --paginate out")
        if not items or items == before:
            return
        yield items
        before = items


def _headers(
    context: click.Context, option: click.Parameter, given: tuple[str, ...]
) -> dict[str, str]:
    found = pairs(":")(context, option, given)
    headers = {name: value.strip(" ") for name, value in found.items()}
    _checked(checked_headers)(context, option, headers)
    return headers


def _body(_context: click.Context, _option: click.Parameter, text: str | None) -> Json:
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
@click.argument("path", callback=_checked(lambda path: host_path(_absolute(path, "/v1"))))
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
@click.option(
    "--paginate",
    is_flag=True,
    help="Read a list to its end, page by page, and print its objects, one a line.",
)
@with_api
def api(
    api: Api,
    *,
    method: str,
    path: str,
    query: dict[str, str],
    headers: dict[str, str],
    body: object,
    paginate: bool,
) -> None:
    """Make any authorised call; PATH is relative to the API, or to its host with a slash before.

    The token goes to that host and to no other. A GET or HEAD is tried again where it fails,
    any other call is made once. The whole answer is printed.

    Example: customerly api GET users/list --query per_page=5

    Example: customerly api GET users/list --paginate --query sort=name
    """
    path = _absolute(path, urlsplit(api.client.connection.api_url).path)
    if paginate:
        if method.upper() != "GET" or body is not None:
            message = "--paginate reads a list: use it with GET, and without a body"
            raise click.UsageError(message)
        for page in _pages(api, path, query, headers):
            print_json(*page)
        return
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
