"""Which words of a text were taken out and which were put in, for two texts that are read side by side."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

_WORDS = re.compile(r"\S+\s*|\s+")
_LINES = re.compile(r"[^\n]*\n|[^\n]+")
_MOST = 1500  # pieces that are compared; a longer text is compared by lines
_KEPT = 120  # characters kept on each side of an unchanged stretch that is longer than both together
_LEAST_ALIKE = 0.25


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of text, and whether the other side lacks it."""

    text: str
    is_changed: bool


def word_differences(before: str, after: str) -> tuple[Sequence[Piece], Sequence[Piece]]:
    """Return both texts in pieces; long stretches that both have are cut short in their middle.

    Texts with little in common come back whole and unmarked: there is nothing to tell apart word by word.
    """
    old, new = _split(before, after)
    if max(len(old), len(new)) > _MOST:
        return [Piece(before, is_changed=False)], [Piece(after, is_changed=False)]
    matcher = SequenceMatcher(None, old, new, autojunk=False)
    if matcher.ratio() < _LEAST_ALIKE:
        return [Piece(before, is_changed=False)], [Piece(after, is_changed=False)]
    left: list[Piece] = []
    right: list[Piece] = []
    for kind, start, end, other_start, other_end in matcher.get_opcodes():
        for pieces, tokens in ((left, old[start:end]), (right, new[other_start:other_end])):
            if tokens:
                pieces += _pieces("".join(tokens), is_changed=kind != "equal")
    return left, right


def _pieces(text: str, *, is_changed: bool) -> list[Piece]:
    if not is_changed:
        return [Piece(_shortened(text), is_changed=False)]
    words = text.rstrip()  # a mark ends with its last word
    blank = text[len(words) :]
    return [Piece(part, is_changed=part is words) for part in (words, blank) if part]


def _split(before: str, after: str) -> tuple[list[str], list[str]]:
    words = _WORDS.findall(before), _WORDS.findall(after)
    if max(len(words[0]), len(words[1])) <= _MOST:
        return words
    return _LINES.findall(before), _LINES.findall(after)


def _shortened(text: str) -> str:
    return text if len(text) <= 3 * _KEPT else f"{text[:_KEPT]} … {text[-_KEPT:]}"
