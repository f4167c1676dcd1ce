"""The shared sample of 1,148 real records; skipped, saying so, where it is not at hand."""

import gzip
import json
import time
import unicodedata
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from models.batch import BatchState
from models.organisation import Department
from models.procedure import Procedure, ProcedureVersion
from models.procedure_content import (
    ExecutionMethod,
    FeeRule,
    FormFile,
    LegalBasis,
    NationalCase,
    ProcedureCase,
    RequiredDocument,
    ResultType,
)
from services.database import make_engine
from services.procedure_import.batch import import_chunk, start_import
from services.procedure_import.mapping import map_record
from services.procedure_import.reading import inspect_file
from services.procedure_import.writing import read_content
from services.procedures import find_procedures
from services.session import unscoped
from tests.support.procedures import contents, counts

DATA = Path(__file__).parents[4] / "shared" / "data" / "national-procedures-sample.jsonl.gz"
TEN = (
    "1.004884", "1.014266", "1.115647", "1.000771", "1.003677",
    "2.000635", "1.115430", "1.014295", "3.000540", "1.012791",
)  # fmt: skip
"""A common one, several ways per channel, fractions, dollars, words for limits, no limit, nameless papers."""

pytestmark = [
    pytest.mark.data,
    pytest.mark.timeout(300),
    pytest.mark.skipif(not DATA.exists(), reason="the shared sample of national procedures is missing"),
]


@pytest.fixture(scope="module")
def records() -> dict[str, dict[str, Any]]:
    with gzip.open(DATA, "rt", encoding="utf-8") as lines:
        return {record["code"]: record for record in map(json.loads, lines)}


@pytest.fixture(scope="module")
def imported(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path) -> Iterator[Engine]:
    path = tmp_path_factory.mktemp("real") / "real.db"
    path.write_bytes(sqlite_template.read_bytes())
    engine = make_engine(f"sqlite:///{path}")
    with Session(engine) as session, unscoped(session, "test"):
        run(session)
    yield engine
    engine.dispose()


@pytest.fixture
def real(imported: Engine) -> Iterator[Session]:
    with Session(imported) as session, unscoped(session, "test"):
        yield session


def run(session: Session) -> tuple[int, int, int, int]:
    file, at = inspect_file(DATA), datetime(2026, 11, 21, tzinfo=UTC)
    batch = start_import(session, file, file_name=DATA.name, at=at)
    while batch.state is BatchState.RUNNING:
        import_chunk(session, batch, file, at=at)
        session.commit()
    return counts(batch)


def test_all_go_in_within_twenty_seconds_and_again_without_change(session: Session) -> None:
    began = time.process_time()  # not the clock on the wall: other work on the machine is none of our doing
    first = run(session)
    seconds = time.process_time() - began
    before = contents(session)
    second = run(session)

    assert (first, second) == ((1148, 0, 0, 0), (0, 0, 1148, 0))
    assert contents(session) == before
    assert seconds < 20


def test_nothing_is_lost_on_the_way(real: Session, records: dict[str, dict[str, Any]]) -> None:
    """Every list of every record counted by hand, against the rows."""
    details = [record["detail"] for record in records.values()]
    methods = [method for detail in details for method in detail["executionMethods"]]
    cases = [case for detail in details for case in detail.get("executionCases", ()) if case]
    papers = [paper for case in cases for paper in case.get("profileComponents", ())]

    def rows(model: Any) -> int | None:
        return real.scalar(select(func.count(model.id)))

    assert rows(Procedure) == rows(ProcedureVersion) == 1148
    assert rows(ExecutionMethod) == len(methods) == 3355
    assert rows(FeeRule) == sum(len(method.get("fees", ())) for method in methods) == 3108
    assert rows(ProcedureCase) == len(cases)
    assert rows(RequiredDocument) == len(papers) == 5516
    assert rows(FormFile) == sum(len(paper.get("attachments", ())) for paper in papers) == 1204
    for model, key in ((LegalBasis, "legalBasisesDetails"), (ResultType, "resultsDetails"), (NationalCase, "cases")):
        listed = [{json.dumps(i | {"id": ""}, sort_keys=True) for i in detail.get(key, ())} for detail in details]
        assert rows(model) <= sum(map(len, listed)) <= rows(model) + 10  # repeated ones once


