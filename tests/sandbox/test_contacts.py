"""One contact: looking up, creating, updating, deleting, and every quirk of those."""

from __future__ import annotations

import pytest


def first(api, kind="users", place=0):
    found = [c for c in api.sandbox.contacts(kind) if c["email"]]
    return found[place]


def upsert(api, *contacts, kind="users"):
    return api("POST", kind, {kind: list(contacts)})


def test_look_up_by_email_and_by_user_id(api):
    contact = next(c for c in api.sandbox.contacts("users") if c["email"] and c["user_id"])
    by_email = api.data("GET", "users", email=contact["email"])
    assert by_email == api.data("GET", "users", user_id=contact["user_id"])
    assert by_email["email"] == contact["email"]
    for name in ("user_tags", "user_segments", "user_events", "user_notes", "companies"):
        assert name in by_email
        assert name not in api.list("users")[0]
    assert api.data("GET", "leads", email=first(api, "leads")["email"])["user_id"] is None


def test_every_contact_of_the_population_is_found(make_api):
    api = make_api(users=400, leads=150)
    for kind in ("users", "leads"):
        for contact in api.sandbox.contacts(kind):
            if contact["email"]:
                found = api.sandbox.find(kind, contact["email"])
                assert found == contact
            if contact["user_id"]:
                assert api.sandbox.find(kind, user_id=contact["user_id"]) == contact


@pytest.mark.parametrize("key", [{}, {"email": "no@body.example"}, {"user_id": "7777"}])
@pytest.mark.parametrize("status", [200, 404, 500])
def test_an_unknown_contact(make_api, key, status):
    api = make_api(quirks={"missing_contact_status": status})
    answered = {"error": {"message": "User doesn't exist", "code": 0}}
    assert api("GET", "users", **key) == (status, answered)
    assert api("DELETE", "users", **key) == (status, answered)


def test_an_unencoded_plus_is_a_space(api):
    contact = next(c for c in api.sandbox.contacts("users") if "+" in (c["email"] or ""))
    assert api.data("GET", "users", email=contact["email"])["email"] == contact["email"]
    raw = api.session.get(f"{api.sandbox.url}/users?email={contact['email']}", timeout=5)
    assert "error" in raw.json()


def test_create_and_update(api):
    answered = upsert(api, {"email": "ada@new.example", "user_id": "n1", "name": "Ada"})
    assert answered == (200, {"data": {"inserted": 1, "errors": []}})
    ada = api.sandbox.find("users", "ada@new.example")
    assert (ada["user_id"], ada["name"], ada["attributes"]) == ("n1", "Ada", {})
    assert (ada["is_user"], ada["was_lead"], ada["user_tags"]) == (1, 0, [])
    upsert(api, {"email": "ADA@new.example", "attributes": {"seats": 3}, "tags": ["new"]})
    after = api.sandbox.find("users", user_id="n1")
    assert after["crmhero_user_id"] == ada["crmhero_user_id"]
    assert (after["email"], after["name"]) == ("ada@new.example", "Ada")
    assert (after["attributes"], after["user_tags"]) == ({"seats": 3}, ["new"])
    assert after["last_update"] >= ada["last_update"]
    assert "new" in api.data("GET", "tags")


def test_a_new_contact_is_last_in_its_list(api):
    upsert(api, {"email": "lin@new.example"}, kind="leads")
    assert api.list("leads")[-1]["email"] == "lin@new.example"
    assert len(api.list("leads")) == 13
    assert len(api.list("users")) == 30


def test_delete_is_for_good(api):
    contact = first(api)
    api.data("DELETE", "users", email=contact["email"])
    assert api.sandbox.find("users", contact["email"]) is None
    assert "error" in api("DELETE", "users", email=contact["email"])[1]
    assert len(api.list("users")) == 29
    upsert(api, {"email": contact["email"]})
    again = api.sandbox.find("users", contact["email"])
    assert again["crmhero_user_id"] > contact["crmhero_user_id"]
    assert again["user_tags"] == []


