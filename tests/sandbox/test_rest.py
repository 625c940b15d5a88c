"""Authorisation, paths, companies, unsubscribe, messages, teammates, the knowledge base."""

from __future__ import annotations

import pytest
import requests

NO_TOKEN = "You must provide a valid header Authorization: Bearer <TOKEN>"
BAD_TOKEN = "Access token not found."


@pytest.mark.parametrize(
    ("headers", "message"),
    [
        ({}, NO_TOKEN),
        ({"Authorization": "sandbox-token"}, NO_TOKEN),
        ({"Authorization": "Bearer "}, NO_TOKEN),
        ({"Authorization": "Bearer wrong"}, BAD_TOKEN),
        ({"Authentication": "AccessToken: wrong"}, BAD_TOKEN),
    ],
)
@pytest.mark.parametrize("status", [500, 401, 403])
def test_a_bad_token(make_api, headers, message, status):
    url = make_api(quirks={"bad_token_status": status}).sandbox.url
    answer = requests.get(f"{url}/tags", headers=headers, timeout=5)
    assert answer.status_code == status
    assert answer.json() == {"error": {"message": message, "code": 0}}


@pytest.mark.parametrize(
    "headers",
    [
        {"Authorization": "Bearer sandbox-token"},
        {"Authorization": "bearer sandbox-token"},
        {"Authentication": "AccessToken: sandbox-token"},
    ],
)
def test_a_good_token(api, headers):
    assert requests.get(f"{api.sandbox.url}/tags", headers=headers, timeout=5).status_code == 200


def test_another_token_and_one_that_is_revoked(make_api):
    api = make_api(token="mine")
    assert api("GET", "tags")[0] == 200
    api.sandbox.revoke_token(after=2)
    assert [api("GET", "tags")[0] for _ in range(4)] == [200, 200, 500, 500]


@pytest.mark.parametrize(
    ("quirk", "code"), [("status", {"code": 500}), ("text", {"code": "500"}), ("missing", {})]
)
def test_code_of_an_error(make_api, quirk, code):
    api = make_api(quirks={"error_code": quirk, "missing_contact_status": 500})
    assert api("GET", "users")[1]["error"] == {"message": "User doesn't exist", **code}


def test_paths(api):
    for path in ("tags", "tags/", "accounts", "accounts/", "users/list/", "knowledge/writers/"):
        assert api("GET", path)[0] == 200
    assert api("GET", "conversations")[0] == 404
    assert api("DELETE", "accounts")[0] == 405
    assert (
        requests.get(api.sandbox.url.removesuffix("/v1") + "/v2/tags", timeout=5).status_code == 404
    )


def test_final_slash_redirects(make_api):
    api = make_api(quirks={"final_slash": "redirect"})
    for path, target in (("tags/", "tags"), ("accounts", "accounts/")):
        answer = api.send("GET", path, a="b c")
        assert answer.status_code == 301
        assert answer.headers["Location"] == f"/v1/{target}?a=b+c"
        assert api("GET", target)[0] == 200


def test_unsubscribe(api):
    api.sandbox.upsert("users", {"email": "a@b.example", "user_id": "x/1 ü"})
    assert "error" in api("POST", "users/unsubscribe/nobody")[1]
    assert "data" in api("POST", "users/unsubscribe/x%2F1%20%C3%BC")[1]
    assert api.sandbox.find("users", "a@b.example")["unsubscribe"] == 1
    upserted = api.sandbox.upsert("users", {"email": "a@b.example", "name": "A"})
    assert upserted["data"]["inserted"] == 1
    assert api.sandbox.find("users", "a@b.example")["unsubscribe"] == 1


def test_add_attributes(api):
    api.sandbox.upsert("users", {"email": "a@b.example", "user_id": "x", "attributes": {"a": 1}})
    api.data("POST", "users/add-attributes/x", {"attributes": {"b": 2}})
    assert api.sandbox.find("users", user_id="x")["attributes"] == {"a": 1, "b": 2}
    bad = {"attributes": {"a": "x" * 200}}
    assert api("POST", "users/add-attributes/x", bad)[0] == 400


