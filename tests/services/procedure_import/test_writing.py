import json
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from models.organisation import Department, DepartmentKind
from models.procedure import ProcedureVersion
from models.procedure_content import ExecutionMethod, FeeRule, ProcedureSource, RequiredDocument
from models.procedure_terms import AgencyRole, FeeKind, LimitUnit, OnlineService, ProcedureKind, VersionState
from models.states import Channel
from services.procedure_import.mapping import map_record
from services.procedure_import.writing import read_content
from tests.support.procedures import SAMPLE, counts, procedure, records, run, write


def test_first_record_is_stored_in_full(session: Session, now: datetime) -> None:
    run(session, SAMPLE, now)

    found = procedure(session, "1.900001")
    version = found.current_version
    assert (found.name, found.field.code, found.department.code) == (
        "Thủ tục đăng ký biểu diễn nghệ thuật đường phố",
        "T19-VH01",
        "T19.07",
    )
    assert (found.online_service, found.is_province_level, found.is_commune_level, found.is_ministry_level) == (
        OnlineService.FULL,
        True,
        True,
        False,
    )
    assert (found.is_non_territorial, found.is_at_centre, found.keywords) == (True, True, "hát rong, xiếc phố")
    assert (version.number, version.state, version.decision_number) == (1, VersionState.PUBLISHED, "214/QĐ-BVHCS")
    assert (version.decision_date, version.publication_date) == (date(2026, 1, 1), date(2026, 1, 5))
    assert version.steps == (
        "Bước 1: Người biểu diễn nộp hồ sơ trước ngày biểu diễn 05 ngày.\n"
        "- Nộp trực tiếp tại Trung tâm Phục vụ hành chính công;\n- Hoặc nộp trực tuyến.\n\n"
        "Bước 2: Công chức kiểm tra hồ sơ.\n+ Hồ sơ đủ thì tiếp nhận;\n+ Hồ sơ thiếu thì hướng dẫn bổ sung.\n\n"
        "* Lưu ý:\n• Không dùng loa sau 22 giờ."
    )
    assert version.return_methods == "ONLINE: ONLINE POST\nCOUNTER: COUNTER"
    assert [
        (m.channel, m.limit_quantity, m.limit_unit, [(f.kind, f.amount_vnd) for f in m.fees]) for m in version.methods
    ] == [
        (Channel.COUNTER, 3, LimitUnit.WORKING_DAY, [(FeeKind.FEE, 15000), (FeeKind.PRICE_LEVEL, 20000)]),
        (Channel.ONLINE, 2, LimitUnit.WORKING_DAY, [(FeeKind.FEE, 7000)]),
        (Channel.POST, 3, LimitUnit.WORKING_DAY, [(FeeKind.FEE, 15000)]),
    ]
    (case,) = version.cases
    assert [(d.originals, d.copies, [form.name for form in d.forms]) for d in case.documents] == [
        (1, 0, ["Mẫu số 01.docx", "Mau so 01 (khong dau).pdf"]),
        (0, 1, []),
        (1, 1, []),
    ]
    assert [basis.code for basis in version.legal_bases] == ["901/2025/NĐ-CP", "91/2024/QH15"]
    assert [(a.role, a.department.code) for a in version.agencies] == [
        (AgencyRole.EXECUTING, "T19.07"),
        (AgencyRole.PUBLISHING, "T16"),
    ]
    assert session.get_one(ProcedureSource, version.id).record == records()[0]


