"""The row that names the columns is found among titles, notes and merged headings."""

from typing import Any

from services.tables.header import find_header, header_at
from services.tables.spool import Row, Sheet


def sheet(rows: list[list[Any]], merged: list[tuple[int, int, int, int]] | None = None) -> tuple[Sheet, list[Row]]:
    kept = [Row(line, tuple(cells)) for line, cells in enumerate(rows, 1) if cells]
    width = max((len(row.cells) for row in kept), default=0)
    return Sheet("x", rows=len(kept), width=width, merged=merged or []), kept


def test_titles_above_the_header_are_skipped() -> None:
    about, head = sheet(
        [
            ["UBND TỈNH X"],
            ["DANH SÁCH SỞ, BAN, NGÀNH"],
            [],
            ["STT", "Mã", "Tên đơn vị", "Ghi chú"],
            [1, "H19.07", "Sở Giao thông vận tải"],
        ],
        [(2, 1, 2, 4)],
    )

    header = find_header(about, head)

    assert header is not None
    assert (header.line, header.names) == (4, ("STT", "Mã", "Tên đơn vị", "Ghi chú"))


def test_known_names_decide_over_everything_else() -> None:
    about, head = sheet([["Một", "Hai", "Ba", "Bốn"], ["mã", "TÊN", "", ""], ["a", "b", "c", "d"]])

    header = find_header(about, head, lambda name: name in {"ma", "ten"})

    assert header is not None
    assert (header.line, header.names) == (2, ("mã", "TÊN"))


def test_merged_headings_stand_before_the_names_below_them() -> None:
    about, head = sheet(
        [["STT", "Người nộp", None, "Ngày nhận"], [None, "Họ tên", "CCCD"], [1, "Lê Vũ", "0123", "31/12/2016"]],
        [(1, 2, 1, 3), (1, 1, 2, 1), (1, 4, 2, 4)],
    )

    header = find_header(about, head)

    assert header is not None
    assert header.line == 2
    assert header.names == ("STT", "Người nộp / Họ tên", "Người nộp / CCCD", "Ngày nhận")


def test_names_that_occur_twice_are_told_apart() -> None:
    about, head = sheet([["Mã", "Tên", "Tên", None], ["1", "a", "b", "c"]])

    assert header_at(about, head, 1).names == ("Mã", "Tên", "Tên (2)")


def test_one_fingerprint_for_one_set_of_columns() -> None:
    first = header_at(*sheet([["Mã", "Họ và tên"]]), 1)
    same = header_at(*sheet([["x"], ["MÃ", "Ho  va tên"]]), 2)
    other = header_at(*sheet([["Mã", "Tên"]]), 1)

    assert first.fingerprint == same.fingerprint != other.fingerprint


def test_where_nothing_can_be_a_header_none_is_found() -> None:
    about, head = sheet([[1.5, 2.5], [True, "a"], ["x" * 200], ["a", "a", "a"]])

    assert find_header(about, head) is None
    assert header_at(about, head, 9).names == ()
