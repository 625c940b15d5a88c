"""What a run learns of the project and of the API while it sends."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field

from target_customerly.delivery.presence import Presence


@dataclass
class Known:
    """What was learned.

    Attributes:
        names_unknown: Whether `POST /tags` says that a contact is not there; None: not known.
        verifies: Whether contacts are looked up before they are tagged, where that is not known.
        presence: Which contacts are there.
        makes_bare_tags: Whether the API was seen to make a tag that no contact has.
        tags: Tags that this run has tied, so they are there.
        looked_up: Contacts that were looked up before they were tagged.
        tried: How often it was tried to find out `names_unknown`.
        lock: Held by whoever tries that.
    """

    names_unknown: bool | None = None
    verifies: bool = True
    presence: Presence = field(default_factory=Presence)
    makes_bare_tags: bool = False
    tags: set[str] = field(default_factory=set)
    looked_up: int = 0
    tried: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)
