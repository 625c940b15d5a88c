"""Who holds which conflict key, of the batches that are under way."""

from __future__ import annotations

from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Collection, Hashable, Set

    from target_customerly.operations import Shared

Holder = TypeVar("Holder")


class Holders(Generic[Holder]):
    """Who holds which key; not thread-safe.

    Of those that hold a key alone only the latest is remembered, see `batches`.
    """

    def __init__(self) -> None:
        self._owners: dict[Hashable, Holder] = {}
        self._sharers: dict[Hashable, dict[str, set[Holder]]] = {}

    def have_any(self, own: Set[Hashable], shared: Collection[Shared]) -> bool:
        """Tell whether somebody holds one of the keys in a way that conflicts.

        Args:
            own: Keys to hold alone.
            shared: Keys to share, with their modes.
        """
        owners, sharers = self._owners, self._sharers
        if not (owners.keys().isdisjoint(own) and sharers.keys().isdisjoint(own)):
            return True
        for key, mode in shared:
            modes = sharers.get(key, ())
            if key in owners or len(modes) > (mode in modes):
                return True
        return False

    def of(self, own: Collection[Hashable], shared: Collection[Shared]) -> tuple[set[Holder], ...]:
        """Find who holds one of the keys in a way that conflicts.

        Args:
            own: Keys to hold alone.
            shared: Keys to share, with their modes.

        Returns:
            Those that hold one alone, and those that share one in another mode.
        """
        owners, all_sharers = self._owners, self._sharers
        alone = {owners[key] for key in own if key in owners}
        alone.update(owners[key] for key, _ in shared if key in owners)
        sharing: set[Holder] = set()
        for key in own:
            sharing.update(*all_sharers.get(key, {}).values())
        for key, mode in shared:
            modes = all_sharers.get(key, {}).items()
            sharing.update(*(holders for other, holders in modes if other != mode))
        return alone, sharing

    def hold(self, holder: Holder, own: Collection[Hashable], shared: Collection[Shared]) -> None:
        """Let somebody hold keys, whoever else does.

        Args:
            holder: Who.
            own: Keys to hold alone.
            shared: Keys to share, with their modes.
        """
        self._owners.update(dict.fromkeys(own, holder))
        for key, mode in shared:
            self._sharers.setdefault(key, {}).setdefault(mode, set()).add(holder)

    def let_go(self, holder: Holder, own: Collection[Hashable], shared: Collection[Shared]) -> None:
        """Undo `hold`.

        Args:
            holder: Who.
            own: All keys that it held alone.
            shared: All keys that it shared.
        """
        for key in own:
            if self._owners.get(key) is holder:
                del self._owners[key]
        for key, mode in shared:
            modes = self._sharers[key]
            modes[mode].discard(holder)
            if not modes[mode]:
                del modes[mode]
            if not modes:
                del self._sharers[key]