def test_oddities_are_kept_and_marked(session: Session, now: datetime) -> None:
    run(session, SAMPLE, now)

    festival, card, treasure, club, craft = (
        procedure(session, code) for code in ("1.900002", "2.900003", "1.900004", "1.900005", "1.900006.000.00.00.H19")
    )
    assert festival.name == "Cấp giấy phép tổ chức lễ hội có từ hai xã trở lên"  # stored in NFC
    assert [(m.channel, m.limit_quantity) for m in festival.current_version.methods] == [
        (Channel.COUNTER, Decimal("3.5")),
        (Channel.POST, Decimal("3.5")),
        (Channel.COUNTER, Decimal("6.25")),
        (Channel.POST, Decimal("6.25")),
    ]
    assert [len(case.documents) for case in festival.current_version.cases] == [2, 2]
    assert [case.code for case in festival.current_version.national_cases] == ["1.900002.01"]
    words, nothing = card.current_version.methods
    assert (words.limit_quantity, words.limit_unit, words.limit_text) == (
        None,
        None,
        "Tùy theo số lượng tư liệu, tối đa hai lần lịch sắp xếp",
    )
    assert (nothing.limit_quantity, nothing.limit_unit) == (0, None)
    assert [(f.amount_vnd, f.foreign_amount, f.foreign_currency, f.attachment) for f in words.fees] == [
        (None, 10, "USD", None),
        (None, None, None, "Biểu giá 2026.pdf"),
    ]
    assert (card.current_version.decision_number, card.current_version.decision_date) == (None, None)
    assert card.current_version.subjects == "Người nước ngoài\nTổ chức nước ngoài"
    assert (treasure.is_at_centre, treasure.redirect_text) == (
        False,
        "Cục Bảo vật - Bộ Văn hóa cơ sở\nBộ phận Một cửa Bộ Văn hóa cơ sở, số 1 đường Hoa Ban",
    )
    assert (len(club.name), "\n" in club.name) == (1094, False)
    assert club.department.code == festival.current_version.agencies[1].department.code
    assert (craft.kind, [(m.limit_quantity, m.limit_unit) for m in craft.current_version.methods]) == (
        ProcedureKind.SPECIFIC,
        [(12, LimitUnit.MONTH), (10, LimitUnit.DAY)],
    )


def test_departments_are_made_once_with_kind_and_parent(session: Session, now: datetime) -> None:
    session.add(Department(code="T16", name="Bộ Văn hóa", kind=DepartmentKind.MINISTRY))
    session.commit()

    run(session, SAMPLE, now)

    departments = session.scalars(select(Department).order_by(Department.name)).all()
    assert [(d.name, d.kind, d.is_imported, d.parent and d.parent.code) for d in departments] == [
        ("Bộ Văn hóa", DepartmentKind.MINISTRY, False, None),
        ("Cục Bảo vật - Bộ Văn hóa cơ sở", DepartmentKind.VERTICAL, True, "T16"),
        ("Phòng Quản lý lễ hội", DepartmentKind.OTHER, True, "T19.07"),
        ("Sở Văn hóa và Thể thao tỉnh Minh Sơn", DepartmentKind.DEPARTMENT, True, None),
        ("UBND tỉnh Minh Sơn", DepartmentKind.PROVINCE, True, None),
        ("Ủy ban nhân dân cấp xã", DepartmentKind.COMMUNE, True, None),
    ]


def test_what_was_stored_reads_back_as_what_was_imported(session: Session, now: datetime) -> None:
    run(session, SAMPLE, now)

    stored = [read_content(session, procedure(session, record["code"]).current_version) for record in records()]
    assert stored == [map_record(json.loads(json.dumps(r), parse_float=Decimal)) for r in records()]


def test_changed_record_becomes_a_new_version_and_the_old_one_is_kept(
    session: Session, now: datetime, tmp_path: Path
) -> None:
    run(session, SAMPLE, now)
    changed = records()
    detail = changed[0]["detail"]
    detail["executionMethods"][0]["fees"][0]["value"] = 20000
    detail["executionCases"][0]["profileComponents"].pop(1)
    detail["executionSteps"][1]["description"] = "Không dùng loa sau 21 giờ."
    detail["procedureProposal"]["proposalNumber"] = "300/QĐ-BVHCS"
    detail["isWard"] = False
    later = now.replace(hour=6)

    batch = run(session, write(tmp_path / "changed.jsonl", changed), later)

    found = procedure(session, "1.900001")
    new, old = found.versions
    assert counts(batch) == (0, 1, 5, 0)
    assert found.current_version is new
    assert found.is_commune_level is False
    assert (old.number, old.state, old.superseded_at) == (1, VersionState.SUPERSEDED, later)
    assert (new.number, new.state, new.effective_at) == (2, VersionState.PUBLISHED, later)
    assert [d.name for d in old.cases[0].documents][1] == "Bản chụp giấy tờ tùy thân của người biểu diễn"
    method = {
        "channel": "COUNTER", "limit_quantity": "3", "limit_unit": "WORKING_DAY", "limit_text": None,
        "description": "Kể từ ngày nhận đủ hồ sơ hợp lệ.",
    }  # fmt: skip
    fee = {"kind": "FEE", "foreign_amount": None, "foreign_currency": None, "description": "15.000 đồng/lần",
           "attachment": None}  # fmt: skip
    price = {**fee, "kind": "PRICE_LEVEL", "amount_vnd": 20000, "description": "Bản sao công chứng"}
    paper = {
        "case": None, "name": "Bản chụp giấy tờ tùy thân của người biểu diễn", "code": "000.00.00.T16-KQ000102",
        "originals": 0, "copies": 1, "is_required": False, "has_electronic_form": False, "is_earlier_result": False,
        "forms": [],
    }  # fmt: skip
    assert new.difference == [
        {"part": "levels", "removed": ["is_commune_level"], "added": []},
        {"part": "decision_number", "before": "214/QĐ-BVHCS", "after": "300/QĐ-BVHCS"},
        {"part": "steps", "removed": ["• Không dùng loa sau 22 giờ."], "added": ["Không dùng loa sau 21 giờ."]},
        {
            "part": "methods",
            "removed": [{**method, "fees": [{**fee, "amount_vnd": 15000}, price]}],
            "added": [{**method, "fees": [{**fee, "amount_vnd": 20000}, price]}],
        },
        {"part": "documents", "removed": [paper], "added": []},
    ]


