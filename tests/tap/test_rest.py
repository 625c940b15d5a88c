"""All that is no contact: teammates, the knowledge base, tags, custom streams, attributes."""

from __future__ import annotations

import pytest
from customerly_sandbox.models.knowledge import ACCOUNTS
from tap_customerly.pagination import forward
from tap_customerly.records.attributes import as_columns, declared, sampled_types, widened
from tap_customerly.streams.knowledge_base import with_writer_id

from tests.support.tap import discovered, run_tap, selecting


def test_accounts(api_settings):
    run = run_tap(api_settings, catalog=selecting("accounts"))
    assert {r["account_id"]: r["email"] for r in run.records("accounts")} == {
        int(account["account_id"]): account["email"] for account in ACCOUNTS
    }
    assert run.of("ACTIVATE_VERSION", "accounts")


@pytest.mark.parametrize(
    ("writer", "key"),
    [
        ({"knowledge_base_writer_id": 1, "account_id": 2, "id": 3}, 1),
        ({"account_id": "2", "id": 3}, "2"),
        ({"knowledge_base_writer_id": None, "id": 3}, 3),
        ({"name": "Nobody"}, None),
    ],
)
def test_a_writer_is_known_by_whichever_key_is_there(writer, key):
    assert with_writer_id(writer) == {"writer_id": key, **writer}


def test_writers(api_settings):
    run = run_tap(api_settings, catalog=selecting("knowledge_base_writers"))
    assert [record["writer_id"] for record in run.records("knowledge_base_writers")] == [1, 2]
    assert run.records("knowledge_base_writers")[0]["additional_fields"]["name"] == "Rosa Owner"


@pytest.mark.parametrize("page_size", [100, 7])
@pytest.mark.parametrize("quirks", [{}, {"first_page": 1}, {"largest_page": 5}])
def test_articles_of_all_collections(page_size, quirks, make_sandbox):
    sandbox = make_sandbox(quirks=quirks)
    config = {**sandbox.config, "page_size": page_size}
    run = run_tap(config, catalog=selecting("knowledge_base_articles"))
    assert run.code == 0, run.stderr
    articles = {
        int(article["knowledge_base_article_id"]): int(article["knowledge_base_collection_id"])
        for article in sandbox.state()["knowledge_base_articles"]
    }
    records = run.records("knowledge_base_articles")
    assert len(records) == len(articles)
    assert {
        record["knowledge_base_article_id"]: record["knowledge_base_collection_id"]
        for record in records
    } == articles
    assert run.streams == {"knowledge_base_articles"}
    assert run.of("ACTIVATE_VERSION") == [], "pages shift: nobody can say what is gone"
    assert run.state["bookmarks"]["knowledge_base_articles"] == {}


def test_collections_and_articles_together(sandbox, api_settings):
    run = run_tap(
        api_settings, catalog=selecting("knowledge_base_collections", "knowledge_base_articles")
    )
    collections = {
        r["knowledge_base_collection_id"]: r for r in run.records("knowledge_base_collections")
    }
    assert collections.keys() == {
        c["knowledge_base_collection_id"] for c in sandbox.state()["knowledge_base_collections"]
    }
    assert len(run.records("knowledge_base_articles")) == 149
    assert run.of("ACTIVATE_VERSION", "knowledge_base_collections")


@pytest.mark.parametrize(
    ("pages", "read"),
    [
        ([[1, 2], [3], []], [[1, 2], [3]]),
        ([[1, 2], [3, 4]], [[1, 2], [3, 4]]),
        ([[], [1, 2], [3]], [[1, 2], [3]]),
        ([[1, 2], [1, 2], [3]], [[1, 2], [3]]),
        ([[1, 2]] * 99, [[1, 2]]),
        ([], []),
    ],
)
def test_forward_paging_ends_where_nothing_new_comes(pages, read):
    asked = []

    def fetch(page):
        asked.append(page)
        return pages[page] if page < len(pages) else []

    assert list(forward(fetch, tuple)) == read
    assert len(asked) <= len(read) + 2


