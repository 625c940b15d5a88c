"""Stream maps whose expressions fail in one line, without the value that they failed on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from singer_sdk.exceptions import MapExpressionError
from singer_sdk.mapper import CustomStreamMap

if TYPE_CHECKING:
    import ast
    from collections.abc import Iterable

    from singer_sdk.mapper import StreamMap


class OneLineStreamMap(CustomStreamMap):
    """A stream map that names stream, property and expression where it can't evaluate one."""

    def _eval(
        self, expr: str, expr_parsed: ast.Expr, record: dict[str, Any], property_name: str | None
    ) -> str | int | float:
        # Overridden because the SDK lets most errors pass as they are, in a traceback that can
        # hold a contact's name.
        try:
            return super()._eval(expr, expr_parsed, record, property_name)
        except Exception as error:  # noqa: BLE001 - an expression can raise anything
            where = f"{self.stream_name}.{property_name or '__filter__'}"
            raise MapExpressionError(
                f"stream_maps: {where}: {expr} can't be evaluated for a record "
                f"({type(error).__name__}); mind values that are null or missing"
            ) from None


def in_one_line(stream_maps: Iterable[StreamMap]) -> None:
    """Let stream maps fail in one line.

    Args:
        stream_maps: As the SDK made them; it offers no place to say of which class.
    """
    for stream_map in stream_maps:
        if type(stream_map) is CustomStreamMap:
            stream_map.__class__ = OneLineStreamMap
