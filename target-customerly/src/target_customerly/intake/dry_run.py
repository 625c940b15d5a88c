"""A dry run: what each stream would do, and what the first few upserts would change."""

from __future__ import annotations

import logging
from collections import Counter
from typing import TYPE_CHECKING, Any

from customerly.errors import ContactMissing, Refused

if TYPE_CHECKING:
    from collections.abc import Mapping

    from customerly.api import Api

    from target_customerly.ledger.summary import Summary
    from target_customerly.operations import Operation, Origin

logger = logging.getLogger("target-customerly")

_SAMPLES = 5  # upserts of a stream that are compared with what the API has


class DryRun:
    """Takes operations in place of the scheduler, and writes nothing.

    Args:
        api: Customerly, which is only read.
        summary: Counts what would be done.
    """

    def __init__(self, api: Api, summary: Summary) -> None:
        self._api = api
        self._summary = summary
        self._samples: Counter[str] = Counter()

    def take(self, resource: str, operation: Operation) -> None:
        """Count what would be done; of the first few upserts, say what would change.

        Args:
            resource: What the stream's records are.
            operation: What one of them asks for.

        Raises:
            CustomerlyError: The API can't be reached.
        """
        stream = operation.origin.stream
        self._summary.plan(stream, f"{operation.name} {resource}")
        if operation.action == "upsert" and self._samples[stream] < _SAMPLES:
            self._samples[stream] += 1
            line = operation.origin.line
            logger.info("%s line %d would %s", stream, line, self._difference(operation))

    def reject(self, origin: Origin, reason: str) -> None:
        """Say that a record would be rejected.

        Args:
            origin: The record as it came.
            reason: Why.
        """
        logger.warning("%s line %d would be rejected: %s", origin.stream, origin.line, reason)
        self._summary.count(origin.stream, rejected=1)

    def _difference(self, operation: Operation) -> str:
        """Name the fields that an upsert would change, without their values."""
        try:
            contact = self._api.get_contact(operation.collection, email=operation.email)
        except ContactMissing:
            return f"create a contact with {', '.join(_flat(operation.body)) or 'nothing else'}"
        except Refused as error:
            return f"meet a contact that can't be looked up: {error.reason}"
        present = _flat(contact)
        wanted = _flat(operation.body)
        changed = [name for name, value in wanted.items() if str(present.get(name)) != str(value)]
        return f"change {', '.join(changed)}" if changed else "change nothing"


def _flat(body: Mapping[str, Any]) -> dict[str, Any]:
    """Put attributes beside the fields, but for the address, which names the contact."""
    flat = {name: value for name, value in body.items() if name not in {"email", "attributes"}}
    attributes = body.get("attributes")
    if isinstance(attributes, dict):
        flat.update({f"attributes.{name}": value for name, value in attributes.items()})
    return flat
