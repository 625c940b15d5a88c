"""Validates records against their SCHEMA, in compiled code where that can be had."""

from __future__ import annotations

import logging
import re
from typing import TYPE_CHECKING, Any

import fastjsonschema
import jsonschema
import referencing
from referencing.exceptions import Unresolvable

if TYPE_CHECKING:
    from collections.abc import Callable

    from target_customerly.operations import Record

logger = logging.getLogger("target-customerly")


def _refuse(uri: str) -> object:
    raise ValueError(f"{uri} is not fetched")


_NOWHERE = dict.fromkeys(("http", "https", "ftp", "file", "data", ""), _refuse)
"""A SCHEMA's `$ref` stays inside the SCHEMA: no request leaves for whatever host it names."""


class Validator:
    """Checks the records of one stream.

    Args:
        schema: Its SCHEMA.
    """

    def __init__(self, schema: dict[str, Any]) -> None:
        self._complain = _compiled(schema) or _interpreted(schema)

    def complaint(self, record: Record) -> str | None:
        """Say what the SCHEMA has against a record, without showing its values.

        Args:
            record: The record.

        Returns:
            The complaint; None where the record fits.
        """
        return self._complain(record)


def _compiled(schema: dict[str, Any]) -> Callable[[Record], str | None] | None:
    """Compile a SCHEMA; None where that is beyond fastjsonschema, as with some patterns."""
    try:
        validate: Callable[[Record], object] = fastjsonschema.compile(
            schema, handlers=_NOWHERE, use_default=False, use_formats=False
        )
    except Exception as error:  # noqa: BLE001 - the compiler raises whatever its code raises
        logger.debug("A SCHEMA is not compiled: %s", error)
        return None

    def complain(record: Record) -> str | None:
        try:
            validate(record)
        except fastjsonschema.JsonSchemaValueException as error:
            return _worded(error.path[1:], str(error.rule), error.rule_definition)
        return None

    return complain


def _interpreted(schema: dict[str, Any]) -> Callable[[Record], str | None]:
    """Validate with jsonschema, which is slower and takes every draft."""
    validator_class = jsonschema.validators.validator_for(
        schema, default=jsonschema.Draft202012Validator
    )
    registry: referencing.Registry[Any] = referencing.Registry()  # which fetches nothing
    validator = validator_class(schema, registry=registry)

    def complain(record: Record) -> str | None:
        try:
            error = jsonschema.exceptions.best_match(validator.iter_errors(record))
        except (Unresolvable, re.error) as broken:
            return f"the SCHEMA itself can't be used ({type(broken).__name__})"
        if error is None:
            return None
        return _worded(list(error.absolute_path), str(error.validator), error.validator_value)

    return complain


def _worded(path: list[Any], rule: str, definition: object) -> str:
    where = ".".join(str(part) for part in path) or "the record"
    return f"{where}: does not fit the SCHEMA ({rule}: {definition})"