# --- custom streams ----------------------------------------------------------------------------


def custom(api_settings, **endpoint):
    stream = {"name": "other", **endpoint}
    config = {**api_settings, "custom_streams": [stream]}
    return run_tap(config, catalog=selecting("other", config=config))


@pytest.mark.parametrize("records_path", [None, "data", "$.data[*]"])
@pytest.mark.parametrize("path", ["knowledge/collections", "/v1/knowledge/collections"])
def test_a_custom_stream_of_one_answer(path, records_path, api_settings):
    key = "knowledge_base_collection_id"
    run = custom(api_settings, path=path, records_path=records_path, primary_keys=[key])
    assert run.code == 0, run.stderr
    assert [record[key] for record in run.records("other")] == [1, 2, 3, 4]
    assert run.records("other")[0]["additional_fields"]["title"] == "Getting started"
    assert run.of("SCHEMA", "other")[0]["key_properties"] == [key]
    assert run.of("ACTIVATE_VERSION", "other")


@pytest.mark.parametrize("records_path", [None, "data.users", "users"])
def test_a_paginated_custom_stream(records_path, sandbox, api_settings):
    run = custom(
        {**api_settings, "page_size": 7},
        path="users/list",
        query={"sort": "crmhero_user_id"},
        records_path=records_path,
        primary_keys=["crmhero_user_id"],
        paginated=True,
    )
    ids = [int(record["crmhero_user_id"]) for record in run.records("other")]
    assert sorted(ids) == sorted(c["crmhero_user_id"] for c in sandbox.contacts("users"))
    assert {request["query"]["sort"] for request in sandbox.requests} == {"crmhero_user_id"}
    assert run.of("ACTIVATE_VERSION") == []


def test_a_paginated_custom_stream_of_a_server_that_ignores_pages(sandbox, api_settings):
    run = custom(api_settings, path="tags", primary_keys=["value"], paginated=True)
    assert [record["value"] for record in run.records("other")] == sandbox.state()["tags"]
    assert len(sandbox.requests) == 3


def test_a_custom_stream_without_keys(api_settings):
    run = custom(api_settings, path="accounts/")
    assert [r["additional_fields"]["account_id"] for r in run.records("other")] == [1, "2", 3]


@pytest.mark.parametrize(
    ("endpoint", "complaint"),
    [
        ({"path": "tags", "primary_keys": ["id"]}, "no record has the primary key id"),
        ({"path": "accounts/", "records_path": "data.rows"}, "has nothing at records_path"),
        ({"path": "accounts/", "records_path": "rows"}, "has nothing at records_path"),
        ({"path": "nowhere"}, "GET /v1/nowhere was refused"),
    ],
)
def test_a_wrong_custom_stream_is_told_in_one_line(endpoint, complaint, api_settings):
    run = custom(api_settings, **endpoint)
    assert run.code == 1
    assert len(run.complaints) == 1
    assert complaint in run.complaints[0]


# --- discover_attributes -----------------------------------------------------------------------


class Sampled:
    """Stands for the API with contacts that have these attributes."""

    def __init__(self, *attributes):
        self.contacts = [{"attributes": each} for each in attributes]

    def list_contacts(self, kind, **_query):
        return self.contacts if kind == "users" else []


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        ([1, 2], ["integer", "null"]),
        ([1, "2"], ["integer", "null"]),
        ([1, 2.5], ["number", "null"]),
        (["1", "02"], ["string", "null"]),
        ([1, "many"], ["string", "null"]),
        ([True, False], ["boolean", "null"]),
        ([True, 5], ["string", "null"]),
        (["pro", None, ""], ["string", "null"]),
        ([None], None),
        ([{"a": 1}], None),
    ],
)
def test_an_attribute_gets_the_narrowest_type(values, kind):
    field = declared(sampled_types(Sampled(*({"x": value} for value in values))))["x"]
    assert field.get("type") == kind


def test_unreadable_attributes_are_passed_over():
    api = Sampled([], None, "free text", '{"plan": "pro"}', {"seats": 1})
    assert set(sampled_types(api)) == {"plan", "seats"}


