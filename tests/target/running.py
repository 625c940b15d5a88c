"""Where `tests.support.target` was: import from there."""

from tests.support.run import Json as Message
from tests.support.run import Run, read_lines
from tests.support.target import record, run_command, run_target, schema, state

__all__ = [
    "Message",
    "Run",
    "read_lines",
    "record",
    "run_command",
    "run_target",
    "schema",
    "state",
]
