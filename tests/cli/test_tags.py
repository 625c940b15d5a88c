"""`customerly tags …`."""

from __future__ import annotations

import pytest

KINDS = ("users", "leads")
ADA, LIN = "ada+1@example.com", "lin@example.com"


@pytest.fixture
def contacts(sandbox):
    """A user by address and user id, and a lead."""
    sandbox.upsert("users", {"email": ADA, "user_id": "a 7"})
    sandbox.upsert("leads", {"email": LIN})
    return sandbox


def tags_of(sandbox, kind, email):
    return sandbox.find(kind, email)["user_tags"]


def test_list(run, sandbox):
    there = [{"name": name} for name in sandbox.state()["tags"]]
    assert run("tags list").lines == there
    assert run("tags list --limit 3").lines == there[:3]
    assert all(tag["name"] in run("tags list --table").stdout for tag in there)


def test_add(run, contacts):
    told = run("tags add 'new one' --user-email", ADA, "--lead-email", LIN).only
    assert told == {"name": "new one", "users": [{"email": ADA}], "leads": [{"email": LIN}]}
    assert tags_of(contacts, "users", ADA) == ["new one"]
    assert tags_of(contacts, "leads", LIN) == ["new one"]
    assert [each["method"] for each in contacts.requests].count("POST") == 1


def test_add_by_user_id(run, contacts):
    assert run("tags add vip --user-id 'a 7'").only == {
        "name": "vip",
        "users": [{"user_id": "a 7"}],
    }
    assert tags_of(contacts, "users", ADA) == ["vip"]


def test_add_to_nobody_makes_sure_that_the_tag_exists(run, sandbox):
    assert run("tags add brand-new").only == {"name": "brand-new"}
    assert "brand-new" in sandbox.state()["tags"]
    writes = sandbox.counters["total"]
    assert run("tags add brand-new").only == {"name": "brand-new"}
    assert sandbox.counters["total"] == writes + 1  # the look alone


@pytest.mark.parametrize("answer", ["fail", "ignore", "report"])
def test_add_to_one_that_is_not_there_changes_nothing(run, contacts, answer):
    contacts.set_quirks(tag_unknown=answer)
    line = run("tags add vip --lead-email no@example.com --user-email", ADA).failed()
    assert line == "Error: There is no lead no@example.com"
    assert tags_of(contacts, "users", ADA) == []


@pytest.mark.parametrize("answer", ["fail", "report"])
def test_add_that_is_refused(run, contacts, answer):
    contacts.set_quirks(tag_unknown=answer)
    contacts.reject(ADA, reason="No tags today", writes=("tag",))
    line = run("tags add vip --user-email", ADA).failed()
    if answer == "report":
        assert line.startswith("Error: The contact was not tagged vip: ")


@pytest.mark.parametrize("answer", ["fail", "ignore", "report"])
def test_remove_counts_one_that_is_not_there_as_done(run, contacts, answer):
    contacts.set_quirks(tag_unknown=answer)
    contacts.tag("vip", users=[{"email": ADA}], leads=[{"email": LIN}])
    gone = "no@example.com"
    run("tags remove vip --user-email", ADA, "--lead-email", LIN, "--user-email", gone).only  # noqa: B018
    assert tags_of(contacts, "users", ADA) == []
    assert tags_of(contacts, "leads", LIN) == []
    assert run("tags remove vip --lead-email", gone).code == 0
    assert "vip" in contacts.state()["tags"]


@pytest.mark.parametrize("answer", ["fail", "ignore"])
def test_remove_of_an_unknown_tag_is_done(run, contacts, answer):
    contacts.set_quirks(untag_unknown_tag=answer)
    assert run("tags remove never-seen --user-email", ADA).code == 0


def test_delete(run, contacts):
    contacts.tag("vip", users=[{"email": ADA}])
    assert "nothing was deleted" in run("tags delete vip").failed()
    assert "nothing was deleted" in run("tags delete vip", answer="n\n").failed()
    assert tags_of(contacts, "users", ADA) == ["vip"]
    assert run("tags delete vip", answer="yes\n").only == {"name": "vip", "deleted": True}
    assert tags_of(contacts, "users", ADA) == []
    assert "vip" not in contacts.state()["tags"]
    assert run("tags delete vip --yes").failed() == "Error: There is no tag vip"
    assert run("tags delete purchased --yes").code == 0


@pytest.mark.parametrize(
    "line",
    [
        "tags remove vip",
        "tags add ''",
        "tags add",
        "tags add vip --user-email ''",
        "tags remove vip --user-id ' '",
        "tags list --limit 0",
        "tags list --limit many",
        "tags frob",
    ],
)
def test_what_makes_no_sense(run, sandbox, line):
    run(line).failed(2)
    assert sandbox.requests == []
