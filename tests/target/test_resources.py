"""Each resource and operation, as the interface describes it."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.target import record, schema

ODD = [
    "Ada+News@Example.com",
    "a%b@example.com",
    "o'neil@example.com",
    "zoë@exämple.org",
    "a&b=c#d@x.org",
]


@pytest.fixture
def filled(make_target: Any) -> Any:
    """Ada (id 7) and Bob (no id) are users, Lin is a lead."""
    target = make_target()
    target.sandbox.upsert("users", {"email": "ada@x.org", "user_id": "7", "name": "Ada"})
    target.sandbox.upsert("users", {"email": "bob@x.org"})
    target.sandbox.upsert("leads", {"email": "lin@x.org"})
    return target


@pytest.mark.parametrize("email", ODD)
def test_odd_addresses_find_their_contact(target: Any, email: str) -> None:
    run = target.apply("users", {"email": email, "user_id": "u/1?", "tags": ["vip"]})
    assert run.code == 0, run.stderr
    assert target.sandbox.contacts("users")[0]["email"] == email
    assert target.tags(email) == ["vip"]
    for change in (
        [record("tags", tag="vip", email=email, untag=True)],
        [record("users", email=email, _operation="unsubscribe")],
        [record("tags", tag="new", email=email)],
    ):
        run = target.run([schema("users"), schema("tags"), *change])
        assert run.code == 0, run.stderr
    assert target.tags(email) == ["new"]
    assert target.of("users", email)["unsubscribe"] == 1
    run = target.apply("users", {"email": email, "_operation": "delete"})
    assert run.code == 0
    assert target.sandbox.contacts("users") == []


def test_an_upsert_by_user_id_alone(filled: Any) -> None:
    run = filled.apply("users", {"user_id": 7, "plan": "pro"}, {"user_id": "8", "plan": "pro"})
    assert filled.of("users", "ada@x.org")["attributes"] == {"plan": "pro"}
    assert filled.of("users", "ada@x.org")["name"] == "Ada"
    assert [(r["line"], r["operation"], r["stream"]) for r in run.rejects] == [
        (3, "upsert", "users")
    ]


@pytest.mark.parametrize("key", [{"email": "ada@x.org"}, {"user_id": 7}, {"user_id": "7"}])
@pytest.mark.parametrize(
    "how", [{"_operation": "delete"}, {"_sdc_deleted_at": "2026-01-01T00:00:00Z"}]
)
def test_a_user_is_deleted(filled: Any, key: Any, how: Any) -> None:
    assert filled.apply("users", {**key, **how}).code == 0
    assert [user["email"] for user in filled.sandbox.contacts("users")] == ["bob@x.org"]


def test_the_operation_of_a_record_wins_over_its_deletion(filled: Any) -> None:
    run = filled.apply(
        "users",
        {"email": "ada@x.org", "_operation": "upsert", "_sdc_deleted_at": "2026-01-01T00:00:00Z"},
        {"email": "bob@x.org", "_operation": " DELETE ", "_sdc_deleted_at": None},
        {"email": "cyd@x.org", "_operation": "explode"},
        {"email": "dan@x.org", "_operation": "", "_sdc_deleted_at": ""},
        streams={"users": {"resource": "users", "operation": "upsert"}},
    )
    assert {user["email"] for user in filled.sandbox.contacts("users")} == {
        "ada@x.org",
        "dan@x.org",
    }
    assert [
        (r["line"], "upsert or insert or update or delete or unsubscribe" in r["reason"])
        for r in run.rejects
    ] == [(4, True)]


def test_with_both_keys_the_address_is_used(filled: Any) -> None:
    run = filled.run(
        [
            schema("tags"),
            record("tags", tag="vip", email="bob@x.org", user_id="7"),
            schema("users"),
            record("users", email="ada@x.org", user_id="none", _operation="delete"),
        ]
    )
    assert run.code == 0, run.stderr
    assert filled.tags("bob@x.org") == ["vip"]
    assert [user["email"] for user in filled.sandbox.contacts("users")] == ["bob@x.org"]


def test_leads_go_by_address_alone(filled: Any) -> None:
    run = filled.run(
        [
            schema("leads"),
            record("leads", user_id="7", name="x"),
            record("leads", user_id="7", _operation="delete"),
            schema("tags"),
            record("tags", tag="vip", user_id="7", contact_type="lead"),
            record("tags", tag="vip", email="LIN@x.org", contact_type="lead"),
            record("leads", email="lin@x.org", user_id="7", name="Lin"),
        ]
    )
    assert [r["line"] for r in run.rejects] == [2, 3, 5]
    assert filled.tags("lin@x.org", "leads") == ["vip"]
    assert filled.of("leads", "lin@x.org")["name"] == "Lin"


def test_unsubscribe(filled: Any) -> None:
    run = filled.apply(
        "users",
        {"email": "ada@x.org"},
        {"email": "bob@x.org"},
        {"email": "nobody@x.org"},
        {"user_id": "none"},
        streams={"users": {"resource": "users", "operation": "unsubscribe"}},
    )
    assert filled.of("users", "ada@x.org")["unsubscribe"] == 1
    assert [(r["line"], r["operation"], r["status"]) for r in run.rejects] == [
        (3, "unsubscribe", 200)
    ]
    assert "3 applied" in run.stderr


@pytest.mark.parametrize("status", [200, 404, 500])
def test_a_contact_that_is_not_there(make_target: Any, status: int) -> None:
    target = make_target(missing_contact_status=status)
    run = target.run(
        [
            schema("users"),
            record("users", email="no@x.org", _operation="delete"),
            record("users", user_id="9", _operation="delete"),
            record("users", user_id="9", _operation="unsubscribe"),
            record("users", email="no@x.org", _operation="unsubscribe"),
            schema("leads"),
            record("leads", email="no@x.org", _operation="delete"),
            schema("tags"),
            record("tags", tag="vip", email="no@x.org", untag=True),
            record("tags", tag="vip", email="no@x.org"),
            record("tags", tag="vip", user_id="9"),
            record("tags", tag="vip", email="no@x.org", contact_type="lead"),
        ]
    )
    assert [r["line"] for r in run.rejects] == [10, 11, 12]
    assert target.sandbox.state()["tags"] in ([], ["vip"])


def test_companies(target: Any) -> None:
    run = target.apply(
        "companies",
        {"company_id": "acme/1", "company_name": "Acme", "Plan name": "pro"},
        {"company_id": 7, "attributes": '{"seats": 5}'},
        {"company_name": "no key"},
    )
    companies = {c["company_id"]: c for c in target.sandbox.state()["companies"]}
    assert companies["acme/1"]["company_name"] == "Acme"
    assert companies["acme/1"]["attributes"] == {"plan_name": "pro"}
    assert companies["7"]["attributes"] == {"seats": 5}
    assert [r["line"] for r in run.rejects] == [4]


def test_company_members(filled: Any) -> None:
    internal = filled.of("users", "bob@x.org")["crmhero_user_id"]
    run = filled.apply(
        "company_members",
        {"company_id": "a", "company_name": "A", "email": "ada@x.org", "seats": 5},
        {"company_id": "b", "user_id": "7"},
        {"company_id": "b", "internal_user_id": internal},
        {"company_id": "b"},
        {"company_id": "b", "email": "no@x.org"},
        {"email": "ada@x.org"},
    )
    assert sorted(r["line"] for r in run.rejects) == [5, 6, 7]
    companies = {c["company_id"]: c for c in filled.sandbox.state()["companies"]}
    assert companies["a"]["attributes"] == {"seats": 5}
    joined = [op["operation"] for op in filled.sandbox.history(operation="add_to_company")]
    assert len(joined) == 3


MESSAGE = {
    "from": {"type": "admin", "id": 3},
    "to": {"type": "user", "email": "ada@x.org"},
    "content": "Hi",
}


def test_messages(filled: Any) -> None:
    run = filled.apply(
        "messages",
        MESSAGE,
        {**MESSAGE, "from": '{"type": "admin", "id": 3}'},
        {**MESSAGE, "content": ""},
        {**MESSAGE, "to": "ada"},
    )
    assert [r["line"] for r in run.rejects] == [4, 5]
    assert [m["content"] for m in filled.sandbox.state()["messages"]] == ["Hi", "Hi"]


@pytest.mark.parametrize("fault", ["reset_after", "status", "html", "truncated", "empty"])
def test_what_must_not_be_sent_twice_is_sent_once(filled: Any, fault: str) -> None:
    filled.sandbox.fail(fault, method="POST", path="messages", times=1, applied=True)
    filled.sandbox.fail(fault, method="POST", path="users", times=1, applied=True)
    call = {"method": "POST", "url": "/v1/users", "body": {"users": [{"email": "new@x.org"}]}}
    run = filled.run(
        [
            schema("messages"),
            record("messages", **MESSAGE),
            schema("api_calls"),
            record("api_calls", **call),
        ]
    )
    sent = [r["path"] for r in filled.sandbox.requests if r["method"] == "POST"]
    assert len(sent) == 2, sent
    assert len(run.rejects) == 2 or fault in {"html", "empty"}, run.rejects
    for reject in run.rejects:
        assert reject["attempts"] == 1
        assert reject["reason"]


def test_api_calls(filled: Any) -> None:
    run = filled.apply(
        "api_calls",
        {"method": "post", "url": "/v1/users", "body": {"users": [{"email": "cyd@x.org"}]}},
        {
            "method": "GET",
            "url": "/v1/users",
            "query": {"email": "cyd@x.org"},
            "headers": {"X-Y": "z"},
        },
        {"method": "DELETE", "url": "/v1/users?email=bob%40x.org"},
        {
            "method": "POST",
            "url": "/v1/tags",
            "body": '{"tag": "vip", "users": [{"user_id": "7"}]}',
        },
        {"url": "https://evil.example/v1"},
        {"url": "//evil.example/v1"},
        {"url": "/v1/../admin"},
        {"url": "/v1/users", "headers": {"Authorization": "x"}},
        {"url": "/v1/users", "headers": {"X": "a\r\nB: c"}},
        {"method": "GET /", "url": "/v1/users"},
        {"method": "GET"},
    )
    assert [r["line"] for r in run.rejects] == list(range(6, 13))
    assert all(r["status"] is None and r["attempts"] == 0 for r in run.rejects)
    emails = {user["email"] for user in filled.sandbox.contacts("users")}
    assert emails == {"ada@x.org", "cyd@x.org"}
    assert filled.tags("ada@x.org") == ["vip"]


def test_the_order_holds_across_resources(filled: Any) -> None:
    call = {"method": "DELETE", "url": "/v1/users", "query": {"email": "eve@x.org"}}
    run = filled.run(
        [
            schema("users"),
            schema("api_calls"),
            schema("tags"),
            record("users", email="eve@x.org", plan="old"),
            record("api_calls", **call),
            record("users", email="EVE@x.org", plan="new"),
            record("tags", tag="vip", email="eve@x.org"),
            record("tags", tag="vip", _operation="delete"),
            record("tags", tag="vip", email="ada@x.org"),
        ],
        max_concurrency=8,
    )
    assert run.code == 0, run.stderr
    assert filled.of("users", "eve@x.org")["attributes"] == {"plan": "new"}
    assert (filled.tags("eve@x.org"), filled.tags("ada@x.org")) == ([], ["vip"])


def test_a_redirect_on_a_write_is_refused(filled: Any) -> None:
    filled.sandbox.fail("redirect", method="POST", path="users", location="/v1/elsewhere")
    run = filled.apply("users", {"email": "new@x.org"})
    assert [(r["line"], r["status"] // 100) for r in run.rejects] == [(2, 3)]
    assert [r["path"] for r in filled.sandbox.requests if "elsewhere" in r["path"]] == []
