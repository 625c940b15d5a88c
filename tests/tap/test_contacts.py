"""Users and leads: each contact whole, incremental, full, resumed, listed or looked up."""

from __future__ import annotations

import json

import pytest
from tap_customerly.streams import base

from tests.support.tap import run_tap, selecting
from tests.tap.expected import by_id, clean_form

QUIRKS = [
    {},
    {"wire_forms": "text", "timestamps": "text", "empty_object": "null"},
    {"wire_forms": "booleans", "last_update_form": "iso", "user_id_form": "integer"},
    {"last_update_form": "unix", "largest_page": 7, "ties": "id"},
    {"over_largest_page": "default", "default_page_size": 5, "ties": "id_descending"},
]


@pytest.mark.parametrize("quirks", QUIRKS)
def test_every_contact_arrives_field_by_field(quirks, make_sandbox):
    sandbox = make_sandbox(users=130, leads=40, quirks=quirks)
    run = run_tap(sandbox.config)
    assert run.code == 0, run.stderr
    for kind in ("users", "leads"):
        expected = {
            number: clean_form(contact) for number, contact in by_id(sandbox.contacts(kind)).items()
        }
        assert by_id(run.records(kind)) == expected
        assert len(run.records(kind)) == len(expected), "nothing changed: no repeats"
    assert [record["name"] for record in run.records("tags")] == sandbox.state()["tags"]
    assert run.complaints == []


def test_a_second_run_reads_only_what_changed(sandbox, api_settings):
    api_settings["lookback"] = 0
    first = run_tap(api_settings)
    sandbox.advance(60)
    changed = sandbox.upsert("users", {"email": "new@example.com", "name": "New"})
    seen = len(sandbox.requests)
    second = run_tap(api_settings, state=first.state)
    assert len(sandbox.requests) - seen <= 6
    names = {record["name"] for record in second.records("users")}
    assert "New" in names, changed
    assert len(second.records("users")) <= 3
    third = run_tap(api_settings, state=second.state)
    assert third.ids("users") == [sandbox.find("users", email="new@example.com")["crmhero_user_id"]]


def test_state_has_the_form_of_the_sdk(api_settings):
    state = run_tap(api_settings).state
    for kind in ("users", "leads"):
        bookmark = state["bookmarks"][kind]
        assert bookmark["replication_key"] == "last_update"
        assert bookmark["replication_key_value"].endswith("+00:00")
    assert state["bookmarks"]["tags"] == {"complete_rows": 10}