def test_records_without_a_computable_limit_are_144(real: Session) -> None:
    computable = select(ExecutionMethod.version_id).where(ExecutionMethod.limit_unit.is_not(None))

    assert real.scalar(select(func.count(ProcedureVersion.id)).where(ProcedureVersion.id.not_in(computable))) == 144


def test_every_record_reads_back_as_it_was_mapped(real: Session, records: dict[str, dict[str, Any]]) -> None:
    versions = real.scalars(select(ProcedureVersion)).all()

    differing = [
        version.procedure.code
        for version in versions
        if read_content(real, version) != map_record(_decimals(records[version.procedure.code]))
    ]

    assert differing == []


def _decimals(record: dict[str, Any]) -> Any:
    return json.loads(json.dumps(record), parse_float=Decimal)


def test_departments_are_made_with_kinds(real: Session) -> None:
    kinds = Counter(kind.value for kind in real.scalars(select(Department.kind)))

    assert sum(kinds.values()) == 433
    assert (kinds["MINISTRY"], kinds["PROVINCE"]) == (23, 27)


@pytest.mark.parametrize(
    ("words", "code"),
    [("dang ky lai khai sinh", "1.004884"), ("1.014266", "1.014266"), ("gia hạn khai thác khoáng sản", "1.014266")],
)
def test_real_procedures_are_found_by_unaccented_words(real: Session, words: str, code: str) -> None:
    assert code in [procedure.code for procedure in find_procedures(real, words)]


# --- ten records, field by field, read independently of the importer ------------------------------------------------


def squeeze(text: str | None) -> str:
    """The letters of a text alone: what the importer may tidy are blanks, line ends and Word's bullets."""
    letters = unicodedata.normalize("NFC", text or "")
    return "".join(
        c for c in letters if not c.isspace() and c != "•" and unicodedata.category(c) not in ("Co", "Cf", "Cc")
    )


@pytest.mark.parametrize("code", TEN)
def test_record_is_stored_field_by_field(real: Session, records: dict[str, dict[str, Any]], code: str) -> None:
    source = records[code]
    detail = source["detail"]
    procedure = real.scalars(select(Procedure).where(Procedure.code == code)).one()
    version = procedure.current_version
    decision = detail["procedureProposal"]

    assert squeeze(procedure.name) == squeeze(source["name"])
    assert squeeze(version.name) == squeeze(source["name"])
    assert (procedure.field.code, procedure.field.name) == (
        detail["categoriesDetails"][0]["code"],
        detail["categoriesDetails"][0]["name"],
    )
    assert procedure.kind.value == detail["type"]
    assert [
        procedure.is_ministry_level,
        procedure.is_province_level,
        procedure.is_commune_level,
        procedure.is_vertical_level,
        procedure.is_other_level,
        procedure.is_non_territorial,
        procedure.online_service.value == "FULL",
    ] == [
        detail[key]
        for key in (
            "isMinistry", "isProvince", "isWard", "isVertical", "isOtherAgency", "isNonTerritorial", "isFullProcess",
        )
    ]  # fmt: skip
    assert version.decision_number == decision.get("proposalNumber")
    assert version.decision_date == local_day(decision.get("decisionDate"))
    assert version.publication_date == local_day(decision.get("publicationDate"))
    steps = [step.get(key) for step in detail["executionSteps"] for key in ("name", "description")]
    assert squeeze(version.steps) == squeeze("".join(filter(None, steps)))
    assert squeeze(version.conditions) == squeeze(detail.get("requirementsAndConditions"))
    assert squeeze(version.receiving_address) == squeeze(detail.get("dossierReceivingAddresses"))
    assert squeeze(version.note) == squeeze(detail.get("note"))
    assert (version.subjects or "").split("\n") == [subject["name"] for subject in detail["subjectTypesDetails"]]
    assert stored_methods(version) == source_methods(detail)
    assert stored_papers(version) == source_papers(detail)
    assert [(squeeze(b.code), squeeze(b.name)) for b in version.legal_bases] == [
        (squeeze(basis["code"]), squeeze(basis["name"])) for basis in detail.get("legalBasisesDetails", ())
    ]
    assert [(result.code, squeeze(result.name)) for result in version.results] == [
        (result["code"], squeeze(result["name"])) for result in detail.get("resultsDetails", ())
    ]
    assert agencies(version) == source_agencies(detail)


