"""What is written can be read by everybody and harms nobody."""

import csv
import io
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook

from services.tables import writing
from services.tables.book import read_file
from services.tables.writing import Column, CsvWriter, TableWriter, XlsxWriter, harmless, unguarded, write_table

COLUMNS = [Column("Tên"), Column("Số", "number"), Column("Ngày", "date"), Column("Lúc", "datetime")]
ROWS: list[list[Any]] = [
    ["=HYPERLINK(1)", 5, date(2016, 12, 31), datetime(2016, 12, 31, 9, 30, 5, tzinfo=UTC)],
    ['a&<b>"\x01', None, None, None],
    ["+84", 1.5, date(1899, 12, 31), datetime(1950, 1, 1, tzinfo=UTC)],
]


def written(writer: TableWriter, rows: list[list[Any]]) -> bytes:
    return b"".join(write_table(writer, COLUMNS, rows))


def test_csv_has_a_mark_and_no_formula() -> None:
    text = written(CsvWriter(), ROWS).decode("utf-8")

    assert text[0] == "\ufeff"
    assert list(csv.reader(io.StringIO(text[1:], newline=""))) == [
        ["Tên", "Số", "Ngày", "Lúc"],
        ["'=HYPERLINK(1)", "5", "2016-12-31", "2016-12-31 16:30:05"],
        ['a&<b>"\x01', "", "", ""],
        ["'+84", "1.5", "1899-12-31", "1950-01-01 08:00:00"],
    ]


def test_xlsx_is_typed_and_has_no_formula() -> None:
    sheet = load_workbook(io.BytesIO(written(XlsxWriter("Hồ sơ: [1]"), ROWS))).active

    assert sheet is not None
    assert (sheet.title, sheet.freeze_panes) == ("Hồ sơ   1", "A2")
    assert [[cell.value for cell in row] for row in sheet.rows] == [
        ["Tên", "Số", "Ngày", "Lúc"],
        ["'=HYPERLINK(1)", 5, datetime(2016, 12, 31), datetime(2016, 12, 31, 16, 30, 5)],  # noqa: DTZ001
        ['a&<b>"\ufffd', None, None, None],
        ["'+84", 1.5, "1899-12-31", datetime(1950, 1, 1, 8)],  # noqa: DTZ001
    ]
    assert {cell.data_type for row in sheet.rows for cell in row} == {"s", "n", "d"}


@pytest.mark.parametrize("make", [CsvWriter, XlsxWriter])
def test_what_was_written_is_read_again(make: Callable[[], TableWriter], tmp_path: Path) -> None:
    source = tmp_path / "source"
    source.write_bytes(written(make(), ROWS))

    first, second = list(read_file(source, tmp_path / "rows").rows())[1:3]

    assert unguarded(str(first.cells[0])) == "=HYPERLINK(1)"
    assert [str(cell) for cell in first.cells[1:]] == ["5", "2016-12-31", "2016-12-31 16:30:05"]
    assert second.cells == (('a&<b>"\x01' if make is CsvWriter else 'a&<b>"\ufffd'),)


@settings(max_examples=80, derandomize=True)
@given(st.text(max_size=12) | st.sampled_from(["=1", "+1", "-1", "@x", "\tx", "\rx", "\0", "'", "'=", ""]))
def test_no_text_begins_a_formula_and_none_is_changed_otherwise(text: str) -> None:
    safe = harmless(text)

    assert safe[:1] not in {"=", "+", "-", "@", "\t", "\r", "\n", "\0"}
    assert safe in (text, f"'{text}")
    if not text.startswith("'"):
        assert unguarded(safe) == text


def test_a_long_table_goes_on_in_another_sheet(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writing, "SHEET_ROWS", 3)
    rows = [[str(n), n, None, None] for n in range(5)]

    book = load_workbook(io.BytesIO(written(XlsxWriter("Bảng"), rows)))

    assert book.sheetnames == ["Bảng", "Bảng (2)", "Bảng (3)"]
    assert [[row[1] for row in sheet.iter_rows(values_only=True)] for sheet in book.worksheets] == [
        ["Số", 0, 1],
        ["Số", 2, 3],
        ["Số", 4],
    ]


def test_it_leaves_as_it_is_made() -> None:
    seen: list[int] = []

    def rows() -> Any:
        for n in range(5000):
            seen.append(n)
            yield [str(n), n, None, None]

    pieces = write_table(XlsxWriter("x"), COLUMNS, rows())
    next(pieces)
    next(pieces)

    assert len(seen) == writing.CHUNK
