"""What would be handed in to Meltano Hub keeps the Hub's rules."""

from __future__ import annotations

import json
from importlib.resources import files

import hub_docs
import jsonschema
import pytest
import yaml

DEFINITIONS = sorted((hub_docs.HUB / "_data" / "meltano").rglob("*.yml"))
BY_NAME = pytest.mark.parametrize("path", DEFINITIONS, ids=lambda path: path.parent.name)
SCHEMA = json.loads((files("meltano") / "schemas" / "meltano.schema.json").read_text())
# The keys that the Hub's schema of an extractor or loader lets through, and those it insists on.
KNOWN = {
    *("name", "pip_url", "variant", "namespace", "label", "description", "executable", "settings"),
    *("docs", "repo", "logo_url", "hidden", "settings_group_validation", "commands"),
    *("capabilities", "metadata", "schema", "select", "maintenance_status", "domain_url"),
    *("keywords", "requires", "definition", "next_steps", "settings_preamble", "usage", "prereq"),
}
REQUIRED = {"name", "namespace", "variant", "label", "pip_url", "repo", "logo_url", "domain_url"}


def keys_in_order(value):
    """Whether the keys of every object in there are in the order of the alphabet."""
    if isinstance(value, dict):
        return list(value) == sorted(value) and all(map(keys_in_order, value.values()))
    return all(map(keys_in_order, value)) if isinstance(value, list) else True


def test_it_follows_from_what_the_connectors_say_of_themselves():
    assert len(DEFINITIONS) == len(hub_docs.CONNECTORS)
    assert hub_docs.main(check=True) == 0


@BY_NAME
def test_each_definition_has_the_keys_that_the_hub_knows_in_order(path):
    definition = yaml.safe_load(path.read_text())
    assert REQUIRED <= definition.keys() <= KNOWN
    assert keys_in_order(definition)
    assert definition["name"] == path.parent.name
    assert definition["variant"] == path.stem


@BY_NAME
def test_each_setting_is_one_that_meltano_understands(path):
    schema = {**SCHEMA, **SCHEMA["$defs"]["base_setting"]}
    definition = yaml.safe_load(path.read_text())
    names = [setting["name"] for setting in definition["settings"]]
    for setting in definition["settings"]:
        jsonschema.validate(setting, schema)
        assert setting["description"]
    assert len(names) == len(set(names))
    assert all(set(group) <= set(names) for group in definition["settings_group_validation"])


@BY_NAME
def test_logo_and_maintainer_are_there(path):
    definition = yaml.safe_load(path.read_text())
    logo = hub_docs.HUB / "static" / definition["logo_url"].lstrip("/")
    assert logo.read_bytes().startswith(b"\x89PNG\r\n\x1a\n")
    maintainers = yaml.safe_load((hub_docs.HUB / "_data" / "maintainers.yml").read_text())
    assert maintainers[definition["variant"]].keys() == {"label", "name", "url"}
