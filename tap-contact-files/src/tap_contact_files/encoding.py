"""The encoding of a text file: found out from all of its bytes, or checked where it is given."""

from __future__ import annotations

import codecs
import re
import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING

from charset_normalizer import from_bytes

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_BLOCK = 1 << 20
_HEAD = 4096
_LEAST_NULS = 20  # in UTF-16, one byte of so many at least is a NUL
_SAMPLE = 64 << 10  # bytes of lines that hold something else than ASCII
_BYTE_ORDER_MARKS = {
    codecs.BOM_UTF32_LE: "utf-32",
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF8: "utf-8",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
_WESTERN = ("windows-1252", "mac_roman", "cp850", "cp1250")
"""What spreadsheets save text in on Windows, old Macs, DOS, and Windows in central Europe."""

_OTHER_SCRIPTS = (
    *("cp932", "euc_jp", "gb18030", "big5", "cp949"),
    *("cp1251", "koi8_r", "cp1253", "cp1255", "cp1256", "cp874"),
)
_MULTIBYTE = re.compile(
    rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}"
)
_HIGH = re.compile(rb"[\x80-\xff]")
_WORD = re.compile(r"[^\W\d_]+")
_MUCH = 0.2  # of the characters beyond ASCII
_PLAIN_LETTERS = 0.4  # of the letters of words that are not all ASCII
_SEEN_IN_WORDS = frozenset("’‘–—®™°´`")
_OPENING = frozenset("‚„“‘¿¡")


@dataclass(frozen=True)
class Encoding:
    """An encoding.

    Attributes:
        name: As Python knows it.
        fits: Whether all of the file's bytes can be read by it.
    """

    name: str
    fits: bool = True


def given_encoding(path: Path, name: str) -> Encoding:
    """Check an encoding that was given.

    Args:
        path: The file.
        name: By any name that Python knows.

    Returns:
        The encoding.

    Raises:
        LookupError: There is none of that name.
    """
    codec = codecs.lookup(name).name
    "".encode(codec)  # a codec that is none of text, as base64, is a LookupError here
    with path.open("rb") as file:
        head = file.read(_HEAD)
    marked = _marked(head)
    wide = codec.startswith(("utf-16", "utf-32"))
    if marked and not codec.startswith(marked):
        return Encoding(codec, fits=False)
    if wide and not marked:
        codec = codec if codec.endswith(("-le", "-be")) else f"{codec}-le"
    return Encoding(codec, bool(marked or _wide(head)) == wide and _fits(path, codec))


def detect_encoding(path: Path) -> Encoding | None:
    """Find out a file's encoding.

    Args:
        path: The file.

    Returns:
        The encoding; None where the bytes are text in none that can be told.
    """
    with path.open("rb") as file:
        head = file.read(_HEAD)
    if marked := _marked(head):
        return Encoding(marked, _fits(path, marked))
    if wide := _wide(head):
        return _checked(path, wide)
    if _fits(path, "utf-8"):
        return Encoding("utf-8")
    if b"\0" in head:  # no text
        return None
    sample = b"".join(_lines_beyond_ascii(path))
    if len(_MULTIBYTE.findall(sample)) >= len(_HIGH.findall(_MULTIBYTE.sub(b"", sample))):
        return Encoding("utf-8", fits=False)
    return _checked(path, _western(sample) or _other_script(sample))


def _checked(path: Path, name: str | None) -> Encoding | None:
    return Encoding(name, _fits(path, name)) if name else None


def _marked(head: bytes) -> str | None:
    marks = _BYTE_ORDER_MARKS.items()
    return next((name for mark, name in marks if head.startswith(mark)), None)


def _fits(path: Path, name: str) -> bool:
    decoder = codecs.getincrementaldecoder(name)()
    try:
        with path.open("rb") as file:
            while block := file.read(_BLOCK):
                decoder.decode(block)
            decoder.decode(b"", final=True)
    except UnicodeError:
        return False
    return True


def _wide(head: bytes) -> str | None:
    """Tell UTF-16 without a byte order mark by where its NULs stand: most letters have one."""
    even, odd = head[::2].count(0), head[1::2].count(0)
    if max(even, odd) * _LEAST_NULS < len(head) or min(even, odd) * 10 > max(even, odd):
        return None
    return "utf-16-le" if odd > even else "utf-16-be"


def _lines_beyond_ascii(path: Path) -> Iterator[bytes]:
    left = _SAMPLE
    with path.open("rb") as file:
        for line in file:
            if not line.isascii():
                yield line[:left]
                left -= len(line)
                if left <= 0:
                    return


def _western(sample: bytes) -> str | None:
    """Choose the Latin encoding in which words look most like words."""
    oddities: dict[str, int] = {}
    texts: dict[str, str] = {}
    for name in _WESTERN:
        try:
            texts[name] = text = sample.decode(name)
        except UnicodeDecodeError:
            continue
        oddities[name] = sum(map(_oddities, text.split()))
    if not oddities:
        return None
    best = min(oddities, key=oddities.__getitem__)
    if oddities[best] > _MUCH * len(_HIGH.findall(sample)) or not _is_latin(texts[best]):
        return None
    central = oddities.get("cp1250") == oddities[best] and texts[best] != texts["cp1250"]
    return "cp1250" if central and _is_rather_central(sample) else best


def _is_rather_central(sample: bytes) -> bool:
    """Tell, where words look as well either way, whether the language is of central Europe."""
    found = from_bytes(_long(sample), cp_isolation=["cp1252", "cp1250"])
    coherence = {match.encoding: match.coherence for match in found}
    return coherence.get("cp1250", 0.0) > coherence.get("cp1252", 0.0)


def _oddities(chunk: str) -> int:
    """Count the characters that no word of a Latin script has where they stand."""
    if chunk.isascii():
        return 0
    neighbours = zip(" " + chunk, chunk, chunk[1:] + " ", strict=False)
    return sum(_is_odd(*each) for each in neighbours if not each[1].isascii())


def _is_odd(before: str, letter: str, after: str) -> bool:
    if letter.isalpha():
        return letter.isupper() and (before.islower() or (before.isalpha() and after.islower()))
    if letter in _OPENING:
        return before.isalpha()
    if letter == "”":
        return after.isalpha()
    kind = unicodedata.category(letter)[0]
    if letter in _SEEN_IN_WORDS or kind not in "SNPC":
        return False
    return kind == "C" or any(other.isalpha() or not other.isascii() for other in (before, after))


def _is_latin(text: str) -> bool:
    """Tell words of a Latin script by the ASCII letters between the others."""
    words = [word for word in _WORD.findall(text) if not word.isascii()]
    letters = sum(map(len, words))
    plain = sum(letter.isascii() for word in words for letter in word)
    return not letters or plain >= _PLAIN_LETTERS * letters


def _other_script(sample: bytes) -> str | None:
    best = from_bytes(_long(sample), cp_isolation=list(_OTHER_SCRIPTS)).best()
    return best.encoding if best else None


def _long(sample: bytes) -> bytes:
    """Repeat a short text: charset-normalizer is surer of a long one."""
    return sample * (1 + 2048 // max(1, len(sample)))
