"""Keeps the state's file up to date while the sandbox runs."""

from __future__ import annotations

import asyncio
import logging
import time
from typing import TYPE_CHECKING

from customerly_sandbox.models.persistence import save

if TYPE_CHECKING:
    from pathlib import Path

    from customerly_sandbox.project import Project

_log = logging.getLogger(__name__)

_PAUSE = 1.0
"""Seconds between two looks whether something changed."""
_SHARE = 20
"""Saving takes at most one part in so many of the time."""


async def keep_saved(project: Project, path: Path) -> None:
    """Save whenever something changed, until cancelled."""
    saved: tuple[object, ...] = ()
    pause = _PAUSE
    while True:
        await asyncio.sleep(pause)
        store = project.store
        changes = (id(store), store.history.total, store.moments, store.next_number)
        if changes == saved:
            continue
        start = time.monotonic()
        try:
            save(store, path)
        except OSError as error:
            _log.warning("The sandbox's state is not saved: %s", error)
        saved = changes
        pause = max(_PAUSE, _SHARE * (time.monotonic() - start))
