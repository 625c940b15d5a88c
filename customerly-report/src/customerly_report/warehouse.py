"""Asking the models."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy
from sqlalchemy import text

if TYPE_CHECKING:
    from typing import Self

Row = dict[str, Any]


class Warehouse:
    """A warehouse with models, for a `with` block.

    Args:
        url: Its address, as SQLAlchemy has it.
        schema: Where the models are.
        project: One project of many; None: all together.
        attribute: The attribute to show; None: the first that there is.
    """

    def __init__(
        self, url: str, schema: str, *, project: str | None = None, attribute: str | None = None
    ) -> None:
        self._engine = sqlalchemy.create_engine(url)
        self._schema = schema
        self._values = {"project": project, "attribute": attribute}

    def __enter__(self) -> Self:
        self._connection = self._engine.connect()
        self._connection.execute(text("SET TIME ZONE 'UTC'"))
        self._tables = set(sqlalchemy.inspect(self._connection).get_table_names(self._schema))
        return self

    def __exit__(self, *_: object) -> None:
        self._connection.close()
        self._engine.dispose()

    @property
    def attribute(self) -> str | None:
        """The name of the attribute that is shown."""
        if self._values["attribute"] is None:
            first = self.ask("customerly__attributes", "SELECT min(attribute) AS name FROM {model}")
            self._values["attribute"] = first[0]["name"] if first else None
        return self._values["attribute"]

    def ask(self, model: str, question: str) -> list[Row] | None:
        """The answer to a question about a model.

        Args:
            model: The model's name.
            question: SQL with `{model}`, `:attribute`, and `{chosen}` for the project's rows.

        Returns:
            Rows; None where the model has not been built.
        """
        if model not in self._tables:
            return None
        quote = self._connection.dialect.identifier_preparer.quote
        sql = question.format(
            model=f"{quote(self._schema)}.{quote(model)}",
            chosen="(CAST(:project AS text) IS NULL OR project = :project)",
        )
        values = {name: self._values[name] for name in self._values if f":{name}" in sql}
        return [dict(row) for row in self._connection.execute(text(sql), values).mappings()]
