"""What a run learns of the project and of the API while it sends."""

from __future__ import annotations

from dataclasses import dataclass, field

from target_customerly.delivery.presence import Presence


@dataclass
class Known:
    """What was learned.

    Attributes:
        presence: Which contacts are there.
        makes_bare_tags: Whether the API was seen to make a tag that no contact has.
    """

    presence: Presence = field(default_factory=Presence)
    makes_bare_tags: bool = False