def test_discovered_attributes_are_declared_and_typed(sandbox, api_settings):
    config = {**api_settings, "discover_attributes": True}
    catalog = discovered(config)
    assert len(sandbox.requests) == 4
    used = {key for contact in sandbox.contacts("users") for key in contact["attributes"]}
    used |= {key for contact in sandbox.contacts("leads") for key in contact["attributes"]}
    for entry in catalog["streams"]:
        if entry["tap_stream_id"] in {"users", "leads", "user_details", "lead_details"}:
            declared = entry["schema"]["properties"]["attributes"]["properties"]
            assert set(declared) == used
            assert declared["seats"]["type"] == ["integer", "null"]
    run = run_tap(config, catalog=catalog)
    assert len(sandbox.requests) < 30, "the catalog is there: no sample is taken"
    for contact in sandbox.contacts("users"):
        record = next(
            r for r in run.records("users") if r["crmhero_user_id"] == contact["crmhero_user_id"]
        )
        expected = dict(contact["attributes"])
        if "seats" in expected:
            expected["seats"] = int(expected["seats"])
        assert record["attributes"] == expected


@pytest.mark.parametrize(
    ("before", "now", "types"),
    [
        (None, {"x": "integer"}, {"x": "integer"}),
        ({"x": "integer"}, {"x": "number"}, {"x": "number"}),
        ({"x": "number"}, {"x": "integer"}, {"x": "number"}),
        ({"x": "number"}, {"x": "string"}, {"x": "string"}),
        ({"x": "string"}, {"x": "integer"}, {"x": "string"}),
        ({"x": "boolean"}, {"x": "integer"}, {"x": "string"}),
        ({"x": "string"}, {}, {"x": "string"}),
        ({"x": ""}, {"x": "string"}, {"x": ""}),
        ({"x": "nonsense", "y": 5}, {"x": "string"}, {"x": "string"}),
        ("nonsense", {"x": "string"}, {"x": "string"}),
    ],
)
def test_a_type_only_ever_widens(before, now, types):
    assert widened(before, now) == types


@pytest.mark.parametrize(
    ("before", "now", "types"),
    [
        (None, {"x": "integer"}, {"x": "number"}),
        ({"x": "number"}, {"x": "string"}, {"x": "number"}),
        ({"x": "boolean"}, {"x": "integer"}, {"x": "boolean"}),
        ({"x": "string"}, {}, {"x": "string"}),
        (None, {"x": ""}, {}),
        (None, {"Seats": "string", "seats": "string"}, {"Seats": "string"}),
        ({"seats": "string"}, {"Seats": "string"}, {"seats": "string"}),
        (None, {"": "string", "a%(x)s": "string", " x": "string"}, {}),
        (None, {"n" * 51: "string", "n" * 52: "string"}, {"n" * 51: "string"}),
        (None, {"é" * 25: "string", "é" * 26: "string"}, {"é" * 25: "string"}),
    ],
)
def test_an_attribute_that_is_a_column_keeps_its_type(before, now, types):
    assert as_columns(before, now, "attributes__") == types


def test_types_widen_from_run_to_run(make_sandbox):
    sandbox = make_sandbox(users=0, leads=0)
    config = {**sandbox.config, "discover_attributes": True}
    state, types = None, []
    for seats in (5, 1.5, "many", 5):
        sandbox.upsert("users", {"email": "ada@example.com", "attributes": {"seats": seats}})
        run = run_tap(config, catalog=selecting("users", config=config), state=state)
        state = run.state
        types.append(run.schema("users")["properties"]["attributes"]["properties"]["seats"]["type"])
        assert run.records("users")[-1]["attributes"] == {
            "seats": seats if types[-1][0] != "string" else str(seats)
        }
    assert [each[0] for each in types] == ["integer", "number", "string", "string"]


def test_discovering_attributes_needs_the_token(api_settings):
    run = run_tap({"discover_attributes": True, "api_url": api_settings["api_url"]}, "--discover")
    assert run.code == 1
    assert "access_token is missing" in run.complaints[0]
