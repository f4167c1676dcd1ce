"""Content into rows and back: a new procedure, or a new version of one that changed."""

from collections.abc import Iterable, Sequence
from dataclasses import fields
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import insert, select
from sqlalchemy.orm import Session, selectinload

from models.base import Base
from models.procedure import Procedure, ProcedureAgency, ProcedureVersion
from models.procedure_content import (
    ExecutionMethod,
    FeeRule,
    FormFile,
    LegalBasis,
    NationalCase,
    ProcedureCase,
    ProcedureSource,
    RequiredDocument,
    ResultType,
)
from models.procedure_terms import OnlineService, ProcedureKind, ProcedureState, VersionState
from models.text import search_document
from services.procedure_import.agencies import Directory, main_agencies
from services.procedure_import.content import (
    Agency,
    Case,
    CaseCode,
    Classification,
    CodedName,
    Document,
    Fee,
    Form,
    Method,
    ProcedureContent,
    SubjectArea,
    fingerprint,
    plain,
)
from services.procedure_import.difference import compare

VERSION_TEXTS = (
    "name",
    "decision_number",
    "decision_date",
    "publication_date",
    "steps",
    "subjects",
    "conditions",
    "receiving_address",
    "return_methods",
    "note",
)
T = TypeVar("T", bound=Method | Fee | CaseCode | Document | Form)
FACTS = tuple(item.name for item in fields(Classification) if item.name != "field")


def create_procedure(
    session: Session, content: ProcedureContent, *, record: dict[str, Any], directory: Directory, at: datetime
) -> Procedure:
    """Make the procedure with its first version, published at ``at``.

    A procedure that only ministries carry out is not taken at a provincial centre, until somebody says it is.
    """
    facts = {name: getattr(content.classification, name) for name in FACTS}
    levels = ("is_province_level", "is_commune_level", "is_vertical_level", "is_other_level")
    is_at_centre = not facts["is_ministry_level"] or any(facts[level] for level in levels)
    procedure = Procedure(
        code=content.code,
        name=content.name,
        field_id=directory.field_id(content.classification.field),
        department_id=directory.responsible_id(content.agencies),
        state=ProcedureState.IN_FORCE,
        is_at_centre=is_at_centre,
        redirect_text=None if is_at_centre else _receiver(content),
        **facts,
    )
    session.add(procedure)
    session.flush()  # its key is needed by the version
    _publish(session, procedure, content, difference=None, record=record, directory=directory, at=at)
    return procedure


def update_procedure(
    session: Session,
    procedure: Procedure,
    content: ProcedureContent,
    *,
    record: dict[str, Any],
    directory: Directory,
    at: datetime,
) -> bool:
    """Publish ``content`` as the next version and keep the last one as superseded; False if nothing differs.

    What the record says otherwise than before is taken over on the procedure; what staff changed there and
    the record leaves as it was stays theirs.
    """
    current = procedure.current_version
    # A version entered by hand has no classification to compare with: the record then counts as the first.
    before = read_content(session, current) if current and current.classification else None
    difference = compare(before, content) if before else None
    if difference == []:
        return False
    if current:
        current.state = VersionState.SUPERSEDED
        current.superseded_at = at
        session.flush()  # only one version may be published at a time, and the database sees to it
    _take_over(procedure, before, content, directory)
    _publish(session, procedure, content, difference=difference, record=record, directory=directory, at=at)
    return True


def _take_over(
    procedure: Procedure, before: ProcedureContent | None, content: ProcedureContent, directory: Directory
) -> None:
    new, old = content.classification, before.classification if before else None
    for name in FACTS:
        if old is None or getattr(old, name) != getattr(new, name):
            setattr(procedure, name, getattr(new, name))
    if before is None or before.name != content.name:
        procedure.name = content.name
    if old is None or old.field != new.field:
        procedure.field_id = directory.field_id(new.field)
    if before is None or main_agencies(before.agencies) != main_agencies(content.agencies):
        procedure.department_id = directory.responsible_id(content.agencies)
    if procedure.state is ProcedureState.PREPARED:
        procedure.state = ProcedureState.IN_FORCE


def _receiver(content: ProcedureContent) -> str | None:
    """Return who receives a procedure that the centre does not take: agencies and address, a line each."""
    lines = dict.fromkeys(agency.name for agency in main_agencies(content.agencies))
    return "\n".join([*lines, *filter(None, [content.receiving_address])]) or None


def _publish(
    session: Session,
    procedure: Procedure,
    content: ProcedureContent,
    *,
    difference: list[dict[str, Any]] | None,
    record: dict[str, Any],
    directory: Directory,
    at: datetime,
) -> None:
    version = ProcedureVersion(
        procedure_id=procedure.id,
        number=max((version.number for version in procedure.versions), default=0) + 1,
        state=VersionState.PUBLISHED,
        classification=plain(content.classification),
        effective_at=at,
        recorded_at=at,
        content_hash=fingerprint(content),
        difference=difference,
        **{name: getattr(content, name) for name in VERSION_TEXTS},
    )
    session.add(version)
    session.flush()  # its key is needed by everything below
    _insert_content(session, version.id, content, directory)
    session.execute(insert(ProcedureSource), [{"version_id": version.id, "record": record}])
    procedure.current_version_id = version.id
    session.flush()
    session.expire(procedure, ["current_version", "versions"])


