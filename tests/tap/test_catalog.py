"""What the tap declares: a changed schema is a reviewed diff of a snapshot."""

from __future__ import annotations

import json

import pytest
from syrupy.extensions.json import JSONSnapshotExtension
from tap_customerly.streams import LOCAL_STREAMS, STREAMS

from tests.support.tap import discovered, run_tap, selecting

BY_DEFAULT = {"users", "leads", "tags"}
KEYS = {
    "users": ["crmhero_user_id"],
    "leads": ["crmhero_user_id"],
    "tags": ["name"],
    "user_details": ["crmhero_user_id"],
    "lead_details": ["crmhero_user_id"],
    "accounts": ["account_id"],
    "knowledge_base_collections": ["knowledge_base_collection_id"],
    "knowledge_base_articles": ["knowledge_base_article_id"],
    "knowledge_base_writers": ["writer_id"],
    "webhook_events": ["sequence"],
    "operations": ["operation_id"],
}
INCREMENTAL = {
    "users": "last_update",
    "leads": "last_update",
    "user_details": "last_update",
    "lead_details": "last_update",
    "webhook_events": "sequence",
    "operations": "finished_at",
}


@pytest.fixture(scope="module")
def catalog(tmp_path_factory):
    config = {"webhook_spool": str(tmp_path_factory.mktemp("spool")), "operation_log": "log.jsonl"}
    return {entry["tap_stream_id"]: entry for entry in discovered(config)["streams"]}


@pytest.mark.parametrize("stream", sorted(KEYS))
def test_catalog_entry(stream, catalog, snapshot):
    assert catalog[stream] == snapshot(extension_class=JSONSnapshotExtension)


def test_streams_and_their_keys(catalog):
    assert set(catalog) == set(KEYS)
    for name, entry in catalog.items():
        root = next(item["metadata"] for item in entry["metadata"] if not item["breadcrumb"])
        assert entry["key_properties"] == KEYS[name]
        assert entry.get("replication_key") == INCREMENTAL.get(name)
        assert entry["replication_method"] == (
            "INCREMENTAL" if name in INCREMENTAL else "FULL_TABLE"
        )
        selected = name in BY_DEFAULT | LOCAL_STREAMS.keys()
        assert root["selected-by-default"] is selected
        assert root["selected"] is selected


def test_every_field_is_described_and_nullable_unless_a_key(catalog):
    for name, entry in catalog.items():
        for field, schema in entry["schema"]["properties"].items():
            assert schema["description"], (name, field)
            assert ("null" in schema["type"]) is (field not in KEYS[name]), (name, field)


def test_a_local_stream_is_there_where_its_setting_says_where():
    names = {entry["tap_stream_id"] for entry in discovered()["streams"]}
    assert names == set(STREAMS)
    for name, (setting, _) in LOCAL_STREAMS.items():
        found = {entry["tap_stream_id"] for entry in discovered({setting: "here"})["streams"]}
        assert found == {*STREAMS, name}


def test_without_a_catalog_the_defaults_are_read(api_settings):
    assert run_tap(api_settings).streams == BY_DEFAULT


def test_discovery_asks_the_api_nothing(sandbox, api_settings):
    run_tap(api_settings, "--discover")
    assert sandbox.requests == []


def test_about_names_every_setting():
    settings = json.loads(run_tap({}, "--about", "--format", "json").stdout)["settings"]
    properties = settings["properties"]
    assert properties["access_token"]["secret"] is True
    assert all(setting["description"] for setting in properties.values())


def test_deselected_fields_and_streams_stay_away(api_settings):
    catalog = selecting("users")
    users = next(entry for entry in catalog["streams"] if entry["tap_stream_id"] == "users")
    for item in users["metadata"]:
        if item["breadcrumb"] in (["properties", "email"], ["properties", "last_update"]):
            item["metadata"]["selected"] = False
    run = run_tap(api_settings, catalog=catalog)
    assert run.streams == {"users"}
    assert len(run.records("users")) == 30
    assert all("email" not in record for record in run.records("users"))
    assert all("last_update" in record for record in run.records("users")), "it is automatic"
    assert "email" not in run.schema("users")["properties"]


def test_a_catalog_of_an_older_version_loses_nothing(sandbox, api_settings):
    catalog = selecting("users")
    users = next(entry for entry in catalog["streams"] if entry["tap_stream_id"] == "users")
    del users["schema"]["properties"]["city"]
    run = run_tap(api_settings, catalog=catalog)
    cities = {contact["crmhero_user_id"]: contact["city"] for contact in sandbox.contacts("users")}
    for record in run.records("users"):
        assert "city" not in record
        assert record["additional_fields"]["city"] == cities[record["crmhero_user_id"]]


def test_stream_maps_and_flattening_work_as_in_any_tap(api_settings):
    key = "crmhero_user_id"
    maps = {"users": {key: key, "address": "email", "__else__": None}, "leads": "__NULL__"}
    run = run_tap({**api_settings, "stream_maps": maps})
    assert run.streams == {"users", "tags"}
    assert {name for record in run.records("users") for name in record} == {key, "address"}
    assert run.state["bookmarks"]["users"]["replication_key_value"]

    flat = run_tap({**api_settings, "flattening_enabled": True, "flattening_max_depth": 1})
    assert all(isinstance(record["attributes"], str) for record in flat.records("users"))


def test_both_ways_of_writing_say_the_same(api_settings):
    plain = run_tap(api_settings)
    mapped = run_tap({**api_settings, "stream_maps": {"users": {}}})
    assert mapped.records("users") == plain.records("users")
    assert mapped.state == plain.state
    assert mapped.schema("users") == plain.schema("users")


def test_connection_test_takes_one_record_of_each_stream(api_settings):
    run = run_tap(api_settings, "--test")
    assert run.code == 0
    assert run.streams == set(STREAMS)
    assert all(len(run.records(stream)) <= 1 for stream in STREAMS)
    assert run_tap(api_settings, "--test=schema").streams == set(STREAMS)
