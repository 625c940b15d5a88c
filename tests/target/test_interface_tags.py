"""Tags: modes, contacts that are not there, and how few requests that takes."""

from __future__ import annotations

import json

import pytest

from tests.support.target import record, run_target, schema, state

GONE = "gone@example.com"


def run(sandbox, stream, *records, **config):
    messages = [schema(stream), *(record(stream, **fields) for fields in records), state(1)]
    return run_target({**sandbox.config, "max_rejects": -1, **config}, messages)


def users(sandbox, count):
    emails = [f"user{i}@example.com" for i in range(count)]
    ids = {email: str(place) for place, email in enumerate(emails)}
    for first in range(0, count, 100):
        part = emails[first : first + 100]
        sandbox.upsert("users", *({"email": email, "user_id": ids[email]} for email in part))
    return emails


def writes(sandbox):
    return [each for each in sandbox.requests if each["method"] != "GET"]


def tagged(sandbox, tag, kind="users"):
    return sorted(c["email"] for c in sandbox.state()[kind] if tag in c["user_tags"])


@pytest.mark.parametrize("unknown", ["fail", "ignore", "report"])
@pytest.mark.parametrize("status", [200, 404])
@pytest.mark.parametrize("key", ["email", "user_id"])
def test_a_tag_on_a_contact_that_is_not_there_is_rejected(make_sandbox, unknown, status, key):
    quirks = {"tag_unknown": unknown, "missing_contact_status": status}
    sandbox = make_sandbox(users=0, leads=0, quirks=quirks)
    emails = users(sandbox, 30)
    names = emails if key == "email" else [str(place) for place in range(30)]
    names = [*names[:17], GONE, *names[17:]]
    outcome = run(sandbox, "tags", *({"tag": "vip", key: name} for name in names))
    assert [reject["record"][key] for reject in outcome.rejects] == [GONE]
    assert tagged(sandbox, "vip") == sorted(emails)
    assert sum(each["count"] for each in writes(sandbox)) == len(emails)  # and nobody made up


@pytest.mark.parametrize(
    ("unknown", "most"), [("fail", 12), ("report", 12), ("ignore", 502)], ids=str
)
def test_a_long_stream_of_tags_is_one_write_for_many(make_sandbox, unknown, most):
    """Only an API that ignores unknown contacts in silence costs a look-up of each."""
    sandbox = make_sandbox(users=0, leads=0, quirks={"tag_unknown": unknown})
    emails = users(sandbox, 500)
    twice = [{"tag": tag, "email": email} for tag in ("vip", "trial") for email in emails]
    outcome = run(sandbox, "tags", *twice)
    assert outcome.code == 0
    assert tagged(sandbox, "vip") == tagged(sandbox, "trial") == sorted(emails)
    assert len([each for each in sandbox.requests if each["method"] == "GET"]) <= most
    assert len(writes(sandbox)) <= 13
    assert sandbox.contacts("leads") == []


@pytest.mark.parametrize(
    ("config", "facts"),
    [
        ({"verify_tagged": False}, None),
        ({}, {"tagging_unknown": "error"}),
        ({}, {"facts": [{"fact": "tagging_unknown", "answer": "error", "how": "tried"}]}),
    ],
)
def test_what_is_known_of_the_api_is_not_looked_up(empty_sandbox, tmp_path, config, facts):
    emails = users(empty_sandbox, 100)
    empty_sandbox.tag("vip", users=[{"email": emails[0]}])
    if facts:
        path = tmp_path / "facts.json"
        path.write_text(json.dumps(facts))
        config = {**config, "api_facts": str(path)}
    before = len(empty_sandbox.requests)
    run(empty_sandbox, "tags", *({"tag": "vip", "email": email} for email in emails), **config)
    made = empty_sandbox.requests[before:]
    assert [each["method"] for each in made].count("POST") == 1
    assert len(made) <= 2
    assert tagged(empty_sandbox, "vip") == sorted(emails)


def test_an_api_that_is_known_to_be_silent_is_not_tried_out(make_sandbox, tmp_path):
    sandbox = make_sandbox(users=0, leads=0, quirks={"tag_unknown": "ignore"})
    emails = users(sandbox, 20)
    path = tmp_path / "facts.json"
    path.write_text(json.dumps({"tagging_unknown": "ignore"}))
    records = [{"tag": "vip", "email": email} for email in [*emails, GONE]]
    outcome = run(sandbox, "tags", *records, api_facts=str(path))
    assert [reject["record"]["email"] for reject in outcome.rejects] == [GONE]
    assert len(writes(sandbox)) == 1
    assert len(sandbox.requests) == 22


