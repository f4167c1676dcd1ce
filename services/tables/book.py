"""Files of rows: ``read_file`` takes whatever an office keeps its lists in and gives a book of sheets.

Nothing of a file is trusted: bytes, rows and cells are bounded, workbooks are parsed in a confined process
(``confined.py``), formulas are never computed. What was read is kept as a spool, from which rows come in constant
memory, from any row on, under the numbers that a spreadsheet shows.
"""

import hashlib
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from services.tables import confined, text_file
from services.tables.errors import (
    TableDamagedError,
    TableEmptyError,
    TableFormatUnknownError,
    TableLockedError,
    TableTooLargeError,
)
from services.tables.spool import Row, Sheet, SpoolWriter, read_index, read_rows

__all__ = ["Book", "Row", "Sheet", "open_book", "read_file"]

_ROOT = Path(__file__).resolve().parents[2]
_GZIP, _ZIP, _OLE = b"\x1f\x8b", b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_OTHER_FORMATS = (b"%PDF", b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"{\\rtf", b"MZ", b"\x7fELF", b"Rar!", b"7z\xbc\xaf")
_SECONDS = 90


@dataclass(frozen=True, slots=True)
class Book:
    """A file that was read: where its rows are kept, its sheets that hold any, and what its reader should know.

    ``notices`` are message ids, such as that the file was not Unicode.
    """

    path: Path
    sheets: tuple[Sheet, ...]
    notices: tuple[str, ...]

    def rows(self, sheet: int = 0, *, after: int = 0) -> Iterator[Row]:
        """Yield the rows of a sheet that hold something and are numbered above ``after``; constant memory."""
        return read_rows(self.path, self.sheets[sheet], after=after)

    def head(self, sheet: int = 0, count: int = 40) -> list[Row]:
        """Return the first ``count`` rows of a sheet."""
        return [row for row, _ in zip(self.rows(sheet), range(count), strict=False)]


def read_file(path: Path, target: Path, *, name: str = "") -> Book:
    """Read the CSV, XLSX, XLS, ODS or gzipped CSV at ``path`` into the spool ``target``; return the book.

    The content decides what it is, not ``name``, which only gives a CSV's single sheet its name. Visible sheets come
    before hidden ones. ``target`` exists only where this returns.
    Raises: TableUnusableError of the kind that says what is wrong and what to do.
    """
    try:
        _spool(path, target, name or path.name)
        book = open_book(target)
        if not book.sheets:
            raise TableEmptyError
        return book
    except BaseException:
        target.unlink(missing_ok=True)
        raise


def open_book(target: Path) -> Book:
    """Return the book that an earlier ``read_file`` kept at ``target``."""
    sheets, notices = read_index(target)
    kept = sorted((sheet for sheet in sheets if sheet.rows), key=lambda sheet: sheet.is_hidden)
    return Book(target, tuple(kept), tuple(notices))


def fingerprint(path: Path) -> str:
    """Return the SHA-256 of a file."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _spool(path: Path, target: Path, name: str) -> None:
    with path.open("rb") as stream:
        start = stream.read(8)
    if not start:
        raise TableEmptyError
    if start.startswith((_ZIP, _OLE)):
        _spool_workbook(path, target)
        return
    if start.startswith(_OTHER_FORMATS):
        raise TableFormatUnknownError
    with TemporaryDirectory(dir=target.parent) as folder:
        source = path
        if start.startswith(_GZIP):
            source = Path(folder) / "unpacked"
            text_file.unpack_text(path, source)
        with target.open("wb") as output:
            writer = SpoolWriter(output)
            notices = text_file.spool_text(source, writer)
            writer.sheets[0].name = Path(name.removesuffix(".gz")).stem or name
            writer.close(notices)


def _spool_workbook(path: Path, target: Path) -> None:
    command = [sys.executable, "-m", "services.tables.confined", str(path.resolve()), str(target.resolve())]
    try:
        ended = subprocess.run(  # noqa: S603 -- our own module, our own paths
            command, cwd=_ROOT, capture_output=True, timeout=_SECONDS, check=False, env={}
        )
    except subprocess.TimeoutExpired:
        raise TableTooLargeError(rows=100_000) from None
    if ended.returncode == 0:
        return
    if ended.returncode == confined.LOCKED:
        raise TableLockedError
    if ended.returncode in (confined.DAMAGED, 1):
        raise TableDamagedError
    raise TableTooLargeError(rows=100_000)  # stopped at one of its bounds
