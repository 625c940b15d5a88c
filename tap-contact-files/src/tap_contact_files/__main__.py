"""The command `tap-contact-files`, also as `python -m tap_contact_files`."""

from __future__ import annotations

from customerly.deferred import UNUSED_BY_SINGER_RUNS, defer
from customerly.standard_streams import open_closed_streams


def main() -> None:
    """Run the command."""
    open_closed_streams()
    defer(*UNUSED_BY_SINGER_RUNS)
    from tap_contact_files.tap import TapContactFiles

    TapContactFiles.cli()


if __name__ == "__main__":
    main()