@pytest.mark.parametrize(
    ("quirks", "before", "tag"),
    [
        # An address and an id are one contact.
        (
            {},
            [{"email": "a@x.org", "user_id": "1"}, {"email": "a@x.org", "_operation": "delete"}],
            {"user_id": "1"},
        ),
        (
            {},
            [{"email": "a@x.org", "user_id": "1"}, {"email": "a@x.org", "user_id": "2"}],
            {"user_id": "1"},
        ),
        (
            {"user_id_taken": "move"},
            [{"email": "a@x.org", "user_id": "1"}, {"email": "A@x.org", "_operation": "delete"}],
            {"user_id": "1"},
        ),
        # Capitals may make another contact.
        ({"case_insensitive": False}, [{"email": "A@x.org"}], {"email": "a@x.org"}),
        # A lead that became a user is none.
        ({}, [{"email": "a@x.org"}], {"email": "a@x.org", "contact_type": "lead"}),
    ],
)
def test_no_tag_is_lost_in_silence(make_sandbox, quirks, before, tag):
    sandbox = make_sandbox(users=0, leads=0, quirks={"tag_unknown": "ignore", **quirks})
    first, *rest = before
    known = {key: first[key] for key in ("user_id", "email") if key in first}
    name = {key: known[key] for key in list(known)[:1]}
    messages = [schema("users"), schema("tags"), record("users", **first)]
    messages += [record("tags", tag="x", **name)]
    messages += [record("users", **each) for each in rest]
    messages += [record("tags", tag="y", **tag)]
    outcome = run_target({**sandbox.config, "max_rejects": -1}, messages)
    assert [reject["record"]["tag"] for reject in outcome.rejects] == ["y"]
    assert sandbox.state()["tags"] == ["x"]


def test_nobody_is_looked_up_whom_this_run_has_stored(make_sandbox):
    sandbox = make_sandbox(users=0, leads=0, quirks={"tag_unknown": "ignore"})
    emails = [f"user{i}@example.com" for i in range(100)]
    messages = [schema("users"), schema("tags")]
    messages += [record("users", email=email) for email in emails]
    messages += [record("tags", tag="vip", email=email) for email in emails]
    outcome = run_target({**sandbox.config, "max_concurrency": 1}, messages)
    assert outcome.code == 0
    assert len(tagged(sandbox, "vip")) == 100
    assert [each for each in sandbox.requests if each["method"] == "GET"] == []


@pytest.mark.parametrize("unknown", ["fail", "ignore", "report"])
def test_untag_delete_and_unsubscribe_of_who_is_not_there_count_as_applied(make_sandbox, unknown):
    sandbox = make_sandbox(users=0, leads=0, quirks={"tag_unknown": unknown})
    (email,) = users(sandbox, 1)
    sandbox.tag("vip", users=[{"email": email}])
    untags = ({"tag": "vip", "email": e, "untag": True} for e in (email, GONE))
    assert run(sandbox, "tags", *untags).rejects == []
    assert tagged(sandbox, "vip") == []
    for operation in ("delete", "unsubscribe"):
        assert run(sandbox, "users", {"email": GONE, "_operation": operation}).rejects == []
        assert run(sandbox, "users", {"user_id": "99", "_operation": operation}).rejects == []


def test_delete_unties_the_one_contact_and_without_a_contact_drops_the_tag(empty_sandbox):
    emails = users(empty_sandbox, 2)
    empty_sandbox.tag("vip", users=[{"email": email} for email in emails])
    run(empty_sandbox, "tags", {"tag": "vip", "email": emails[0], "_operation": "delete"})
    assert tagged(empty_sandbox, "vip") == [emails[1]]
    run(empty_sandbox, "tags", {"name": "vip", "_sdc_deleted_at": "2026-01-01T00:00:00Z"})
    assert empty_sandbox.state()["tags"] == []


def test_a_tag_without_a_contact_is_made_sure_of_with_one_list(empty_sandbox):
    names = [f"tag {i}" for i in range(40)]
    empty_sandbox.write("POST", "tags", {"tag": names[0], "users": []})
    before = len(empty_sandbox.requests)
    outcome = run(empty_sandbox, "tags", *({"name": name} for name in names))
    assert outcome.code == 0
    assert sorted(empty_sandbox.state()["tags"]) == sorted(names)
    assert len(empty_sandbox.requests) - before <= 39 + 2
    before = len(empty_sandbox.requests)
    run(empty_sandbox, "tags", *({"name": name} for name in names))
    assert len(empty_sandbox.requests) - before == 1


