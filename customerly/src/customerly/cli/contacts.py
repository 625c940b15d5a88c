"""`customerly users …` and `customerly leads …`: contacts by hand."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any

import click
import msgspec

from customerly.answer_forms import UNSAID
from customerly.cli.connecting import with_api
from customerly.cli.listing import pages
from customerly.cli.output import output_options, print_list, print_one
from customerly.cli.terminal import confirm, pairs, print_json, yes_option
from customerly.errors import ContactMissing, CustomerlyError

if TYPE_CHECKING:
    from collections.abc import Callable

    from customerly.api import Api, Contact, Direction, Kind

_COLUMNS = ("email", "name", "user_id", "last_update", "crmhero_user_id")


def _group(kind: Kind) -> click.Group:
    group = click.Group(
        kind,
        help=f"""List, look up, change and delete {kind}.

        Example: customerly {kind} get ada@example.com""",
    )
    for make in (_list, _get, _upsert, _delete):
        group.add_command(make(kind))
    return group


def _list(kind: Kind) -> click.Command:
    @click.command(
        "list",
        help=f"""List {kind} as the API gives them, page by page while it reads.

        Pages shift while contacts change, so one that changes meanwhile can be missed; the
        pipeline, tap-customerly, misses none.

        CSV is in the form that customerly import reads back: mend it in a spreadsheet, import it.

        Example: customerly {kind} list --limit 10 --sort name --desc

        Example: customerly {kind} list --output csv > {kind}.csv

        Example: customerly {kind} list --fields email,attributes.plan""",
    )
    @click.option("--limit", type=click.IntRange(1), help=f"Most {kind}.  [default: all]")
    @click.option("--sort", default="last_update", show_default=True, help="Field to sort by.")
    @click.option("--desc/--asc", default=False, help="Direction.  [default: --asc]")
    @output_options
    @with_api
    def list_(api: Api, *, limit: int | None, sort: str, desc: bool, output: str | None) -> None:
        direction: Direction = "desc" if desc else "asc"

        def fetch(page: int, per_page: int) -> list[Contact]:
            return api.list_contacts(
                kind, page=page, per_page=per_page, sort=sort, direction=direction
            )

        print_list(pages(fetch, limit), _COLUMNS, output)

    return list_


def _get(kind: Kind) -> click.Command:
    @click.command(
        "get",
        help=f"""Look one up, with its tags, segments, events, notes and companies.

        Example: customerly {kind} get ada@example.com

        Example: customerly {kind} get ada@example.com --output json""",
    )
    @_key_options(kind)
    @output_options
    @with_api
    def get(api: Api, *, output: str | None, **given: str | None) -> None:
        print_one(find(api, kind, _key(kind, given)), output)

    return get


def _delete(kind: Kind) -> click.Command:
    @click.command(
        "delete",
        help=f"""Delete one for ever: conversations, surveys and campaign history go too.

        Example: customerly {kind} delete ada@example.com""",
    )
    @_key_options(kind)
    @yes_option
    @with_api
    def delete(api: Api, *, yes: bool, **given: str | None) -> None:
        key = _key(kind, given)
        (value,) = key.values()
        find(api, kind, key)
        confirm(f"Delete the {kind[:-1]} {value} for ever, conversations included?", yes=yes)
        with contextlib.suppress(ContactMissing):  # gone meanwhile, as was asked for
            api.delete_contact(kind, **key)
        print_json({**key, "deleted": True})

    return delete


def _upsert(kind: Kind) -> click.Command:
    @click.command(
        "upsert",
        help=f"""Create a contact, or update the one with this address.

        A VALUE that reads as a JSON number, true, false or quoted string is that, all else is
        text. Tags are added to those that the contact has.

        Example: customerly {kind} upsert --email ada@example.com --tag vip --attribute seats=5""",
    )
    @click.option("--email", required=True, metavar="ADDRESS", help="The contact's address.")
    @click.option("--user-id", metavar="ID", help="Your own key of the contact.")
    @click.option("--name", help="The contact's name.")
    @click.option("--tag", "tags", multiple=True, help="A tag to add. Repeatable.")
    @click.option(
        "--attribute",
        "attributes",
        multiple=True,
        metavar="KEY=VALUE",
        callback=_attributes,
        help="A custom attribute. Repeatable.",
    )
    @with_api
    def upsert(api: Api, *, tags: tuple[str, ...], **given: Any) -> None:
        contact = {name: value for name, value in given.items() if value not in (None, {})}
        names = list(dict.fromkeys(tags))
        _refuse_blank("--email", contact["email"])
        _refuse_blank("--tag", *names)
        _store(api, kind, contact)
        # Only POST /tags is certain to add to them (docs/api-contract.md#create-or-update).
        for tag in names:
            _tie(api, kind, contact["email"], tag)
        print_json({**contact, "tags": names} if names else contact)

    return upsert


def _store(api: Api, kind: Kind, contact: Contact) -> None:
    outcome = api.upsert_contacts(kind, [contact])
    if outcome.failed or outcome.unnamed:
        reason = next(iter(outcome.failed.values()), UNSAID)
        raise CustomerlyError(f"The {kind[:-1]} was not stored: {reason}")


def _tie(api: Api, kind: Kind, email: str, tag: str) -> None:
    who = [{"email": email}]
    try:
        outcome = api.tag(tag, users=who) if kind == "users" else api.tag(tag, leads=who)
        reason = next(iter(outcome.failed.values()), "")
    except CustomerlyError as error:
        reason = str(error)
    if reason:
        raise CustomerlyError(f"The {kind[:-1]} was stored, but not tagged {tag}: {reason}")


def find(api: Api, kind: Kind, key: dict[str, str]) -> Contact:
    """Look one contact up.

    Args:
        api: Where to look.
        kind: `users` or `leads`.
        key: `email` or `user_id`, and its value.

    Returns:
        The contact as the API gave it.

    Raises:
        CustomerlyError: There is none.
    """
    try:
        return api.get_contact(kind, **key)
    except ContactMissing as missing:
        (value,) = key.values()
        raise CustomerlyError(f"There is no {kind[:-1]} {value}") from missing


def _key_options(kind: Kind) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Add what names a contact: a lead has no user id (docs/api-contract.md#one-contact)."""
    who = click.argument("who", required=False, metavar="[ADDRESS]" if kind == "leads" else "[WHO]")
    email = click.option("--email", metavar="ADDRESS", help="The contact's address.")
    if kind == "leads":
        return lambda function: who(email(function))
    user_id = click.option("--user-id", metavar="ID", help="Your own key of the contact.")
    return lambda function: who(email(user_id(function)))


