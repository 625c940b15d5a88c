"""What a resource is, and what several of them read alike."""

from __future__ import annotations

import abc
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from target_customerly.intake import values
from target_customerly.intake.addresses import address
from target_customerly.intake.values import BadValue, is_empty

if TYPE_CHECKING:
    from target_customerly.operations import Operation, Origin, Record
    from target_customerly.ordering.keys import KeyMaker


@dataclass(frozen=True)
class Context:
    """What a resource needs to know of the run.

    Attributes:
        keys: Makes the keys of operations.
        clears: Whether a blank cell clears a field (`empty_values`).
        inlines_tags: Whether tags travel inside an upsert.
    """

    keys: KeyMaker
    clears: bool
    inlines_tags: bool


class Resource(abc.ABC):
    """A kind of thing that records can be applied as.

    Attributes:
        name: As in `streams`.
        operations: What can be done, the default first.
        fields: The fields of a record.
        key: Of which one is needed, so that a record can be applied at all.
        is_contact: Whether a record is a contact, so that its stream can have a tag or be mirrored.
        has_attributes: Whether further columns are custom attributes.
        read_only: Columns that are left out.
        by_key_alone: Operations for which nothing but what names the contact is read.
    """

    name: ClassVar[str]
    operations: ClassVar[tuple[str, ...]]
    fields: ClassVar[tuple[str, ...]]
    key: ClassVar[tuple[str, ...]]
    is_contact: ClassVar[bool] = False
    has_attributes: ClassVar[bool] = False
    read_only: ClassVar[frozenset[str]] = frozenset({"additional_fields"})
    by_key_alone: ClassVar[frozenset[str]] = frozenset({"delete", "unsubscribe"})

    def chosen(self, fields: Record, default: str) -> str:
        """Say which operation a record asks for.

        Args:
            fields: The record's fields.
            default: What its stream does.

        Returns:
            What its `_operation` says; else `delete` where `_sdc_deleted_at` is set; else the
            default.

        Raises:
            BadValue: The resource has no such operation.
        """
        if "_operation" not in fields and "_sdc_deleted_at" not in fields:
            return default  # what nearly every record wants
        own, deleted = fields.get("_operation"), fields.get("_sdc_deleted_at")
        if is_empty(own):
            name = default if is_empty(deleted) else "delete"
        else:
            name = str(own).strip().lower()
        if name not in self.operations:
            raise BadValue(
                f"_operation: {self.name} can {' or '.join(self.operations)}, nothing else"
            )
        return name

    def add_tag(self, operation: Operation, tag: str, context: Context) -> None:
        """Tag the contact that a record is about with the tag of its stream.

        Args:
            operation: What the record asks for.
            tag: The stream's `tag`.
            context: The run.

        Raises:
            BadValue: A record is no contact.
        """
        del operation, context  # what only contacts need
        raise BadValue(f"tag: {self.name} can't be tagged with {tag}: only contacts can")

    @abc.abstractmethod
    def operation(
        self, origin: Origin, name: str, fields: Record, attributes: Record, context: Context
    ) -> Operation:
        """Turn a record's values into an operation.

        Args:
            origin: Where the record came from.
            name: What is to be done, one of `operations`.
            fields: The fields' values as they came.
            attributes: The attributes as they go out.
            context: The run.

        Returns:
            The operation.

        Raises:
            BadValue: A value is missing or can't be sent.
        """


def text_of(fields: Record, name: str) -> str | None:
    """Read a field that holds text.

    Args:
        fields: A record's fields.
        name: The field.

    Returns:
        The text; None where it is blank or not there.

    Raises:
        BadValue: It holds no text.
    """
    value = fields.get(name)
    return None if is_empty(value) else values.text(name, value)


def key_of(fields: Record, name: str) -> str | None:
    """Read a field that holds a key.

    Args:
        fields: A record's fields.
        name: The field.

    Returns:
        The key without blanks around it; None where it is blank or not there.

    Raises:
        BadValue: It holds no text, or one that a spreadsheet has rounded.
    """
    value = fields.get(name)
    return None if is_empty(value) else values.key(name, value)


def contact_of(fields: Record) -> tuple[str | None, str | None]:
    """Read what names a contact.

    Args:
        fields: A record's fields.

    Returns:
        The address, and the user id; None for what is blank or not there.

    Raises:
        BadValue: One of them is none.
    """
    email = fields.get("email")
    checked = None if is_empty(email) else address("email", email)
    return checked, key_of(fields, "user_id")
