"""Words of a file are understood as people mean them, or left to them."""

from datetime import date, datetime
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from models.batch import Batch, BatchKind, BatchRow, BatchState, RowOutcome
from models.describe import attributes
from models.organisation import Department
from models.staff import Staff
from services.imports import words
from services.imports.reconciliation import Line, reconcile
from services.imports.targets import guess_columns, natural_key
from services.imports.words import find_rows, split_words
from tests.factories import make_row

DEPARTMENTS = {
    "H19.07": "Sở Giao thông vận tải",
    "H19.08": "Sở Tư pháp",
    "H19.09": "Sở Tài nguyên và Môi trường",
    "H19.10": "Ủy ban nhân dân huyện Tân Phú",
    "H19.11": "Sở Thông tin và Truyền thông",
    "H19.12": "Sở Thể thao và Thiếu nhi",
}


@pytest.mark.parametrize("most", [words.MOST_ROWS, 2])
def test_departments_are_known_by_code_name_and_initials(
    session: Session, monkeypatch: pytest.MonkeyPatch, most: int
) -> None:
    monkeypatch.setattr(words, "MOST_ROWS", most)
    made = {code: make_row(session, Department, code=code, name=name).id for code, name in DEPARTMENTS.items()}
    written = {
        "H19.08": "H19.08", "Sở Tư pháp": "H19.08", "so TU phap": "H19.08", "STP": "H19.08",
        "Sở GTVT": "H19.07", "GTVT": "H19.07", "Sở TN&MT": "H19.09", "STNMT": "H19.09", "Sở TNVMT": None,
        "UBND huyện Tân Phú": "H19.10", "Sở TTTT": "H19.11", "Sở TTTN": "H19.12", "Sở Lạ": None, "Sở": None, "S": None,
    }  # fmt: skip
    exact = {"H19.08", "Sở Tư pháp"}

    found = find_rows(session, attributes(Staff)["department"], list(written))

    expected = {text: code for text, code in written.items() if code and (most > 2 or text in exact)}
    assert {text: found.get(words.fold(text)) for text in expected} == {t: made[c] for t, c in expected.items()}
    assert len(found) == len({words.fold(text) for text in expected})


def test_a_word_that_fits_several_rows_is_left_open(session: Session) -> None:
    for code in ("A1", "A2"):
        make_row(session, Department, code=code, name="Phòng Một cửa")

    assert find_rows(session, attributes(Staff)["department"], ["Phòng Một cửa", "PMC", "A1"]) == {
        "a1": session.scalars(select(Department.id).where(Department.code == "A1")).one()
    }


def test_several_words_of_one_cell() -> None:
    assert split_words("Một, hai,,ba ") == ["Một", "hai", "ba"]
    assert split_words("Một, hai; ba") == ["Một, hai", "ba"]


def test_columns_are_guessed_by_what_attributes_are_called() -> None:
    names = {"code": ["Code", "Mã"], "name": ["Name", "Tên"], "phone": ["Telephone", "Điện thoại"], "note": ["Note"]}

    assert guess_columns(["STT", "MÃ", "Tên đơn vị", "Người nộp / dien thoai", "Notes", ""], names) == {
        "1": "code",
        "2": "name",
        "3": "phone",
        "4": "note",
    }
    assert guess_columns(["name", "Tên"], names) == {"0": "name"}


def test_what_tells_rows_apart() -> None:
    assert natural_key(Department) == ("code",)
    assert natural_key(Staff) == ("badge_number",)


def test_an_import_is_reconciled_by_year_and_department(session: Session, tmp_path: Path, now: datetime) -> None:
    parent = make_row(session, Department, code="H19", name="Tỉnh")
    batch = make_row(
        session, Batch, kind=BatchKind.ROWS, state=BatchState.FINISHED, total_count=4, done_count=4,
        created_count=2, unchanged_count=1, refused_count=1, entity="department",
    )  # fmt: skip
    years = [(2016, RowOutcome.CREATED), (2016, RowOutcome.CREATED), (2017, RowOutcome.UNCHANGED), (2016, None)]
    for line, (year, outcome) in enumerate(years, 1):
        row = make_row(session, Department, valid_from_date=date(year, 5, 1), parent=parent)
        if outcome is not None:
            session.add(
                BatchRow(
                    batch_id=batch.id,
                    line_number=line,
                    fingerprint="",
                    outcome=outcome,
                    entity="department",
                    entity_id=row.id,
                )
            )
    session.flush()

    found = reconcile(session, Department, batch)

    assert found is not None
    assert (found.by_date.key, found.by_department.key, found.refused) == ("valid_from_date", "parent", 1)
    assert list(found.lines) == [
        Line(year=2016, department="Tỉnh", created=2, updated=0, unchanged=0, present=3),
        Line(year=2017, department="Tỉnh", created=0, updated=0, unchanged=1, present=1),
    ]
    assert reconcile(session, Staff, batch) is None
