"""Files of rows are read whatever they are, within bounds, and nothing in them is lost."""

import csv
import gzip
import io
import unicodedata
import zipfile
from collections.abc import Callable
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook

from services.tables import confined, text_file
from services.tables.book import Book, open_book, read_file
from services.tables.encodings import find_encoding
from services.tables.errors import (
    CellTooLongError,
    TableDamagedError,
    TableEmptyError,
    TableFormatUnknownError,
    TableLockedError,
    TableTooLargeError,
)
from services.tables.spool import Row, Sheet, SpoolWriter, read_index, read_rows

DATA = Path(__file__).parents[2] / "data"
TEXT = "Mã;Họ và tên\n1;Nguyễn Thị Mỹ Khai\n2;Đặng Quỳnh Như, Sở GTVT\n"
ROWS = [
    Row(1, ("Mã", "Họ và tên")),
    Row(2, ("1", "Nguyễn Thị Mỹ Khai")),
    Row(3, ("2", "Đặng Quỳnh Như, Sở GTVT")),
]


def cp1258(text: str) -> bytes:
    """Return text as Windows-1258 writes it: letters with their shape, tones as marks behind them."""
    marks = "\u0300\u0309\u0303\u0301\u0323"
    out = b""
    for char in unicodedata.normalize("NFC", text):
        parts = unicodedata.normalize("NFD", char)
        letter = unicodedata.normalize("NFC", "".join(p for p in parts if p not in marks))
        out += (letter + "".join(p for p in parts if p in marks)).encode("cp1258")
    return out


@pytest.fixture
def read(tmp_path: Path) -> Callable[[bytes], Book]:
    def reading(content: bytes, name: str = "danh sách.csv") -> Book:
        source = tmp_path / "source"
        source.write_bytes(content)
        return read_file(source, tmp_path / "rows", name=name)

    return reading


def workbook(fill: Callable[[Any], None]) -> bytes:
    book, out = Workbook(), io.BytesIO()
    fill(book)
    book.save(out)
    return out.getvalue()


# --- text -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
def test_unicode_text_is_read_whatever_its_form(read: Callable[[bytes], Book], encoding: str) -> None:
    book = read(TEXT.encode(encoding))

    assert list(book.rows()) == ROWS
    assert book.notices == ()
    assert [(sheet.name, sheet.rows, sheet.width) for sheet in book.sheets] == [("danh sách", 3, 2)]


def test_text_from_before_unicode_is_read_with_a_notice(read: Callable[[bytes], Book]) -> None:
    windows = read(cp1258(TEXT))
    assert [unicodedata.normalize("NFC", str(cell)) for row in windows.rows() for cell in row.cells] == [
        str(cell) for row in ROWS for cell in row.cells
    ]
    assert windows.notices == (text_file.READ_AS_OLD["cp1258"],)

    line = "Cộng hòa xã hội chủ nghĩa Việt Nam, Sở Giao thông vận tải"
    tcvn = read(b"C\xe9ng h\xdfa x\xb7 h\xe9i ch\xf1 ngh\xdca Vi\xd6t Nam, S\xeb Giao th\xabng v\xcbn t\xb6i\n")
    assert ",".join(str(cell) for row in tcvn.rows() for cell in row.cells) == line
    assert tcvn.notices == (text_file.READ_AS_OLD["tcvn"],)


def test_bytes_that_mean_nothing_are_shown_and_said(read: Callable[[bytes], Book]) -> None:
    book = read("a,b\n".encode("utf-16") + b"\x00\xd8")

    assert [row.cells for row in book.rows()] == [("a", "b"), ("\ufffd",)]
    assert book.notices == (text_file.READ_WITH_LOSS,)


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_found(read: Callable[[bytes], Book], delimiter: str) -> None:
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter).writerows([["mã", "tên"], ["1", "a, b; c\td | e"], ["2", 'nói "được"\nhai']])

    assert [row.cells for row in read(out.getvalue().encode()).rows()] == [
        ("mã", "tên"),
        ("1", "a, b; c\td | e"),
        ("2", 'nói "được"\nhai'),
    ]


def test_a_declared_delimiter_is_no_row(read: Callable[[bytes], Book]) -> None:
    book = read(b"sep=;\nmot;hai\n")

    assert list(book.rows()) == [Row(2, ("mot", "hai"))]


