"""Processes as data: which one carries a dossier, publishing a version, and keeping published ones as they are."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import event, inspect, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, UOWTransaction, selectinload

from models.base import _
from models.procedure import Procedure, ProcedureVersion
from models.procedure_content import ExecutionMethod
from models.process import (
    ProcessState,
    ProcessStep,
    ProcessTransition,
    ProcessVersion,
    StepKind,
    StepPlace,
    TransitionKind,
    process_subject,
)
from services.errors import ConflictError, UserError
from services.limits import Limit
from services.localtime import local_date
from services.process_check import Problem, list_problems
from services.session import require, unscoped

DEFAULT_TITLE = "Quy trình chung"


class ProcessFixedError(ConflictError):
    message = _("%(version)s is published: dossiers are carried by it, so it no longer changes. Make a new version.")


class ProcessFaultyError(UserError):
    """A process that cannot carry dossiers; ``problems`` says why, all of it."""

    message = _("The process cannot be published yet; see what is listed.")

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__()
        self.problems = problems


class NoDraftError(ConflictError):
    message = _("Only a draft can be published. Look at the version again.")


@dataclass(frozen=True, slots=True)
class _Step:
    code: str
    name: str
    kind: StepKind
    place: StepPlace


@dataclass(frozen=True, slots=True)
class _Way:
    code: str
    name: str
    kind: TransitionKind
    from_code: str
    to_code: str


DEFAULT_STEPS = (
    _Step("receive", "Tiếp nhận", StepKind.RECEIVE, StepPlace.RECEIVING),
    _Step("process", "Xử lý", StepKind.WORK, StepPlace.DECIDING),
    _Step("decide", "Phê duyệt", StepKind.DECIDE, StepPlace.DECIDING),
    _Step("return", "Trả kết quả", StepKind.RETURN, StepPlace.RECEIVING),
)
DEFAULT_WAYS = (
    _Way("begin", "Nhận xử lý", TransitionKind.FORWARD, "receive", "process"),
    _Way("submit", "Trình phê duyệt", TransitionKind.FORWARD, "process", "decide"),
    _Way("finish", "Ban hành kết quả", TransitionKind.FINISH, "process", "return"),
    _Way("approve", "Phê duyệt và ban hành", TransitionKind.FINISH, "decide", "return"),
    _Way("rework", "Trả lại để xử lý", TransitionKind.BACK, "decide", "process"),
)
"""Receive, process, decide, return: whoever works on a dossier may decide it, or submit it to somebody who does."""


def find_process(session: Session, *, procedure_id: int, case_name: str | None, at: datetime) -> ProcessVersion:
    """Return the version that a dossier received now is carried by: of its case, its procedure, or the default one."""
    wanted = [process_subject(procedure_id, case_name or ""), process_subject(procedure_id, ""), "*"]
    statement = (
        select(ProcessVersion)
        .where(ProcessVersion.subject.in_(wanted), ProcessVersion.state == ProcessState.PUBLISHED)
        .options(selectinload(ProcessVersion.steps), selectinload(ProcessVersion.transitions))
    )
    with unscoped(session, "process of a procedure"):
        found = {version.subject: version for version in session.scalars(statement)}
    version = next((found[subject] for subject in wanted if subject in found), None)
    return version or ensure_default_process(session, at=at)


def ensure_default_process(session: Session, *, at: datetime) -> ProcessVersion:
    """Return the process of every procedure without one, made where there is none yet; two at once make one."""
    statement = select(ProcessVersion).where(
        ProcessVersion.subject == "*", ProcessVersion.state == ProcessState.PUBLISHED
    )
    with unscoped(session, "default process"):
        version = session.scalars(statement).one_or_none()
        if version is not None:
            return version
        try:
            with session.begin_nested():
                return _make_default(session, at)
        except IntegrityError:
            return session.scalars(statement).one()


def _make_default(session: Session, at: datetime) -> ProcessVersion:
    version = ProcessVersion(title=DEFAULT_TITLE)
    session.add(version)
    version.steps = [
        ProcessStep(position=number, code=step.code, name=step.name, kind=step.kind, place=step.place)
        for number, step in enumerate(DEFAULT_STEPS, start=1)
    ]
    version.transitions = [
        ProcessTransition(
            position=number, code=way.code, name=way.name, kind=way.kind, from_code=way.from_code, to_code=way.to_code
        )
        for number, way in enumerate(DEFAULT_WAYS, start=1)
    ]
    session.flush()  # its steps are written while it is a draft
    version.state, version.published_at = ProcessState.PUBLISHED, at
    session.flush()
    return version


def find_problems(session: Session, version: ProcessVersion, *, at: datetime) -> list[Problem]:
    """Return why ``version`` cannot be published; nothing where it can."""
    limit = shortest_limit(session, version.procedure)
    return list_problems(version.steps, version.transitions, limit=limit, today=local_date(at))


def shortest_limit(session: Session, procedure: Procedure | None) -> Limit | None:
    """Return the shortest computable limit of the procedure's version in force; None where there is none."""
    if procedure is None or procedure.current_version_id is None:
        return None
    methods = session.scalars(
        select(ExecutionMethod).join(ProcedureVersion).where(ProcedureVersion.id == procedure.current_version_id)
    )
    limits = []
    for method in methods:
        try:
            if method.limit_quantity is not None and method.limit_unit is not None:
                limits.append(Limit(method.limit_quantity, method.limit_unit))
        except UserError:
            continue  # half a month stands in the catalogue, and cannot be counted
    return min(limits, key=lambda limit: (not limit.is_worked, limit.quantity), default=None)


