"""Tables written as a stream: CSV and XLSX row by row in constant memory, harmless in any spreadsheet.

A cell that a spreadsheet could take for a formula gets an apostrophe before it; numbers and days are typed in XLSX
and written so that every spreadsheet and our own import read them in CSV. Source: security checklist 1.2.10.
"""

import csv
import io
import re
import zipfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import islice
from typing import Any, Literal, Protocol
from xml.sax.saxutils import escape

from services.localtime import LOCAL_ZONE

Kind = Literal["text", "number", "date", "datetime"]
Format = Callable[[Sequence[Any]], Sequence[Any]]
"""Makes of the values of a column what the file holds; whole columns at a time, because a million calls cost."""

CHUNK = 1000

HARMFUL = frozenset("=+-@\t\r\n\0＝＋－＠")
"""What begins a formula somewhere; the wide forms are taken for the narrow ones by East Asian spreadsheets."""

SHEET_ROWS = 1_048_576
SHEET_BYTES = 1_500_000_000
"""A sheet ends here: beyond 2 GiB a ZIP file needs an extension that not every spreadsheet reads."""

_SEVEN_HOURS = timedelta(hours=7)
_FIXED_SINCE = 1976
_EPOCH_ORDINAL = date(1899, 12, 30).toordinal()
_FIRST_DAY = 61
"""The first of March 1900: spreadsheets count a day before it that never was."""
CELL_LENGTH = 32_767
"""Characters that a spreadsheet's cell may hold."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its heading, and of which kind its values are (None always means an empty cell)."""

    label: str
    kind: Kind = "text"


class TableWriter(Protocol):
    """Writes one table: ``write`` takes rows whose columns have passed through ``format_of`` their kind."""

    media_type: str
    extension: str

    def format_of(self, kind: Kind) -> Format: ...
    def begin(self, columns: Sequence[Column]) -> bytes: ...
    def write(self, rows: Iterable[Sequence[Any]]) -> bytes: ...
    def end(self) -> bytes: ...


def harmless(text: str) -> str:
    """Return ``text`` so that no spreadsheet runs it; ``unguarded`` takes the apostrophe off again."""
    return f"'{text}" if text[:1] in HARMFUL and text else text


def unguarded(text: str) -> str:
    """Return ``text`` as it was before ``harmless``."""
    return text[1:] if text[:1] == "'" and text[1:2] in HARMFUL and len(text) > 1 else text


def write_table(writer: TableWriter, columns: Sequence[Column], rows: Iterable[Sequence[Any]]) -> Iterator[bytes]:
    """Yield the bytes of a table whose values are plain Python values of their column's kind, as they come."""
    formats = [writer.format_of(column.kind) for column in columns]
    yield writer.begin(columns)
    waiting = iter(rows)
    while chunk := list(islice(waiting, CHUNK)):
        yield writer.write(formatted(formats, chunk))
    yield writer.end()


def formatted(formats: Sequence[Format], rows: Sequence[Sequence[Any]]) -> Iterable[Sequence[Any]]:
    """Return ``rows`` with each of their columns made by its format."""
    values = zip(*rows, strict=True)
    return zip(*(make(column) for make, column in zip(formats, values, strict=True)), strict=True)


def _local(value: datetime) -> datetime:
    """Return an instant (aware, or UTC without saying so) on the centre's clock: UTC+7 since 1976."""
    if value.year > _FIXED_SINCE and (value.tzinfo is None or value.tzinfo is UTC):
        return value + _SEVEN_HOURS
    return (value if value.tzinfo else value.replace(tzinfo=UTC)).astimezone(LOCAL_ZONE)


# --- CSV ------------------------------------------------------------------------------------------------------


class CsvWriter:
    """CSV in UTF-8 with a byte order mark, so that spreadsheets read the accents; days as 2016-12-31."""

    media_type = "text/csv; charset=utf-8"
    extension = "csv"

    def __init__(self) -> None:
        self._out = io.StringIO()
        self._writer = csv.writer(self._out)

    def format_of(self, kind: Kind) -> Format:
        return _CSV_FORMATS[kind]

    def begin(self, columns: Sequence[Column]) -> bytes:
        self._out.write("\ufeff")
        return self.write([[harmless(column.label) for column in columns]])

    def write(self, rows: Iterable[Sequence[Any]]) -> bytes:
        self._writer.writerows(rows)
        data = self._out.getvalue().encode("utf-8", "replace")
        self._out.seek(0)
        self._out.truncate()
        return data

    def end(self) -> bytes:
        return b""