def local_day(milliseconds: int | None) -> Any:
    if milliseconds is None:
        return None
    return (datetime(1970, 1, 1) + timedelta(milliseconds=milliseconds, hours=7)).date()  # noqa: DTZ001 -- local by hand


def stored_methods(version: ProcedureVersion) -> list[Any]:
    return [
        (
            method.channel.value,
            None if method.limit_quantity is None else float(method.limit_quantity),
            method.limit_unit and method.limit_unit.value,
            squeeze(method.limit_text),
            squeeze(method.description),
            [
                (fee.kind.value, fee.amount_vnd, fee.foreign_amount, squeeze(fee.description), fee.attachment)
                for fee in method.fees
            ],
        )
        for method in version.methods
    ]


def source_methods(detail: dict[str, Any]) -> list[Any]:
    channels = {"DIRECT": "COUNTER", "ONLINE": "ONLINE", "POSTAL": "POST"}
    rows = []
    for method in detail["executionMethods"]:
        time_given = method["processingTime"]
        is_words = isinstance(time_given, str) and not time_given.strip().isdigit()
        fees = []
        for fee in method.get("fees", ()):
            value, is_dollars = fee.get("value"), fee.get("currencyName") == "USD"
            amounts = (None, value) if is_dollars else (value, None)
            attached = fee.get("attachment", {}).get("fileName")
            fees.append((fee["type"], *amounts, squeeze(fee.get("description")), attached))
        unit = method["processingTimeUnit"]
        rows.append(
            (
                channels[method["submissionMethod"]],
                None if is_words else float(time_given),
                None if unit == "OTHER" else unit,
                squeeze(time_given) if is_words else "",
                squeeze(method.get("description")),
                fees,
            )
        )
    return rows


def stored_papers(version: ProcedureVersion) -> list[Any]:
    return [
        (
            squeeze(case.name),
            [
                (squeeze(d.name), d.code, d.originals, d.copies, d.has_electronic_form, [f.name for f in d.forms])
                for d in case.documents
            ],
        )
        for case in version.cases
    ]


def source_papers(detail: dict[str, Any]) -> list[Any]:
    return [
        (
            squeeze(case.get("name")),
            [
                (
                    squeeze(paper.get("name")),
                    paper.get("code"),
                    paper["originalQty"],
                    paper["copyQty"],
                    paper["hasElectronicForm"],
                    [unicodedata.normalize("NFC", form["fileName"]) for form in paper.get("attachments", ())],
                )
                for paper in case.get("profileComponents", ())
            ],
        )
        for case in detail.get("executionCases", ())
        if case
    ]


def agencies(version: ProcedureVersion) -> Counter[tuple[str, str]]:
    return Counter((agency.role.value, squeeze(agency.department.name).casefold()) for agency in version.agencies)


def source_agencies(detail: dict[str, Any]) -> Counter[tuple[str, str]]:
    found: Counter[tuple[str, str]] = Counter()
    for role, ending in (
        ("EXECUTING", "Executing"), ("COMPETENT", "Authority"), ("AUTHORISED", "Authorized"),
        ("COORDINATING", "Coordinating"),
    ):  # fmt: skip
        for start in ("departments", "unitGroups"):
            for agency in detail.get(start + ending) or ():
                if agency:
                    found[role, squeeze(agency["name"]).casefold()] += 1
    found["PUBLISHING", squeeze(detail["departmentPromulgateName"]).casefold()] += 1
    return found
