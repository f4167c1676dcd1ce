import gzip
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from models.audit import AuditEvent
from models.base import Base
from models.import_batch import ImportBatch, ImportOutcome, ImportRow, ImportState
from models.organisation import Department, DepartmentKind
from models.procedure import Procedure, ProcedureVersion
from models.procedure_content import ExecutionMethod, FeeRule, ProcedureSource, RequiredDocument
from models.procedure_terms import AgencyRole, FeeKind, LimitUnit, OnlineService, ProcedureKind, VersionState
from models.states import Channel
from services.database import make_engine
from services.procedure_import.batch import ImportEndedError, cancel_import, import_chunk, rehearse, start_import
from services.procedure_import.mapping import map_record
from services.procedure_import.reading import inspect_file
from services.procedure_import.writing import read_content
from services.session import unscoped

SAMPLE = Path(__file__).parents[1] / "data" / "procedures.jsonl"
IMPORT_TABLES = {"import_batch", "import_row", "audit_event", "audit_payload", "audit_head"}

Mend = Callable[[dict[str, Any]], None]


def run(session: Session, path: Path, at: datetime, *, size: int = 50) -> ImportBatch:
    file = inspect_file(path)
    batch = start_import(session, file, file_name=path.name, at=at)
    while batch.state is ImportState.RUNNING:
        import_chunk(session, batch, file, at=at, size=size)
        session.commit()
    return batch


def counts(batch: ImportBatch) -> tuple[int, int, int, int]:
    return batch.created_count, batch.updated_count, batch.unchanged_count, batch.refused_count


