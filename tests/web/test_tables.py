"""Cells of lists: little HTML, every value escaped and written as its kind is."""

from datetime import UTC, date, datetime

import pytest
from flask import Flask

from admin_views.pages import Cell, Column, Row
from web.tables import column_classes, table_cells

AT = datetime(2017, 5, 17, 2, 5, tzinfo=UTC)
EVIL = '"><script>'


@pytest.mark.parametrize(
    ("cell", "written"),
    [
        (Cell(None), ""),
        (Cell(""), ""),
        (Cell([], "links"), ""),
        (Cell("Lê Vũ"), "Lê Vũ"),
        (Cell("Lê Hoà"), "Lê Hoà"),
        (Cell(EVIL), "&#34;&gt;&lt;script&gt;"),
        (Cell("x" * 41), f'<span class="clamp">{"x" * 41}</span>'),
        (Cell("Sở Tư pháp", "link", "/d?id=1"), '<a href="/d?id=1">Sở Tư pháp</a>'),
        (Cell(EVIL, "link", EVIL), '<a href="&#34;&gt;&lt;script&gt;">&#34;&gt;&lt;script&gt;</a>'),
        (Cell([("A", "/a"), ("B", "")], "links"), '<span class="links"><a href="/a">A</a>B</span>'),
        (Cell(True, "boolean"), '<span class="tag tag--success tag--yes">Có</span>'),
        (Cell(False, "boolean"), '<span class="tag">Không</span>'),
        (Cell("Quá hạn", "choice", tone="danger"), '<span class="tag tag--danger">Quá hạn</span>'),
        (Cell("Đang xử lý", "choice"), "Đang xử lý"),
        (Cell(date(2016, 12, 31), "date"), "31/12/2016"),
        (Cell(AT, "datetime"), "17/05/2017 09:05"),
        (Cell(1_234_567, "money"), "1.234.567\u00a0đ"),
        (Cell(1_234, "number"), "1.234"),
        (Cell("0903 123 456", "phone"), '<a href="tel:0903123456">0903 123 456</a>'),
    ],
)
def test_a_value_is_written_as_its_kind_is(app: Flask, cell: Cell, written: str) -> None:
    with app.test_request_context():
        html = table_cells(Row("1", "Tên", "", [Cell("x"), cell]))

    assert html.removeprefix("<td>x</td>").partition(">")[2].removesuffix("</td>") == written


def test_the_first_cell_leads_to_the_row_and_says_something_in_any_case(app: Flask) -> None:
    with app.test_request_context():
        empty, phone = (table_cells(Row("1", EVIL, "/r?id=1", [cell])) for cell in (Cell(None), Cell("09", "phone")))

    assert empty == '<td><a class="row-link" href="/r?id=1">&#34;&gt;&lt;script&gt;</a></td>'
    assert phone == '<td class="code"><a class="row-link" href="/r?id=1">09</a></td>'


def test_a_long_text_is_shortened_and_the_words_looked_for_are_marked(app: Flask) -> None:
    with app.test_request_context():
        html = table_cells(Row("1", "", "", [Cell("Cấp phép " + "x" * 300)]), "cap")

    assert html.startswith('<td><span class="clamp"><mark>Cấp</mark> phép ')
    assert html.endswith("x…</span></td>")
    assert len(html) < 230


def test_columns_of_words_keep_room_and_the_longest_gets_the_most() -> None:
    columns = [Column("a", "A"), Column("b", "B"), Column("c", "C"), Column("d", "D", "money"), Column("e", "E")]
    long, longer = Cell("x" * 31), Cell("x" * 90)
    rows = [Row("1", "", "", [Cell("x" * 11), long, Cell("x" * 190, "choice"), Cell(5, "money"), Cell("x")])]

    assert column_classes(columns, rows) == ["words", "longest", "", "figure-column", ""]
    assert column_classes(columns[:2], [Row("1", "", "", [longer, long])]) == ["longest", "words"]
    assert column_classes(columns[:1], []) == [""]
