"""The command `tap-customerly`, also as `python -m tap_customerly`."""

from __future__ import annotations

from customerly.deferred import UNUSED_BY_SINGER_RUNS, defer
from customerly.standard_streams import open_closed_streams

from tap_customerly.termination import signals_by_default


def main() -> None:
    """Run the command; a signal ends it without a traceback from its first moment to its last."""
    with signals_by_default():
        open_closed_streams()
        defer(*UNUSED_BY_SINGER_RUNS)
        from tap_customerly.tap import TapCustomerly

        TapCustomerly.cli()


if __name__ == "__main__":
    main()
