"""The file of facts: written by `customerly doctor --facts`, read by the connectors."""

from __future__ import annotations

import json

import pytest
from customerly.errors import ConfigError
from customerly.facts import ApiFacts, read_facts

KNOWN = {"tags_in_upsert": "replace", "per_page_cap": 50, "addresses_ignore_case": True}


@pytest.fixture
def file(tmp_path):
    def write(content):
        path = tmp_path / "facts.json"
        path.write_text(json.dumps(content), encoding="utf-8")
        return path

    return write


@pytest.mark.parametrize("path", [None, ""])
def test_without_a_file_nothing_is_known(path):
    assert read_facts(path) == ApiFacts()


def test_both_forms_are_read(file):
    listed = [{"fact": name, "answer": answer, "how": "so"} for name, answer in KNOWN.items()]
    assert read_facts(file(KNOWN)) == read_facts(file({"facts": listed})) == ApiFacts(**KNOWN)


def test_an_answer_of_null_and_an_unknown_fact_are_passed_over(file):
    assert read_facts(file({"long_text": None, "moon_phase": "full"})) == ApiFacts()


@pytest.mark.parametrize(
    "content",
    [{"long_text": "perhaps"}, {"per_page_cap": "many"}, {"facts": 5}, [1], "text"],
)
def test_a_file_of_something_else_is_refused(file, content):
    with pytest.raises(ConfigError, match=r"api_facts: .*facts\.json is no file of"):
        read_facts(file(content))


def test_a_file_that_is_not_there_is_named(tmp_path):
    with pytest.raises(ConfigError, match=r"none\.json cannot be read"):
        read_facts(tmp_path / "none.json")
