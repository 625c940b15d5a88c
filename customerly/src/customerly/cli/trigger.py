"""`customerly trigger`: a webhook with a made-up contact, to try a receiver."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import click

from customerly.cli.terminal import print_json
from customerly.errors import CustomerlyError

if TYPE_CHECKING:
    from customerly.api import Contact

_SECONDS = 30.0


def made_up_body(event: str, email: str, *, lead: bool = False) -> dict[str, object]:
    """Make a body as Customerly sends it (docs/api-contract.md#webhooks).

    Args:
        event: What happened.
        email: The contact's address.
        lead: Whether the contact is a lead.

    Returns:
        The body; the contact is at `data.user.data`.
    """
    now = int(time.time())
    contact: Contact = {
        "crmhero_user_id": 1,
        "email": email,
        "name": "Ada King",
        "is_user": 0 if lead else 1,
        "last_update": time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(now)),
        "attributes": {"plan": "pro"},
    }
    kind = "lead" if lead else "user"
    return {"type": event, "sent_at": now, "data": {"user": {"type": kind, "data": contact}}}


def _web_url(_context: click.Context, _option: click.Parameter, given: str) -> str:
    try:
        parts = urlsplit(given)
        if parts.scheme in {"http", "https"} and parts.hostname:
            return given
    except ValueError:  # half an IPv6 address
        pass
    message = "an http or https URL is needed, such as http://127.0.0.1:8800/SECRET/tagged"
    raise click.BadParameter(message)


@click.command()
@click.argument("event")
@click.option(
    "--to", "url", required=True, metavar="URL", callback=_web_url, help="The receiver's URL."
)
@click.option("--email", default="ada@example.com", show_default=True, help="The contact's.")
@click.option("--lead", is_flag=True, help="Let the contact be a lead.")
def trigger(*, event: str, url: str, email: str, lead: bool) -> None:
    """Send a webhook about a made-up contact to a receiver, as Customerly would.

    EVENT is any text, such as tagged or updated: the real names are undocumented.

    Example: customerly trigger tagged --to http://127.0.0.1:8800/SECRET/tagged
    """
    import requests

    body = made_up_body(event, email, lead=lead)
    try:
        answer = requests.post(url, json=body, timeout=_SECONDS, allow_redirects=False)
    except (requests.RequestException, ValueError) as error:
        raise CustomerlyError(
            "The receiver takes no connection, or does not answer: check --to, and that "
            "`customerly listen` runs"
        ) from error
    if not answer.ok:
        raise CustomerlyError(f"The receiver answered HTTP {answer.status_code}: check the secret")
    print_json({"event": event, "status": answer.status_code})
