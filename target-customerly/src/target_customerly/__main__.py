"""The command `target-customerly`, which a signal can end from its first moment on."""

import os
import sys

from customerly.deferred import UNUSED_BY_SINGER_RUNS, defer
from customerly.standard_streams import open_closed_streams

from target_customerly import signals


def main() -> None:
    """Run the command."""
    signals.end_at_once()  # until everything is imported there is nothing to finish
    open_closed_streams()
    defer(*UNUSED_BY_SINGER_RUNS)
    from target_customerly.target import TargetCustomerly

    try:
        TargetCustomerly.cli()
    except SystemExit as end:
        if end.code in signals.EXIT_CODES:
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(int(end.code))  # whatever a thread still waits for
        raise


if __name__ == "__main__":
    main()