BAD = [
    ({}, "The email is required"),
    ({"email": None}, "The email is required"),
    ({"email": "not-an-address"}, "The email is not valid"),
    ({"email": "a@b.example", "name": 7}, "The name must be a string"),
    ({"email": "a@b.example", "tags": "vip"}, "The tags must be a list of names"),
    ({"email": "a@b.example", "user_id": [1]}, "The user_id must be a string"),
    ({"email": "a@b.example", "attributes": ["x"]}, "The attributes must be an object"),
    (
        {"email": "a@b.example", "attributes": {"a": {"b": 1}}},
        "The attribute a must be text, a number or a boolean",
    ),
    (
        {"email": "a@b.example", "attributes": {"a": "x" * 129}},
        "The attribute a is longer than 128 characters",
    ),
    (
        {"email": "a@b.example", "attributes": {"a b": 1}},
        "The attribute name a b is not valid",
    ),
]


@pytest.mark.parametrize(("contact", "reason"), BAD)
def test_what_is_refused(api, contact, reason):
    answered = upsert(api, {"email": "good@b.example"}, contact)[1]["data"]
    assert answered["inserted"] == 1
    assert answered["errors"] == [{"email": contact.get("email"), "reason": reason}]
    assert api.sandbox.find("users", "good@b.example")
    assert api.sandbox.find("users", "a@b.example") is None


@pytest.mark.parametrize("sent", ["ada@b.example", None, 7, []])
def test_what_is_not_an_object_is_refused(api, sent):
    answered = upsert(api, sent)[1]["data"]
    assert answered == {
        "inserted": 0,
        "errors": [{"email": None, "reason": "A contact must be an object"}],
    }


@pytest.mark.parametrize("body", [None, [], {"users": {}}, {"leads": []}])
def test_a_body_that_is_none(api, body):
    status, answered = api("POST", "users", body)
    assert status == 400
    assert "error" in answered


@pytest.mark.parametrize(
    ("quirks", "errors", "not_added"),
    [
        ({"refusals": "email"}, ["bad"], None),
        ({"refusals": "index"}, [1], None),
        ({"refusals": "count"}, [], None),
        ({"refusals": "email", "refusal_list": "not_added"}, [], ["bad"]),
        ({"refusals": "index", "refusal_list": "both"}, [1], [1]),
        (
            {"object_keys": "index,email,message"},
            [{"index": 1, "email": "bad", "message": "The email is not valid"}],
            None,
        ),
    ],
)
def test_forms_of_a_refusal(make_api, quirks, errors, not_added):
    api = make_api(quirks=quirks)
    answered = upsert(api, {"email": "a@b.example"}, {"email": "bad"}, {"email": "c@b.example"})[1]
    assert answered["data"]["inserted"] == 2
    assert answered["data"]["errors"] == errors
    assert answered["data"].get("not_added") == not_added


def test_a_batch_can_be_refused_whole(make_api):
    api = make_api(quirks={"refusals": "batch", "refusal_status": 422})
    status, answered = upsert(api, {"email": "a@b.example"}, {"email": "bad"})
    assert status == 422
    assert "The email is not valid" in answered["error"]["message"]
    assert api.sandbox.find("users", "a@b.example") is None


@pytest.mark.parametrize(("quirk", "value"), [("accepted", 2), ("text", "2"), ("created", 1)])
def test_what_inserted_counts(make_api, quirk, value):
    api = make_api(quirks={"inserted": quirk})
    known = first(api)["email"]
    answered = upsert(api, {"email": known}, {"email": "a@b.example"})[1]
    assert answered["data"]["inserted"] == value


@pytest.mark.parametrize(
    ("quirk", "name", "inserted"),
    [("both", "2", 2), ("last", "2", 1), ("first", "1", 1), ("refuse", "1", 1)],
)
def test_one_address_twice_in_a_batch(make_api, quirk, name, inserted):
    api = make_api(quirks={"twice_in_batch": quirk})
    answered = upsert(
        api, {"email": "a@b.example", "name": "1"}, {"email": "A@b.example", "name": "2"}
    )
    assert api.sandbox.find("users", "a@b.example")["name"] == name
    assert answered[1]["data"]["inserted"] == inserted
    assert len(answered[1]["data"]["errors"]) == (quirk == "refuse")


@pytest.mark.parametrize(("quirk", "status"), [(413, 413), (400, 400)])
def test_too_large_a_batch(make_api, quirk, status):
    api = make_api(quirks={"largest_batch": 2, "too_large_status": quirk})
    batch = [{"email": f"{n}@b.example"} for n in range(3)]
    assert upsert(api, *batch)[0] == status
    assert upsert(api, *batch[:2])[0] == 200
    api.sandbox.set_quirks(largest_batch=0)
    assert upsert(api, *batch)[0] == 200


