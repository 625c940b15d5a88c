"""target-postgres, with types for people who query; it needs the extra `postgres`.

Four things differ from the library's own target: a moment is a `timestamptz`, a list of objects is
`jsonb` and no `jsonb[]`, a missing object or list is SQL NULL and no JSON `null`, and tables and
columns have the schema's descriptions as comments.

A table that is there already keeps its types, whatever made it: a value is written in the form of
the column that it goes into.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

from sqlalchemy import Column, MetaData, Table, event
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, TIMESTAMP
from sqlalchemy.exc import ProgrammingError
from sqlalchemy.schema import SetColumnComment, SetTableComment
from target_postgres.connector import PostgresConnector
from target_postgres.sinks import PostgresSink
from target_postgres.target import TargetPostgres

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from singer_sdk.sql.connector import FullyQualifiedName, JSONSchemaToSQL
    from sqlalchemy.engine import Connection, Engine
    from sqlalchemy.schema import DDLElement
    from sqlalchemy.types import TypeEngine

_NULLABLE_JSON = JSONB(none_as_null=True)
_WITH_ZONE = TIMESTAMP(timezone=True)
_METADATA = {
    "_sdc_extracted_at": "When the tap read the record",
    "_sdc_received_at": "When the loader received the record",
    "_sdc_batched_at": "When the batch was begun that the record was loaded with",
    "_sdc_deleted_at": "When a full read found the record gone; null while it is there",
    "_sdc_sequence": "When the record was loaded, in milliseconds since 1970",
    "_sdc_table_version": "The full read that the record was last seen by",
    "_sdc_sync_started_at": "When the loader was started, in milliseconds since 1970",
}
"""What the columns are that the SDK adds, without a description."""


class WarehouseConnector(PostgresConnector):
    """The connector, with its choice of types."""

    @cached_property
    def jsonschema_to_sql(self) -> JSONSchemaToSQL:
        """The library's choice of types, but for moments, objects and lists."""
        types = super().jsonschema_to_sql
        types.register_format_handler("date-time", lambda _: _WITH_ZONE)
        types.register_type_handler("object", lambda _: _NULLABLE_JSON)
        types.register_type_handler("array", self._list_type)
        return types

    def _list_type(self, jsonschema: dict[str, Any]) -> TypeEngine[Any]:
        chosen = self._handle_array_type(jsonschema)
        return chosen if isinstance(chosen, ARRAY) and not _holds_json(chosen) else _NULLABLE_JSON

    def merge_sql_types(self, sql_types: Sequence[TypeEngine[Any]]) -> TypeEngine[Any]:
        """Choose the type of a column that is there already.

        Args:
            sql_types: The column's type, then the one that the schema asks for.

        Returns:
            The column's own where it can hold the values, else the library's choice.
        """
        held, wanted = sql_types
        if isinstance(held, JSONB) or (_holds_json(held) and isinstance(wanted, JSONB)):
            return held
        merged: TypeEngine[Any] = super().merge_sql_types(sql_types)
        return merged

    def create_engine(self) -> Engine:
        """Connect in UTC: a column without a zone holds that, whatever the server's zone is.

        Returns:
            The engine.
        """
        engine: Engine = super().create_engine()
        event.listen(engine, "begin", _in_utc)
        return engine

    def describe(self, full_table_name: str | FullyQualifiedName, schema: dict[str, Any]) -> Table:
        """Comment a table and its columns, where they have no comment yet.

        Args:
            full_table_name: The table.
            schema: The stream's schema, with descriptions.

        Returns:
            The table as it is.
        """
        _, schema_name, name = self.parse_full_table_name(full_table_name)
        with self._connect() as connection:
            table = Table(name, MetaData(), schema=schema_name, autoload_with=connection)
            try:
                for comment in _comments(table, schema):
                    connection.execute(comment)
                connection.commit()
            except ProgrammingError as error:  # the table is somebody else's
                self.logger.info("%s has no comments: %s", name, error.orig)
        return table

    def close(self) -> None:
        """Close the connections that are kept for the next query."""
        self._engine.dispose()


class WarehouseSink(PostgresSink):
    """The sink, on that connector."""

    connector_class = WarehouseConnector
    connector: WarehouseConnector

    def setup(self) -> None:
        """Make the table, or take the one that is there, and say in it what it holds."""
        super().setup()
        self._table = self.connector.describe(self.full_table_name, self.schema)

    def clean_up(self) -> None:
        """Close the connections: the SDK calls this when the input has ended."""
        super().clean_up()
        self.connector.close()

    def column_representation(self, schema: dict[str, Any]) -> list[Column[Any]]:
        """Say in which form each value is written.

        Overridden, since the library looks at the schema alone: a list would not go into a column
        that an earlier version made as `jsonb`.

        Args:
            schema: The stream's schema.

        Returns:
            A column a property.
        """
        held = self._table.columns
        return [
            Column(column.name, _written_as(held[column.name].type, column.type))
            for column in super().column_representation(schema)
        ]


class WarehouseTarget(TargetPostgres):
    """The target, on that sink: the same name and settings as the library's."""

    default_sink_class = WarehouseSink


def _holds_json(column: TypeEngine[Any]) -> bool:
    return isinstance(column, ARRAY) and isinstance(column.item_type, JSONB)


def _written_as(held: TypeEngine[Any], wanted: TypeEngine[Any]) -> TypeEngine[Any]:
    if isinstance(held, JSONB):
        return _NULLABLE_JSON
    return held if _holds_json(held) else wanted


def _comments(table: Table, schema: dict[str, Any]) -> Iterator[DDLElement]:
    """The comments that are missing."""
    if table.comment is None and (says := schema.get("description")):
        table.comment = says
        yield SetTableComment(table)
    for name, field in schema["properties"].items():
        column = table.columns[name]
        if column.comment is None and (says := field.get("description") or _METADATA.get(name)):
            column.comment = says
            yield SetColumnComment(column)


def _in_utc(connection: Connection) -> None:
    connection.exec_driver_sql("SET LOCAL TIME ZONE 'UTC'")
