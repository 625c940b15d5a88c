"""What the formats have in common, and which one a file is in: told by its bytes, not its name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from tap_contact_files.errors import FileError
from tap_contact_files.text_file import TextFile
from tap_contact_files.workbook import Workbook

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tap_contact_files.options import FileOptions
    from tap_contact_files.row import Row

_WORKBOOKS = {b"PK\x03\x04": "XLSX", b"\xd0\xcf\x11\xe0": "XLS"}
_OTHERS = {
    b"\x1f\x8b": "is compressed: unpack it first",
    b"%PDF": "is a PDF: save the table as CSV or XLSX",
    b"<": "is an HTML or XML page, whatever its name says: open it in a spreadsheet and save it as "
    "CSV or XLSX",
    **dict.fromkeys((b"[{", b"[\n", b"[\r", b'{"'), "is JSON: save the table as CSV or XLSX"),
    b"PAR1": "is a Parquet file: save it as CSV",
    b"PK\x05\x06": "is an empty archive",
}
_BLANK = b"\xef\xbb\xbf \t\r\n"


class Source(Protocol):
    """The rows of one file."""

    @property
    def details(self) -> dict[str, str]:
        """How it is read, as `{"encoding": "utf-8", "delimiter": ";"}`."""

    @property
    def format(self) -> str:
        """What people call it, as `CSV`."""

    @property
    def delimiter(self) -> str | None:
        """What stands between two cells of a text file; None for a workbook."""

    @property
    def elsewhere(self) -> str:
        """What to say of other places where rows may be, as in another sheet."""

    def check(self) -> None:
        """See to it that all of the file can be read.

        Raises:
            FileError: It can't.
        """

    def rows(self, width: int | None = None) -> Iterator[Row]:
        """Read the rows from the first one on.

        Args:
            width: Cells of the header, where it is known.

        Returns:
            Every row, blank ones too.
        """


def open_source(path: Path, options: FileOptions) -> Source:
    """Open a file.

    Args:
        path: The file.
        options: How to read it.

    Returns:
        Its rows.

    Raises:
        FileError: It can't be read, or is of no format that this package reads.
    """
    if path.exists() and not (path.is_file() or path.is_dir()):
        raise FileError(
            f"{path}: is a pipe or device, which can't be read twice: save it to a file"
        )
    try:
        with path.open("rb") as file:
            head = file.read(512)
    except OSError as error:
        raise FileError(f"{path}: {_reason(path, error)}") from None
    if not head:
        raise FileError(f"{path}: is empty")
    for mark, kind in _WORKBOOKS.items():
        if head.startswith(mark):
            return Workbook(path, options, _kind(head, kind))
    text = head.lstrip(_BLANK)
    for mark, problem in _OTHERS.items():
        if text.startswith(mark):
            raise FileError(f"{path}: {problem}")
    return TextFile(path, options)


def in_words(source: Source) -> str:
    """Say how a file is read.

    Args:
        source: Its rows.

    Returns:
        As `CSV, encoding utf-8, delimiter ";"`.
    """
    details = (
        f"{name} {says}" if len(says) > 1 else f'{name} "{says}"'
        for name, says in source.details.items()
    )
    return ", ".join((source.format, *details))


def _kind(head: bytes, kind: str) -> str:
    return "ODS" if b"opendocument" in head else kind


def _reason(path: Path, error: OSError) -> str:
    if path.is_dir():
        return "is a folder: give the file in it"
    return "there is no such file" if isinstance(error, FileNotFoundError) else str(error.strerror)
