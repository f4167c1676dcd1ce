"""A file of legacy dossiers or of their history: any table that offices keep, read through ``services.tables``."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from models.batch import BatchKind
from services.legacy.mapping import ColumnMapping, ColumnsMissingError, check_columns
from services.tables.book import Book, Row, fingerprint, open_book, read_file
from services.tables.header import Header, find_header
from services.tables.spool import Value
from services.tables.values import read_text


@dataclass(frozen=True, slots=True)
class Record:
    """One line of the file: its number as a spreadsheet shows it, its cells by our names, and all of it as given."""

    line: int
    cells: Mapping[str, Value]
    raw: str


@dataclass(frozen=True, slots=True)
class Source:
    """A sheet that can be read from any line on. ``fingerprint`` is the SHA-256 of the file, ``name`` that of it."""

    name: str
    book: Book
    sheet: int
    header: Header
    places: Mapping[str, int]
    mapping: ColumnMapping
    fingerprint: str
    size_bytes: int

    @property
    def path(self) -> Path:
        return self.book.path

    @property
    def left_out(self) -> list[str]:
        """Names of columns of the file that say nothing to us."""
        taken = set(self.places.values())
        return [name for place, name in enumerate(self.header.names) if name and place not in taken]

    @property
    def other_sheets(self) -> list[str]:
        """Names of sheets that are not read: each has to be imported as a file of its own."""
        return [sheet.name for place, sheet in enumerate(self.book.sheets) if place != self.sheet]

    def count(self) -> int:
        """Return how many lines there are to read."""
        return sum(1 for _ in self.book.rows(self.sheet, after=self.header.line))

    def records(self, *, after: int = 0) -> Iterator[Record]:
        """Yield the lines numbered above ``after``; constant memory."""
        for row in self.book.rows(self.sheet, after=max(after, self.header.line)):
            yield Record(row.line, self.mapping.read(self.places, row.cells), self._raw(row))

    def _raw(self, row: Row) -> str:
        return json.dumps([read_text(value) or "" for value in row.cells], ensure_ascii=False)


def open_source(path: Path, spool: Path, *, kind: BatchKind, mapping: ColumnMapping, name: str = "") -> Source:
    """Read the file at ``path`` into ``spool``; return its first sheet that has the columns ``kind`` needs.

    Raises: TableUnusableError, ColumnsMissingError.
    """
    book = read_file(path, spool, name=name or path.name)
    return _find_sheet(book, kind, mapping, (name or path.name, fingerprint(path), path.stat().st_size))


def reopen_source(spool: Path, *, kind: BatchKind, mapping: ColumnMapping) -> Source:
    """Return a source that was opened before, from its spool."""
    return _find_sheet(open_book(spool), kind, mapping, (spool.name, "", 0))


def _find_sheet(book: Book, kind: BatchKind, mapping: ColumnMapping, file: tuple[str, str, int]) -> Source:
    name, file_hash, size_bytes = file
    refusal: ColumnsMissingError | None = None
    for place, sheet in enumerate(book.sheets):
        header = find_header(sheet, book.head(place), mapping.knows)
        try:
            places = check_columns(mapping, kind, header.names if header else ())
        except ColumnsMissingError as error:
            refusal = refusal or error
            continue
        assert header is not None  # noqa: S101 -- columns were found in it
        return Source(name, book, place, header, places, mapping, file_hash, size_bytes)
    raise refusal or ColumnsMissingError(columns="procedure_code, received_at")
