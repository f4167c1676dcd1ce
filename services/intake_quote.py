"""What an intake would mean, before it is saved: way to apply, limit, due time with its reasons, fees, papers."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from models.base import _
from models.clock import LimitUnit
from models.organisation import Counter, DepartmentKind, Site
from models.procedure import Procedure, ProcedureVersion
from models.procedure_content import ExecutionMethod, FeeRule, ProcedureCase, RequiredDocument
from models.procedure_terms import ProcedureState
from models.states import Channel
from services.calendar import load_calendar
from services.dossier_access import departments_above
from services.duetime import DueTime, due_time
from services.errors import UserError
from services.limits import Limit


class ProcedureUnknownError(UserError):
    message = _("Choose a procedure from the list.")


class ProcedureNotInForceError(UserError):
    message = _("%(procedure)s is not in force. Choose the procedure that replaced it.")


class ProcedureElsewhereError(UserError):
    message = _("%(procedure)s is not received here. Send the applicant to: %(place)s")


class ForeignCounterError(UserError):
    message = _("%(procedure)s belongs to %(department)s. Send the visitor to one of its counters.")


class CaseUnknownError(UserError):
    message = _("Choose one of the cases of this procedure.")


@dataclass(frozen=True, slots=True)
class Quote:
    """A procedure as one applicant would be served now; ``due`` is None where no limit can be computed."""

    procedure: Procedure
    version: ProcedureVersion
    department_id: int
    case: ProcedureCase | None
    documents: Sequence[RequiredDocument]
    methods: Sequence[ExecutionMethod]
    method: ExecutionMethod | None
    limit: Limit | None
    due: DueTime | None
    fees: Sequence[FeeRule]


def quote_intake(
    session: Session,
    *,
    procedure_id: int | None,
    counter: Counter,
    channel: Channel,
    at: datetime,
    case_id: int | None = None,
    method_id: int | None = None,
) -> Quote:
    """Return what receiving this procedure at this counter at ``at`` means.

    Without ``case_id`` the first case is taken, without a fitting ``method_id`` the first way to apply by the
    channel, or by any where the catalogue has none for it.
    Raises: ProcedureUnknownError, ProcedureNotInForceError, ProcedureElsewhereError, ForeignCounterError,
    CaseUnknownError.
    """
    procedure = session.get(Procedure, procedure_id) if procedure_id else None
    if procedure is None:
        raise ProcedureUnknownError
    version = get_version_in_force(session, procedure)
    department_id = _deciding_department(session, procedure, counter)
    case = _chosen_case(version, case_id)
    methods = _methods(version, channel)
    method = next((method for method in methods if method.id == method_id), methods[0] if methods else None)
    limit = _computable_limit(method)
    return Quote(
        procedure=procedure,
        version=version,
        department_id=department_id,
        case=case,
        documents=tuple(case.documents) if case else (),
        methods=methods,
        method=method,
        limit=limit,
        due=_due(session, limit, counter.site, at),
        fees=tuple(method.fees) if method else (),
    )


def get_version_in_force(session: Session, procedure: Procedure) -> ProcedureVersion:
    """Return what the centre receives under ``procedure`` now, with its cases, papers, ways to apply and fees.

    Raises: ProcedureElsewhereError, ProcedureNotInForceError.
    """
    if not procedure.is_at_centre:
        raise ProcedureElsewhereError(procedure=procedure.name, place=procedure.redirect_text or "–")
    version = session.scalars(
        select(ProcedureVersion)
        .where(ProcedureVersion.id == procedure.current_version_id)
        .options(
            selectinload(ProcedureVersion.cases).selectinload(ProcedureCase.documents),
            selectinload(ProcedureVersion.methods).selectinload(ExecutionMethod.fees),
        )
    ).one_or_none()
    if version is None or procedure.state is not ProcedureState.IN_FORCE:
        raise ProcedureNotInForceError(procedure=procedure.name)
    return version


def _deciding_department(session: Session, procedure: Procedure, counter: Counter) -> int:
    """Return who decides; a counter takes what its department or one below it decides, the centre's own counters all.

    A procedure that names no agency belongs to the department whose counter takes it.
    """
    if procedure.department_id is None:
        return counter.department_id
    above = {procedure.department_id, *departments_above(session, procedure.department_id)}
    if counter.department_id not in above and counter.department.kind is not DepartmentKind.CENTRE:
        raise ForeignCounterError(procedure=procedure.name, department=str(procedure.department))
    return procedure.department_id


def _chosen_case(version: ProcedureVersion, case_id: int | None) -> ProcedureCase | None:
    if case_id is None:
        return version.cases[0] if version.cases else None
    for case in version.cases:
        if case.id == case_id:
            return case
    raise CaseUnknownError


def _methods(version: ProcedureVersion, channel: Channel) -> Sequence[ExecutionMethod]:
    return [method for method in version.methods if method.channel is channel] or list(version.methods)


def _computable_limit(method: ExecutionMethod | None) -> Limit | None:
    if method is None or method.limit_unit is None or method.limit_quantity is None:
        return None
    try:
        return Limit(method.limit_quantity, LimitUnit(method.limit_unit.value))
    except UserError:
        return None  # half a month and the like stand in the catalogue, and cannot be counted


def _due(session: Session, limit: Limit | None, site: Site, at: datetime) -> DueTime | None:
    return None if limit is None else due_time(at, limit, load_calendar(session, site, at))
