"""validate_records: compiled where that can be, interpreted where not; nothing is fetched."""

from __future__ import annotations

from typing import Any

import pytest
from target_customerly.validation import Validator

ANCHORED = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "properties": {"email": {"$ref": "#address"}},
    "$defs": {"any": {"$anchor": "address", "type": "string"}},
}


@pytest.mark.parametrize(
    "schema", [{"properties": {"email": {"type": "string"}}}, ANCHORED], ids=["plain", "anchored"]
)
def test_a_record_is_held_against_any_schema(schema: dict[str, Any]) -> None:
    validator = Validator(schema)
    assert validator.complaint({"email": "ada@example.com"}) is None
    complaint = validator.complaint({"email": 5})
    assert complaint is not None
    assert complaint.startswith("email: does not fit the SCHEMA")


@pytest.mark.parametrize(
    "broken", [{"pattern": "(?<"}, {"$ref": "http://127.0.0.1:9/schema.json"}, {"$ref": "#/no"}]
)
def test_a_schema_that_cant_be_used_says_so_and_fetches_nothing(broken: dict[str, Any]) -> None:
    complaint = Validator({"properties": {"email": broken}}).complaint({"email": "ada@x.org"})
    assert complaint is not None
    assert "SCHEMA itself" in complaint
