"""Where `tests.support.tap` was: import from there."""

from tests.support.run import Run
from tests.support.tap import discovered, run_command, run_tap, selecting

__all__ = ["Run", "discovered", "run_command", "run_tap", "selecting"]