def test_an_untag_without_a_contact_or_a_lead_by_id_is_rejected(empty_sandbox):
    outcome = run(
        empty_sandbox,
        "tags",
        {"tag": "vip", "untag": True},
        {"tag": "vip", "contact_type": "lead", "user_id": "7"},
        {"tag": "vip", "contact_type": "company", "email": GONE},
        {"tag": " ", "email": GONE},
    )
    assert len(outcome.rejects) == 4
    assert not empty_sandbox.requests


@pytest.mark.parametrize("inline", ["add", "replace", "ignore"])
@pytest.mark.parametrize(
    ("mode", "tags", "ends"),
    [
        ("add", ["b", "c"], ["a", "b", "c"]),
        ("add", [], ["a", "b"]),
        ("replace", ["b", "c"], ["b", "c"]),
        ("replace", [], []),
        ("replace", None, ["a", "b"]),
    ],
)
def test_tags_end_as_the_mode_says_whatever_the_api_does(make_sandbox, inline, mode, tags, ends):
    sandbox = make_sandbox(users=0, leads=0, quirks={"inline_tags": inline})
    sandbox.upsert("leads", {"email": "ada@example.com"})
    for tag in ("a", "b"):
        sandbox.tag(tag, leads=[{"email": "ada@example.com"}])
    outcome = run(sandbox, "leads", {"email": "ada@example.com", "tags": tags}, tags_mode=mode)
    assert outcome.code == 0
    assert sorted(sandbox.find("leads", email="ada@example.com")["user_tags"]) == ends


def test_inline_tags_travel_in_the_upsert_alone(empty_sandbox):
    records = [{"email": f"u{i}@example.com", "tags": "a;b"} for i in range(10)]
    run(empty_sandbox, "leads", *records, tags_mode="inline")
    assert [each["path"] for each in empty_sandbox.requests] == ["leads"]
    assert len(tagged(empty_sandbox, "a", "leads")) == 10


def test_tags_travel_in_the_upsert_where_that_is_known_to_add_them(empty_sandbox, tmp_path):
    path = tmp_path / "facts.json"
    path.write_text(json.dumps({"tags_in_upsert": "add"}))
    empty_sandbox.upsert("leads", {"email": "u0@example.com"})
    empty_sandbox.tag("old", leads=[{"email": "u0@example.com"}])
    before = len(empty_sandbox.requests)
    records = [{"email": f"u{i}@example.com", "tags": ["a"]} for i in range(10)]
    run(empty_sandbox, "leads", *records, api_facts=str(path))
    assert [each["path"] for each in empty_sandbox.requests[before:]] == ["leads"]
    assert sorted(empty_sandbox.find("leads", email="u0@example.com")["user_tags"]) == ["a", "old"]


def test_tagging_is_one_request_a_tag(empty_sandbox):
    records = [{"email": f"u{i}@example.com", "tags": ["a", "b"]} for i in range(100)]
    run(empty_sandbox, "leads", *records)
    assert [each["path"] for each in empty_sandbox.requests] == ["leads", "tags", "tags"]


def test_a_refused_contact_gets_no_tags_and_a_refused_tag_says_that_the_contact_is_stored(
    empty_sandbox,
):
    empty_sandbox.reject("bad@example.com", reason="no", writes=("upsert",))
    empty_sandbox.reject("untaggable@example.com", reason="not this one", writes=("tag",))
    emails = ["bad@example.com", "untaggable@example.com", "ada@example.com"]
    outcome = run(empty_sandbox, "leads", *({"email": e, "tags": "vip"} for e in emails))
    reasons = {reject["record"]["email"]: reject["reason"] for reject in outcome.rejects}
    assert sorted(reasons) == ["bad@example.com", "untaggable@example.com"]
    assert "stored" in reasons["untaggable@example.com"]
    assert "stored" not in reasons["bad@example.com"]
    assert tagged(empty_sandbox, "vip", "leads") == ["ada@example.com"]


def test_a_copy_takes_over_tags_unsubscribes_and_memberships(make_sandbox):
    sandbox = make_sandbox(users=0, leads=0)
    company = {"company_id": "c1", "company_name": "Acme"}
    details = {
        "email": "ada@example.com",
        "user_id": "7",
        "user_tags": ["a", "b"],
        "unsubscribe": True,
        "companies": [company],
        "user_notes": [],
    }
    outcome = run(sandbox, "user_details", details, streams={"user_details": {"resource": "users"}})
    assert outcome.rejects == []
    user = sandbox.find("users", email="ada@example.com")
    assert user["user_tags"] == ["a", "b"]
    assert user["unsubscribe"] == 1
    assert [each["company_name"] for each in user["companies"]] == ["Acme"]
    looked_up = {"email": "lin@example.com", "additional_fields": {"user_tags": ["c"]}}
    run(sandbox, "users", looked_up)
    assert sandbox.find("users", email="lin@example.com")["user_tags"] == ["c"]