def _insert_content(session: Session, version_id: int, content: ProcedureContent, directory: Directory) -> None:
    """Write what belongs to the version, in bulk: the audited content hash of the version commits to it."""
    methods = _insert(session, ExecutionMethod, "version_id", [(version_id, content.methods)], leave=("fees",))
    _insert(session, FeeRule, "method_id", _under(methods, [m.fees for m in content.methods]))
    cases = _insert(session, ProcedureCase, "version_id", [(version_id, content.cases)], leave=("documents",))
    documents = _insert(
        session, RequiredDocument, "case_id", _under(cases, [c.documents for c in content.cases]), leave=("forms",)
    )
    papers = [document for case in content.cases for document in case.documents]
    _insert(session, FormFile, "document_id", _under(documents, [paper.forms for paper in papers]))
    _insert(session, NationalCase, "version_id", [(version_id, content.national_cases)])
    _insert_legal_bases(session, version_id, content.legal_bases)
    _insert(session, ResultType, "version_id", [(version_id, content.results)])
    rows = [
        {"version_id": version_id, "position": n, "role": agency.role, "department_id": directory.department_id(agency)}
        for n, agency in enumerate(content.agencies, 1)
    ]
    if rows:
        session.execute(insert(ProcedureAgency), rows)


def _insert_legal_bases(session: Session, version_id: int, bases: tuple[CodedName, ...]) -> None:
    """Insert the legal texts with what they are searched by, which a bulk insert does not compute by itself."""
    rows = [
        {
            "version_id": version_id,
            "position": n,
            **plain(basis),
            "search_text": search_document(basis.code, basis.name),
        }
        for n, basis in enumerate(bases, 1)
    ]
    if rows:
        session.execute(insert(LegalBasis), rows)


def _under(keys: Sequence[int], parts: Sequence[tuple[Any, ...]]) -> list[tuple[int, tuple[Any, ...]]]:
    return list(zip(keys, parts, strict=True))


def _insert(
    session: Session,
    model: type[Base],
    parent: str,
    groups: Iterable[tuple[int, tuple[Any, ...]]],
    leave: tuple[str, ...] = (),
) -> list[int]:
    """Insert the values of each group under its parent's key, numbered from 1; return the keys in order."""
    rows = [
        {parent: key, "position": n}
        | {item.name: getattr(value, item.name) for item in fields(value) if item.name not in leave}
        for key, values in groups
        for n, value in enumerate(values, 1)
    ]
    if not rows:
        return []
    statement = insert(model).returning(model.id, sort_by_parameter_order=True)  # type: ignore[attr-defined]
    return list(session.scalars(statement, rows))


def read_content(session: Session, version: ProcedureVersion) -> ProcedureContent:
    """Return what the rows of ``version`` say: equal to what was imported, whatever wrote it."""
    version = session.scalars(
        select(ProcedureVersion)
        .where(ProcedureVersion.id == version.id)
        .options(
            selectinload(ProcedureVersion.procedure),
            selectinload(ProcedureVersion.agencies).selectinload(ProcedureAgency.department),
            selectinload(ProcedureVersion.methods).selectinload(ExecutionMethod.fees),
            selectinload(ProcedureVersion.cases)
            .selectinload(ProcedureCase.documents)
            .selectinload(RequiredDocument.forms),
            selectinload(ProcedureVersion.national_cases),
            selectinload(ProcedureVersion.legal_bases),
            selectinload(ProcedureVersion.results),
        )
    ).one()
    return ProcedureContent(
        code=version.procedure.code,
        classification=_classification(version.classification),
        **{name: getattr(version, name) for name in VERSION_TEXTS},
        agencies=tuple(Agency(a.role, a.department.code, a.department.name) for a in version.agencies),
        methods=tuple(_read(Method, m, fees=tuple(_read(Fee, f) for f in m.fees)) for m in version.methods),
        cases=tuple(Case(case.name, tuple(_read_document(d) for d in case.documents)) for case in version.cases),
        national_cases=tuple(_read(CaseCode, case) for case in version.national_cases),
        legal_bases=tuple(CodedName(basis.code, basis.name) for basis in version.legal_bases),
        results=tuple(CodedName(result.code or "", result.name) for result in version.results),
    )


def _read_document(document: RequiredDocument) -> Document:
    return _read(Document, document, forms=tuple(_read(Form, form) for form in document.forms))


def _read(kind: type[T], row: Base, **parts: Any) -> T:
    """Return ``kind`` filled from the columns of the same names and from ``parts``."""
    return kind(**{item.name: getattr(row, item.name) for item in fields(kind) if item.name not in parts}, **parts)


def _classification(stored: dict[str, Any]) -> Classification:
    values = dict(stored)
    return Classification(
        field=SubjectArea(**values.pop("field")),
        kind=ProcedureKind(values.pop("kind")),
        online_service=OnlineService(values.pop("online_service")),
        **values,
    )
