"""`python -m target_customerly` is the command `target-customerly`."""

from target_customerly.target import TargetCustomerly

if __name__ == "__main__":
    TargetCustomerly.cli()
