"""The dialect of a text file: what stands between its cells, and around them."""

from __future__ import annotations

import re
from dataclasses import dataclass

_USUAL = ",;\t|"
USUAL_DELIMITER = re.compile(f"[{_USUAL}]")
_RARE = "^~:\x1f\x1e\x01§¦!#*"
_MAY_ESCAPE = re.compile(r"\\['\"]")
_NAMES = {"\t": "tab", " ": "blank", "\x1f": "U+001F", "\x1e": "U+001E", "\x01": "U+0001"}
_BY_NAME = {
    "tab": "\t",
    "\\t": "\t",
    "comma": ",",
    "semicolon": ";",
    "pipe": "|",
    "space": " ",
}


@dataclass(frozen=True)
class Dialect:
    """How a text file's rows are cut into cells.

    Attributes:
        delimiter: Between two cells.
        quotechar: Around a cell.
        escapechar: Before a quote that is part of the cell; None where quotes are doubled.
        skips_blanks: Whether blanks stand between a delimiter and a quote.
    """

    delimiter: str
    quotechar: str = '"'
    escapechar: str | None = None
    skips_blanks: bool = False


def read_delimiter(given: str) -> str:
    r"""Read a delimiter as a person gives it.

    Args:
        given: One character, or a name of one, as `tab` or `\t`.

    Returns:
        The character.

    Raises:
        ValueError: It is no single character.
    """
    delimiter = _BY_NAME.get(given.strip().lower(), given)
    if len(delimiter) != 1 or delimiter in "\r\n":
        raise ValueError(given)
    return delimiter


def shown(delimiter: str) -> str:
    """Word a delimiter for a message.

    Args:
        delimiter: The character.

    Returns:
        As `;` or `tab`.
    """
    return _NAMES.get(delimiter, delimiter)


def detect_dialect(
    header: str, sample: str, delimiter: str | None = None, quotechar: str | None = None
) -> Dialect:
    """Find out a file's dialect; only characters that the header holds can be its delimiter.

    Args:
        header: The line of the column names.
        sample: That line and some below it.
        delimiter: Where it was given.
        quotechar: Where it was given.

    Returns:
        The dialect.
    """
    outside = re.sub(r'"[^"]*"', "", header)
    candidates = [delimiter] if delimiter else delimiters_in(outside)
    chosen = candidates[0] if candidates else ","
    escapes = False
    if len(candidates) > 1 or (candidates and _MAY_ESCAPE.search(sample)):
        from clevercsv import Detector  # late: it takes longer to load than most files to read

        found = Detector().detect(sample, delimiters=candidates)
        chosen = (found.delimiter if found else "") or max(candidates, key=outside.count)
        escapes = found is not None and found.escapechar == "\\"
    quote = quotechar or ("'" if _is_quoted(header, chosen, "'") else '"')
    backslash = escapes and f"\\{quote}" in sample
    blanks = re.search(f"{re.escape(chosen)} +{re.escape(quote)}", sample)
    return Dialect(chosen, quote, "\\" if backslash else None, skips_blanks=bool(blanks))


def delimiters_in(header: str) -> list[str]:
    """Name the characters of a header that can be its delimiter.

    Args:
        header: The line of the column names.

    Returns:
        The usual ones; where there is none, rare ones.
    """
    usual = [letter for letter in _USUAL if letter in header]
    return usual or [letter for letter in _RARE if letter in header[1:]]  # `#` begins a remark


def _is_quoted(header: str, delimiter: str, quote: str) -> bool:
    cells = [cell.strip() for cell in header.strip().split(delimiter)]
    return all(len(cell) > 1 and cell[0] == cell[-1] == quote for cell in cells)
