"""The form in which a file that was read is kept: one JSON array per row, and an index at the end.

Whatever a file was (CSV, XLSX, XLS), everything after it was read once works on its spool: in constant memory, from
any row on, without touching the foreign format again. Knows the standard library only, because the process that
reads workbooks has nothing else.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import IO, Any, TypeAlias

Value: TypeAlias = str | int | float | bool | date | datetime | time | None
"""What a cell holds; a datetime without a zone is as the file says it."""

MARK_EVERY = 500
_TRAILER = 21  # digits of the index's place, and the end of the line


@dataclass(frozen=True, slots=True)
class Row:
    """One row: its number as a spreadsheet shows it (from 1), and its cells without the empty ones at the end."""

    line: int
    cells: tuple[Value, ...]


@dataclass(slots=True)
class Sheet:
    """One sheet: its name, how many rows hold something, the widest of them, and where reading may start."""

    name: str
    is_hidden: bool = False
    rows: int = 0
    width: int = 0
    merged: list[tuple[int, int, int, int]] = field(default_factory=list)
    marks: list[tuple[int, int]] = field(default_factory=list)


class SpoolWriter:
    """Writes sheets and their rows one after the other; ``close`` adds the index, without which nothing can be read."""

    def __init__(self, target: IO[bytes]) -> None:
        self._target = target
        self._place = 0
        self.sheets: list[Sheet] = []

    def begin(self, sheet: Sheet) -> None:
        self.sheets.append(sheet)

    def add(self, line: int, cells: Sequence[Any]) -> None:
        """Write one row of the sheet begun last; a row without any value is left out."""
        values = [stored(value) for value in cells]
        while values and values[-1] is None:
            values.pop()
        if not values:
            return
        sheet = self.sheets[-1]
        if sheet.rows % MARK_EVERY == 0:
            sheet.marks.append((line, self._place))
        sheet.rows += 1
        sheet.width = max(sheet.width, len(values))
        data = json.dumps([line, *values], ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")
        self._place += self._target.write(data + b"\n")

    def close(self, notices: Sequence[Any] = ()) -> None:
        index = {"sheets": [asdict(sheet) for sheet in self.sheets], "notices": list(notices)}
        self._target.write(json.dumps(index, ensure_ascii=False).encode("utf-8", "replace") + b"\n")
        self._target.write(f"{self._place:020d}\n".encode())


def read_index(path: Path) -> tuple[list[Sheet], list[Any]]:
    """Return the sheets of a spool and what was noted while it was written."""
    with path.open("rb") as stream:
        stream.seek(-_TRAILER, 2)
        stream.seek(int(stream.read()))
        index = json.loads(stream.readline())
    sheets = [
        Sheet(**{**sheet, "marks": [tuple(mark) for mark in sheet["marks"]], "merged": [tuple(m) for m in merged]})
        for sheet in index["sheets"]
        for merged in (sheet["merged"],)
    ]
    return sheets, index["notices"]


def read_rows(path: Path, sheet: Sheet, *, after: int = 0) -> Iterator[Row]:
    """Yield the rows of ``sheet`` numbered above ``after``, in their order."""
    places = [place for line, place in sheet.marks if line <= after] or [place for _, place in sheet.marks[:1]]
    if not places:
        return
    skipped = sum(1 for line, _ in sheet.marks if line <= after)
    left = sheet.rows - MARK_EVERY * max(skipped - 1, 0)
    with path.open("rb") as stream:
        stream.seek(places[-1])
        for _ in range(left):
            data = stream.readline()
            if int(data[1 : data.index(b",")]) > after:
                line, *values = json.loads(data)
                yield Row(line, tuple(restored(value) for value in values))


def stored(value: Any) -> Any:
    """Return ``value`` as JSON holds it; what JSON has no form for stands in an object named by its type."""
    if value is None or value == "":
        return None
    if isinstance(value, float):
        return int(value) if value.is_integer() and abs(value) < 1e15 else value
    if isinstance(value, bool | int):
        return value
    if isinstance(value, str):
        return value if value.strip() else None
    if isinstance(value, datetime):
        return {"datetime": value.isoformat()}
    if isinstance(value, date):
        return {"date": value.isoformat()}
    if isinstance(value, time):
        return {"time": value.isoformat()}
    return _as_hours(value) if isinstance(value, timedelta) else str(value)


def _as_hours(span: timedelta) -> str:
    """Return a span of time as spreadsheets show it: ``30:00:00``."""
    minutes, seconds = divmod(round(span.total_seconds()), 60)
    return f"{minutes // 60}:{minutes % 60:02d}:{seconds:02d}"


_TYPES: dict[str, Any] = {
    "datetime": datetime.fromisoformat,
    "date": date.fromisoformat,
    "time": time.fromisoformat,
}


def restored(value: Any) -> Value:
    """Return what ``stored`` made JSON of."""
    if isinstance(value, dict):
        ((name, text),) = value.items()
        return _TYPES[name](text)
    return value
