"""`customerly api` and `customerly check`."""

from __future__ import annotations

import json

import pytest

from tests.support.stub import StubServer


def test_a_read(run, sandbox):
    answer = run("api get /v1/users/list --query per_page=2 --query sort=name").only
    assert len(answer["data"]["users"]) == 2
    (request,) = sandbox.requests
    assert request["method"] == "GET"
    assert request["query"] == {"per_page": "2", "sort": "name"}


def test_a_query_in_both_places(run, sandbox):
    run("api GET /v1/users/list?per_page=2 --query page=1 --query 'sort=a&b=ü c'").only  # noqa: B018
    (request,) = sandbox.requests
    assert request["query"] == {"per_page": "2", "page": "1", "sort": "a&b=ü c"}


def test_a_write(run, sandbox, tmp_path):
    body = {"users": [{"email": "ada@example.com", "name": "Ada"}]}
    run("api POST /v1/users --header X-Trace:7 --body", json.dumps(body)).only  # noqa: B018
    assert sandbox.find("users", "ada@example.com")["name"] == "Ada"
    file = tmp_path / "body.json"
    file.write_text(json.dumps(body).replace("Ada", "Zoë"), encoding="utf-8")
    run("api POST /v1/users --body", f"@{file}").only  # noqa: B018
    assert sandbox.find("users", "ada@example.com")["name"] == "Zoë"
    run("api POST /v1/users --body @-", answer=json.dumps(body)).only  # noqa: B018
    assert sandbox.find("users", "ada@example.com")["name"] == "Ada"


@pytest.mark.parametrize("fault", ["status", "reset", "rate_limit"])
def test_a_read_is_tried_again(run, sandbox, fault):
    sandbox.fail(fault, times=1)
    assert "data" in run("api get /v1/tags").only
    assert sandbox.counters["total"] == 2


def test_a_head_is_tried_again(run, sandbox):
    sandbox.fail("reset", times=1)
    assert "HTTP 405" in run("api head /v1/tags").failed()  # the sandbox's own answer
    assert sandbox.counters["total"] == 2


def test_a_read_that_fails_changed_nothing(run, sandbox):
    sandbox.fail("status", status=502)
    line = run("api GET /v1/tags").failed()
    assert "failed after 2 tries (HTTP 502)" in line
    assert "applied" not in line


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_a_write_goes_out_once(run, sandbox, method):
    sandbox.fail("status", status=502)
    line = run("api", method, "/v1/tags", "--body", '{"tag": "vip"}').failed()
    assert "may or may not have been applied" in line
    assert sandbox.counters["total"] == 1


def test_what_the_api_refuses(run, sandbox):
    assert "User doesn't exist" in run("api GET /v1/users --query email=no@example.com").failed()


def test_an_answer_that_is_no_json(run, sandbox):
    sandbox.fail("html", times=1)
    ran = run("api GET /v1/tags")
    assert (ran.code, ran.stdout) == (0, "null\n")
    assert ran.stderr == "HTTP 200, without JSON\n"


@pytest.mark.parametrize(
    "path",
    [
        "//evil.example/v1/users",
        "https://evil.example/v1/users",
        "http:/evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "/v1/../../etc",
        "/v1/%2e%2e/x",
        "/v1/%252e%252e/x",
        "/%2f/evil.example",
        "/v1/users\r\nHost: evil.example",
        "/v1/users#x",
        "/v1/a b",
        "@evil.example/",
        "",
    ],
)
def test_paths_that_leave(run, sandbox, path):
    line = run("api GET", path).failed(2)
    assert "relative to the API's host" in line
    assert sandbox.requests == []


@pytest.mark.parametrize(
    "header",
    [
        "X: a\r\nAuthorization: Bearer mine",
        "Authorization: Bearer mine",
        "authentication: AccessToken: mine",
        "Host: evil.example",
        "X y: 1",
        "X\n: 1",
        "Bearer-mine",
        ": mine",
    ],
)
def test_headers_that_smuggle(run, sandbox, header):
    line = run("api GET /v1/tags --header", header).failed(2)
    assert "mine" not in line
    assert sandbox.requests == []


@pytest.mark.parametrize("method", ["", "GET /", "CONNECT", "G\r\nT", "TRACE"])
def test_methods_that_are_none(run, sandbox, method):
    assert "method" in run("api", method, "/v1/tags").failed(2)
    assert sandbox.requests == []


@pytest.mark.parametrize("body", ["{", "no", "{'a': 1}", "NaN", "@/no/such/file", "[" * 100_000])
def test_bodies_that_are_no_json(run, sandbox, body):
    assert "--body" in run("api POST /v1/tags --body", body).failed(2)
    assert sandbox.requests == []


def test_no_token_follows_a_redirect(run, sandbox):
    with StubServer() as elsewhere:
        sandbox.fail("redirect", location=f"{elsewhere.url}/tags")
        assert "redirect" in run("api GET /v1/tags").failed()
        assert "redirect" in run("tags list").failed()
    assert elsewhere.requests == []


# --- check -------------------------------------------------------------------------------------


def test_check(run, sandbox):
    ran = run("check")
    assert ran.only["ok"] is True
    assert "works" in ran.stderr


@pytest.mark.parametrize("status", [500, 401, 403])
def test_check_of_a_bad_token(run, sandbox, status):
    sandbox.set_quirks(bad_token_status=status)
    line = run("check", env={"CUSTOMERLY_ACCESS_TOKEN": "some-secret-token"}).failed()
    assert "access_token" in line
    assert "Project Settings" in line
    assert "some-secret-token" not in line


def test_check_without_a_token(run):
    assert "CUSTOMERLY_ACCESS_TOKEN" in run("check", env={"CUSTOMERLY_ACCESS_TOKEN": ""}).failed()


@pytest.mark.parametrize("path", ["users/list", "v1/users/list", "/v1/users/list"])
def test_a_path_can_be_relative_to_the_api(run, sandbox, path):
    assert run("api GET", path, "--query", "per_page=2").only["data"]
    assert [request["path"] for request in sandbox.requests] == ["users/list"]


def test_a_list_is_read_to_its_end(run, make_sandbox):
    large = make_sandbox(token="cli-secret-81f7", users=230, quirks={"largest_page": 40})
    env = {"CUSTOMERLY_API_URL": large.url}
    found = run("api GET users/list --paginate --query sort=name", env=env).lines
    assert len({int(each["crmhero_user_id"]) for each in found}) == len(found) == 230


def test_a_list_without_pages_is_read_once(run, sandbox):
    assert run("api GET tags --paginate").lines == sandbox.state()["tags"]


def test_what_is_no_list_cannot_be_paginated(run):
    run("api POST users/list --paginate").failed(2)
