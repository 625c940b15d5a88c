"""How tap and target read their configuration: files, variables, text."""

from __future__ import annotations

import json

import pytest
from customerly.errors import ConfigError
from customerly.settings import Setting, config_jsonschema
from customerly.singer.config import read_environment, read_object, schema_complaints

SCHEMA = config_jsonschema(
    [
        Setting(name="access_token", type="string", required=True, description=""),
        Setting(name="api_url", type="string", default="https://api", description=""),
        Setting(name="size", type="integer", minimum=1, default=4, description=""),
        Setting(name="rate", type="number", above=0, description=""),
        Setting(name="look", type="boolean", default=True, description=""),
        Setting(name="mode", type="string", options=("add", "replace"), description=""),
        Setting(name="lists", type="object", description=""),
        Setting(name="streams", type="array", description=""),
        Setting(name="start", type="date-time", description=""),
    ]
)
DEFAULTS = {"access_token": "t", "api_url": "https://api", "size": 4, "look": True, "mode": "add"}


@pytest.fixture(autouse=True)
def elsewhere(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("CUSTOMERLY_ACCESS_TOKEN", raising=False)
    monkeypatch.delenv("CUSTOMERLY_API_URL", raising=False)
    return tmp_path


@pytest.mark.parametrize("name", SCHEMA["properties"])
@pytest.mark.parametrize("empty", ["", "  "])
def test_an_empty_text_counts_as_not_given(name, empty):
    config = {"access_token": "t", name: empty}
    assert schema_complaints(config, SCHEMA) == []
    if name == "access_token":
        assert name not in config
    else:
        assert config == DEFAULTS


def test_what_came_as_text_is_read():
    config = {
        "access_token": "t",
        "size": "8",
        "rate": "2.5",
        "look": "false",
        "start": "2026-01-31",
        "lists": '{"a.b": {"limit": 1}}',
        "streams": '[{"name": "x"}]',
    }
    assert schema_complaints(config, SCHEMA) == []
    assert config["size"] == 8
    assert config["rate"] == 2.5
    assert config["look"] is False
    assert config["lists"] == {"a.b": {"limit": 1}}
    assert config["streams"] == [{"name": "x"}]
    assert config["start"] == "2026-01-31"


@pytest.mark.parametrize(
    ("name", "text", "says"),
    [
        ("size", "many", "size: must be a whole number"),
        ("size", "0", "size: must be at least 1"),
        ("rate", "fast", "rate: must be a number"),
        ("look", "perhaps", "look: must be true or false"),
        ("lists", "{broken", "lists: must be an object"),
        ("streams", "{}", "streams: must be a list"),
        ("mode", "secret", "mode: must be one of add, replace"),
    ],
)
def test_what_cannot_be_read_is_named_and_not_repeated(name, text, says):
    (complaint,) = schema_complaints({"access_token": "t", name: text}, SCHEMA)
    assert complaint == says


def test_the_shared_variables_stand_in_for_what_is_not_given(monkeypatch):
    monkeypatch.setenv("CUSTOMERLY_ACCESS_TOKEN", "shared")
    monkeypatch.setenv("CUSTOMERLY_API_URL", "https://shared")
    config = {"access_token": ""}
    assert schema_complaints(config, SCHEMA) == []
    assert (config["access_token"], config["api_url"]) == ("shared", "https://shared")
    config = {"access_token": "own", "api_url": "https://own"}
    assert schema_complaints(config, SCHEMA) == []
    assert (config["access_token"], config["api_url"]) == ("own", "https://own")


def test_variables_win_over_the_file_and_empty_ones_count_for_nothing(elsewhere, monkeypatch):
    (elsewhere / ".env").write_text("X_SIZE=8\nX_RATE=3\nX_MODE=\n", encoding="utf-8-sig")
    monkeypatch.setenv("X_RATE", "5")
    monkeypatch.setenv("X_LOOK", "")
    monkeypatch.setenv("X_LISTS", '{"a": 1}')
    read = read_environment(SCHEMA["properties"], "X_")
    assert read == {"size": 8, "rate": 5.0, "lists": {"a": 1}}


def test_a_variable_that_cannot_be_read_is_named(monkeypatch):
    monkeypatch.setenv("X_SIZE", "secret")
    with pytest.raises(ConfigError, match=r"^X_SIZE can't be read as what size takes$"):
        read_environment(SCHEMA["properties"], "X_")


def test_a_byte_order_mark_is_passed_over(elsewhere):
    path = elsewhere / "config.json"
    path.write_text(json.dumps({"a": 1}), encoding="utf-8-sig")
    assert read_object(str(path), "--config") == {"a": 1}
