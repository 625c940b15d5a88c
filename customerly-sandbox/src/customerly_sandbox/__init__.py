"""A stateful stand-in for Customerly's API: real HTTP on loopback, nothing leaves the machine.

    with Sandbox(users=500, leads=200, seed=7) as sandbox:
        requests.get(f"{sandbox.url}/tags", headers={"Authorization": f"Bearer {sandbox.token}"})

`customerly sandbox` runs the same as a process of its own.
"""

from importlib import import_module
from importlib.metadata import version
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from customerly_sandbox.quirks import Quirks
    from customerly_sandbox.sandbox import Sandbox

__version__ = version("customerly-sandbox")
__all__ = ["Quirks", "Sandbox"]

_HOMES = {"Sandbox": "sandbox", "Quirks": "quirks"}


def __getattr__(name: str) -> object:
    """Load what the package exports when it is asked for: `customerly --help` needs no server."""
    if name not in _HOMES:
        raise AttributeError(name)
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
