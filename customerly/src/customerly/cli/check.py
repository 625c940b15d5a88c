"""`customerly check`: does the token work?"""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from customerly.cli.connecting import with_api
from customerly.cli.terminal import print_json

if TYPE_CHECKING:
    from customerly.api import Api


@click.command()
@with_api
def check(api: Api) -> None:
    """Say whether the token works, and what to do where it does not.

    It lists the tags, and changes nothing.

    Example: customerly check --access-token-file ~/.customerly-token
    """
    tags = api.list_tags()
    click.echo("The token works.", err=True)
    print_json({"ok": True, "api_url": api.client.connection.api_url, "tags": len(tags)})
