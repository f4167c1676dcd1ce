"""Vietnamese text: one folding for search, one key for sorting names."""

import unicodedata

_VOWEL_ORDER = "aăâbcdđeêfghijklmnoôơpqrstuưvwxyz"
_TONE_ORDER = {"\u0300": 1, "\u0309": 2, "\u0303": 3, "\u0301": 4, "\u0323": 5}
_LETTER_MARKS = {"\u0306", "\u0302", "\u031b"}  # breve, circumflex, horn: part of the letter, not a tone


_INVISIBLE = {code: None for code in (*range(32), *range(127, 160)) if not chr(code).isspace()}


def normalise(text: str) -> str:
    """Return ``text`` in NFC, its runs of white space as single blanks, without blanks at the ends.

    Control characters go: no keyboard writes them, and PostgreSQL refuses the null character.
    """
    return " ".join(unicodedata.normalize("NFC", text.translate(_INVISIBLE)).split())


def fold(text: str) -> str:
    """Return the search form of ``text``: case and accents gone, đ as d, single blanks.

    "Hoà", "Hòa" and the decomposed spelling of either give "hoa". Source: design decision 12.
    """
    decomposed = unicodedata.normalize("NFD", text.casefold().replace("đ", "d"))
    return " ".join("".join(c for c in decomposed if unicodedata.category(c) != "Mn").split())


def search_document(*parts: str | None) -> str:
    """Return what a row stores to be found by: its folded parts with a blank at both ends.

    The blanks let a two-letter word such as "Lê" be found as a whole word by a three-letter index.
    """
    return f" {fold(' '.join(part for part in parts if part).replace('|', ' '))} "


def _letters(word: str) -> list[tuple[int, int]]:
    """Return (letter rank, tone rank) per letter of ``word``, in the order of the Vietnamese alphabet."""
    letters: list[tuple[int, int]] = []
    for char in unicodedata.normalize("NFC", word.casefold()):
        parts = unicodedata.normalize("NFD", char)
        base = unicodedata.normalize("NFC", parts[0] + "".join(m for m in parts[1:] if m in _LETTER_MARKS))
        tone = next((_TONE_ORDER[m] for m in parts[1:] if m in _TONE_ORDER), 0)
        rank = _VOWEL_ORDER.find(base)
        letters.append((rank + 100 if rank >= 0 else min(ord(base[0]), 90), tone))
    return letters


def sort_key(text: str) -> str:
    """Return a string whose plain order is the Vietnamese dictionary order of ``text``.

    Letters decide first, tones (level, huyền, hỏi, ngã, sắc, nặng) only between equal letters.
    Source: CLDR collation vi. Stored, because neither database's collation can be relied on.
    """
    words = [_letters(word) for word in text.split()]
    letters = " ".join("".join(chr(33 + rank % 200) if rank < 93 else chr(rank) for rank, _ in word) for word in words)
    tones = " ".join("".join(str(tone) for _, tone in word) for word in words)
    return f"{letters}!{tones}"


def name_sort_key(full_name: str) -> str:
    """Return the sort key of a person's name: given name first, then family and middle names."""
    words = normalise(full_name).split()
    return sort_key(" ".join([words[-1], *words[:-1]])) if words else ""
