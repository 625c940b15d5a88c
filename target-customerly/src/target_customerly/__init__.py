"""Singer target for Customerly."""


def __getattr__(name: str) -> str:
    """Read the version when it is asked for: the command must be able to end before that."""
    if name != "__version__":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib.metadata import version

    return version("target-customerly")