def contents(session: Session) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of every table but those that tell of imports."""
    return {
        table.name: sorted((tuple(row) for row in session.execute(select(table))), key=repr)
        for table in Base.metadata.sorted_tables
        if table.name not in IMPORT_TABLES
    }


def records() -> list[dict[str, Any]]:
    return [json.loads(line) for line in SAMPLE.read_text().splitlines()[:6]]


def write(path: Path, rows: list[Any]) -> Path:
    path.write_text(
        "".join(f"{row if isinstance(row, str) else json.dumps(row, ensure_ascii=False)}\n" for row in rows)
    )
    return path


def procedure(session: Session, code: str) -> Procedure:
    return session.scalars(select(Procedure).where(Procedure.code == code)).one()


def test_sample_goes_in_and_bad_records_are_set_aside_with_reasons(session: Session, now: datetime) -> None:
    batch = run(session, SAMPLE, now)

    rows = session.execute(
        select(ImportRow.line_number, ImportRow.outcome, ImportRow.code, ImportRow.reason, ImportRow.reason_values)
        .where(ImportRow.outcome == ImportOutcome.REFUSED)
        .order_by(ImportRow.line_number)
    ).all()
    assert counts(batch) == (6, 0, 0, 6)
    assert (batch.lines_total, batch.lines_done, batch.state) == (12, 12, ImportState.FINISHED)
    assert [(row.line_number, row.code, row.reason % row.reason_values) for row in rows] == [
        (8, "1.900007", "“ 1.900007” is no national procedure code; it should look like 1.004194."),
        (9, "1.900008-Xoa", "“1.900008-Xoa” is no national procedure code; it should look like 1.004194."),
        (
            10,
            "1.900009",
            "detail.executionMethods[0].fees[0].value is no believable amount: 99999999999999. "
            "Whole đồng from 0 to 1 000 000 000 000 are taken.",
        ),
        (11, None, "The line is not valid JSON: Unterminated string starting at, 42."),
        (12, "1.900011", "name is missing."),
        (13, "1.900001", "1.900001 already stands on line 1 of this file; the first record was taken."),
    ]
    assert session.scalar(select(func.count(Procedure.id))) == 6


def test_refused_rows_keep_their_text_and_others_do_not(session: Session, now: datetime) -> None:
    run(session, SAMPLE, now)

    lines = SAMPLE.read_text().splitlines()
    kept = dict(session.execute(select(ImportRow.line_number, ImportRow.raw).order_by(ImportRow.line_number)).all())
    assert kept == {n: None if n < 7 else lines[n - 1] for n in (1, 2, 3, 4, 5, 6, 8, 9, 10, 11, 12, 13)}


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
        "Bộ Văn hóa cơ sở\nBộ phận Một cửa Bộ Văn hóa cơ sở, số 1 đường Hoa Ban",
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


def test_second_run_changes_nothing_at_all(session: Session, now: datetime) -> None:
    run(session, SAMPLE, now)
    before = contents(session)
    audited = session.scalar(select(func.count()).where(AuditEvent.entity.not_in(["import_batch"])))

    batch = run(session, SAMPLE, now.replace(hour=5))

    assert counts(batch) == (0, 0, 6, 6)
    assert contents(session) == before
    assert session.scalar(select(func.count()).where(AuditEvent.entity.not_in(["import_batch"]))) == audited


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


def test_dry_run_tells_the_same_and_writes_nothing(session: Session, now: datetime) -> None:
    before = contents(session)

    told = [(item.line.number, item.outcome.value) for item in rehearse(session, inspect_file(SAMPLE), size=4)]

    assert told == [(n, "CREATED") for n in range(1, 7)] + [(n, "REFUSED") for n in range(8, 14)]
    assert contents(session) == before
    assert session.scalar(select(func.count(ImportBatch.id))) == 0


def test_interrupted_run_goes_on_where_it_stopped(session: Session, now: datetime) -> None:
    file = inspect_file(SAMPLE)
    batch = start_import(session, file, file_name="a", at=now)
    import_chunk(session, batch, file, at=now, size=5)
    session.commit()
    import_chunk(session, batch, file, at=now, size=5)
    session.rollback()  # what a killed process leaves of its last chunk

    resumed = run(session, SAMPLE, now, size=5)

    assert resumed is batch
    assert counts(resumed) == (6, 0, 0, 6)
    assert session.scalar(select(func.count(ImportRow.id))) == 12


def test_packed_file_goes_on_where_the_plain_one_stopped(session: Session, now: datetime, tmp_path: Path) -> None:
    packed = tmp_path / "procedures.jsonl.gz"
    packed.write_bytes(gzip.compress(SAMPLE.read_bytes()))
    file = inspect_file(SAMPLE)
    batch = start_import(session, file, file_name="a", at=now)
    import_chunk(session, batch, file, at=now, size=3)
    session.commit()

    resumed = run(session, packed, now)

    assert (resumed is batch, counts(resumed)) == (True, (6, 0, 0, 6))


def test_cancelled_import_keeps_what_is_in_and_takes_no_more(session: Session, now: datetime) -> None:
    file = inspect_file(SAMPLE)
    batch = start_import(session, file, file_name="a", at=now)
    import_chunk(session, batch, file, at=now, size=2)

    cancel_import(session, batch, at=now)

    assert (batch.state, counts(batch)) == (ImportState.CANCELLED, (2, 0, 0, 0))
    with pytest.raises(ImportEndedError):
        import_chunk(session, batch, file, at=now)
    assert start_import(session, file, file_name="a", at=now) is not batch


def test_database_refusing_one_record_sets_only_that_one_aside(session: Session, now: datetime, tmp_path: Path) -> None:
    session.execute(text("CREATE UNIQUE INDEX one_name ON procedure_version (name)"))  # a rule our checks know not of
    session.commit()
    first, twin, last = records()[0], records()[0], records()[1]
    twin["code"] = twin["detail"]["code"] = "1.900099"
    twin["detail"]["departmentsExecuting"][0]["code"] = "T19.99"

    batch = run(session, write(tmp_path / "twin.jsonl", [first, twin, last]), now)

    refused = session.scalars(select(ImportRow).where(ImportRow.outcome == ImportOutcome.REFUSED)).one()
    assert (counts(batch), refused.line_number, refused.entity_id) == ((2, 0, 0, 1), 2, None)
    assert refused.reason == "The database refused the record: %(fault)s."
    assert session.scalar(select(func.count(Procedure.id))) == 2
    assert session.scalar(select(Department.id).where(Department.code == "T19.99")) is None


def _set(path: str, value: Any) -> Mend:
    def mend(record: dict[str, Any]) -> None:
        *parents, last = path.split(".")
        place: Any = record
        for key in parents:
            place = place[int(key)] if key.isdigit() else place[key]
        place[int(last) if last.isdigit() else last] = value

    return mend


METHOD = "detail.executionMethods.0"
PAPER = "detail.executionCases.0.profileComponents.0"


@pytest.mark.parametrize(
    ("path", "value", "reason"),
    [
        ("code", "1.9000011", "“1.9000011” is no national procedure code; it should look like 1.004194."),
        ("code", "1.900001999", "“1.900001999” is no national procedure code; it should look like 1.004194."),
        ("code", "1.900001\n", "“1.900001\n” is no national procedure code; it should look like 1.004194."),
        ("code", "١.900001", "“١.900001” is no national procedure code; it should look like 1.004194."),
        ("code", 1.9, "code should be text, but is 1.9."),
        ("code", None, "code is missing."),
        ("name", "  ", "name is missing."),
        ("name", ["a"], "name should be text, but is ['a']."),
        ("detail", None, "detail should be an object, but is null."),
        ("detail.code", "1.900002", "The record is headed 1.900001, but its detail belongs to 1.900002."),
        ("detail.executionMethods", "x", "detail.executionMethods should be a list, but is x."),
        (METHOD, 7, "detail.executionMethods[0] should be an object, but is 7."),
        (
            f"{METHOD}.submissionMethod",
            "FAX",
            "detail.executionMethods[0].submissionMethod is FAX, which is none of the known values: "
            "DIRECT, ONLINE, POSTAL.",
        ),
        (
            f"{METHOD}.processingTime",
            -3,
            "detail.executionMethods[0].processingTime is no believable time limit: -3.",
        ),
        (f"{METHOD}.processingTime", [3], "detail.executionMethods[0].processingTime should be text, but is [3]."),
        (
            f"{METHOD}.fees.0.value",
            1.5,
            "detail.executionMethods[0].fees[0].value is no believable amount: 1.5. "
            "Whole đồng from 0 to 1 000 000 000 000 are taken.",
        ),
        (
            f"{METHOD}.fees.0.value",
            True,
            "detail.executionMethods[0].fees[0].value is no believable amount: True. "
            "Whole đồng from 0 to 1 000 000 000 000 are taken.",
        ),
        (
            f"{PAPER}.originalQty",
            -1,
            "detail.executionCases[0].profileComponents[0].originalQty should be a whole number from 0 to 100, "
            "but is -1.",
        ),
        (
            f"{PAPER}.required",
            "yes",
            "detail.executionCases[0].profileComponents[0].required should be true or false, but is yes.",
        ),
        (
            "detail.procedureProposal.decisionDate",
            10**20,
            "detail.procedureProposal.decisionDate is no believable date: 100000000000000000000.",
        ),
        ("detail.categoriesDetails", [], "detail.category.code is missing."),
        (
            "detail.departmentPromulgateCode",
            "A" * 41,
            "detail.departmentPromulgateCode is 41 characters long; at most 40 fit.",
        ),
    ],
)
def test_malformed_record_is_refused_with_its_place(
    session: Session, now: datetime, tmp_path: Path, path: str, value: Any, reason: str
) -> None:
    bad, good = records()[0], records()[1]
    _set(path, value)(bad)

    batch = run(session, write(tmp_path / "bad.jsonl", [bad, good]), now)

    refused = session.scalars(select(ImportRow).where(ImportRow.outcome == ImportOutcome.REFUSED)).one()
    assert counts(batch) == (1, 0, 0, 1)
    assert refused.reason % refused.reason_values == reason


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("[1, 2]", "record should be an object, but is [1, 2]."),
        ("null", "record should be an object, but is null."),
        ('{"code": NaN}', "The line is not valid JSON: NaN."),
        ('{"code": ' + "[" * 100_000, "The line is not valid JSON: maximum recursion depth exceeded"),
    ],
)
def test_line_that_is_no_record_is_refused(
    session: Session, now: datetime, tmp_path: Path, line: str, reason: str
) -> None:
    batch = run(session, write(tmp_path / "bad.jsonl", [records()[0], line]), now)

    refused = session.scalars(select(ImportRow).where(ImportRow.outcome == ImportOutcome.REFUSED)).one()
    assert counts(batch) == (1, 0, 0, 1)
    assert (refused.reason % refused.reason_values)[: len(reason)] == reason


def test_text_that_no_database_can_hold_is_cleaned(session: Session, now: datetime, tmp_path: Path) -> None:
    odd = records()[0]
    odd["detail"]["note"] = "a\u0000b\ud800c"
    path = tmp_path / "odd.jsonl"
    path.write_text(json.dumps(odd) + "\n")

    run(session, path, now)

    assert procedure(session, "1.900001").current_version.note == "a bc"


def test_hundred_records_cost_few_statements_when_nothing_changed(
    session: Session, now: datetime, count_queries: Any, tmp_path: Path
) -> None:
    rows = []
    for n in range(100):
        record = records()[0]
        record["code"] = record["detail"]["code"] = f"1.91{n:04}"
        rows.append(record)
    path = write(tmp_path / "many.jsonl", rows)
    run(session, path, now)
    file = inspect_file(path)
    batch = start_import(session, file, file_name="b", at=now)
    session.commit()

    with count_queries(session.get_bind()) as seen:
        import_chunk(session, batch, file, at=now, size=100)

    assert len(seen) <= 6, "\n".join(seen)


KILLED = """
import os, sys
from datetime import datetime, UTC
from pathlib import Path
from sqlalchemy.orm import Session
import services.audit
from services.database import make_engine
from services.procedure_import.batch import import_chunk, start_import
from services.procedure_import.reading import inspect_file
from services.session import unscoped

