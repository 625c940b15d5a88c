"""A file, and what must come of it; nobody in it is real."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

ADA, LIN, MO = "ada@example.com", "lin@example.com", "mo@example.com"


@dataclass(frozen=True)
class Case:
    """A file.

    Args:
        name: Its name.
        content: Its bytes, or what writes it.
        contacts: Address to what must then be stored of the contact, or a part of it.
        rejected: Row to a part of the reason.
        blank: Blank rows.
        error: A part of the line with which the import ends before anything is sent.
        options: Of `customerly import`.
    """

    name: str
    content: bytes | Callable[[Path], None]
    contacts: dict[str, dict[str, Any]] = field(default_factory=dict)
    rejected: dict[int, str] = field(default_factory=dict)
    blank: int = 0
    error: str = ""
    options: tuple[str, ...] = ()

    def write(self, folder: Path) -> Path:
        """Write the file into a folder."""
        path = folder / self.name
        if callable(self.content):
            self.content(path)
        else:
            path.write_bytes(self.content)
        return path

    def __str__(self) -> str:
        return self.name


def named(**names: str) -> dict[str, dict[str, Any]]:
    """Contacts of which only the name matters."""
    return {f"{who}@example.com": {"name": name} for who, name in names.items()}


def encoded(text: str, encoding: str = "utf-8") -> bytes:
    return text.encode(encoding)