def _key(kind: Kind, given: dict[str, str | None]) -> dict[str, str]:
    """Read what names a contact: an option, or WHO, which is an address if it holds an `@`."""
    key = {name: value for name, value in given.items() if value is not None and name != "who"}
    who = given.get("who")
    if who is not None:
        name = "email" if "@" in who or kind == "leads" else "user_id"
        key = {name: who} if not key else {}
    if len(key) != 1:
        names = "an address" if kind == "leads" else "exactly one of --email and --user-id"
        message = f"Give {names}"
        raise click.UsageError(message)
    _refuse_blank("What names the contact", *key.values())
    return key


def _refuse_blank(option: str, *values: str) -> None:
    if not all(value.strip() for value in values):
        message = f"{option} cannot be empty"
        raise click.UsageError(message)


def _attributes(
    context: click.Context, option: click.Parameter, given: tuple[str, ...]
) -> dict[str, Any]:
    return {name: _value(text) for name, text in pairs("=")(context, option, given).items()}


def _value(text: str) -> str | float | bool:
    """Read an attribute's value: text, unless it reads as a JSON scalar other than null."""
    try:
        value = msgspec.json.decode(text)
    except (msgspec.MsgspecError, UnicodeError, RecursionError):
        return text
    return value if isinstance(value, (str, int, float)) else text


users = _group("users")
leads = _group("leads")
