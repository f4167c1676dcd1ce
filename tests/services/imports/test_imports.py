"""Files become rows: found, mapped, rehearsed, carried out; rows in = created + updated + unchanged + refused."""

from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from models.access import Permission, Role, Scope, User
from models.applicant import Applicant
from models.audit import AuditEvent
from models.batch import Batch, BatchRow, BatchState, RowOutcome
from models.calendar import CalendarDay
from models.describe import attributes
from models.exchange import ImportBlock, ImportDraft, ImportMapping
from models.organisation import Department
from models.staff import Staff
from services.imports.applying import (
    MAY_NOT_ADD,
    MAY_NOT_PLACE,
    REPEATED,
    TAKEN,
)
from services.imports.drafts import (
    DraftSentError,
    choose_columns,
    choose_words,
    create_draft,
)
from services.imports.job import OTHERS_WRONG, TooManyAtOnceError, begin_import, kept_of
from services.imports.reading import EMPTY, TOO_LONG
from services.roles import build_actor
from services.session import acting
from tests.factories import make_row
from tests.support.roles import have_roles
from web.batches import do_chunk

LABELS: dict[type[Any], dict[str, list[str]]] = {
    Staff: {
        "badge_number": ["Badge number", "Số hiệu"],
        "full_name": ["Full name", "Họ và tên"],
        "department": ["Department", "Đơn vị"],
        "kind": ["Kind", "Loại"],
        "phone": ["Telephone", "Điện thoại"],
    },
    Department: {
        "code": ["Code", "Mã"],
        "name": ["Name", "Tên"],
        "kind": ["Kind", "Loại"],
        "parent": ["Part of", "Thuộc"],
    },
    CalendarDay: {},
    Applicant: {"full_name": ["Full name", "Họ và tên"], "kind": ["Kind", "Loại"]},
}
KINDS = {"kind": {"SERVANT": ["Public servant", "Công chức"], "VOLUNTEER": ["Volunteer", "Tình nguyện viên"]}}


class World:
    """A session of somebody with rights, and files made of rows."""

    def __init__(self, session: Session, folder: Path, now: datetime) -> None:
        self.session, self.folder, self.now = session, folder, now
        have_roles(session)
        self.transport = make_row(session, Department, code="H19.07", name="Sở Giao thông vận tải")
        self.justice = make_row(session, Department, code="H19.08", name="Sở Tư pháp")
        self.resources = make_row(session, Department, code="H19.09", name="Sở Tài nguyên và Môi trường")
        self.user = self.make_user("ADMIN")
        session.commit()

    def make_user(self, role: str, department: Department | None = None) -> User:
        roles = list(self.session.scalars(select(Role).where(Role.code == role)))
        return make_row(self.session, User, roles=roles, department=department or self.transport)

    def draft(self, model: type[Any], rows: Sequence[Sequence[Any]]) -> ImportDraft:
        path = self.folder / "file.csv"
        path.write_text("\n".join(";".join(str(cell) for cell in row) for row in rows), encoding="utf-8")
        names = {key: [key, *LABELS[model].get(key, [])] for key in attributes(model)}
        draft = create_draft(self.session, model, path, title="danh sách.csv", names=names, labels=KINDS, at=self.now)
        self.session.flush()
        return draft

    def run(self, draft: ImportDraft, *, is_rehearsal: bool = False) -> Batch:
        batch = begin_import(self.session, draft, is_rehearsal=is_rehearsal, at=self.now)
        self.session.commit()
        while batch.state in (BatchState.QUEUED, BatchState.RUNNING):
            assert do_chunk(self.session, at=self.now, batch_id=batch.id)
        assert batch.state is BatchState.FINISHED, batch.failure
        return batch


@pytest.fixture
def world(session: Session, tmp_path: Path, now: datetime) -> Any:
    world = World(session, tmp_path, now)
    with acting(session, build_actor(session, world.user)):
        yield world


def counts(batch: Batch) -> tuple[int, int, int, int]:
    assert batch.total_count == batch.done_count
    return batch.created_count, batch.updated_count, batch.unchanged_count, batch.refused_count


def reasons(session: Session, batch: Batch) -> dict[int, list[tuple[str, str]]]:
    rows = session.scalars(
        select(BatchRow).where(BatchRow.batch_id == batch.id, BatchRow.outcome == RowOutcome.REFUSED)
    )
    return {row.line_number: [(key, message) for key, message, _values in kept_of(row)["problems"]] for row in rows}


