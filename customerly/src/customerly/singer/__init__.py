"""What tap and target share as Singer plug-ins; it needs the extra `singer`."""

from customerly.singer.config import connection_complaints, read_object, schema_complaints
from customerly.singer.plugin import (
    USER_CAUSED,
    OneLineCommand,
    OneLinePlugin,
    forget_output,
)

__all__ = [
    "USER_CAUSED",
    "OneLineCommand",
    "OneLinePlugin",
    "connection_complaints",
    "forget_output",
    "read_object",
    "schema_complaints",
]
