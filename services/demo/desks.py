"""The counters of the demonstration with what each of them offers, read once before the first day."""

from dataclasses import dataclass, field
from datetime import datetime
from random import Random

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from models.access import User
from models.actor import Actor
from models.organisation import Counter, Department, DepartmentKind
from models.procedure import Procedure, ProcedureVersion
from models.procedure_content import ExecutionMethod, ProcedureCase
from models.states import Channel
from services.demo.centre import Centre
from services.demo.citizens import Temper, draw_temper
from services.dossiers import Paper
from services.intake_fees import Charge, is_open_amount
from services.localtime import LOCAL_ZONE
from services.roles import build_actor


@dataclass(frozen=True, slots=True)
class Offer:
    """A procedure as a clerk knows it: its cases with their papers, its ways to apply with their fees."""

    procedure_id: int
    for_firms: bool
    cases: tuple[tuple[int, tuple[Paper, ...]], ...]
    fees: dict[Channel, tuple[Charge, ...]]


@dataclass(slots=True)
class Desk:
    """A counter with whoever serves there."""

    counter_id: int
    number: int
    is_main: bool
    department_id: int
    actor: Actor
    temper: Temper
    offers: list[Offer] = field(default_factory=list)
    free_at: datetime = datetime(2000, 1, 1, tzinfo=LOCAL_ZONE)
    is_open: bool = False


def read_desks(session: Session, centre: Centre, rng: Random) -> list[Desk]:
    """Return every counter that receives something, with its clerk as an actor."""
    offers = _read_offers(session)
    desks = []
    for counter_id, user_id in centre.desks.items():
        counter = session.get_one(Counter, counter_id)
        kinds = [counter.department_id]
        if counter.department.kind is DepartmentKind.CENTRE:
            served = {c.department_id for c in session.scalars(select(Counter))}
            kinds = [key for key in session.scalars(select(Department.id)) if key not in served]
        desk = Desk(
            counter_id=counter_id, number=counter.number, is_main=counter.site.code == "TT",
            department_id=counter.department_id, actor=build_actor(session, session.get_one(User, user_id), counter_id),
            temper=draw_temper(rng, counter.number), offers=[o for key in kinds for o in offers.get(key, [])],
        )  # fmt: skip
        if desk.offers:
            desks.append(desk)
    return desks


def _read_offers(session: Session) -> dict[int, list[Offer]]:
    offers: dict[int, list[Offer]] = {}
    rows = session.execute(
        select(Procedure, ProcedureVersion)
        .join(ProcedureVersion, ProcedureVersion.id == Procedure.current_version_id)
        .where(Procedure.is_at_centre, Procedure.code.like("9.%"))
        .order_by(Procedure.code)
        .options(
            selectinload(ProcedureVersion.cases).selectinload(ProcedureCase.documents),
            selectinload(ProcedureVersion.methods).selectinload(ExecutionMethod.fees),
        )
    )
    for procedure, version in rows:
        if procedure.department_id is not None:
            offers.setdefault(procedure.department_id, []).append(_offer(procedure, version))
    return offers


def _offer(procedure: Procedure, version: ProcedureVersion) -> Offer:
    subjects = (version.subjects or "").splitlines()
    return Offer(
        procedure_id=procedure.id,
        for_firms=bool(subjects) and subjects[0].startswith(("Doanh nghiệp", "Tổ chức")),
        cases=tuple((case.id, _papers(case)) for case in version.cases),
        fees={
            method.channel: tuple(Charge(fee_id=fee.id) for fee in method.fees if not is_open_amount(fee))
            for method in version.methods
        },
    )


def _papers(case: ProcedureCase) -> tuple[Paper, ...]:
    return tuple(
        Paper(
            name=document.name or "",
            required_document_id=document.id,
            original_count=document.originals,
            copy_count=document.copies,
        )
        for document in case.documents
        if document.is_required
    )
