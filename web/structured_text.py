"""Official texts as pages show them: their own lines, indents by their own bullets, nothing taken as markup."""

import re

from markupsafe import Markup, escape

_MARK = re.compile(r"(?P<mark>\+\+|--|[-+•*–−])\s*(?=\S)")
_LEVELS = {"-": 1, "–": 1, "−": 1, "•": 1, "+": 2, "--": 2, "++": 3}
HEAD_LETTERS = 60
"""A longer line behind a star is a sentence and no heading."""
_NUMBER = re.compile(
    r"(?P<mark>(?:\(?[0-9]{1,2}(?:\.[0-9]{1,2})*|\(?[a-zđ]|\(?[ivx]{1,4})[.)])\s+(?=\S)", re.IGNORECASE
)
_STEP = re.compile(r"(?P<mark>(?:Bước|BƯỚC)\s+[0-9]{1,2}\s*[:.]?)\s*")


def structured(text: str | None) -> Markup:
    """Return ``text`` line by line as paragraphs, indented by what each begins with: -, +, ++, a), 1., Bước 1.

    Everything is escaped first: what looks like markup is shown as it was written.
    """
    lines = (line.strip() for line in (text or "").split("\n"))
    return Markup("").join(_paragraph(line) for line in lines if line)


def split_text(text: str, limit: int) -> tuple[str, str]:
    """Return the beginning of a long text, about ``limit`` characters, and the rest; the rest is "" if it fits.

    Broken at the end of a line if there is one in the second half of the beginning, else between two words.
    """
    if len(text) <= limit * 1.3:
        return text, ""
    at = text.rfind("\n", limit // 2, limit + 1)
    if at >= 0:
        return text[:at], text[at + 1 :]
    at = text.rfind(" ", limit // 2, limit + 1)
    at = limit if at < 0 else at
    return f"{text[:at].rstrip()} …", f"… {text[at:].lstrip()}"


def unbulleted(text: str) -> str:
    """Return ``text`` without the bullet it begins with, for places that have their own."""
    mark = _MARK.match(text)
    return text[mark.end() :] if mark else text


def _paragraph(line: str) -> Markup:
    if step := _STEP.match(line):
        return Markup('<p class="line line--step"><strong>{}</strong> {}</p>').format(step["mark"], line[step.end() :])
    if mark := _MARK.match(line):
        rest = line[mark.end() :]
        if mark["mark"] == "*" and len(rest) <= HEAD_LETTERS:
            return Markup('<p class="line line--head">{}</p>').format(rest)
        return _hanging(_LEVELS.get(mark["mark"], 0), "–" if mark["mark"] in "-–−" else mark["mark"], rest)
    if number := _NUMBER.match(line):
        return _hanging(0, number["mark"], line[number.end() :])
    return Markup('<p class="line">{}</p>').format(escape(line))


def _hanging(level: int, mark: str, rest: str) -> Markup:
    return Markup('<p class="line line--{}"><span class="line-mark">{}</span> <span>{}</span></p>').format(
        level, mark, rest
    )
