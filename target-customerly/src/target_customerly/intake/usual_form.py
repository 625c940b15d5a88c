"""The usual form of a contact's record, read in a few steps.

Most records hold an address, an id and a name that go out as they came, and attributes. One
pattern recognises the three together. Any other record is for `columns` and `values`, which make
the same of one that both can read (`tests/target/test_usual_form.py`).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from target_customerly.intake.addresses import LONGEST_ADDRESS, USUAL_ADDRESS, domain_complaint
from target_customerly.intake.resources.contacts import WRITES, Contact, Contacts
from target_customerly.intake.tag_cells import read_tags
from target_customerly.intake.values import NO_KEYS

if TYPE_CHECKING:
    from target_customerly.intake.columns import Columns
    from target_customerly.intake.resources import Context, Resource
    from target_customerly.operations import Operation, Origin, Record

_NO_KEY = "|".join(map(re.escape, sorted(NO_KEYS)))
_KEY = rf"(?!(?:{_NO_KEY})\n)[A-Za-z0-9](?:[A-Za-z0-9_:|-]*[A-Za-z0-9])?"  # nor a rounded number
_SEEN = r"[^\W\u115f\u1160\u3164\uffa0]"  # a letter or digit, but for letters that are blank
_NAME = rf"{_SEEN}(?:[^\r\n]{{0,498}}(?:{_SEEN}|[.)]))?"
_USUAL = re.compile(rf"{USUAL_ADDRESS}\n(?:{_KEY})?\n(?:{_NAME})?")
_TEXT_OR_NULL = frozenset({str, type(None)})
_ABSENT = "\0"  # no column is called so
_READ = frozenset({"email", "user_id", "name", "tags", "attributes"})


class UsualForm:
    """Reads the records of one stream that have the usual form.

    Args:
        columns: The stream's columns.
        resource: Users or leads.
        name: What is done: `upsert`, `insert` or `update`.
        context: The run, in which a blank cell clears nothing.
    """

    def __init__(self, columns: Columns, resource: Contacts, name: str, context: Context) -> None:
        self._columns = columns
        self._resource = resource
        self._operation = name
        self._context = context
        self._compile()

    def _compile(self) -> None:
        known = self._columns.known
        fields = {column.field: column.name for column in known if column.field in _READ}
        self._names = frozenset(column.name for column in known)
        self._email = fields.get("email", _ABSENT)
        self._user_id = fields.get("user_id", _ABSENT)
        self._name = fields.get("name", _ABSENT)
        self._tags = fields.get("tags", _ABSENT)
        self._of_cells = {
            column.name: column
            for column in known
            if column.attribute is not None or column.unwanted or column.field == "attributes"
        }
        self._unusual = [column.name for column in known if column.field not in {None, *_READ}]

    def operation(self, origin: Origin, record: Record) -> Operation | None:
        """Turn a record into an operation.

        Args:
            origin: Where the record came from.
            record: The record, after stream maps.

        Returns:
            The operation; None where the record has not the usual form.

        Raises:
            BadValue: A tag or an attribute can't be sent.
        """
        if not record.keys() <= self._names and not self._has_learned(record):
            return None
        for unusual in self._unusual:
            if record.get(unusual) is not None:
                return None
        email, user_id = record.get(self._email), record.get(self._user_id)
        name, tags = record.get(self._name), record.get(self._tags)
        if user_id.__class__ is int:
            user_id = str(user_id)
        classes = {email.__class__, user_id.__class__, name.__class__}
        if not (classes <= _TEXT_OR_NULL and email and len(email) <= LONGEST_ADDRESS):
            return None
        found = _USUAL.fullmatch(f"{email}\n{user_id or ''}\n{name or ''}")
        if found is None or domain_complaint(found[1]):
            return None
        if tags is not None and tags.__class__ is not list:
            return None
        of = self._of_cells
        cells = [(of[column], record[column]) for column in record if column in of]
        attributes = self._columns.attributes(cells) if cells else {}
        names = None if tags is None else read_tags("tags", tags)
        contact = Contact(email, user_id or None, name or None, names, attributes)
        return self._resource.write(origin, self._operation, contact, self._context)

    def _has_learned(self, record: Record) -> bool:
        """Take in columns that the SCHEMA does not name, once a record before has brought them."""
        if len(self._columns.known) > len(self._names):
            self._compile()
        return record.keys() <= self._names


def usual_form(
    columns: Columns, resource: Resource, name: str, context: Context
) -> UsualForm | None:
    """Make what reads the records of a stream that have the usual form.

    Args:
        columns: The stream's columns.
        resource: What its records are.
        name: What is done with them.
        context: The run.

    Returns:
        The reader; None where a record can't be read so.
    """
    fields = [column.field for column in columns.known if column.field]
    is_plain = len(set(fields)) == len(fields)  # else two columns are one name
    if not isinstance(resource, Contacts) or name not in WRITES or context.clears or not is_plain:
        return None
    return UsualForm(columns, resource, name, context)
