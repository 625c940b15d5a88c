"""target-postgres, with a missing value as SQL NULL in every column; it needs the extra `postgres`.

The library's own type for objects and lists stores a missing one as JSON `null`, which `IS NULL`
does not find and no setting changes. How a value is stored follows from the stream's schema, not
from the table, so a table that the library's own target made needs no change.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy.dialects.postgresql import JSONB
from target_postgres.connector import PostgresConnector
from target_postgres.sinks import PostgresSink
from target_postgres.target import TargetPostgres

if TYPE_CHECKING:
    from sqlalchemy.types import TypeEngine


class NullConnector(PostgresConnector):
    """The connector, whose JSON columns know SQL NULL."""

    def to_sql_type(self, jsonschema_type: dict[str, Any]) -> TypeEngine[Any]:
        """Choose a column's type.

        Args:
            jsonschema_type: The property's JSON schema.

        Returns:
            The library's choice, but that a missing value is SQL NULL.
        """
        chosen: TypeEngine[Any] = super().to_sql_type(jsonschema_type)
        return JSONB(none_as_null=True) if isinstance(chosen, JSONB) else chosen


class NullSink(PostgresSink):
    """The sink, on that connector."""

    connector_class = NullConnector


class NullTargetPostgres(TargetPostgres):
    """The target, on that sink: the same name, settings and tables as the library's."""

    default_sink_class = NullSink
