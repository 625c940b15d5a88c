"""Text files: CSV, TSV and the like, of any delimiter, quoting and encoding."""

from __future__ import annotations

from functools import cached_property
from itertools import islice
from typing import TYPE_CHECKING, TextIO

from customerly.text import trimmed

from tap_contact_files.delimited import read_rows
from tap_contact_files.dialect import (
    Dialect,
    delimiters_in,
    detect_dialect,
    read_delimiter,
    shown,
)
from tap_contact_files.encoding import Encoding, detect_encoding, given_encoding
from tap_contact_files.errors import FileError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from tap_contact_files.options import FileOptions
    from tap_contact_files.row import Row

_SAMPLE_ROWS = 60
_SAMPLE_LETTERS = 8_000
_WINDOWS = {"cp1252": "windows-1252", "cp1250": "windows-1250", "cp1251": "windows-1251"}


class TextFile:
    """A delimited text file; see `Source`.

    Args:
        path: The file.
        options: How to read it.
    """

    elsewhere = ""  # all of a text file is one table
    warnings: Sequence[str] = ()

    def __init__(self, path: Path, options: FileOptions) -> None:
        self._path = path
        self._options = options

    @property
    def format(self) -> str:
        """What people call it."""
        return "TSV" if self.dialect.delimiter == "\t" else "CSV"

    @property
    def details(self) -> dict[str, str]:
        """How it is read."""
        name = self.encoding.name
        return {
            "encoding": _WINDOWS.get(name, name),
            "delimiter": shown(self.dialect.delimiter),
        }

    @property
    def delimiter(self) -> str:
        """What stands between two cells."""
        return self.dialect.delimiter

    @cached_property
    def encoding(self) -> Encoding:
        """Its encoding.

        Raises:
            FileError: The encoding that was given is unknown, or none can be told.
        """
        given = self._options.encoding
        if given:
            try:
                return given_encoding(self._path, given)
            except LookupError:
                raise FileError(
                    f"{self._path}: there is no encoding {given}; utf-8, utf-16, windows-1252 and "
                    "all others that Python knows can be given"
                ) from None
        found = detect_encoding(self._path)
        if found is None:
            raise FileError(
                f"{self._path}: is no workbook, and no text in an encoding that can be told: give "
                "its encoding, or save it as CSV in UTF-8, or as XLSX"
            )
        return found

    @cached_property
    def dialect(self) -> Dialect:
        """Its dialect.

        Raises:
            FileError: The delimiter that was given is no single character, or not in the header.
        """
        header, sample = self._sample()
        given = self._given_delimiter() or self._directive
        quotechar = self._options.quotechar
        if quotechar and len(quotechar) != 1:
            raise FileError(f"{self._path}: the quotechar must be a single character")
        if given and given not in header and delimiters_in(header):
            others = " or ".join(f'"{shown(other)}"' for other in delimiters_in(header))
            raise FileError(
                f'{self._path}: has no "{shown(given)}" in its header, `{header[:80]}`, but '
                f"{others}: is the delimiter right?"
            )
        return detect_dialect(header, sample, given, quotechar)

    @cached_property
    def _directive(self) -> str | None:
        """The delimiter that Excel writes into a line of its own, as `sep=;`, which it hides."""
        with self._open() as file:
            line = file.readline(16).rstrip("\r\n").strip('"')
        return line[4] if len(line) == 5 and line.lower().startswith("sep=") else None  # noqa: PLR2004

    def rows(self, width: int | None = None) -> Iterator[Row]:
        """Read the rows; see `Source`.

        Args:
            width: Cells of the header.

        Yields:
            Every row.

        Raises:
            FileError: A byte can't be in the encoding.
        """
        with self._open() as file:
            lines = islice(file, 1 if self._directive else 0, None)
            yield from read_rows(lines, self.dialect, width)

    def check(self) -> None:
        """See to it that all bytes can be read.

        Raises:
            FileError: A byte can't be in the encoding; it names the row.
        """
        if self.encoding.fits:
            return
        try:
            bad = (row.number for row in self.rows() if any(map(_is_damaged, row.cells)))
            row = next(bad, 1)
        except UnicodeError:  # not even its beginning can be read
            row = 1
        known = _WINDOWS.get(self.encoding.name, self.encoding.name)
        raise FileError(
            f"{self._path}, row {row}: holds bytes that can't be {known}: give the file's encoding "
            "(windows-1252 is what Excel on Windows writes), or save it as CSV in UTF-8"
        )

    def _given_delimiter(self) -> str | None:
        given = self._options.delimiter
        if not given:
            return None
        try:
            return read_delimiter(given)
        except ValueError:
            raise FileError(
                f"{self._path}: the delimiter must be a single character, or a name as tab"
            ) from None

    def _sample(self) -> tuple[str, str]:
        """Take the header's line, and some lines from it on."""
        with self._open() as file:
            lines = islice(file, 1 if self._directive else 0, None)
            wanted = self._options.header_row
            lines = islice(lines, wanted - 1, None) if wanted else lines
            header = next((line for line in lines if trimmed(line).strip(",;\t|")), "")
            rest = "".join(islice(lines, _SAMPLE_ROWS))
        sample = (header + rest)[:_SAMPLE_LETTERS].replace("\0", "")
        sample = sample.encode(errors="replace").decode()
        return header.rstrip("\r\n"), sample

    def _open(self) -> TextIO:
        encoding = self.encoding
        errors = "strict"
        if not encoding.fits:  # then it is only read to find the row
            errors = "replace" if encoding.name.startswith("utf-") else "surrogateescape"
        file = self._path.open(encoding=encoding.name, errors=errors, newline="")
        if file.read(1) != "\ufeff":
            file.seek(0)
        return file


def _is_damaged(cell: str | None) -> bool:
    return cell is not None and any(
        letter == "\ufffd" or "\udc80" <= letter <= "\udcff" for letter in cell
    )
