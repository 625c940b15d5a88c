"""Whatever a body or a query holds, the answer is an envelope: nothing breaks inside."""

from __future__ import annotations

import itertools
import json

import pytest
from customerly_sandbox.api import dispatch
from customerly_sandbox.control.urls import ROUTES, answer
from customerly_sandbox.http.messages import Request
from customerly_sandbox.people.population import Population
from customerly_sandbox.project import Project, Settings

VALUES = [None, True, -1, 2**80, 1.5, "", "²", "x" * 500, "\u0000", [], [None], {}, {"a": {}}, [[]]]
NAMES = {
    "users": ["users"],
    "leads": ["leads"],
    "tags": ["tag", "users", "leads", "untag"],
    "messages": ["from", "to", "content", "attachments"],
    "users/add-to-company": [
        "company_id",
        "company_name",
        "company_attributes",
        "user_id",
        "email",
    ],
    "users/add-attributes/1": ["attributes"],
    "company/add-attributes/1": ["attributes", "company_name"],
    "knowledge/articles": ["title", "knowledge_base_collection_id"],
    "knowledge/collections/1": ["title", "sort"],
}
CONTACT = ["email", "user_id", "name", "attributes", "tags"]
RAW = [b"", b"{", b"[]", b"null", b"7", b"\xff\xfe", b'{"users":NaN}', b'"\\ud800"', b"[" * 500]


@pytest.fixture(scope="module")
def project():
    return Project(Settings(Population(20, 10)))


def send(project, method, path, body=b"", **query):
    headers = {"authorization": f"Bearer {project.token}"}
    reply = dispatch.answer(project, Request(method, path, query, headers, body))
    assert json.loads(reply.body).keys() & {"data", "error"}
    assert reply.status in (200, 400, 404, 405, 413)


def bodies(path):
    names = NAMES[path]
    base = {"company_id": "c", "user_id": "1", "tag": "t", "content": "c", "from": {}, "to": {}}
    for name, value in itertools.product(names, VALUES):
        yield {**{key: base[key] for key in names if key in base}, name: value}
    if path in ("users", "leads"):
        for name, value in itertools.product(CONTACT, VALUES):
            yield {path: [{"email": "a@b.example", name: value}]}
    if path == "tags":
        for name, value in itertools.product(("email", "user_id", "internal_user_id"), VALUES):
            yield {"tag": "t", "users": [{name: value}], "leads": [{name: value}]}


@pytest.mark.parametrize("path", sorted(NAMES))
def test_bodies(project, path):
    for method in ("POST", "DELETE"):
        for body in bodies(path):
            send(project, method, path, json.dumps(body).encode())
        for raw in RAW:
            send(project, method, path, raw)


@pytest.mark.parametrize(
    "path", ["users/list", "leads/list", "users", "leads", "knowledge/articles", "tags", "x", ""]
)
def test_queries(project, path):
    texts = ["", "-1", "²", "1e9", "9" * 40, "\u0000", "%", "a b", "é"]
    names = ["page", "per_page", "sort", "sort_direction", "email", "user_id"]
    for name, text in itertools.product([*names, "knowledge_base_collection_id"], texts):
        send(project, "GET", path, **{name: text})


def test_control_routes(project):
    for (method, name), raw in itertools.product(ROUTES, RAW):
        assert answer(project, Request(method, name, {}, {}, raw)).status in (200, 400)
    keys = ["users", "seed", "names", "emails", "token", "revoke_after", "rate", "where", "spare"]
    keys += ["advance", "set", "ms", "url", "events", "fault", "times", "ties", "quirks", "only"]
    posts = [name for method, name in ROUTES if method == "POST"]
    for name, key in itertools.product(posts, keys):
        for value in VALUES:
            if (key, value) == ("users", 2**80):
                continue
            body = json.dumps({key: value}).encode()
            assert answer(project, Request("POST", name, {}, {}, body)).status in (200, 400)
        project.reset()