def test_lines_are_numbered_as_a_spreadsheet_shows_them(read: Callable[[bytes], Book]) -> None:
    book = read(b'a,b\n\n,\n"x\ny",1\nz,\n')

    assert list(book.rows()) == [Row(1, ("a", "b")), Row(4, ("x\ny", "1")), Row(5, ("z",))]
    assert list(book.rows(after=4)) == [Row(5, ("z",))]


def test_compressed_text_is_unpacked_within_bounds(
    read: Callable[..., Book], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    packed = gzip.compress(TEXT.encode())
    book = read(packed, "nhật ký.csv.gz")
    assert (list(book.rows()), book.sheets[0].name) == (ROWS, "nhật ký")

    with pytest.raises(TableDamagedError):
        read(packed[:-12])
    monkeypatch.setattr(text_file, "MOST_BYTES", 1 << 20)
    with pytest.raises(TableTooLargeError):
        read(gzip.compress(b"0" * (3 << 20)))
    assert not (tmp_path / "rows").exists()


def test_a_quote_that_never_closes_is_told_not_swallowed(
    read: Callable[[bytes], Book], monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(CellTooLongError):
        read(b'a,"b\n' + b"c,d\n" * (1 << 20) + b"e,f\n" * (1 << 18))
    monkeypatch.setattr(text_file, "MOST_CELL", 1000)
    with pytest.raises(CellTooLongError):
        read(b"a" * 2000)


def test_too_many_rows_are_refused(read: Callable[[bytes], Book], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(text_file, "MOST_ROWS", 3)

    with pytest.raises(TableTooLargeError):
        read(b"a\nb\nc\nd\n")


@pytest.mark.parametrize(
    ("content", "error"),
    [
        (b"", TableEmptyError),
        (b"\n\n ,\n", TableEmptyError),
        (b"%PDF-1.4", TableFormatUnknownError),
        (b"PK\x03\x04rubbish", TableDamagedError),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1rubbish", TableDamagedError),
    ],
)
def test_what_is_no_table_is_refused_with_a_reason(
    read: Callable[[bytes], Book], content: bytes, error: type[Exception], tmp_path: Path
) -> None:
    with pytest.raises(error):
        read(content)
    assert not (tmp_path / "rows").exists()


# --- workbooks ------------------------------------------------------------------------------------------------


def test_a_workbook_gives_typed_cells_and_no_formula_is_computed(read: Callable[[bytes], Book]) -> None:
    def fill(book: Any) -> None:
        sheet = book.active
        sheet.title = "Trang 1"
        sheet["B3"] = "Tiêu đề"
        sheet.merge_cells("B3:D3")
        sheet.append([None, 7, 2.5, datetime(2016, 12, 31, 8, 30)])  # noqa: DTZ001 -- as files hold it
        sheet.append([None, date(2016, 12, 31), "=1+1", True])
        sheet.append([None, time(8, 30), "#N/A", "00123"])
        sheet.append([None, '=HYPERLINK("x")'])
        book.create_sheet("Ẩn", 0).append(["x"])
        book["Ẩn"].sheet_state = "hidden"
        book.create_sheet("Trống")

    book = read(workbook(fill))

    assert [(sheet.name, sheet.is_hidden) for sheet in book.sheets] == [("Trang 1", False), ("Ẩn", True)]
    assert book.sheets[0].merged == [(3, 2, 3, 4)]
    assert list(book.rows()) == [
        Row(3, (None, "Tiêu đề")),
        Row(4, (None, 7, 2.5, datetime(2016, 12, 31, 8, 30))),  # noqa: DTZ001
        Row(5, (None, date(2016, 12, 31), "=1+1", True)),
        Row(6, (None, time(8, 30), "#N/A", "00123")),
        Row(7, (None, '=HYPERLINK("x")')),
    ]


def test_an_old_workbook_is_read_too(tmp_path: Path) -> None:
    book = read_file(DATA / "departments.xls", tmp_path / "rows")

    assert [sheet.name for sheet in book.sheets] == ["Sở ngành", "Ẩn"]
    assert list(book.rows())[1:3] == [
        Row(3, ("Mã", "Tên đơn vị", "Ngày thành lập")),
        Row(4, ("H19.07", "Sở Giao thông vận tải", date(2016, 12, 31))),
    ]
    assert open_book(tmp_path / "rows") == book


def test_a_workbook_made_to_hurt_hurts_nobody(read: Callable[[bytes], Book], monkeypatch: pytest.MonkeyPatch) -> None:
    def corner(book: Any) -> None:
        book.active["A1"] = 1
        book.active["XFD1048576"] = 2

    with pytest.raises(TableTooLargeError):
        read(workbook(corner))  # half a terabyte, if it were believed

    plain = workbook(lambda book: book.active.append(["a"]))
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(plain)) as source, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target:
        for name in source.namelist():
            data = source.read(name)
            if name == "xl/workbook.xml":
                lol = b'<!DOCTYPE l [<!ENTITY a "aaaaaaaaaa"><!ENTITY e SYSTEM "file:///etc/passwd">]>'
                data = data.replace(b"<workbook", lol + b"<workbook", 1).replace(b'name="Sheet"', b'name="&e;"')
            target.writestr(name, data)
    with pytest.raises((TableDamagedError, TableTooLargeError)):
        read(out.getvalue())
    monkeypatch.setattr("services.tables.book._SECONDS", 0.001)
    with pytest.raises(TableTooLargeError):
        read(plain)


def test_a_locked_workbook_says_so(read: Callable[[bytes], Book], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("services.tables.confined.LOCKED", confined.DAMAGED)

    with pytest.raises(TableLockedError):
        read(b"PK\x03\x04rubbish")


# --- spools ---------------------------------------------------------------------------------------------------


@settings(max_examples=40, derandomize=True)
@given(
    st.lists(
        st.lists(
            st.none()
            | st.booleans()
            | st.integers(-(10**12), 10**12)
            | st.text(max_size=8).filter(lambda text: text.strip() and text.isprintable())
            | st.dates()
            | st.datetimes(),
            max_size=4,
        ),
        max_size=1200 // 4,
    ),
    st.integers(0, 300),
)
def test_a_spool_gives_back_what_was_put_in(
    tmp_path_factory: pytest.TempPathFactory, rows: list[list[Any]], after: int
) -> None:
    path = tmp_path_factory.mktemp("spool") / "rows"
    with path.open("wb") as output:
        writer = SpoolWriter(output)
        writer.begin(Sheet("leer"))
        writer.begin(Sheet("voll"))
        for line, cells in enumerate(rows, 1):
            writer.add(line, cells)
        writer.close(["notice"])

    sheets, notices = read_index(path)
    kept = [Row(line, tuple(cells)) for line, cells in enumerate(rows, 1) if any(cell is not None for cell in cells)]
    trimmed = [Row(row.line, _trimmed(row.cells)) for row in kept]
    assert list(read_rows(path, sheets[1], after=after)) == [row for row in trimmed if row.line > after]
    assert (list(read_rows(path, sheets[0])), notices) == ([], ["notice"])


def _trimmed(cells: tuple[Any, ...]) -> tuple[Any, ...]:
    while cells and cells[-1] is None:
        cells = cells[:-1]
    return cells


def test_a_long_spool_is_read_from_any_row_on(tmp_path: Path) -> None:
    path = tmp_path / "rows"
    with path.open("wb") as output:
        writer = SpoolWriter(output)
        for name in ("một", "hai"):
            writer.begin(Sheet(name))
            for line in range(2, 4000, 3):
                writer.add(line, [name, line])
        writer.close()
    sheets, _ = read_index(path)

    for after in (0, 1, 2, 1500, 1502, 1503, 3996, 3998, 4000):
        expected = [Row(line, ("hai", line)) for line in range(2, 4000, 3) if line > after]
        assert list(read_rows(path, sheets[1], after=after)) == expected


def test_find_encoding_looks_at_the_whole_file(tmp_path: Path) -> None:
    path = tmp_path / "x"
    path.write_bytes(b"a" * (3 << 20) + "ễ".encode())
    assert find_encoding(path) == "utf-8"
    path.write_bytes(b"a" * (3 << 20) + b"\xd4")
    assert find_encoding(path) in ("cp1258", "tcvn")