def test_companies(api):
    api.sandbox.upsert("users", {"email": "a@b.example", "user_id": "x"})
    body = {"company_id": "c1", "company_name": "Çelik", "company_attributes": []}
    api.data("POST", "users/add-to-company", {**body, "user_id": "x"})
    api.data("POST", "company/add-attributes/c1", {"attributes": {"size": 5}})
    company = {"company_id": "c1", "company_name": "Çelik", "attributes": {"size": 5}}
    found = api.data("GET", "users", user_id="x")
    assert found["companies"] == [company]
    internal = {"company_id": 2, "internal_user_id": found["crmhero_user_id"]}
    api.data("POST", "users/add-to-company", internal)
    assert [c["company_id"] for c in api.sandbox.find("users", "a@b.example")["companies"]] == [
        "c1",
        "2",
    ]
    assert "error" in api("POST", "users/add-to-company", {**body, "email": "no@b.example"})[1]
    assert "error" in api("POST", "users/add-to-company", {"user_id": "x"})[1]


def test_an_unknown_company(api):
    api.data("POST", "company/add-attributes/new", {"company_name": "New"})
    api.sandbox.set_quirks(unknown_company="refuse")
    assert "error" in api("POST", "company/add-attributes/other", {"attributes": {}})[1]
    assert "new" in [c["company_id"] for c in api.sandbox.state()["companies"]]


def test_messages(api):
    api.sandbox.upsert("users", {"email": "a@b.example"})
    body = {
        "from": {"type": "admin", "id": 3},
        "to": {"type": "user", "email": "a@b.example"},
        "content": "Hé!",
        "attachments": [],
    }
    answered = api.data("POST", "messages", body)
    assert api.sandbox.state()["messages"] == [{**answered, **body}]
    unknown = {**body, "to": {"type": "lead", "email": "a@b.example"}}
    assert "error" in api("POST", "messages", unknown)[1]
    assert api("POST", "messages", {**body, "content": ""})[0] == 400
    assert api("POST", "messages", {"content": "x"})[0] == 400
    assert len(api.sandbox.state()["messages"]) == 1


def test_accounts_and_writers(api):
    assert [int(a["account_id"]) for a in api.data("GET", "accounts/")] == [1, 2, 3]
    assert len(api.data("GET", "knowledge/writers")) == 2


@pytest.mark.parametrize("first", [0, 1])
def test_articles_of_each_collection(make_api, first):
    api = make_api(quirks={"first_page": first})
    sizes = []
    for collection in api.data("GET", "knowledge/collections"):
        key = {"knowledge_base_collection_id": collection["knowledge_base_collection_id"]}
        pages = [
            api.data("GET", "knowledge/articles/", page=page + first, per_page=50, **key)
            for page in range(4)
        ]
        found = [article for page in pages for article in page]
        assert all(
            int(a["knowledge_base_collection_id"]) == collection["knowledge_base_collection_id"]
            for a in found
        )
        sizes.append(len({a["knowledge_base_article_id"] for a in found}))
    assert sizes == [130, 0, 17, 2]


def test_the_knowledge_base_can_be_edited(api):
    made = api.data("POST", "knowledge/collections", {"title": "New"})
    number = made["knowledge_base_collection_id"]
    body = {"title": "First", "knowledge_base_collection_id": number}
    article = api.data("POST", "knowledge/articles", body)["knowledge_base_article_id"]
    api.data("POST", f"knowledge/articles/{article}", {"title": "Second"})
    assert api.data("GET", f"knowledge/articles/{article}/")["title"] == "Second"
    api.data("DELETE", f"knowledge/collections/{number}")
    assert "error" in api("GET", f"knowledge/collections/{number}")[1]
    assert "error" in api("GET", f"knowledge/articles/{article}")[1]