PEOPLE = [
    ["DANH SÁCH CÔNG CHỨC"],
    [],
    ["STT", "Số hiệu", "Họ và tên", "Đơn vị", "Loại"],
    [1, "1042", "Nguyễn Thị Minh Khai", "Sở GTVT", "Công chức"],
    [2, "1043", "Lê Vũ", "so tu phap", ""],
    [3, "1044", "Trần Hà", "STNMT", "volunteer"],
    [4, "1042", "Nguyễn Thị Minh Khai", "H19.07", ""],
    [5, "", "Không số", "H19.07", ""],
    [6, "1045", "Đỗ Lạ", "Sở Lạ", ""],
    [7, "1046", "x" * 200, "H19.07", ""],
]


def test_a_list_is_found_mapped_rehearsed_imported_and_imported_again(world: World) -> None:
    session = world.session
    draft = world.draft(Staff, PEOPLE)
    assert (draft.header_line, draft.total_count) == (3, 7)
    assert draft.columns == {"1": "badge_number", "2": "full_name", "3": "department", "4": "kind"}
    assert draft.words["department"] == {
        "so gtvt": world.transport.id, "so tu phap": world.justice.id, "stnmt": world.resources.id,
        "h19.07": world.transport.id,
    }  # fmt: skip
    assert draft.unknown == {"department": [["so la", "Sở Lạ", 1]]}

    rehearsal = world.run(draft, is_rehearsal=True)
    assert counts(rehearsal) == (3, 0, 0, 4)
    assert session.scalar(select(func.count(Staff.id)).where(Staff.badge_number == "1042")) == 0
    assert session.scalars(select(AuditEvent).where(AuditEvent.batch_id == rehearsal.id)).all() == []

    choose_words(session, draft, {"department": {"so la": world.justice.id}})
    assert (draft.unknown, draft.batch_id) == ({}, None)
    batch = world.run(draft)
    assert counts(batch) == (4, 0, 0, 3)
    assert reasons(session, batch) == {
        7: [("", REPEATED)],
        8: [("badge_number", EMPTY)],
        10: [("full_name", TOO_LONG)],
    }
    made = session.execute(
        select(Staff.badge_number, Staff.full_name, Department.code, Staff.kind)
        .join(Staff.department).where(Staff.badge_number.like("104%")).order_by(Staff.badge_number)
    ).all()  # fmt: skip
    assert [(a, b, c, str(d)) for a, b, c, d in made] == [
        ("1042", "Nguyễn Thị Minh Khai", "H19.07", "SERVANT"),
        ("1043", "Lê Vũ", "H19.08", "SERVANT"),
        ("1044", "Trần Hà", "H19.09", "VOLUNTEER"),
        ("1045", "Đỗ Lạ", "H19.08", "SERVANT"),
    ]
    events = session.execute(select(AuditEvent.entity, AuditEvent.action).where(AuditEvent.batch_id == batch.id)).all()
    assert events == [("staff", "create")] * 4
    assert session.scalar(select(func.count(ImportBlock.id)).where(ImportBlock.draft_id == draft.id)) == 0
    with pytest.raises(DraftSentError):
        choose_words(session, draft, {})
    assert begin_import(session, draft, is_rehearsal=False, at=world.now) is batch

    changed = [row[:] for row in PEOPLE]
    changed[4][3] = "Sở TN&MT"
    again = world.draft(Staff, changed)
    assert again.unknown == {}  # what "Sở Lạ" means was decided for files like this
    second = world.run(again)
    assert counts(second) == (0, 1, 3, 3)
    moved = session.scalars(select(BatchRow).where(BatchRow.batch_id == second.id, BatchRow.outcome == "UPDATED")).one()
    assert kept_of(moved) == {"changes": {"department": ["Sở Tư pháp", "Sở Tài nguyên và Môi trường"]}}
    assert session.scalar(select(func.count(ImportMapping.id))) == 1


