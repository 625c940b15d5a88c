"""Customerly's API: the one place of these packages that speaks HTTP."""

from __future__ import annotations

DEFAULT_API_URL = "https://api.customerly.io/v1"


def __getattr__(name: str) -> str:
    """Look the version up when it is asked for: that takes longer than all the rest."""
    if name != "__version__":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")

    from importlib.metadata import version

    return version("customerly")