def publish_process(
    session: Session, version: ProcessVersion, *, at: datetime, row_version: int | None = None
) -> ProcessVersion:
    """Put a draft in force for dossiers received from now on; the version before it is superseded.

    Raises: DeniedError, ConflictError, NoDraftError, ProcessFaultyError.
    """
    require(session, "process_version", "publish", version)
    session.flush()
    session.refresh(version, with_for_update={"of": ProcessVersion})
    if row_version is not None and row_version != version.row_version:
        raise ConflictError
    if version.state is not ProcessState.DRAFT:
        raise NoDraftError
    problems = find_problems(session, version, at=at)
    if problems:
        raise ProcessFaultyError(problems)
    earlier = session.scalars(
        select(ProcessVersion).where(
            ProcessVersion.subject == version.subject, ProcessVersion.state == ProcessState.PUBLISHED
        )
    ).one_or_none()
    if earlier is not None:
        earlier.state, earlier.superseded_at = ProcessState.SUPERSEDED, at
        session.flush()  # one version of a subject is in force, so the earlier one goes first
    version.state, version.published_at = ProcessState.PUBLISHED, at
    session.flush()
    return version


def draft_from(session: Session, version: ProcessVersion) -> ProcessVersion:
    """Return a new draft that begins as a copy of ``version``. Raises: DeniedError."""
    require(session, "process_version", "create")
    draft = ProcessVersion(
        title=version.title, procedure_id=version.procedure_id, case_name=version.case_name, note=version.note
    )
    session.add(draft)
    draft.steps = [ProcessStep(**_copied(step)) for step in version.steps]
    draft.transitions = [ProcessTransition(**_copied(way)) for way in version.transitions]
    session.flush()
    return draft


def _copied(row: ProcessStep | ProcessTransition) -> dict[str, Any]:
    kept = {"id", "version_id", "row_version"}
    return {column.key: getattr(row, column.key) for column in inspect(type(row)).columns if column.key not in kept}


_MAY_CHANGE = {"state", "superseded_at", "row_version", "search_text"}


@event.listens_for(Session, "before_flush")
def _keep_published(session: Session, context: UOWTransaction, instances: Any) -> None:
    """Refuse a change of a published version by any road; whatever carries dossiers stays as it is."""
    for row in [*session.new, *session.dirty, *session.deleted]:
        if isinstance(row, ProcessStep | ProcessTransition):
            if row in session.dirty and row not in session.deleted and not session.is_modified(row):
                continue
            version = row.version or session.get(ProcessVersion, row.version_id)
            if version is not None and _state_before(version) is not ProcessState.DRAFT:
                raise ProcessFixedError(version=version)
        elif isinstance(row, ProcessVersion) and row not in session.new:
            changed = {
                attribute.key
                for attribute in inspect(row).attrs
                if attribute.history.has_changes() and attribute.key not in ("steps", "transitions")
            }
            is_put_back = "state" in changed and row.state is not ProcessState.SUPERSEDED
            if _state_before(row) is not ProcessState.DRAFT and (changed - _MAY_CHANGE or is_put_back):
                raise ProcessFixedError(version=row)


def _state_before(version: ProcessVersion) -> ProcessState:
    """Return the state as the database has it; a new row is a draft."""
    history = inspect(version).attrs.state.history
    if history.deleted:
        return history.deleted[0]
    return version.state if inspect(version).persistent and not history.added else ProcessState.DRAFT