def test_all_or_nothing_leaves_nothing_where_a_row_is_wrong(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [
        ["Mã", "Tên", "Loại"],
        *([code, name, "DEPARTMENT"] for code, name in (("H1", "Một"), ("H2", ""), ("H3", "Ba"))),
    ]
    draft = world.draft(Department, rows)
    draft.is_all_or_nothing = True
    batch = world.run(draft)
    assert counts(batch) == (0, 0, 0, 3)
    assert reasons(world.session, batch) == {2: [("", OTHERS_WRONG)], 3: [("name", EMPTY)], 4: [("", OTHERS_WRONG)]}
    assert world.session.scalar(select(func.count(Department.id)).where(Department.code.in_(("H1", "H3")))) == 0

    rows[2][1] = "Hai"
    mended = world.draft(Department, rows)
    mended.is_all_or_nothing = True
    monkeypatch.setattr("services.imports.job.MOST_AT_ONCE", 2)
    with pytest.raises(TooManyAtOnceError):
        begin_import(world.session, mended, is_rehearsal=False, at=world.now)
    monkeypatch.setattr("services.imports.job.MOST_AT_ONCE", 3)
    assert counts(world.run(mended)) == (3, 0, 0, 0)


def test_rows_without_a_code_are_known_by_what_they_say(world: World) -> None:
    days = [["local_date", "kind", "name"]]
    days += [[f"0{day}/09/2026", "HOLIDAY", "Quốc khánh"] for day in (1, 2, 2)]
    first, second = (world.run(world.draft(CalendarDay, days)) for _ in range(2))
    made = world.session.scalars(select(CalendarDay.local_date).order_by(CalendarDay.local_date)).all()

    assert (counts(first), counts(second)) == ((2, 0, 1, 0), (0, 0, 3, 0))
    assert made == [date(2026, 9, 1), date(2026, 9, 2)]


def test_an_import_reaches_no_further_than_the_rights_of_who_imports(world: World) -> None:
    session = world.session
    foreign = make_row(session, Staff, badge_number="900", full_name="Người sở khác", department=world.justice)
    own = make_row(session, Staff, badge_number="901", full_name="Người sở nhà", department=world.transport, phone="1")
    clerk = world.make_user("RECEIVING_OFFICER")
    role = session.scalars(select(Role).where(Role.code == "RECEIVING_OFFICER")).one()
    own_rows = (Permission.role_id == role.id, Permission.entity == "staff")
    for permission in session.scalars(select(Permission).where(*own_rows)):
        session.delete(permission)
    session.flush()
    for action in ("read", "create", "edit", "import"):
        session.add(Permission(role=role, entity="staff", action=action, scope=Scope.DEPARTMENT, level=0))
    session.commit()
    rows = [
        ["Số hiệu", "Họ và tên", "Đơn vị", "Điện thoại"],
        ["900", "Bị đổi tên", "Sở GTVT", "0999"],
        ["901", "Tên mới", "", "0999"],
        ["902", "Người mới", "Sở GTVT", "0999"],
        ["903", "Người mới", "Sở Tư pháp", "0999"],
        ["901", "Chuyển đi", "", ""],
    ]
    with acting(session, build_actor(session, clerk)):
        draft = world.draft(Staff, rows)
        assert "phone" not in draft.columns.values()
        choose_columns(session, draft, {**draft.columns, "3": "phone"}, {}, labels=KINDS)
        assert "phone" not in draft.columns.values()
        draft.columns = {**draft.columns, "3": "phone"}  # as if the stored draft were tampered with
        batch = world.run(draft)
    assert reasons(session, batch) == {
        2: [("badge_number", TAKEN)],
        5: [("", MAY_NOT_PLACE)],
        6: [("", REPEATED)],
    }
    assert counts(batch) == (1, 1, 0, 3)
    session.refresh(foreign)
    session.refresh(own)
    assert (foreign.full_name, foreign.phone) == ("Người sở khác", None)
    assert (own.full_name, own.phone) == ("Tên mới", "1")
    assert session.scalars(select(Staff.phone).where(Staff.badge_number == "902")).one() is None
    assert session.scalar(select(func.count(Staff.id)).where(Staff.badge_number == "903")) == 0


def test_a_persons_number_is_matched_and_nowhere_written_in_the_batch(world: World) -> None:
    session = world.session
    person = make_row(session, Applicant, id_number="075190000123", full_name="Lê Vũ", address="Cũ")
    session.commit()
    rows = [
        ["id_number", "full_name", "address"],
        ["075190000123", "Lê Vũ", "12 Phạm Văn Thuận"],
        ["075190009999", "X", ""],
    ]
    draft = world.draft(Applicant, rows)
    assert draft.columns == {"0": "id_number", "1": "full_name", "2": "address"}

    batch = world.run(draft)

    session.refresh(person)
    assert (counts(batch), person.address) == ((0, 1, 0, 1), "12 Phạm Văn Thuận")
    kept = session.scalars(select(BatchRow).where(BatchRow.batch_id == batch.id)).all()
    assert not any("0751900" in f"{row.code} {row.reason_values}" for row in kept)
    assert reasons(session, batch) == {3: [("", MAY_NOT_ADD)]}
