"""`python -m tap_customerly` is the command `tap-customerly`."""

from tap_customerly.tap import TapCustomerly

if __name__ == "__main__":
    TapCustomerly.cli()