@pytest.mark.parametrize(
    ("quirks", "attributes"),
    [({}, {"a": 1, "b": 2}), ({"attributes": "replace"}, {"b": 2})],
)
def test_attributes_merge_or_replace(make_api, quirks, attributes):
    api = make_api(quirks=quirks)
    upsert(api, {"email": "a@b.example", "attributes": {"a": 1}})
    upsert(api, {"email": "a@b.example", "attributes": {"b": 2}})
    upsert(api, {"email": "a@b.example", "name": "Without attributes"})
    assert api.sandbox.find("users", "a@b.example")["attributes"] == attributes


@pytest.mark.parametrize(
    ("quirks", "sent", "name", "attributes"),
    [
        ({}, None, None, {"b": 2}),
        ({"null_value": "ignore"}, None, "Ada", {"a": 1, "b": 2}),
        ({}, "", "", {"a": "", "b": 2}),
        ({"empty_text": "clear"}, "", None, {"b": 2}),
    ],
)
def test_clearing(make_api, quirks, sent, name, attributes):
    api = make_api(quirks=quirks)
    upsert(api, {"email": "a@b.example", "name": "Ada", "attributes": {"a": 1, "b": 2}})
    upsert(api, {"email": "a@b.example", "name": sent, "attributes": {"a": sent}})
    found = api.sandbox.find("users", "a@b.example")
    assert (found["name"], found["attributes"]) == (name, attributes)


@pytest.mark.parametrize(
    ("quirk", "tags"), [("add", ["x", "y"]), ("replace", ["y"]), ("ignore", [])]
)
def test_inline_tags(make_api, quirk, tags):
    api = make_api(quirks={"inline_tags": quirk})
    upsert(api, {"email": "a@b.example", "tags": ["x"]})
    upsert(api, {"email": "a@b.example", "tags": ["y"]})
    upsert(api, {"email": "a@b.example"})
    assert api.sandbox.find("users", "a@b.example")["user_tags"] == tags


@pytest.mark.parametrize(
    ("quirk", "holders"), [("refuse", ["a"]), ("move", ["b"]), ("share", ["a", "b"])]
)
def test_a_user_id_that_another_has(make_api, quirk, holders):
    api = make_api(quirks={"user_id_taken": quirk})
    upsert(api, {"email": "a@b.example", "user_id": "x"})
    answered = upsert(api, {"email": "b@b.example", "user_id": "x"})[1]["data"]
    assert len(answered["errors"]) == (quirk == "refuse")
    having = [c["email"][0] for c in api.sandbox.contacts("users") if c["user_id"] == "x"]
    assert sorted(having) == holders
    assert api.sandbox.find("users", user_id="x")["email"][0] == holders[0]


def test_a_lead_becomes_a_user(api):
    lead = first(api, "leads")
    upsert(api, {"email": lead["email"], "user_id": "was-lead"})
    user = api.sandbox.find("users", user_id="was-lead")
    assert user["crmhero_user_id"] == lead["crmhero_user_id"]
    assert (user["is_user"], user["was_lead"], user["name"]) == (1, 1, lead["name"])
    assert user["user_tags"] == lead["user_tags"]
    assert api.sandbox.find("leads", lead["email"]) is None
    assert (len(api.list("users")), len(api.list("leads"))) == (31, 11)


@pytest.mark.parametrize(("quirk", "counts"), [("both", (31, 12)), ("refuse", (30, 12))])
def test_or_it_does_not(make_api, quirk, counts):
    api = make_api(quirks={"users_for_lead": quirk})
    upsert(api, {"email": first(api, "leads")["email"]})
    assert (len(api.list("users")), len(api.list("leads"))) == counts


@pytest.mark.parametrize(
    ("quirk", "leads", "name"), [("both", 13, None), ("update", 12, "New"), ("refuse", 12, None)]
)
def test_a_lead_with_the_address_of_a_user(make_api, quirk, leads, name):
    api = make_api(quirks={"leads_for_user": quirk})
    user = first(api)
    upsert(api, {"email": user["email"], "name": "New"}, kind="leads")
    assert len(api.list("leads")) == leads
    assert api.sandbox.find("users", user["email"])["name"] == (name or user["name"])


