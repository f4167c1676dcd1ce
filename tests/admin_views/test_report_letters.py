"""The letter of a month: begun from frozen figures, written by two, taken away as an official letter."""

import io
import re
from datetime import UTC, date, datetime

from docx import Document
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from models.audit import AuditEvent
from models.frozen_figures import LetterVersion
from models.organisation import Department, DepartmentKind
from models.report_period import PeriodKind, ReportPeriod
from models.states import DossierState as S
from models.states import EventKind as Kind
from services.freezing import freeze_period
from services.session import unscoped
from tests.admin_views.test_report import at
from tests.services.settlement_world import Course, Happening, World
from tests.support.browser import set_clock
from tests.support.clients import client_as
from tests.support.screens import path_of, send, words_of
from web.database import database

MAY = datetime(2016, 5, 3, 3, tzinfo=UTC)
PROSE = {"assessment": "Nhìn chung <tốt> & đúng hạn.\nDòng hai.", "difficulties": "", "plans": "Tiếp tục."}


def freeze_april(app: Flask) -> int:
    """Freeze a month of three dossiers, one late; return the key of its figures."""
    with app.app_context(), Session(database().engine) as session, unscoped(session, "test"):
        world = World(session)
        centre = Department(code="T.99", name="Trung tâm Phục vụ hành chính công", kind=DepartmentKind.CENTRE)
        world.sites[0].authority, world.sites[0].place_name = "Ủy ban nhân dân tỉnh Bình Nguyên", "Bình Nguyên"
        for day, ends in ((4, 8), (5, 28), (6, None)):
            course = Course(Happening(at(day), Kind.RECEIVED, S.ACCEPTED), due=at(20))
            world.add(course.decided(at(ends)) if ends else course)
        april = ReportPeriod(
            name="Tháng 4/2016", kind=PeriodKind.MONTH, from_date=date(2016, 4, 1), until_date=date(2016, 4, 30)
        )
        session.add_all([april, centre])
        session.flush()
        frozen = freeze_period(session, april, last_version=0, reason=None, at=MAY)
        session.commit()
        return frozen.id


def fields(page: str) -> dict[str, str]:
    """Return what the letter's form holds."""
    found = dict(re.findall(r'<input[^>]*name="(\w+)"[^>]*value="([^"]*)"', page))
    found |= dict(re.findall(r'<textarea[^>]*name="(\w+)"[^>]*>([^<]*)</textarea>', page))
    chosen = re.search(r'<option value="(\d+)" selected', page)
    found.pop("csrf_token")  # each client sends its own
    return found | {"frozen_id": chosen[1] if chosen else ""}


def test_letter_is_written_around_figures_that_nobody_can_write(app: Flask) -> None:
    set_clock(app, MAY)
    frozen_id = freeze_april(app)
    director, supervisor, auditor = (client_as(app, role) for role in ("DIRECTOR", "SUPERVISOR", "AUDITOR"))

    begun = send(director, f"/admin/report/frozen/{frozen_id}/letter", {})
    address = path_of(begun)
    typed = fields(director.get(address).text) | PROSE
    saved, again = (send(director, address, typed) for _ in range(2))
    overtaken = send(supervisor, address, typed | {"plans": "Ý kiến khác", "seen_number": "1"})

    assert [answer.status_code for answer in (begun, saved, again, overtaken)] == [303, 303, 303, 409]
    assert "Ý kiến khác" in overtaken.text
    assert path_of(send(supervisor, f"/admin/report/frozen/{frozen_id}/letter", {})) == address
    with app.app_context(), Session(database().engine) as session, unscoped(session, "test"):
        versions = session.scalars(select(LetterVersion).order_by(LetterVersion.number)).all()
        assert [(one.number, one.plans, one.document_number) for one in versions] == [
            (1, "", "/BC-TTPVHCC"), (2, "Tiếp tục.", "/BC-TTPVHCC"),
        ]  # fmt: skip
    assert "Đây là bản cũ" in words_of(director.get(f"{address}?version=1"))
    assert send(auditor, address, typed).status_code == 403
    assert auditor.get(address).status_code == 200
    assert "readonly" in auditor.get(address).text
    assert send(director, address, typed | {"frozen_id": "0"}).status_code == 400
    assert send(director, address, typed | {"letter_date": "x"}).status_code == 400
    for absent in (f"{address}?version=3", f"{address}?version=x", f"{address}/9.docx"):
        assert director.get(absent).status_code == 404


def test_letter_is_set_as_official_letters_are(app: Flask) -> None:
    set_clock(app, MAY)
    frozen_id = freeze_april(app)
    director = client_as(app, "DIRECTOR")
    address = path_of(send(director, f"/admin/report/frozen/{frozen_id}/letter", {}))
    send(director, address, fields(director.get(address).text) | PROSE)

    answer = director.get(f"{address}/2.docx")

    assert answer.headers["Content-Disposition"] == "attachment; filename=thang-4-2016-v2.docx"
    file = Document(io.BytesIO(answer.data))
    left, right = ([line.text for line in cell.paragraphs] for cell in file.tables[0].rows[0].cells)
    assert left == [
        "ỦY BAN NHÂN DÂN TỈNH BÌNH NGUYÊN", "TRUNG TÂM PHỤC VỤ HÀNH CHÍNH CÔNG", "", "Số: /BC-TTPVHCC",
    ]  # fmt: skip
    assert right == [
        "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", "Độc lập - Tự do - Hạnh phúc", "",
        "Bình Nguyên, ngày 03 tháng 5 năm 2016",
    ]  # fmt: skip
    text = [line.text for line in file.paragraphs if line.text]
    assert text[:3] == [
        "BÁO CÁO", "Kết quả tiếp nhận, giải quyết thủ tục hành chính tháng 4/2016",
        "Kính gửi: Ủy ban nhân dân tỉnh Bình Nguyên.",
    ]  # fmt: skip
    assert [line for line in text if re.match(r"[IVX]+\. ", line)] == [
        "I. KẾT QUẢ TIẾP NHẬN, GIẢI QUYẾT HỒ SƠ", "II. ĐÁNH GIÁ CHUNG", "III. PHƯƠNG HƯỚNG, NHIỆM VỤ",
    ]  # fmt: skip
    assert "Nhìn chung <tốt> & đúng hạn." in text
    assert any("Đã giải quyết 2 hồ sơ: trước hạn 1, đúng hạn 0, quá hạn 1. Tỷ lệ đúng hạn 33,33 % (1/3)" in line
               for line in text)  # fmt: skip
    rows = [[cell.text for cell in row.cells] for row in file.tables[1].rows]
    assert rows[1:] == [["1", "Sở số 0", "3", "2", "1", "1", "33,33"], ["", "Tổng cộng", "3", "2", "1", "1", "33,33"]]
    assert [cell.text for cell in file.tables[3].rows[-1].cells][1:] == [
        "Tổng cộng", "3", "0", "3", "0", "2", "1", "0", "1", "1", "0", "1",
    ]  # fmt: skip
    section = file.sections[0]
    assert [round(side.mm) for side in (section.page_width, section.left_margin, section.right_margin)] == [210, 30, 20]
    with app.app_context(), Session(database().engine) as session, unscoped(session, "test"):
        taken = session.scalars(select(AuditEvent).where(AuditEvent.entity == "report_letter")).all()
        assert "export" in {event.action for event in taken}
