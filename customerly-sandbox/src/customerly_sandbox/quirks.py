"""Every fact about the API that is only assumed, as a switch (docs/api-contract.md).

Each field is one such fact: what the sandbox does by default, and the other plausible ways.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Mapping

T = TypeVar("T", bool, int, float, str)


def _quirk(default: T, about: str, *others: T) -> T:
    """A field with its description and, where it is a choice, all that may be chosen."""
    choices = (default, *others) if others else ()
    metadata = {"about": about, "choices": choices}
    return dataclasses.field(default=default, metadata=metadata)


@dataclass(frozen=True)
class Quirks:
    """What the sandbox does wherever nothing public says what the API does."""

    bad_token_status: int = _quirk(500, "HTTP status for a bad or missing token", 401, 403)
    missing_contact_status: int = _quirk(
        200, "HTTP status of `User doesn't exist`, an error envelope", 404, 400, 500
    )
    missing_contact_message: str = _quirk("User doesn't exist", "its message, any text")
    lead_missing_message: str = _quirk("User doesn't exist", "the same for a lead")
    refusal_status: int = _quirk(400, "HTTP status of a request that is refused", 200, 422, 500)
    error_code: str = _quirk("zero", "`code` in an error envelope", "status", "text", "missing")
    wire_forms: str = _quirk(
        "mixed",
        "integers, numbers and flags: as documented, as text, flags as booleans, "
        "or another form from contact to contact",
        "documented",
        "text",
        "booleans",
    )
    timestamps: str = _quirk(
        "mixed", "UNIX seconds as integers, as text, or from contact to contact", "integer", "text"
    )
    last_update_form: str = _quirk("text", "`last_update`, also in details", "iso", "unix")
    last_update_zone: int = _quirk(0, "seconds by which `last_update` is ahead of UTC")
    late_visible: float = _quirk(
        0.0, "seconds after its `last_update` at which a change becomes visible"
    )
    empty_object: str = _quirk("list", "an empty object arrives as `[]`", "object", "null")
    user_tags_form: str = _quirk("names", "`user_tags` of one contact", "objects")
    user_id_form: str = _quirk("text", "`user_id` made of digits only", "integer")

    order_by_last_update: bool = _quirk(
        True, "`sort=last_update` is obeyed; else the order is `default_order`", False
    )
    ties: str = _quirk(
        "moment",
        "the order of equal `last_update`; shuffled: anew for each page",
        "id",
        "id_descending",
        "shuffled",
    )
    ties_descending: str = _quirk(
        "reversed", "the order of equal values when sorted downwards", "same"
    )
    default_order: str = _quirk("id", "the order without `sort`", "newest", "email")
    default_page_size: int = _quirk(50, "contacts a page without `per_page`")
    largest_page: int = _quirk(100, "the cap of `per_page`")
    over_largest_page: str = _quirk("cut", "a `per_page` above the cap", "refuse", "default")
    empty_page: str = _quirk(
        "list",
        "a page without contacts: an empty list, null in its place, `data` null or an empty list, "
        "or no list at all",
        "null",
        "data_null",
        "data_empty",
        "missing",
    )
    unknown_sort: str = _quirk("ignore", "an unknown field to sort by", "refuse", "empty")
    first_page: int = _quirk(0, "the number of the articles' first page", 1)

    case_insensitive: bool = _quirk(
        True, "addresses that differ only in case are one contact", False
    )
    inline_tags: str = _quirk("add", "`tags` inside an upsert add or replace", "replace", "ignore")
    attributes: str = _quirk("merge", "`attributes` of an upsert", "replace")
    null_value: str = _quirk("clear", "null for a name or an attribute", "ignore")
    empty_text: str = _quirk("keep", '`""` for a name or an attribute', "clear")
    refusals: str = _quirk(
        "object",
        "how an upsert names a refused contact: an object, its address, its index, only by "
        "`inserted`, or by refusing the whole batch",
        "email",
        "index",
        "count",
        "batch",
    )
    refusal_list: str = _quirk("errors", "the list that names them", "not_added", "both")
    object_keys: str = _quirk(
        "email,reason",
        "keys of a refusal that is an object",
        "email,error",
        "user,message",
        "index,email,message",
    )
    inserted: str = _quirk("accepted", "`inserted` counts updates too", "text", "created")
    twice_in_batch: str = _quirk(
        "both",
        "one address twice in a batch: both applied in order, or one",
        "last",
        "first",
        "refuse",
    )
    user_id_taken: str = _quirk("refuse", "a `user_id` that another contact has", "move", "share")
    users_for_lead: str = _quirk(
        "convert",
        "`POST /users` for a lead's address: it becomes a user, or there are two",
        "both",
        "refuse",
    )
    leads_for_user: str = _quirk("both", "`POST /leads` for a user's address", "update", "refuse")
    lead_user_id: str = _quirk("ignore", "a `user_id` sent for a lead", "keep", "refuse")
    attribute_names: str = _quirk(
        "refuse", "an attribute's name with spaces or special characters", "accept", "drop"
    )
    long_text: str = _quirk("refuse", "attribute text over 128 characters", "cut", "accept")
    largest_batch: int = _quirk(100, "contacts in one upsert; 0: no limit")
    too_large_status: int = _quirk(413, "HTTP status above that", 400)
    too_large_message: str = _quirk("Too many contacts in one request", "its message, any text")
    largest_body: int = _quirk(0, "bytes above which a gateway answers 413 in HTML; 0: no limit")
    unchanged_moves: bool = _quirk(
        True, "an upsert that changes nothing moves `last_update`", False
    )

    tagging_moves: bool = _quirk(False, "tagging moves a contact's `last_update`", True)
    tag_unknown: str = _quirk(
        "fail",
        "`POST /tags` with an unknown contact: fails as a whole, ignores it in silence, "
        "or applies the rest and lists it",
        "ignore",
        "report",
    )
    untag_unknown_tag: str = _quirk("ignore", "untagging with a tag that is not there", "fail")
    delete_unknown_tag: str = _quirk("ignore", "`DELETE /tags` of no known tag", "fail")
    unknown_company: str = _quirk("create", "attributes for an unknown company", "refuse")
    done: str = _quirk(
        "message",
        "what a write without a documented answer answers: `data` as a message, true, "
        "an empty list, null, or the envelope's absence",
        "true",
        "empty",
        "null",
        "bare",
    )

    final_slash: str = _quirk(
        "accept",
        "a path with or without its final slash: taken, or redirected to the form "
        "that the contract writes",
        "redirect",
    )
    requests_per_second: float = _quirk(0.0, "above this rate: 429; 0: no limit")
    quota: int = _quirk(0, "requests in each window of `quota_seconds`; 0: no quota")
    quota_seconds: float = _quirk(60.0, "seconds of such a window; it begins with a request")
    quota_headers: bool = _quirk(
        False, "`X-RateLimit-Limit`, `-Remaining` and `-Reset` in answers", True
    )
    limit_status: int = _quirk(429, "HTTP status above a rate or a quota", 503)
    retry_after: str = _quirk(
        "seconds", "`Retry-After` of that answer", "fraction", "date", "words", "none"
    )

    webhook_event: str = _quirk("type", "where a webhook's body names its event", "event", "none")

    def changed(self, changes: Mapping[str, object]) -> Quirks:
        """These quirks with some of them changed.

        Raises:
            ValueError: An unknown quirk, or a value that it cannot have.
        """
        known = {field.name: field for field in dataclasses.fields(self)}
        for name, value in changes.items():
            if name not in known:
                message = f"there is no quirk {name!r}; there are: {', '.join(known)}"
                raise ValueError(message)
            _check(known[name], value)
        return dataclasses.replace(self, **changes)  # type: ignore[arg-type]


def _check(field: dataclasses.Field[Any], value: object) -> None:
    """Raises ValueError unless `value` is of the quirk's type and among its choices."""
    choices = field.metadata["choices"]
    wanted = (int, float) if isinstance(field.default, float) else (type(field.default),)
    if type(value) not in wanted or (choices and value not in choices):
        possible = ", ".join(map(str, choices)) or type(field.default).__name__
        message = f"the quirk {field.name} cannot be {value!r}; it can be: {possible}"
        raise ValueError(message)


def table() -> list[dict[str, Any]]:
    """Each quirk: name, default, choices and what it is about."""
    return [
        {"name": field.name, "default": field.default, **field.metadata}
        for field in dataclasses.fields(Quirks)
    ]
