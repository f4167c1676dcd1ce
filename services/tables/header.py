"""Where the table begins: which row names the columns, among titles, notes and merged headings."""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

from models.text import fold, normalise
from services.tables.spool import Row, Sheet, Value
from services.tables.values import read_text

SEARCHED_ROWS = 30
_LONGEST_NAME = 120


@dataclass(frozen=True, slots=True)
class Header:
    """The names of the columns: ``line`` is the last row they stand on, the data begin behind it.

    ``names`` has one per column, "" for a column without. A name under a heading that spans several columns is
    written "heading / name". Names that occur twice get " (2)".
    """

    line: int
    names: tuple[str, ...]

    @property
    def fingerprint(self) -> str:
        """The same for every file with these columns, however they are accented or spaced."""
        return hashlib.sha256("\n".join(fold(name) for name in self.names).encode()).hexdigest()


def find_header(sheet: Sheet, head: Sequence[Row], knows: Callable[[str], bool] = lambda name: False) -> Header | None:
    """Return the header of a sheet from its first rows; None where no row can be one.

    ``knows`` says of a folded name whether it names something that is looked for: the row with most of them wins.
    Without any, it is the first row that is as wide as the table and holds nothing but different short texts.
    """
    rows = [row for row in head[:SEARCHED_ROWS] if _could_name(row)]
    if not rows:
        return None
    recognised = [(sum(knows(fold(name)) for name in _texts(row)), -row.line) for row in rows]
    best = max(range(len(rows)), key=lambda n: recognised[n])
    if recognised[best][0] >= 1:
        return header_at(sheet, head, rows[best].line)
    wide = max((len(_texts(row)) for row in head[:SEARCHED_ROWS]), default=0)
    for row in rows:
        if len(_texts(row)) * 5 >= wide * 3:
            return header_at(sheet, head, _below(sheet, head, row))
    return None


def header_at(sheet: Sheet, head: Sequence[Row], line: int) -> Header:
    """Return the header whose names stand on ``line``, with the headings that span several of them above it."""
    by_line = {row.line: row for row in head}
    cells = by_line[line].cells if line in by_line else ()
    own = [_name(value) for value in cells]
    above = _headings(sheet, by_line.get(line - 1), line - 1)
    width = max(len(own), len(above))
    own += [""] * (width - len(own))
    above += [""] * (width - len(above))
    joined = [_joined(heading, name) for heading, name in zip(above, own, strict=True)]
    while joined and not joined[-1]:
        joined.pop()
    return Header(line, _told_apart(joined))


def _joined(heading: str, name: str) -> str:
    if heading and name and fold(heading) != fold(name):
        return f"{heading} / {name}"
    return name or heading


def _headings(sheet: Sheet, row: Row | None, line: int) -> list[str]:
    """Return what the row above the names adds to each column: only headings that were merged over them.

    A title over the whole width says nothing about a column; a cell merged downwards names the column itself.
    """
    if row is None:
        return []
    found = [""] * sheet.width
    for top, left, bottom, right in sheet.merged:
        if not top <= line <= bottom or left > len(row.cells) or right - left + 1 >= sheet.width > 2:
            continue
        name = _name(row.cells[left - 1]) if top == line else ""
        for column in range(left - 1, min(right, sheet.width)):
            found[column] = name
    return found


def _below(sheet: Sheet, head: Sequence[Row], row: Row) -> int:
    """Return the line of the names: the row below, where cells of ``row`` are merged over several columns."""
    spans = [m for m in sheet.merged if m[0] == row.line == m[2] and 1 < m[3] - m[1] + 1 < sheet.width]
    follows = any(other.line == row.line + 1 and _could_name(other) for other in head)
    return row.line + 1 if spans and follows else row.line


def _texts(row: Row) -> list[str]:
    return [name for value in row.cells if (name := _name(value))]


def _could_name(row: Row) -> bool:
    """Return whether a row could hold names: at least one, all short texts, no dates or numbers, few repeated."""
    filled = [value for value in row.cells if value is not None]
    if not filled or any(isinstance(value, bool | float | date) for value in filled):
        return False
    texts = [read_text(value) or "" for value in filled]
    years_only = [value for value in filled if isinstance(value, int) and not 1900 <= value <= 2200]
    if years_only or any(len(text) > _LONGEST_NAME for text in texts):
        return False
    return len({fold(text) for text in texts}) * 2 > len(texts)


def _name(value: Value) -> str:
    return normalise(read_text(value) or "")[:_LONGEST_NAME]


def _told_apart(names: Sequence[str]) -> tuple[str, ...]:
    seen: dict[str, int] = {}
    result = []
    for name in names:
        seen[fold(name)] = seen.get(fold(name), 0) + 1
        count = seen[fold(name)]
        result.append(f"{name} ({count})" if name and count > 1 else name)
    return tuple(result)
