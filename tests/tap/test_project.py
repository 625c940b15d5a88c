"""A state says whose it is: no run reads under another project's bookmarks."""

from __future__ import annotations

from operator import itemgetter

import pytest
from tap_customerly.project import address_digest

from tests.support.stub import StubServer, ok
from tests.support.tap import run_tap, selecting
from tests.tap.expected import by_id

ANEW = "every stream is read from its beginning"


def test_the_state_names_the_project(api_settings):
    state = run_tap(api_settings).state
    assert state["project"] == {
        "api": address_digest(api_settings["api_url"]),
        "app_id": "5a1f33c0",
    }
    assert api_settings["access_token"] not in str(state)


@pytest.mark.parametrize("stream", ["users", "leads", "user_details", "lead_details"])
def test_another_projects_state_is_passed_over(stream, sandbox, api_settings):
    """The first page shows another `app_id` than the state does."""
    catalog = selecting(stream)
    first = run_tap(api_settings, catalog=catalog)
    state = {**first.state, "project": {**first.state["project"], "app_id": "another"}}
    run = run_tap(api_settings, catalog=catalog, state=state)
    assert run.code == 0
    assert set(run.ids(stream)) == set(first.ids(stream))
    assert len(run.ids(stream)) == len(first.ids(stream))
    assert len([line for line in run.complaints if ANEW in line]) == 1
    assert run.state["project"]["app_id"] == "5a1f33c0"


def test_a_full_read_passes_another_projects_state_over_as_well(api_settings):
    first = run_tap(api_settings)
    state = {**first.state, "project": {**first.state["project"], "app_id": "another"}}
    catalog = selecting("users", replication_method="FULL_TABLE")
    run = run_tap(api_settings, catalog=catalog, state=state)
    assert len(run.ids("users")) == 30
    assert len(run.of("ACTIVATE_VERSION")) == 1
    assert "leads" not in run.state["bookmarks"], "its bookmark is another project's"


@pytest.mark.parametrize("reading", [True, False])
def test_a_read_that_was_cut_short_in_another_project_is_not_gone_on_with(reading, api_settings):
    first = run_tap(api_settings, catalog=selecting("users"))
    bookmark = first.state["bookmarks"]["users"]
    if reading:
        oldest = min(record["last_update"] for record in first.records("users"))
        newest = bookmark.pop("replication_key_value")
        frontier = {"since": "", "newest": newest, "oldest": oldest, "row": 1, "certain": True}
        bookmark["reading"] = frontier
    state = {**first.state, "project": {**first.state["project"], "app_id": "another"}}
    run = run_tap(api_settings, catalog=selecting("users"), state=state)
    assert len(run.ids("users")) == 30


def test_a_state_of_another_api_url_is_passed_over_before_any_request(sandbox, api_settings):
    state = {
        "project": {"api": address_digest("https://api.customerly.io/v1"), "app_id": "5a1f33c0"},
        "bookmarks": {"users": {"replication_key_value": "2999-01-01T00:00:00+00:00"}},
    }
    run = run_tap(api_settings, catalog=selecting("users"), state=state)
    assert run.code == 0
    assert len(run.ids("users")) == 30
    assert len(run.complaints) == 1
    assert ANEW in run.complaints[0]
    assert run.state["project"]["api"] == address_digest(api_settings["api_url"])


def test_a_state_of_another_meltano_job_is_passed_over(sandbox, api_settings, monkeypatch):
    """Of the same project: two warehouses, each with a state of its own."""
    config = {**api_settings, "lookback": 0}
    monkeypatch.setenv("MELTANO_ENVIRONMENT", "live")
    first = run_tap(config, catalog=selecting("users"))
    assert first.state["project"]["job"] == "live"
    monkeypatch.setenv("MELTANO_RUN_STATE_ID_SUFFIX", "second")
    run = run_tap(config, catalog=selecting("users"), state=first.state)
    assert len(run.ids("users")) == 30
    assert [line for line in run.complaints if ANEW in line] == run.complaints != []
    again = run_tap(config, catalog=selecting("users"), state=run.state)
    assert again.complaints == []
    assert len(again.ids("users")) < 5


def test_a_state_that_names_no_job_is_taken_over_by_any(api_settings, monkeypatch):
    config = {**api_settings, "lookback": 0}
    state = run_tap(config).state
    monkeypatch.setenv("MELTANO_ENVIRONMENT", "live")
    run = run_tap(config, state=state)
    assert run.complaints == []
    assert len(run.ids("users")) < 5
    assert run.state["project"]["job"] == "live"


@pytest.mark.parametrize("same", ["{}", "{}/", " {} "])
def test_a_final_slash_makes_no_other_address(same, api_settings):
    state = run_tap(api_settings).state
    run = run_tap({**api_settings, "api_url": same.format(api_settings["api_url"])}, state=state)
    assert run.complaints == []


def test_a_new_token_of_the_same_project_changes_nothing(sandbox, api_settings):
    config = {**api_settings, "lookback": 0}
    state = run_tap(config).state
    sandbox.control("POST", "token", token="another-token")
    run = run_tap({**config, "access_token": "another-token"}, state=state)
    assert run.complaints == []
    assert len(run.ids("users")) < 5


def test_a_state_of_an_older_version_is_taken_over(api_settings):
    config = {**api_settings, "lookback": 0}
    state = run_tap(config).state
    del state["project"]
    run = run_tap(config, state=state)
    assert run.complaints == []
    assert len(run.ids("users")) < 5
    assert run.state["project"]["app_id"] == "5a1f33c0"


@pytest.mark.parametrize("project", [None, "x", [], {"api": 5, "app_id": {}}, {"app_id": 5}])
def test_a_damaged_project_counts_as_unknown(project, sandbox, api_settings):
    run = run_tap(api_settings, catalog=selecting("users"), state={"project": project})
    assert run.code == 0
    assert set(run.ids("users")) == by_id(sandbox.contacts("users")).keys()


def test_contacts_without_a_project_are_read_as_ever(sandbox, api_settings):
    first = run_tap(api_settings, catalog=selecting("users"))
    in_order = sorted(first.records("users"), key=itemgetter("last_update"))
    contacts = [{k: v for k, v in c.items() if k != "app_id"} for c in in_order]

    def page(request):
        return ok({"users": contacts if "page=0" in request["path"] else []})

    with StubServer(upstream=sandbox.url) as stub:
        stub.on("GET", "users/list", page)
        config = {**api_settings, "api_url": stub.url}
        run = run_tap(config, catalog=selecting("users"))
    assert run.code == 0
    assert len(run.ids("users")) == 30
    assert run.state["project"] == {"api": address_digest(stub.url)}
