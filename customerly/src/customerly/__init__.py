"""Customerly's API: the one place of these packages that speaks HTTP."""

from importlib.metadata import version

__version__ = version("customerly")
