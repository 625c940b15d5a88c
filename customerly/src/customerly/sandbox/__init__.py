"""A stateful stand-in for Customerly's API: real HTTP on loopback, nothing leaves the machine.

    with Sandbox(users=500, leads=200, seed=7) as sandbox:
        requests.get(f"{sandbox.url}/tags", headers={"Authorization": f"Bearer {sandbox.token}"})

Needs the extra `sandbox` of the package.
"""

from customerly.sandbox.embedded import Sandbox
from customerly.sandbox.quirks import Quirks

__all__ = ["Quirks", "Sandbox"]