def test_start_date_is_where_the_first_run_begins(sandbox, api_settings):
    moments = sorted(contact["last_update"] for contact in sandbox.contacts("users"))
    start = moments[len(moments) // 2]
    for form in (start, start.replace(" ", "T") + "Z", start.replace(" ", "T") + "+00:00"):
        run = run_tap({**api_settings, "start_date": form})
        read = {record["last_update"] for record in run.records("users")}
        assert read == {
            moment.replace(" ", "T") + "+00:00" for moment in moments if moment >= start
        }


def test_a_bookmark_counts_more_than_start_date(api_settings):
    state = run_tap(api_settings).state
    run = run_tap({**api_settings, "start_date": "2000-01-01", "lookback": 0}, state=state)
    assert len(run.records("users")) < 5


@pytest.mark.parametrize("form", ["2026-01-01", "2026-01-01 00:00:00", "2026-01-01T01:00:00+01:00"])
def test_a_bookmark_written_by_hand_is_understood(form, sandbox, api_settings):
    state = {"bookmarks": {"users": {"replication_key_value": form}}}
    run = run_tap(api_settings, catalog=selecting("users"), state=state)
    expected = [c for c in sandbox.contacts("users") if c["last_update"] >= "2026-01-01"]
    assert len(run.records("users")) == len(expected)


def test_a_state_from_the_far_future_yields_nothing(api_settings):
    bookmark = {"replication_key": "last_update", "replication_key_value": "2999-01-01T00:00:00Z"}
    run = run_tap(
        api_settings, catalog=selecting("users"), state={"bookmarks": {"users": bookmark}}
    )
    assert run.code == 0
    assert run.records("users") == []
    assert run.state["bookmarks"]["users"]["replication_key_value"].startswith("2999-01-01")


def test_reading_on_from_every_state_completes_the_read(make_sandbox, monkeypatch):
    monkeypatch.setattr(base, "_STATE_RECORDS", 1)
    sandbox = make_sandbox(users=400, leads=0)
    config = {**sandbox.config, "page_size": 20}
    catalog = selecting("users")
    run = run_tap(config, catalog=catalog)
    everyone = set(by_id(sandbox.contacts("users")))
    assert set(run.ids("users")) == everyone
    read: list[int] = []
    tried = 0
    for message in run.messages:
        if message["type"] == "RECORD":
            read.append(message["record"]["crmhero_user_id"])
        elif message["type"] == "STATE" and read:
            tried += 1
            rest = run_tap(config, catalog=catalog, state=message["value"]).ids("users")
            assert {*read, *rest} == everyone
    assert tried > 5, "state is written while reading"


# --- full table --------------------------------------------------------------------------------


def full_table(*names):
    return selecting(*names, replication_method="FULL_TABLE")


def test_a_full_read_ends_with_its_version(sandbox, api_settings):
    run = run_tap(api_settings, catalog=full_table("users", "leads"))
    for kind in ("users", "leads"):
        assert set(run.ids(kind)) == set(by_id(sandbox.contacts(kind)))
        (activated,) = run.of("ACTIVATE_VERSION", kind)
        assert {record["version"] for record in run.of("RECORD", kind)} == {activated["version"]}
        place = run.messages.index(activated)
        later = [m for m in run.messages[place:] if m["type"] == "RECORD" and m["stream"] == kind]
        assert later == []
    assert run.state["bookmarks"]["users"] == {"complete_rows": 30}


@pytest.mark.parametrize("key", ["replication-method", "forced-replication-method"])
def test_the_method_can_be_chosen_in_the_metadata(key, api_settings):
    catalog = selecting("users")
    for entry in catalog["streams"]:
        root = next(item for item in entry["metadata"] if not item["breadcrumb"])
        root["metadata"][key] = "FULL_TABLE"
    run = run_tap(api_settings, catalog=catalog)
    assert run.of("ACTIVATE_VERSION", "users")


def test_versions_rise_from_run_to_run(api_settings):
    catalog = full_table("tags")
    first, second = (
        run_tap(api_settings, catalog=catalog).of("ACTIVATE_VERSION")[0]["version"]
        for _ in range(2)
    )
    assert second > first


def test_an_incremental_bookmark_outlives_a_full_read(api_settings):
    state = run_tap(api_settings).state
    run = run_tap(api_settings, catalog=full_table("users"), state=state)
    assert len(set(run.ids("users"))) == 30
    assert run.state["bookmarks"]["users"] == {**state["bookmarks"]["users"], "complete_rows": 30}


def test_no_version_where_the_read_was_cut_short(sandbox, api_settings):
    catalog = full_table("users", "tags")
    moment = sandbox.contacts("users")[0]["last_update"]
    for cut in (
        {"lists": {"users": {"limit": 5}, "tags": {"limit": 2}}},
        {"contacts": {"users": [{"email": sandbox.contacts("users")[0]["email"]}]}},
        {"start_date": moment},
    ):
        run = run_tap({**api_settings, **cut}, catalog=catalog)
        assert run.code == 0
        assert run.of("ACTIVATE_VERSION", "users") == []
        if "lists" in cut:
            assert run.of("ACTIVATE_VERSION", "tags") == []


def test_no_version_after_a_failure(sandbox, api_settings):
    sandbox.fail("status", path="users/list", status=503, skip=1)
    run = run_tap({**api_settings, "max_attempts": 1, "page_size": 5}, catalog=full_table("users"))
    assert run.code == 1
    assert run.of("ACTIVATE_VERSION") == []


# --- lists and contacts ------------------------------------------------------------------------


@pytest.mark.parametrize(("direction", "reverse"), [("asc", False), ("desc", True)])
def test_a_listing_takes_the_first_in_its_order_with_one_request(
    direction, reverse, sandbox, api_settings
):
    config = {"users": {"limit": 10, "sort": "crmhero_user_id", "sort_direction": direction}}
    run = run_tap({**api_settings, "lists": config}, catalog=selecting("users"))
    ids = sorted(by_id(sandbox.contacts("users")), reverse=reverse)
    assert run.ids("users") == ids[:10]
    assert len(sandbox.requests) == 1
    assert run.state["bookmarks"]["users"] == {}


@pytest.mark.parametrize("largest_page", [100, 7])
def test_a_listing_longer_than_a_page_goes_on(largest_page, make_sandbox):
    sandbox = make_sandbox(users=30, leads=0, quirks={"largest_page": largest_page})
    config = {**sandbox.config, "page_size": 10, "lists": {"users": {"limit": 25}}}
    run = run_tap(config, catalog=selecting("users"))
    oldest = sorted(sandbox.contacts("users"), key=lambda c: c["last_update"])
    assert run.ids("users") == [contact["crmhero_user_id"] for contact in oldest[:25]]


def test_a_listing_moves_no_bookmark_and_leaves_others_alone(api_settings):
    state = run_tap(api_settings).state
    config = {**api_settings, "lists": {"users": {"limit": 3}, "tags": {"limit": 2}}}
    run = run_tap(config, state=state)
    assert len(run.records("users")) == 3
    assert len(run.records("tags")) == 2
    assert run.state["bookmarks"] == state["bookmarks"]


def test_contacts_are_looked_up_one_request_each(sandbox, api_settings):
    users = [c for c in sandbox.contacts("users") if c["email"]]
    lead = next(c for c in sandbox.contacts("leads") if c["email"])
    by_user_id = next(c for c in users[1:] if c["user_id"])
    wanted = {
        "users": [
            {"email": users[0]["email"]},
            {"email": "nobody+there@example.com"},
            {"user_id": by_user_id["user_id"]},
        ],
        "leads": [{"email": lead["email"]}],
    }
    state = run_tap(api_settings).state
    seen = len(sandbox.requests)
    run = run_tap({**api_settings, "contacts": wanted}, state=state)
    asked = [request["path"] for request in sandbox.requests[seen:]]
    assert sorted(asked) == ["leads", "tags", "users", "users", "users"]
    assert run.ids("users") == [users[0]["crmhero_user_id"], by_user_id["crmhero_user_id"]]
    assert run.ids("leads") == [lead["crmhero_user_id"]]
    assert run.complaints == ["contacts.users[1] does not exist"]
    assert run.state["bookmarks"] == state["bookmarks"]
    extra = run.records("users")[0]["additional_fields"]
    assert extra["user_tags"] == users[0]["user_tags"]
    assert {"user_segments", "user_events", "user_notes", "companies"} <= extra.keys()


def test_a_user_id_may_be_given_as_a_number(sandbox, api_settings):
    user = next(c for c in sandbox.contacts("users") if (c["user_id"] or "").isdigit())
    wanted = {"users": [{"user_id": int(user["user_id"])}]}
    run = run_tap({**api_settings, "contacts": wanted}, catalog=selecting("users"))
    assert run.ids("users") == [user["crmhero_user_id"]]


# --- settings ----------------------------------------------------------------------------------


def test_a_setting_that_nobody_reads_is_warned_of(api_settings):
    config = {**api_settings, "start_dat": "2026-01-01", "user_agent": "me/1"}
    run = run_tap(config, catalog=selecting("tags"))
    assert run.code == 0
    assert run.complaints == ["start_dat is no setting, and is passed over; is it start_date?"]


def test_page_size_and_concurrency_are_settings(sandbox, api_settings):
    run_tap({**api_settings, "page_size": 7, "max_concurrency": 3}, catalog=selecting("users"))
    sizes = {request["query"]["per_page"] for request in sandbox.requests}
    assert sizes == {"7"}
    assert sandbox.counters["most_at_once"] <= 3


def with_facts(sandbox, tmp_path, **facts):
    path = tmp_path / "facts.json"
    path.write_text(json.dumps(facts))
    return run_tap({**sandbox.config, "api_facts": str(path)}, catalog=selecting("users", "leads"))


@pytest.mark.parametrize(("cap", "asked"), [(7, {"7"}), (500, {"100"})])
def test_a_page_is_asked_for_no_more_than_it_is_known_to_hold(make_sandbox, tmp_path, cap, asked):
    sandbox = make_sandbox(users=30, leads=0)
    run = with_facts(sandbox, tmp_path, per_page_cap=cap)
    assert len(by_id(run.records("users"))) == 30, run.stderr
    sizes = {str(request["query"].get("per_page")) for request in sandbox.requests}
    assert sizes == asked
    assert run.complaints == []


def test_a_list_known_to_keep_no_order_is_warned_of_once(sandbox, tmp_path):
    run = with_facts(sandbox, tmp_path, order_by_last_update=False)
    assert run.code == 0
    (warning,) = run.complaints
    assert "api_facts: lists don't follow sort=last_update" in warning


def disordered(make_sandbox):
    """A sandbox whose lists don't follow `sort`, and whose changes lie in the middle of them."""
    sandbox = make_sandbox(users=60, leads=0, quirks={"order_by_last_update": False})
    sandbox.advance(3_600)
    for contact in sandbox.contacts("users")[::7]:
        sandbox.upsert("users", {"email": contact["email"], "name": "Changed"})
    return sandbox


def test_a_list_that_keeps_no_order_is_read_whole_and_shows_nothing_to_be_gone(make_sandbox):
    sandbox = disordered(make_sandbox)
    config = {**sandbox.config, "page_size": 10}
    run = run_tap(config, catalog=selecting("users", replication_method="FULL_TABLE"))
    assert by_id(run.records("users")).keys() == by_id(sandbox.contacts("users")).keys()
    assert not run.of("ACTIVATE_VERSION")
    assert any("nothing that is missing can be taken for gone" in line for line in run.complaints)


def test_changes_within_a_list_that_keeps_no_order_are_read(make_sandbox):
    sandbox = disordered(make_sandbox)
    config = {**sandbox.config, "page_size": 10}
    first = run_tap(config, catalog=selecting("users"))
    assert by_id(first.records("users")).keys() == by_id(sandbox.contacts("users")).keys()
    sandbox.advance(3_600)
    early = sandbox.contacts("users")[3]
    sandbox.upsert("users", {"email": early["email"], "name": "Later"})
    second = run_tap(config, catalog=selecting("users"), state=first.state)
    assert by_id(second.records("users"))[early["crmhero_user_id"]]["name"] == "Later"


def test_facts_that_cannot_be_read_end_the_run_in_one_line(sandbox, api_settings, tmp_path):
    run = run_tap({**api_settings, "api_facts": str(tmp_path / "none.json")})
    assert run.code == 1
    (line,) = run.complaints
    assert "none.json cannot be read" in line
