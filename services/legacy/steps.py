"""The history of legacy dossiers: what earlier systems noted about them, kept beside the events that count.

A step changes neither state nor times nor any figure: it has the state in which the dossier was at that time. One
that happened after the dossier had ended is marked. Steps are append-only; an import of them that is undone leaves
them stored and hidden (``models.dossier``).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import bindparam, insert, select, update
from sqlalchemy.orm import Session, aliased

from models.base import Base, _
from models.batch import Batch, BatchKind, BatchRow, BatchState, RowOutcome
from models.dossier import Dossier, DossierEvent
from models.ids import ordered_id
from models.states import DossierState, EventKind
from services.errors import UserError
from services.legacy.directory import Directory
from services.legacy.judging import Judged, write_or_refuse
from services.legacy.rows import LegacyStep, RowRefusedError, fingerprint_of, read_step
from services.legacy.source import Record


class DossierUnknownError(RowRefusedError):
    message = _("No dossier has the code %(name)s. Import the dossiers before their history.")


@dataclass(slots=True)
class Course:
    """A dossier with what is needed to place a step in its life."""

    id: int
    public_id: str
    department_id: int
    ended_at: datetime | None
    last_sequence: int
    moves: list[tuple[datetime, DossierState]] = field(default_factory=list)

    def state_at(self, at: datetime) -> DossierState:
        """Return the state the dossier was in; before it was received, it counts nowhere."""
        return next((state for moved_at, state in reversed(self.moves) if moved_at <= at), DossierState.NEW)


def import_steps(
    session: Session,
    records: Sequence[Record],
    *,
    batch_id: int | None,
    at: datetime,
    rehearsed: set[str] | None = None,
) -> list[Judged]:
    """Take the steps of ``records`` in; as ``services.legacy.dossiers.import_dossiers``."""
    judged = [_read(record, at) for record in records]
    steps = [item.row for item in judged if isinstance(item.row, LegacyStep)]
    courses = _load_courses(session, steps, locks=rehearsed is None)
    _settle(session, judged, courses, rehearsed or set())
    writer = _Writer(session, courses, batch_id, at)
    write_or_refuse(session, judged, writer, keeps=rehearsed is None)
    if rehearsed is not None:
        rehearsed |= {item.fingerprint for item in judged if item.outcome is RowOutcome.CREATED}
    return judged


def _read(record: Record, at: datetime) -> Judged:
    item = Judged(record, DossierEvent.__tablename__)
    try:
        item.row = read_step(record.cells, at=at)
        item.code = item.row.code or item.row.legacy_code
    except UserError as error:
        item.refuse(error)
    return item


def _load_courses(session: Session, steps: Sequence[LegacyStep], *, locks: bool) -> dict[tuple[str, str], Course]:
    """Return the dossiers that the steps name, by ("code", text) and ("legacy_code", text).

    They are locked, so that nothing else that happens to one of them gets the number of a step.
    """
    found: dict[tuple[str, str], Course] = {}
    columns = (
        Dossier.id, Dossier.public_id, Dossier.department_id, Dossier.finished_at, Dossier.closed_at,
        Dossier.event_count, Dossier.code, Dossier.legacy_code,
    )  # fmt: skip
    for name in ("code", "legacy_code"):
        wanted = {text for step in steps if (text := getattr(step, name))}
        if not wanted:
            continue
        statement = select(*columns).where(getattr(Dossier, name).in_(wanted)).order_by(Dossier.id)
        for row in session.execute(statement.with_for_update(of=Dossier) if locks else statement):
            course = Course(row.id, row.public_id, row.department_id, row.finished_at or row.closed_at, row.event_count)
            found[name, getattr(row, name)] = course
    by_id = {course.id: course for course in found.values()}
    moves = session.execute(
        select(DossierEvent.dossier_id, DossierEvent.occurred_at, DossierEvent.state_to)
        .where(DossierEvent.dossier_id.in_(by_id), DossierEvent.kind != EventKind.IMPORTED)
        .order_by(DossierEvent.occurred_at, DossierEvent.sequence)
    )
    for dossier_id, occurred_at, state in moves:
        by_id[dossier_id].moves.append((occurred_at, state))
    return found


def _course_of(courses: dict[tuple[str, str], Course], step: LegacyStep) -> Course | None:
    return courses.get(("code", step.code)) if step.code else courses.get(("legacy_code", step.legacy_code))


def _settle(
    session: Session, judged: Sequence[Judged], courses: dict[tuple[str, str], Course], rehearsed: set[str]
) -> None:
    """Give each step its fingerprint, which names its dossier too; say which have no dossier and which are here."""
    for item in judged:
        if isinstance(item.row, LegacyStep):
            course = _course_of(courses, item.row)
            if course is None:
                item.refuse(DossierUnknownError(name=item.code))
            else:
                item.fingerprint = fingerprint_of({"dossier": course.public_id, **vars(item.row)})
    fingerprints = {item.fingerprint for item in judged if item.fingerprint}
    known = set(_imported(session, fingerprints)) | rehearsed
    for item in judged:
        if item.fingerprint and item.fingerprint in known:
            item.outcome = RowOutcome.UNCHANGED
        known.add(item.fingerprint)


def _imported(session: Session, fingerprints: Iterable[str]) -> Iterable[str]:
    """Return which of the fingerprints an import brought that still stands."""
    undo = aliased(Batch)
    gave_up = undo.state.in_((BatchState.CANCELLED, BatchState.FAILED))
    return session.scalars(
        select(BatchRow.fingerprint)
        .join(Batch, Batch.id == BatchRow.batch_id)
        .outerjoin(undo, undo.id == Batch.undone_by_id)
        .where(
            BatchRow.entity == DossierEvent.__tablename__,
            BatchRow.fingerprint.in_(fingerprints),
            BatchRow.outcome == RowOutcome.CREATED,
            Batch.kind == BatchKind.DOSSIER_EVENTS,
            undo.id.is_(None) | gave_up,
        )
    )


class _Writer:
    """Writes steps and moves the count of events on the dossiers that got some."""

    def __init__(
        self, session: Session, courses: dict[tuple[str, str], Course], batch_id: int | None, at: datetime
    ) -> None:
        self._session, self._courses, self._batch_id, self._at = session, courses, batch_id, at
        self._directory = Directory(session, creates=False, at=at)

    def begin(self, items: Sequence[Judged]) -> None:
        """Look up who did what."""
        self._directory.load_people(item.row.person for item in items if isinstance(item.row, LegacyStep))

    def write(self, items: Sequence[Judged]) -> None:
        """Store the steps of ``items``."""
        touched: dict[int, Course] = {}
        events = []
        for item in items:
            assert isinstance(item.row, LegacyStep)  # noqa: S101 -- only rows that were read are written
            course = _course_of(self._courses, item.row)
            assert course is not None  # noqa: S101 -- the others were refused
            course.last_sequence += 1
            touched[course.id] = course
            events.append(self._event(item.row, course))
            item.entity_id = events[-1]["id"]
        self._session.execute(insert(DossierEvent), events)
        counts = [{"key": course.id, "count": course.last_sequence} for course in touched.values()]
        # The count follows from the events, which tell the story: it is neither audited nor a new version of the row.
        self._session.connection().execute(_COUNT_EVENTS, counts)

    def _event(self, step: LegacyStep, course: Course) -> dict[str, object]:
        state = course.state_at(step.occurred_at)
        staff_id = self._directory.person_id(step.person)
        told = {"person": "" if staff_id else step.person, "note": step.note, "reference": step.reference}
        return {
            "id": ordered_id(),
            "recorded_at": self._at,
            "dossier_id": course.id,
            "sequence": course.last_sequence,
            "kind": EventKind.IMPORTED,
            "state_from": state,
            "state_to": state,
            "occurred_at": step.occurred_at,
            "staff_id": staff_id,
            "department_id": course.department_id,
            "reason": step.event,
            "is_after_end": course.ended_at is not None and step.occurred_at > course.ended_at,
            "batch_id": self._batch_id,
            "facts": {name: text for name, text in told.items() if text},
        }


_dossier = Base.metadata.tables[Dossier.__tablename__]
_COUNT_EVENTS = update(_dossier).where(_dossier.c.id == bindparam("key")).values(event_count=bindparam("count"))
