"""Tags, and the quirks of tagging."""

from __future__ import annotations

import pytest


@pytest.fixture
def people(api):
    api.sandbox.upsert("users", {"email": "a@b.example", "user_id": "ua"})
    api.sandbox.upsert("users", {"email": "c@b.example"})
    api.sandbox.upsert("leads", {"email": "l@b.example"})
    return [{"user_id": "ua"}, {"email": "c@b.example"}]


def tags_of(api, kind="users", email="a@b.example"):
    return api.sandbox.find(kind, email)["user_tags"]


def test_tag_and_untag(api, people):
    body = {"tag": "Größe L", "users": people, "leads": [{"email": "L@b.example"}]}
    api.data("POST", "tags", body)
    assert "Größe L" in api.data("GET", "tags/")
    assert tags_of(api) == tags_of(api, "leads", "l@b.example") == ["Größe L"]
    api.data("POST", "tags", {**body, "leads": [], "untag": True})
    assert tags_of(api) == []
    assert tags_of(api, "leads", "l@b.example") == ["Größe L"]


def test_people_are_a_list(api):
    assert api("POST", "tags", {"tag": "x", "users": 7})[0] == 400
    assert "error" in api("POST", "tags", {"tag": "x", "users": ["a@b.example"]})[1]
    assert "x" not in api.data("GET", "tags")


def test_a_tag_alone_is_created(api):
    api.data("POST", "tags", {"tag": "alone"})
    assert api.data("GET", "tags")[-1] == "alone"


def test_delete_a_tag_everywhere(api, people):
    holders = [c["email"] for c in api.sandbox.contacts("users") if "vip" in c["user_tags"]]
    assert holders
    api.data("POST", "tags", {"tag": "vip", "users": people})
    api.data("DELETE", "tags", {"tag": "vip"})
    assert "vip" not in api.data("GET", "tags")
    assert not any("vip" in c["user_tags"] for c in api.sandbox.contacts("users"))
    api.data("POST", "tags", {"tag": "vip", "users": people})
    assert [c["email"] for c in api.sandbox.contacts("users") if "vip" in c["user_tags"]] == [
        "a@b.example",
        "c@b.example",
    ]


@pytest.mark.parametrize(
    ("quirk", "tagged", "answered"),
    [
        ("fail", [], "error"),
        ("ignore", ["x"], "data"),
        ("report", ["x"], "data"),
    ],
)
def test_an_unknown_contact(api, people, quirk, tagged, answered):
    api.sandbox.set_quirks(tag_unknown=quirk, missing_contact_status=404)
    unknown = {"email": "nobody@b.example"}
    status, answer = api("POST", "tags", {"tag": "x", "users": [*people, unknown]})
    assert answered in answer
    assert status == (404 if quirk == "fail" else 200)
    assert tags_of(api) == tagged
    if quirk == "report":
        errors = [{"email": "nobody@b.example", "reason": "User doesn't exist"}]
        assert answer["data"] == {"tagged": 2, "errors": errors}


@pytest.mark.parametrize("moves", [True, False])
def test_tagging_may_move_last_update(make_api, moves):
    api = make_api(virtual_clock=True, quirks={"tagging_moves": moves})
    contact = next(c for c in api.sandbox.contacts("users") if c["email"])
    body = {"tag": "x", "users": [{"email": contact["email"]}]}
    api.data("POST", "tags", body)
    moved = api.list("users")[-1]["email"] == contact["email"]
    assert moved is moves
    assert tags_of(api, email=contact["email"]) == [*contact["user_tags"], "x"]


@pytest.mark.parametrize("method", ["POST", "DELETE"])
def test_a_tag_needs_a_name(api, method):
    for body in ({}, {"tag": ""}, {"tag": 7}):
        assert api(method, "tags", body)[0] == 400


def test_unknown_tags(api, people):
    body = {"tag": "never seen", "users": people, "untag": True}
    assert "data" in api("POST", "tags", body)[1]
    assert "data" in api("DELETE", "tags", {"tag": "never seen"})[1]
    api.sandbox.set_quirks(untag_unknown_tag="fail", delete_unknown_tag="fail")
    assert "error" in api("POST", "tags", body)[1]
    assert "error" in api("DELETE", "tags", {"tag": "never seen"})[1]


def test_tags_as_objects(make_api):
    api = make_api(quirks={"user_tags_form": "objects"})
    api.sandbox.upsert("users", {"email": "a@b.example", "tags": ["x"]})
    assert api.data("GET", "users", email="a@b.example")["user_tags"] == [
        {"tag_id": 1, "name": "x"}
    ]
    assert tags_of(api) == ["x"]


@pytest.mark.parametrize(
    ("quirk", "answer"),
    [
        ("true", {"data": True}),
        ("empty", {"data": []}),
        ("null", {"data": None}),
        ("bare", {"message": "Tag deleted"}),
    ],
)
def test_forms_of_an_undocumented_answer(make_api, quirk, answer):
    assert make_api(quirks={"done": quirk})("DELETE", "tags", {"tag": "vip"}) == (200, answer)
