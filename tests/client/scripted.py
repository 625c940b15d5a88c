"""Where `tests.support.stub` was: import from there."""

from tests.support.stub import HANG_UP, StubServer, answer, ok

ScriptedServer = StubServer
__all__ = ["HANG_UP", "ScriptedServer", "answer", "ok"]
