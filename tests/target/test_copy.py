"""One project into another: `tap-customerly | target-customerly`, whatever forms the wire has."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.tap import run_tap, selecting

SHOWN = ("email", "user_id", "name")
QUIRKS = [
    ({}, {}),
    (
        {
            "wire_forms": "text",
            "timestamps": "text",
            "empty_object": "null",
            "user_tags_form": "objects",
        },
        {"inline_tags": "replace", "tag_unknown": "ignore", "refusals": "count", "done": "null"},
    ),
    (
        {"wire_forms": "booleans", "user_id_form": "integer", "last_update_form": "unix"},
        {"missing_contact_status": 404, "users_for_lead": "both", "empty_text": "clear"},
    ),
]


def project(sandbox: Any, *, tags: bool) -> Any:
    """All that the API lets one write."""
    shown = {}
    for kind in ("users", "leads"):
        for contact in sandbox.contacts(kind):
            held = {name: contact[name] for name in SHOWN}
            if kind == "users" and contact["user_id"]:  # by which alone one can be unsubscribed
                held["unsubscribe"] = contact["unsubscribe"]
            held["attributes"] = {
                k: v for k, v in contact["attributes"].items() if v not in ("", None)
            }
            if tags:
                held["tags"] = sorted(contact["user_tags"])
            shown[kind, contact["email"]] = held
    return shown, sorted(sandbox.state()["tags"])


def cannot_be_copied(record: Any) -> bool:
    """Whether a contact has no address, or opted out and can't be unsubscribed through the API."""
    return not record.get("email") or (record["unsubscribe"] and not record.get("user_id"))


@pytest.mark.parametrize(("source", "destination"), QUIRKS)
@pytest.mark.parametrize("details", [False, True])
def test_a_copy_is_equal(
    make_sandbox: Any, make_target: Any, source: Any, destination: Any, details: bool
) -> None:
    origin = make_sandbox(40, 20, quirks=source)
    target = make_target(**destination)
    streams = ["user_details", "lead_details", "tags"] if details else ["users", "leads", "tags"]
    config: dict[str, Any] = {
        "streams": {
            "user_details": {"resource": "users"},
            "lead_details": {"resource": "leads"},
        }
    }
    read = run_tap(origin.config, catalog=selecting(*streams))
    assert read.code == 0, read.stderr
    copied = target.run(read.stdout, **config)
    assert [r for r in copied.rejects if not cannot_be_copied(r["record"])] == []
    assert {r["reason"].partition(":")[0] for r in copied.rejects if r["record"]["email"]} <= {
        "stored, but not unsubscribed"
    }
    opted_out = {
        kind: {c["email"] for c in origin.contacts(kind) if c["unsubscribe"] and c["email"]}
        for kind in ("users", "leads")
    }
    told_of = {r["record"]["email"] for r in copied.rejects}
    for kind, addresses in opted_out.items():
        copies = {c["email"] for c in target.sandbox.contacts(kind) if c["unsubscribe"]}
        assert addresses <= copies | told_of
    wanted, tags = project(origin, tags=details)
    found, found_tags = project(target.sandbox, tags=details)
    wanted = {key: value for key, value in wanted.items() if key[1]}
    assert found == wanted
    assert found_tags == tags
    again = target.run(read.stdout, **config)
    assert again.code == copied.code
    assert project(target.sandbox, tags=details)[0] == wanted