def _csv_texts(values: Sequence[Any]) -> Sequence[Any]:
    return [f"'{value}" if value and value[0] in HARMFUL else value for value in values]


def _csv_dates(values: Sequence[Any]) -> Sequence[Any]:
    return [value and value.isoformat() for value in values]


def _csv_instants(values: Sequence[Any]) -> Sequence[Any]:
    return [value and _local(value).isoformat(" ", "seconds")[:19] for value in values]


def _as_they_are(values: Sequence[Any]) -> Sequence[Any]:
    return values


_CSV_FORMATS: dict[Kind, Format] = {
    "text": _csv_texts,
    "number": _as_they_are,
    "date": _csv_dates,
    "datetime": _csv_instants,
}

# --- XLSX -----------------------------------------------------------------------------------------------------

_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'

_STYLES = (
    f'{_HEAD}<styleSheet xmlns="{_MAIN}"><numFmts count="2"><numFmt numFmtId="164" formatCode="dd/mm/yyyy"/>'
    '<numFmt numFmtId="165" formatCode="dd/mm/yyyy\\ hh:mm"/></numFmts>'
    '<fonts count="2"><font><sz val="11"/><name val="Calibri"/></font>'
    '<font><b/><sz val="11"/><name val="Calibri"/></font></fonts>'
    '<fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill>'
    '</fills><borders count="1"><border/></borders><cellStyleXfs count="1"><xf/></cellStyleXfs>'
    '<cellXfs count="4"><xf xfId="0"/><xf fontId="1" applyFont="1"/>'
    '<xf numFmtId="164" applyNumberFormat="1"/><xf numFmtId="165" applyNumberFormat="1"/></cellXfs>'
    '<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>'
)
_HEADING, _DAY, _INSTANT = 1, 2, 3
_WIDTHS: dict[Kind, int] = {"text": 28, "number": 14, "date": 12, "datetime": 18}
_NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


class XlsxWriter:
    """XLSX written as it goes: the ZIP leaves while its sheets are still being filled, so nothing is kept.

    A table of more rows than a sheet may hold goes on in a second one. Texts stand in their cells (no shared
    strings), which is what makes it a stream; every spreadsheet reads them.
    """

    media_type = f"{_TYPE}.sheet"
    extension = "xlsx"

    def __init__(self, title: str = "") -> None:
        self._pipe = _Pipe()
        self._zip = zipfile.ZipFile(self._pipe, "w", zipfile.ZIP_DEFLATED, allowZip64=False, compresslevel=1)
        self._title = re.sub(r"[\[\]:*?/\\]", " ", _NOT_XML.sub("", title)).strip("' ")[:25] or "1"
        self._sheets = 0
        self._rows = self._bytes = 0
        self._sheet: Any = None
        self._columns: Sequence[Column] = ()

    def format_of(self, kind: Kind) -> Format:
        cell = _XLSX_CELLS[kind]
        return lambda values: [cell(value) for value in values]

    def begin(self, columns: Sequence[Column]) -> bytes:
        self._columns = columns
        self._open_sheet()
        return self._pipe.take()

    def write(self, rows: Iterable[Sequence[str]]) -> bytes:
        for cells in rows:
            data = f"<row>{''.join(cells)}</row>".encode("utf-8", "replace")
            if self._rows >= SHEET_ROWS or self._bytes + len(data) > SHEET_BYTES:
                self._close_sheet()
                self._open_sheet()
            self._put(data)
            self._rows += 1
        return self._pipe.take()

    def end(self) -> bytes:
        self._close_sheet()
        names = [self._title if n == 1 else f"{self._title} ({n})" for n in range(1, self._sheets + 1)]
        for path, text in _parts(names):
            self._zip.writestr(path, text)
        self._zip.close()
        return self._pipe.take()

    def _open_sheet(self) -> None:
        self._sheets += 1
        self._rows, self._bytes = 1, 0
        self._sheet = self._zip.open(f"xl/worksheets/sheet{self._sheets}.xml", "w")
        widths = "".join(
            f'<col min="{n}" max="{n}" width="{max(_WIDTHS[column.kind], min(len(column.label) + 3, 40))}"'
            ' customWidth="1"/>'
            for n, column in enumerate(self._columns, 1)
        )
        headings = "".join(_xlsx_text(column.label, _HEADING) for column in self._columns)
        self._put(
            f'{_HEAD}<worksheet xmlns="{_MAIN}"><sheetViews><sheetView workbookViewId="0">'
            '<pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/></sheetView></sheetViews>'
            f"<cols>{widths}</cols><sheetData><row>{headings}</row>".encode()
        )

    def _close_sheet(self) -> None:
        self._put(b"</sheetData></worksheet>")
        self._sheet.close()

    def _put(self, data: bytes) -> None:
        self._sheet.write(data)
        self._bytes += len(data)


