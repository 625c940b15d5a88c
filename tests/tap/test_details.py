"""What only a look-up carries: tags, segments, events, notes, companies."""

from __future__ import annotations

import pytest

from tests.support.tap import run_tap, selecting
from tests.tap.expected import LOOKED_UP, by_id, clean_form


@pytest.mark.parametrize(
    "quirks", [{}, {"user_tags_form": "objects", "empty_object": "null", "wire_forms": "text"}]
)
@pytest.mark.parametrize("kind", ["users", "leads"])
def test_details_hold_the_list_and_the_look_up(kind, quirks, make_sandbox):
    sandbox = make_sandbox(users=40, leads=30, quirks=quirks)
    stream = f"{kind.removesuffix('s')}_details"
    run = run_tap(sandbox.config, catalog=selecting(stream))
    assert run.code == 0, run.stderr
    contacts = by_id(sandbox.contacts(kind))
    records = by_id(run.records(stream))
    assert records.keys() == contacts.keys()
    for number, record in records.items():
        contact = contacts[number]
        expected = clean_form(contact)
        if contact["email"] or (kind == "users" and contact["user_id"]):
            expected |= {name: contact[name] for name in LOOKED_UP}
            if quirks and contact["user_tags"]:  # the tags' ids are not lost
                tags = record["additional_fields"].pop("user_tags")
                assert [tag["name"] for tag in tags] == contact["user_tags"]
        else:
            expected |= dict.fromkeys(LOOKED_UP) | {"user_events": {}}
        assert record == expected


def test_one_look_up_a_contact_within_the_concurrency(make_sandbox):
    sandbox = make_sandbox(users=50, leads=0, latency_ms=5)
    run = run_tap({**sandbox.config, "max_concurrency": 3}, catalog=selecting("user_details"))
    contacts = sandbox.contacts("users")
    reachable = [c for c in contacts if c["email"] or c["user_id"]]
    assert len(run.records("user_details")) == len(contacts)
    assert sum(request["path"] == "users" for request in sandbox.requests) == len(reachable)
    assert sandbox.counters["most_at_once"] == 3


def test_details_have_bookmarks_of_their_own(sandbox, api_settings):
    api_settings["lookback"] = 0
    catalog = selecting("users", "user_details")
    first = run_tap(api_settings, catalog=catalog)
    bookmarks = first.state["bookmarks"]
    assert set(bookmarks) == {"users", "user_details"}
    only_users = {"bookmarks": {"users": bookmarks["users"]}}
    again = run_tap(api_settings, catalog=catalog, state=only_users)
    assert len(again.records("users")) < 5
    assert len(again.records("user_details")) == 30

    sandbox.advance(60)
    sandbox.upsert("users", {"email": "late@example.com", "tags": ["late"]})
    second = run_tap(api_settings, catalog=catalog, state=first.state)
    late = by_id(second.records("user_details"))[
        sandbox.find("users", email="late@example.com")["crmhero_user_id"]
    ]
    assert late["user_tags"] == ["late"]
    assert len(second.records("user_details")) < 5


@pytest.mark.parametrize("status", [200, 404, 500])
def test_a_contact_that_is_deleted_before_its_look_up_is_no_error(status, make_sandbox):
    sandbox = make_sandbox(users=20, leads=0, quirks={"missing_contact_status": status})
    contacts = sorted(sandbox.contacts("users"), key=lambda c: c["last_update"])
    gone = next(c for c in contacts if c["email"])

    def delete(call):
        contact = sandbox.store.by_email("users", gone["email"])
        if contact and call.path == "users":
            sandbox.store.remove(contact)

    sandbox.on_request(delete)
    run = run_tap({**sandbox.config, "max_concurrency": 1}, catalog=selecting("user_details"))
    assert run.code == 0, run.stderr
    assert sandbox.find("users", email=gone["email"]) is None
    assert gone["crmhero_user_id"] not in run.ids("user_details")
    assert len(run.ids("user_details")) == 19
    assert run.complaints == []


def test_a_full_read_of_details_is_complete_unless_a_last_contact_was_not_found(make_sandbox):
    sandbox = make_sandbox(users=20, leads=0)
    catalog = selecting("user_details", replication_method="FULL_TABLE")
    run = run_tap(sandbox.config, catalog=catalog)
    assert len(run.of("ACTIVATE_VERSION", "user_details")) == 1
    sandbox.upsert("users", {"email": "newest@example.com"})

    def touch(call):
        if call.path == "users/list":
            newest = sandbox.store.by_email("users", "newest@example.com")
            newest.name = f"{newest.name}!"
            sandbox.store.keep(newest)

    sandbox.on_request(touch)
    sandbox.fail(
        "status",
        path="users",
        email="newest@example.com",
        message="User doesn't exist",
        status=404,
        times=99,
    )
    run = run_tap(sandbox.config, catalog=catalog)
    assert run.code == 0
    assert run.of("ACTIVATE_VERSION") == []


def test_a_refused_look_up_leaves_one_contact_out(sandbox, api_settings):
    odd = next(c for c in sandbox.contacts("users") if c["email"])
    sandbox.fail(
        "status", path="users", email=odd["email"], status=400, message="Invalid email", times=9
    )
    run = run_tap(api_settings, catalog=selecting("user_details"))
    assert run.code == 0
    assert odd["crmhero_user_id"] not in run.ids("user_details")
    assert any("1 contacts were left out" in line for line in run.complaints)


def test_a_refused_endpoint_ends_the_run(make_sandbox):
    sandbox = make_sandbox(users=60, leads=0)
    sandbox.fail("status", path="users", status=400, message="Unknown method", times=999)
    run = run_tap(sandbox.config, catalog=selecting("user_details"))
    assert run.code == 1
    assert "GET /v1/users was refused" in run.complaints[-1]
