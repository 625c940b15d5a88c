"""What the formats have in common, and which one a file is in: told by its bytes, not its name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol
from zipfile import ZipFile

from tap_contact_files.errors import UNREADABLE_ARCHIVE, FileError
from tap_contact_files.text_file import TextFile
from tap_contact_files.workbook import Workbook

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from tap_contact_files.options import FileOptions
    from tap_contact_files.row import Row

_WORKBOOKS = {b"PK\x03\x04": "XLSX", b"\xd0\xcf\x11\xe0": "XLS"}
_COMPRESSED = "is compressed: unpack it first"
_NO_TABLE = "is {kind}: save the table as CSV or XLSX"
_OTHERS = {
    **dict.fromkeys((b"\x1f\x8b", b"7z\xbc\xaf", b"Rar!", b"\xfd7zXZ", b"BZh"), _COMPRESSED),
    **dict.fromkeys((b'{"', b"[{", b"[[", b'["'), _NO_TABLE.format(kind="JSON")),
    b"%PDF": "is a PDF: save the table as CSV or XLSX",
    b"{\\rtf": _NO_TABLE.format(kind="a text document (RTF)"),
    b"BEGIN:VCARD": "is a vCard file: export the contacts as CSV",
    b"SQLite format 3": "is an SQLite database: export the table as CSV",
    b"MIME-Version:": "is a web archive: open it in a spreadsheet and save it as CSV or XLSX",
    b"<": "is an HTML or XML page, whatever its name says: open it in a spreadsheet and save it as "
    "CSV or XLSX",
    b"PAR1": "is a Parquet file: save it as CSV",
    b"PK\x05\x06": "is an empty archive",
}
_ARCHIVES = {
    "Index/": "is a Numbers document: export it as CSV or XLSX",
    "word/": "is a Word document: save its table as CSV or XLSX",
}
"""A member of an archive, or the folder that it is in, to what the archive is."""

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

    @property
    def warnings(self) -> Sequence[str]:
        """What a person who knows the file by sight may not expect."""

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
            f"{path}: is a pipe or device, which can't be read twice: save it to a file, or "
            "pipe it into `customerly import -`"
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
            _check_archive(path)
            return Workbook(path, options, _kind(head, kind))
    text = head.translate(None, _BLANK)
    for mark, problem in _OTHERS.items():
        if text.startswith(mark.translate(None, _BLANK)):
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


def _check_archive(path: Path) -> None:
    """Tell a workbook, which is a ZIP archive, from another; a damaged one is told of later."""
    try:
        with ZipFile(path) as archive:
            names = archive.namelist()
    except UNREADABLE_ARCHIVE:
        return
    for name, problem in _ARCHIVES.items():
        if any(member.startswith(name) for member in names):
            raise FileError(f"{path}: {problem}")
    if not {"[Content_Types].xml", "mimetype"} & set(names):
        raise FileError(f"{path}: is a ZIP archive: unpack it first, and give the file in it")


def _reason(path: Path, error: OSError) -> str:
    if path.is_dir():
        return "is a folder: give the file in it"
    return "there is no such file" if isinstance(error, FileNotFoundError) else str(error.strerror)
