"""`customerly tags …`: tags by hand."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from customerly.answer_forms import UNSAID
from customerly.cli.connecting import with_api
from customerly.cli.contacts import find
from customerly.cli.output import output_options, print_list
from customerly.cli.terminal import confirm, print_json, yes_option
from customerly.errors import ContactMissing, CustomerlyError

if TYPE_CHECKING:
    from collections.abc import Callable

    from customerly.api import Api, Kind

    Who = list[tuple[Kind, dict[str, str]]]


@click.group()
def tags() -> None:
    """List tags, tie them to contacts, delete them.

    Example: customerly tags add vip --user-email ada@example.com
    """


def _tag(_context: click.Context, _argument: click.Parameter, given: str) -> str:
    if not given.strip():
        message = "a tag's name cannot be empty"
        raise click.BadParameter(message)
    return given


tag_argument = click.argument("tag", callback=_tag)


def _contact_options(function: Callable[..., None]) -> Callable[..., None]:
    for name, told in (
        ("--lead-email", "A lead's address. Repeatable."),
        ("--user-id", "Your own key of a user. Repeatable."),
        ("--user-email", "A user's address. Repeatable."),
    ):
        function = click.option(name, multiple=True, help=told)(function)
    return function


@tags.command("list")
@click.option("--limit", type=click.IntRange(1), help="Most tags.  [default: all]")
@output_options
@with_api
def list_(api: Api, *, limit: int | None, output: str | None) -> None:
    """List the project's tags.

    Example: customerly tags list --limit 10
    """
    print_list([[{"name": name} for name in api.list_tags()[:limit]]], ["name"], output)


@tags.command()
@tag_argument
@_contact_options
@with_api
def add(api: Api, *, tag: str, **given: tuple[str, ...]) -> None:
    """Tie TAG to contacts; without one, make sure that the tag exists.

    Example: customerly tags add vip --user-email ada@example.com --lead-email lin@example.com
    """
    who = _who(**given)
    for kind, key in who:  # whether the API would say that one is not there, nobody knows
        find(api, kind, key)
    if who or tag not in api.list_tags():
        _apply(api, tag, who, untag=False)
    print_json(_told(tag, who))


@tags.command()
@tag_argument
@_contact_options
@with_api
def remove(api: Api, *, tag: str, **given: tuple[str, ...]) -> None:
    """Untie TAG from contacts; one that does not have it, or is not there, counts as done.

    Example: customerly tags remove vip --user-id 42
    """
    who = _who(**given)
    if not who:
        message = "Give --user-email, --user-id or --lead-email; to drop the tag, `tags delete`"
        raise click.UsageError(message)
    there = [(kind, key) for kind, key in who if _exists(api, kind, key)]
    if there and _may_exist(api, tag):
        _apply(api, tag, there, untag=True)
    print_json(_told(tag, who))


@tags.command()
@tag_argument
@yes_option
@with_api
def delete(api: Api, *, tag: str, yes: bool) -> None:
    """Drop TAG from the project, and so from all contacts.

    Example: customerly tags delete vip
    """
    if not _may_exist(api, tag):
        raise CustomerlyError(f"There is no tag {tag}")
    confirm(f"Delete the tag {tag} everywhere?", yes=yes)
    api.delete_tag(tag)
    print_json({"name": tag, "deleted": True})


def _who(user_email: tuple[str, ...], user_id: tuple[str, ...], lead_email: tuple[str, ...]) -> Who:
    if not all(value.strip() for value in (*user_email, *user_id, *lead_email)):
        message = "An empty address or id names no contact"
        raise click.UsageError(message)
    return [
        *(("users", {"email": email}) for email in dict.fromkeys(user_email)),
        *(("users", {"user_id": key}) for key in dict.fromkeys(user_id)),
        *(("leads", {"email": email}) for email in dict.fromkeys(lead_email)),
    ]


def _exists(api: Api, kind: Kind, key: dict[str, str]) -> bool:
    try:
        api.get_contact(kind, **key)
    except ContactMissing:
        return False
    return True


def _may_exist(api: Api, tag: str) -> bool:
    """Tell whether the API can mean a tag by this: it may not tell capitals from small letters."""
    return tag.casefold() in (name.casefold() for name in api.list_tags())


def _apply(api: Api, tag: str, who: Who, *, untag: bool) -> None:
    users = [key for kind, key in who if kind == "users"]
    leads = [key for kind, key in who if kind == "leads"]
    outcome = api.tag(tag, users=users, leads=leads, untag=untag)
    if outcome.failed or outcome.unnamed:
        count = len(outcome.failed) + outcome.unnamed
        whom = "The contact was" if len(who) == 1 else f"Of {len(who)} contacts, {count} were"
        what = "still tagged" if untag else "not tagged"
        reasons = "; ".join(dict.fromkeys(outcome.failed.values())) or UNSAID
        raise CustomerlyError(f"{whom} {what} {tag}: {reasons}")


def _told(tag: str, who: Who) -> dict[str, Any]:
    told: dict[str, Any] = {"name": tag}
    for kind, key in who:
        told.setdefault(kind, []).append(key)
    return told