@pytest.mark.parametrize(
    ("names", "code"),
    [
        (["Sở Văn hóa"], "T19.07"),
        (["Sở Văn hóa và Thể thao tỉnh Minh Sơn"], "H19.00"),
        (["Sở Văn hóa và Thể thao tỉnh Minh Sơn"] * 2, "T19.07"),
        (["Sở Văn hóa và Thể thao tỉnh Minh Sơn - TP. Hạ"], "H19.00"),
    ],
)
def test_dossiers_go_to_the_centres_own_department_of_that_name(
    session: Session, now: datetime, tmp_path: Path, names: list[str], code: str
) -> None:
    for n, name in enumerate(names):
        session.add(Department(code=f"H19.0{n}", name=name, kind=DepartmentKind.DEPARTMENT))
    session.commit()

    run(session, write(tmp_path / "one.jsonl", records()[:1]), now)

    found = procedure(session, "1.900001")
    assert found.department.code == code
    assert found.current_version.agencies[0].department.code == "T19.07"


def test_a_version_entered_by_hand_is_superseded_by_the_record(session: Session, now: datetime, tmp_path: Path) -> None:
    run(session, SAMPLE, now)
    version = procedure(session, "1.900001").current_version
    assert version is not None
    version.classification, version.content_hash = {}, "0" * 64
    session.commit()

    batch = run(session, write(tmp_path / "again.jsonl", records()[:1]), now)

    assert counts(batch) == (0, 1, 0, 0)
    assert procedure(session, "1.900001").current_version.number == 2


def test_what_staff_changed_survives_an_update_of_something_else(
    session: Session, now: datetime, tmp_path: Path
) -> None:
    run(session, SAMPLE, now)
    found = procedure(session, "1.900001")
    found.keywords, found.is_at_centre, found.redirect_text = "hát rong", False, "Nhà văn hóa"
    session.commit()
    changed = records()[:1]
    changed[0]["detail"]["isFullProcess"] = False

    run(session, write(tmp_path / "changed.jsonl", changed), now)

    assert (found.keywords, found.is_at_centre, found.redirect_text) == ("hát rong", False, "Nhà văn hóa")
    assert found.online_service is OnlineService.PARTIAL


def test_text_that_no_database_can_hold_is_cleaned(session: Session, now: datetime, tmp_path: Path) -> None:
    odd = records()[0]
    odd["detail"]["note"] = "a\u0000b\ud800c"
    path = tmp_path / "odd.jsonl"
    path.write_text(json.dumps(odd) + "\n")

    run(session, path, now)

    assert procedure(session, "1.900001").current_version.note == "a bc"


def test_versions_refer_to_one_published_at_most(session: Session, now: datetime) -> None:
    run(session, SAMPLE, now)

    published = session.execute(
        select(ProcedureVersion.procedure_id, func.count())
        .where(ProcedureVersion.state == VersionState.PUBLISHED)
        .group_by(ProcedureVersion.procedure_id)
    ).all()
    assert [count for _, count in published] == [1] * 6
    assert session.scalar(select(func.count(RequiredDocument.id))) == 8
    assert session.scalar(select(func.count(ExecutionMethod.id))) == 14
    assert session.scalar(select(func.count(FeeRule.id))) == 9
    assert all(v.recorded_at == datetime(2017, 5, 17, 2, tzinfo=UTC) for v in session.scalars(select(ProcedureVersion)))
