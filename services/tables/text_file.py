"""CSV and its relatives: any delimiter, any encoding of Vietnamese offices, read as a stream."""

import csv
import gzip
import re
import zlib
from collections import Counter
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from models.base import _
from services.tables.encodings import find_encoding, python_name, translate
from services.tables.errors import CellTooLongError, TableDamagedError, TableTooLargeError
from services.tables.spool import Sheet, SpoolWriter

MOST_BYTES = 1 << 30
"""Unpacked size of a compressed file: more is a mistake or an attack."""
MOST_CELL = 4 << 20
"""Characters of one cell or one physical line; longer than any text a person writes."""
MOST_ROWS = 2_000_000

READ_AS_OLD = {
    "cp1258": _("The file is not Unicode; it was read as Windows-1258. Check the accents below."),
    "tcvn": _("The file is not Unicode; it was read as TCVN3 (.VnTime). Check the accents below."),
}
READ_WITH_LOSS = _("Some characters of the file could not be read and are shown as �. Save it as UTF-8 to keep them.")

_DELIMITERS = (",", ";", "\t", "|")
_SAMPLE_LINES = 40

csv.field_size_limit(MOST_CELL)  # the module's own default would refuse long cells with an error of its own


def spool_text(path: Path, writer: SpoolWriter) -> list[str]:
    """Write the rows of a text file to ``writer`` as one sheet; return what its reader should know (message ids).

    Raises: CellTooLongError where a quote that never closes would swallow the rest of the file.
    """
    encoding = find_encoding(path)
    notices = [READ_AS_OLD[encoding]] if encoding in READ_AS_OLD else []
    delimiter, has_declaration = _find_delimiter(path, encoding)
    writer.begin(Sheet(path.stem))
    rows = csv.reader(_lines(path, encoding), delimiter=delimiter)
    has_loss = False
    try:
        for number, cells in enumerate(rows, 1):
            if number > MOST_ROWS:
                raise TableTooLargeError(rows=MOST_ROWS)
            has_loss = has_loss or any("\ufffd" in cell for cell in cells)
            if not (has_declaration and number == 1):
                writer.add(number, cells)
    except csv.Error:
        raise CellTooLongError(line=rows.line_num, most=MOST_CELL >> 20) from None
    return [*notices, READ_WITH_LOSS] if has_loss else notices


def unpack_text(path: Path, target: Path) -> None:
    """Write the unpacked bytes of a gzip file to ``target``, within bounds."""
    size = 0
    try:
        with gzip.open(path) as packed, target.open("wb") as output:
            while block := packed.read(1 << 20):
                size += len(block)
                if size > MOST_BYTES:
                    raise TableTooLargeError(rows=MOST_ROWS)
                output.write(block)
    except (EOFError, OSError, zlib.error):
        raise TableDamagedError from None


def _lines(path: Path, encoding: str) -> Iterator[str]:
    """Yield the physical lines; a quoted cell may go over several of them."""
    with path.open(encoding=python_name(encoding), errors="replace", newline="") as stream:
        number = 0
        while line := stream.readline(MOST_CELL + 1):
            number += 1
            if len(line) > MOST_CELL:
                raise CellTooLongError(line=number, most=MOST_CELL >> 20)
            yield translate(line, encoding)


def _find_delimiter(path: Path, encoding: str) -> tuple[str, bool]:
    """Return what separates the cells, and whether the first line does nothing but say so (``sep=;``)."""
    lines = list(islice(_lines(path, encoding), _SAMPLE_LINES))
    if lines and (declared := re.fullmatch(r'"?sep=([,;|\t])"?', lines[0].strip("\r\n"))):
        return declared[1], True
    return max(_DELIMITERS, key=lambda delimiter: _regularity(lines, delimiter)), False


def _regularity(lines: list[str], delimiter: str) -> tuple[int, int]:
    """Return how well ``delimiter`` splits the lines: many columns count more than many lines.

    Titles above a table often hold commas, all of them the same few.
    """
    try:
        widths = Counter(len(row) for row in csv.reader(lines, delimiter=delimiter))
    except csv.Error:
        return 0, 0
    scores = [((width - 1) ** 2 * count, width) for width, count in widths.items() if width > 1]
    return max(scores, default=(0, 0))