class _Pipe(io.RawIOBase):
    """Takes what the ZIP writes and hands it over; going back is impossible, so the ZIP does not try."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []

    def write(self, data: Any) -> int:
        self._parts.append(bytes(data))
        return len(data)

    def take(self) -> bytes:
        data = b"".join(self._parts)
        self._parts.clear()
        return data


def _parts(names: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Yield the members of the package that say which sheets there are."""
    numbers = range(1, len(names) + 1)
    overrides = "".join(
        f'<Override PartName="/xl/worksheets/sheet{n}.xml" ContentType="{_TYPE}.worksheet+xml"/>' for n in numbers
    )
    sheets = "".join(f'<sheet name="{_attribute(name)}" sheetId="{n}" r:id="r{n}"/>' for n, name in enumerate(names, 1))
    relations = "".join(
        f'<Relationship Id="r{n}" Type="{_OFFICE}/worksheet" Target="worksheets/sheet{n}.xml"/>' for n in numbers
    )
    styles = f'<Relationship Id="s" Type="{_OFFICE}/styles" Target="styles.xml"/>'
    yield "xl/styles.xml", _STYLES
    yield (
        "xl/workbook.xml",
        f'{_HEAD}<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}"><sheets>{sheets}</sheets></workbook>',
    )
    yield "xl/_rels/workbook.xml.rels", _relationships(relations + styles)
    whole = f'<Relationship Id="w" Type="{_OFFICE}/officeDocument" Target="xl/workbook.xml"/>'
    yield "_rels/.rels", _relationships(whole)
    yield (
        "[Content_Types].xml",
        f'{_HEAD}<Types xmlns="{_PACKAGE}/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{_TYPE}.sheet.main+xml"/>'
        f'<Override PartName="/xl/styles.xml" ContentType="{_TYPE}.styles+xml"/>{overrides}</Types>',
    )


def _attribute(text: str) -> str:
    return escape(text, {'"': "&quot;"})


def _relationships(inner: str) -> str:
    return f'{_HEAD}<Relationships xmlns="{_PACKAGE}/relationships">{inner}</Relationships>'


def _xlsx_text(value: str | None, style: int = 0) -> str:
    if not value:
        return "<c/>"
    text = harmless(value)[:CELL_LENGTH]
    if not text.isprintable():
        text = _NOT_XML.sub("\ufffd", text)
    return f'<c t="inlineStr" s="{style}"><is><t xml:space="preserve">{escape(text)}</t></is></c>'


def _xlsx_number(value: Any) -> str:
    return "<c/>" if value is None else f"<c><v>{value}</v></c>"


def _xlsx_date(value: date | None) -> str:
    if value is None:
        return "<c/>"
    day = value.toordinal() - _EPOCH_ORDINAL
    return f'<c s="{_DAY}"><v>{day}</v></c>' if day >= _FIRST_DAY else _xlsx_text(value.isoformat())


def _xlsx_instant(value: datetime | None) -> str:
    if value is None:
        return "<c/>"
    local = _local(value)
    seconds = local.hour * 3600 + local.minute * 60 + local.second
    day = local.toordinal() - _EPOCH_ORDINAL
    if day < _FIRST_DAY:
        return _xlsx_text(local.isoformat(" ", "seconds")[:19])
    return f'<c s="{_INSTANT}"><v>{day + seconds / 86_400:.8f}</v></c>'


_XLSX_CELLS: dict[Kind, Callable[[Any], str]] = {
    "text": _xlsx_text,
    "number": _xlsx_number,
    "date": _xlsx_date,
    "datetime": _xlsx_instant,
}

WRITERS: dict[str, Callable[[str], TableWriter]] = {"csv": lambda title: CsvWriter(), "xlsx": XlsxWriter}
"""How to begin a table by the name of its format; the title names the sheet."""
