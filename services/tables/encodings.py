"""Which encoding a text file is in: Unicode first, then the two that Vietnamese offices used before it."""

import codecs
import unicodedata
from pathlib import Path

_BLOCK = 1 << 20
_SAMPLE = 1 << 16

_LETTERS = (
    "àáảãạăằắẳẵặâầấẩẫậđèéẻẽẹêềếểễệìíỉĩịòóỏõọôồốổỗộơờớởỡợùúủũụưừứửữựỳýỷỹỵĂÂÊÔƠƯĐ",
    "µ¸¶·¹¨»¾¼½Æ©ÇÊÈÉË®ÌÐÎÏÑªÒÕÓÔÖ×ÝØÜÞßãáâä«åèæçé¬êíëìîïóñòô\u00adõøö÷ùúûýüþ¡¢£¤¥¦§",
)
_TCVN = str.maketrans(_LETTERS[1], _LETTERS[0])
"""TCVN 5712 (the ".VnTime" fonts): what its bytes mean, written as the Latin-1 letters they look like elsewhere."""

_VIETNAMESE = frozenset(_LETTERS[0] + _LETTERS[0].upper())

_MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))


def find_encoding(path: Path) -> str:
    """Return the encoding of a text file: "utf-8-sig", "utf-8", "utf-16", "utf-16-le", "utf-16-be", "cp1258", "tcvn".

    The last two are guessed by which of them reads as Vietnamese.
    """
    with path.open("rb") as stream:
        sample = stream.read(_SAMPLE)
    for mark, name in _MARKS:
        if sample.startswith(mark):
            return name
    if sample.count(0, 1, None) * 4 > len(sample):
        zeros_first = sample[0::2].count(0) > sample[1::2].count(0)
        return "utf-16-be" if zeros_first else "utf-16-le"
    if _is_utf8(path):
        return "utf-8"
    return max(("cp1258", "tcvn"), key=lambda name: _likeness(decode(sample, name)))


def decode(data: bytes, encoding: str) -> str:
    """Return ``data`` as text; what the encoding does not know becomes the replacement character, never nothing."""
    if encoding == "tcvn":
        return data.decode("latin-1").translate(_TCVN)
    return data.decode(encoding, "replace")


def translate(text: str, encoding: str) -> str:
    """Return text that Python read for ``encoding`` (see ``python_name``) as it was meant."""
    return text.translate(_TCVN) if encoding == "tcvn" else text


def python_name(encoding: str) -> str:
    """Return the codec that reads ``encoding`` before ``translate``."""
    return "latin-1" if encoding == "tcvn" else encoding


def _is_utf8(path: Path) -> bool:
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        with path.open("rb") as stream:
            while block := stream.read(_BLOCK):
                decoder.decode(block)
            decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _likeness(text: str) -> float:
    """Return which part of the letters beyond ASCII is Vietnamese."""
    foreign = [char for char in unicodedata.normalize("NFC", text) if ord(char) > 127]
    return sum(char in _VIETNAMESE for char in foreign) / len(foreign) if foreign else 0.0
