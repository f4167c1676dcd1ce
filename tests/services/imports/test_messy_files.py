"""Files as people make them: none makes the import fail, and no row of any is lost without a word."""

import csv
import io
import unicodedata
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import Workbook
from sqlalchemy import select
from sqlalchemy.orm import Session

from models.access import Role, User
from models.batch import BatchRow, BatchState, RowOutcome
from models.describe import attributes
from models.organisation import Department
from models.text import normalise
from services.imports.drafts import choose_columns, create_draft
from services.imports.job import begin_import, kept_of
from services.imports.reading import UNKNOWN
from services.roles import build_actor
from services.session import acting
from tests.factories import make_row
from tests.support.roles import have_roles
from web.batches import do_chunk

HEADERS = ["Mã", "Tên", "Loại", "Có từ ngày", "Thuộc"]
KEYS = ["code", "name", "kind", "valid_from_date", "parent"]
LABELS = {"kind": {"DEPARTMENT": ["Sở, ban, ngành", "Sở"], "BOARD": ["Ban quản lý", "Ban"]}}
DATE_STYLES = ["%d/%m/%Y", "%Y-%m-%d", "%d-%m-%y", "%d.%m.%Y", "ngày %d tháng %m năm %Y", "%d %b %Y"]
WRONG_DATES = ["31/02/2016", "hôm qua", "99/99/9999"]

days = st.dates(date(2000, 1, 1), date(2040, 1, 1))
names = (
    st.sampled_from(["Sở Y tế", "=1+1", "@SUM(A1)", "Phòng Đất đai, Hoà Bình", "-", "x" * 400, 'nói "được"\nhai dòng'])
    | st.text(st.characters(blacklist_categories=("Cs", "Cc")), min_size=1, max_size=12)
)  # fmt: skip


@dataclass(frozen=True)
class Messy:
    """A file: its bytes, and for each row behind its header what it says of code and name."""

    content: bytes
    rows: list[tuple[str, str]]
    is_workbook: bool


@st.composite
def messy_files(draw: st.DrawFn) -> Messy:
    titles = draw(st.lists(st.sampled_from(["UBND TỈNH", "", "DANH SÁCH SỞ, BAN, NGÀNH"]), max_size=3))
    is_workbook = draw(st.integers(0, 4)) == 0
    form = draw(st.sampled_from(["NFC", "NFD"]))
    shown = str.upper if draw(st.booleans()) else str
    said: list[tuple[str, str]] = []
    table: list[list[Any]] = [[title] for title in titles]
    table.append([shown(unicodedata.normalize(form, header)) for header in HEADERS])
    for _number in range(draw(st.integers(0, 7))):
        code = draw(st.sampled_from(["M1", "M2", "M3", " M4 ", "m5", "", "SAI MÃ QUÁ DÀI" * 10]))
        name = "x" * 1_000_000 if draw(st.integers(0, 60)) == 0 else draw(names)
        day: Any = draw(days)
        if not (is_workbook and draw(st.booleans())):
            day = draw(st.sampled_from([day.strftime(draw(st.sampled_from(DATE_STYLES))), *WRONG_DATES, ""]))
        parent = draw(st.sampled_from(["", "H19.07", "Sở GTVT", "so giao thong van tai", "Sở Lạ"]))
        kind = draw(st.sampled_from(["Sở", "BAN", "DEPARTMENT", "Loại lạ", ""]))
        row = [code, unicodedata.normalize(form, name), kind, day, parent]
        table.append(row)
        if any(str(cell).strip() for cell in row):
            said.append((normalise(code), normalise(name)))
    if is_workbook:
        return Messy(_workbook(table), said, True)
    out = io.StringIO()
    csv.writer(out, delimiter=draw(st.sampled_from([",", ";", "\t"]))).writerows(table)
    encoding = draw(st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]))
    return Messy(out.getvalue().encode(encoding), said, False)


def _workbook(table: list[list[Any]]) -> bytes:
    book, out = Workbook(), io.BytesIO()
    sheet: Any = book.active
    for line, row in enumerate(table, 1):
        for column, value in enumerate(row, 1):
            cell = sheet.cell(line, column)
            cell.value = value[:32_767] if isinstance(value, str) else value
        if len(row) == 1:
            sheet.merge_cells(start_row=line, start_column=1, end_row=line, end_column=len(HEADERS))
    book.save(out)
    return out.getvalue()


def test_every_row_of_a_messy_file_is_accounted_for(session: Session, tmp_path: Path, now: datetime) -> None:
    have_roles(session)
    make_row(session, Department, code="H19.07", name="Sở Giao thông vận tải")
    role = session.scalars(select(Role).where(Role.code == "ADMIN")).one()
    user = make_row(session, User, roles=[role])
    session.commit()
    called = {key: [key, *([HEADERS[KEYS.index(key)]] if key in KEYS else [])] for key in attributes(Department)}
    outcomes = {outcome: 0 for outcome in RowOutcome}

    @settings(max_examples=100, derandomize=True, deadline=None, suppress_health_check=list(HealthCheck), database=None)
    @given(messy_files())
    def try_out(file: Messy) -> None:
        path = tmp_path / "messy"
        path.write_bytes(file.content)
        with acting(session, build_actor(session, user)):
            draft = create_draft(session, Department, path, title="x.csv", names=called, labels=LABELS, at=now)
            choose_columns(session, draft, {str(n): key for n, key in enumerate(KEYS)}, {}, labels=LABELS)
            batch = begin_import(session, draft, is_rehearsal=False, at=now)
            session.commit()
        while batch.state in (BatchState.QUEUED, BatchState.RUNNING):
            assert do_chunk(session, at=now, batch_id=batch.id)
        assert batch.state is BatchState.FINISHED, batch.failure

        rows = list(
            session.scalars(select(BatchRow).where(BatchRow.batch_id == batch.id).order_by(BatchRow.line_number))
        )
        total = batch.created_count + batch.updated_count + batch.unchanged_count + batch.refused_count
        assert total == batch.total_count == len(rows) == len(file.rows)
        last: dict[str, str] = {}
        for row, (code, name) in zip(rows, file.rows, strict=True):
            outcomes[row.outcome] += 1
            if row.outcome is RowOutcome.REFUSED:
                kept = kept_of(row)
                assert kept["problems"]
                assert any(kept["cells"])
                if name.startswith("x" * 401):
                    assert ("name", UNKNOWN) not in [(key, message) for key, message, _ in kept["problems"]]
            else:
                last[code] = name
        for code, name in last.items():
            stored = session.scalars(select(Department.name).where(Department.code == code)).one()
            assert not name or stored == name

    try_out()

    assert all(outcomes.values()), outcomes
