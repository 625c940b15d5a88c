"""Singer target for Customerly."""

from importlib.metadata import version

__version__ = version("target-customerly")