@pytest.mark.parametrize(("quirk", "user_id"), [("ignore", None), ("keep", "x"), ("refuse", None)])
def test_a_user_id_for_a_lead(make_api, quirk, user_id):
    api = make_api(quirks={"lead_user_id": quirk})
    answered = upsert(api, {"email": "a@b.example", "user_id": "x"}, kind="leads")[1]["data"]
    assert len(answered["errors"]) == (quirk == "refuse")
    found = api.sandbox.find("leads", "a@b.example")
    assert (found or {"user_id": None})["user_id"] == user_id
    assert api.sandbox.find("users", user_id="x") is None


def test_addresses_may_differ_in_case(make_api):
    api = make_api(quirks={"case_insensitive": False})
    upsert(api, {"email": "a@b.example"}, {"email": "A@b.example"})
    assert len(api.list("users")) == 32
    email = next(e for c in api.list("users") if (e := c["email"]) and e != e.lower())
    assert api.sandbox.find("users", email.lower()) is None
    api.sandbox.set_quirks(case_insensitive=True)
    assert api.sandbox.find("users", email.lower())


@pytest.mark.parametrize(
    ("quirks", "attributes"),
    [
        ({"attribute_names": "accept", "long_text": "accept"}, {"a b": "x" * 130}),
        ({"attribute_names": "drop"}, {}),
        ({"attribute_names": "accept", "long_text": "cut"}, {"a b": "x" * 128}),
    ],
)
def test_lenient_attributes(make_api, quirks, attributes):
    text = "x" * (130 if "long_text" in quirks else 3)
    api = make_api(quirks=quirks)
    upsert(api, {"email": "a@b.example", "attributes": {"a b": text}})
    assert api.sandbox.find("users", "a@b.example")["attributes"] == attributes


@pytest.mark.parametrize("moves", [True, False])
def test_an_upsert_that_changes_nothing(make_api, moves):
    api = make_api(virtual_clock=True, quirks={"unchanged_moves": moves})
    contact = first(api)
    upsert(api, {"email": contact["email"], "name": contact["name"]})
    after = api.sandbox.find("users", contact["email"])
    assert (after["last_update"] > contact["last_update"]) is moves
    upsert(api, {"email": contact["email"], "name": "Another"})
    assert api.list("users")[-1]["name"] == "Another"


def test_a_gateway_with_a_limit(make_api):
    api = make_api(quirks={"largest_body": 1000})
    body = {
        "users": [{"email": "a@b.example", "attributes": {f"a{n}": "x" * 90}} for n in range(9)]
    }
    answer = api.send("POST", "users", body)
    assert (answer.status_code, answer.text[:9]) == (413, "<!DOCTYPE")
    assert api("POST", "users", {"users": [{"email": "a@b.example"}]})[0] == 200


def test_messages_can_be_any_text(make_api):
    quirks = {"too_large_message": "Lots!", "largest_batch": 1, "lead_missing_message": "Who?"}
    api = make_api(quirks=quirks)
    answered = upsert(api, {"email": "a@b.example"}, {"email": "c@b.example"})
    assert answered == (413, {"error": {"message": "Lots!", "code": 0}})
    assert api("GET", "leads", email="a@b.example")[1]["error"]["message"] == "Who?"


@pytest.mark.parametrize(
    "batch",
    [
        [{"email": "a@b.example"}, {"email": "c@b.example", "user_id": "taken"}],
        [{"email": "a@b.example", "user_id": "n"}, {"email": "c@b.example", "user_id": "n"}],
    ],
)
def test_a_batch_refused_whole_leaves_nothing(make_api, batch):
    api = make_api(quirks={"refusals": "batch"})
    api.sandbox.upsert("users", {"email": "t@b.example", "user_id": "taken"})
    assert upsert(api, *batch)[0] == 400
    assert api.sandbox.find("users", "a@b.example") is None
    assert len(api.list("users")) == 31


def test_a_user_id_that_moves_within_a_batch(api):
    api.sandbox.upsert("users", {"email": "a@b.example", "user_id": "x"})
    batch = [{"email": "a@b.example", "user_id": "y"}, {"email": "c@b.example", "user_id": "x"}]
    assert upsert(api, *batch)[1]["data"] == {"inserted": 2, "errors": []}
    assert api.sandbox.find("users", user_id="x")["email"] == "c@b.example"