engine, at, file = make_engine(sys.argv[1]), datetime(2017, 5, 17, tzinfo=UTC), inspect_file(Path(sys.argv[2]))
with Session(engine) as session, unscoped(session, "import"):
    batch = start_import(session, file, file_name="killed", at=at)
    session.commit()
    while batch.state.value == "RUNNING":
        import_chunk(session, batch, file, at=at, size=10)
        session.commit()
        print(batch.lines_done, flush=True)
"""


def test_killed_process_loses_at_most_its_chunk_and_the_next_goes_on(
    database_url: str, now: datetime, tmp_path: Path
) -> None:
    rows = []
    for n in range(200):
        record = records()[n % 6]
        record["code"] = record["detail"]["code"] = f"1.92{n:04}"
        rows.append(record)
    path = write(tmp_path / "many.jsonl", rows)
    process = subprocess.Popen(
        [sys.executable, "-c", KILLED, database_url, str(path)],
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[2],
        env={**os.environ, "PYTHONPATH": "."},
    )
    assert process.stdout is not None
    reported = [int(process.stdout.readline()) for _ in range(3)][-1]
    time.sleep(0.05)  # somewhere inside a later chunk
    process.send_signal(signal.SIGKILL)
    process.wait()
    process.stdout.close()

    engine = make_engine(database_url)
    with Session(engine) as session, unscoped(session, "test"):
        left = session.scalars(select(ImportBatch)).one()
        done = left.lines_done
        batch = run(session, path, now)

        assert reported <= done < 200
        assert (batch.id, counts(batch)) == (left.id, (200, 0, 0, 0))
        assert session.scalar(select(func.count(Procedure.id))) == 200
        assert session.scalar(select(func.count(ImportRow.id))) == 200
    engine.dispose()


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
