"""Modules that are loaded when something of them is first called.

The Singer SDK imports some at its start that a run seldom needs, and they take nearly as long to
load as all the rest.
"""

from __future__ import annotations

import sys
from functools import partial
from importlib import import_module
from types import ModuleType
from typing import Any

UNUSED_BY_SINGER_RUNS = ("backoff", "chardet", "joblib", "upath")
"""What serves the SDK's own HTTP streams, answers of an unknown encoding, targets that drain
several sinks at once, and BATCH files."""


class _Deferred(ModuleType):
    """Stands for a module of which nothing but functions and classes to be called is imported."""

    def __getattr__(self, name: str) -> partial[Any]:
        if name.startswith("__"):
            raise AttributeError(name)
        return partial(self._call, name)

    def _call(self, name: str, *args: object, **kwargs: object) -> object:
        if sys.modules.get(self.__name__) is self:
            del sys.modules[self.__name__]
        return getattr(import_module(self.__name__), name)(*args, **kwargs)


def defer(*names: str) -> None:
    """Let modules wait until something of them is called.

    Args:
        names: Top-level modules; one that is loaded already stays.
    """
    for name in names:
        sys.modules.setdefault(name, _Deferred(name))
