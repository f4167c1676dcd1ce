"""Dossiers made of bare events for tests of the settlement report, and an oracle that recounts them one by one."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from itertools import count

from sqlalchemy import delete, text
from sqlalchemy.orm import Session

from models.actor import Actor, Permit, ScopeLevel
from models.applicant import Applicant
from models.batch import Batch, BatchKind, BatchState
from models.clock import Clock, ClockEvent, ClockEventKind, ClockState
from models.dossier import Dossier, DossierAccess, DossierEvent
from models.organisation import Department, DepartmentKind, Site
from models.procedure import Procedure, ProcedureField, ProcedureVersion
from models.staff import Staff
from models.states import OPEN_STATES, Channel, DossierState, EventKind, RuleSet
from services.localtime import local_date
from services.settlement_figures import CLOSED_STATES, FIGURES
from services.settlement_query import Cut

MADE_AT = datetime(2016, 1, 1, tzinfo=UTC)
SLOTS = 4
CHANNELS = (Channel.COUNTER, Channel.ONLINE, Channel.POST, Channel.COUNTER)


@dataclass(frozen=True, slots=True)
class Happening:
    """One event; ``clock`` is what it does to the clock, ``due`` the statutory due time it leaves behind."""

    at: datetime
    kind: EventKind
    state: DossierState
    clock: str = ""
    recorded_at: datetime | None = None
    method: str | None = None
    due: datetime | None = None
    slot: int | None = None

    @property
    def known_at(self) -> datetime:
        return self.recorded_at or self.at


@dataclass(frozen=True)
class Course:
    """A dossier's life. The clock starts with the first event, at ``due``."""

    first: Happening
    due: datetime | None
    is_training: bool = False
    slot: int = 0
    later: tuple[Happening, ...] = field(default=())

    def then(self, at: datetime, kind: EventKind, state: DossierState, **more: object) -> "Course":
        return replace(self, later=(*self.later, Happening(at, kind, state, **more)))

    def decided(self, at: datetime) -> "Course":
        return self.then(at, EventKind.DECIDED, DossierState.DECIDED)

    @property
    def happenings(self) -> tuple[Happening, ...]:
        return (self.first, *self.later)


class World:
    """A few departments, sites and procedures, and the dossiers put into them."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.numbers = count(1)
        self.departments = [
            Department(code=f"T.{n:02d}", name=f"Sở số {n}", kind=DepartmentKind.DEPARTMENT) for n in range(SLOTS)
        ]
        self.sites = [Site(code=f"S{n}", name=f"Điểm {n}", unit_code=f"T.{n:02d}") for n in range(SLOTS)]
        self.applicant = Applicant(full_name="Lê Vũ", public_id="a1", created_at=MADE_AT)
        self.areas = [ProcedureField(code=f"F{n}", name=f"Lĩnh vực {n}") for n in range(SLOTS)]
        session.add_all([*self.departments, *self.sites, self.applicant, *self.areas])
        session.flush()
        self.staff = [
            Staff(badge_number=f"B{n}", full_name=f"Người thứ {n}", department_id=self.departments[n].id)
            for n in range(SLOTS)
        ]
        session.add_all(self.staff)
        self.procedures = [
            Procedure(
                code=f"1.00000{n}", name=f"Thủ tục {n}", field_id=self.areas[n].id, department_id=self.departments[n].id
            )
            for n in range(SLOTS)
        ]
        session.add_all(self.procedures)
        session.flush()
        self.versions = [
            ProcedureVersion(procedure_id=p.id, number=1, name=p.name, content_hash="0" * 64, recorded_at=MADE_AT)
            for p in self.procedures
        ]
        self.batch = Batch(
            public_id="b1",
            kind=BatchKind.DOSSIERS,
            title="t",
            state=BatchState.FINISHED,
            total_count=0,
            started_at=MADE_AT,
        )
        session.add_all([*self.versions, self.batch])
        session.flush()

    def reader_of(self, slot: int) -> Actor:
        """Return somebody who may read the dossiers of one department."""
        read = Permit(ScopeLevel.DEPARTMENT)
        return Actor(
            user_id=1,
            department_ids=frozenset({self.departments[slot].id}),
            permits={("dossier", "read"): read},
        )

    def add(self, course: Course) -> Dossier:
        """Write a dossier with its events and its clock."""
        number = next(self.numbers)
        last = course.happenings[-1]
        dossier = Dossier(
            code=f"T.00-160404-{number:04d}",
            public_id=f"p{number}",
            slip_token=f"s{number}",
            procedure_id=self.procedures[course.slot].id,
            procedure_version_id=self.versions[course.slot].id,
            rule_set=RuleSet.BEFORE_2018,
            applicant_id=self.applicant.id,
            applicant_name="Lê Vũ",
            department_id=self.departments[course.slot].id,
            site_id=self.sites[course.slot].id,
            channel=CHANNELS[course.slot],
            state=last.state,
            received_at=course.first.at,
            recorded_at=course.first.known_at,
            is_training=course.is_training,
        )
        self.session.add(dossier)
        self.session.flush()
        access = DossierAccess(
            dossier_id=dossier.id, department_id=dossier.department_id, received_at=dossier.received_at, is_direct=True
        )
        self.session.add_all([access, *self._events(dossier, course), *self._clock(dossier, course)])
        self.session.flush()
        return dossier

    def _events(self, dossier: Dossier, course: Course) -> list[DossierEvent]:
        state = None
        events = []
        for sequence, happening in enumerate(course.happenings, 1):
            slot = course.slot if happening.slot is None else happening.slot
            event = DossierEvent(
                id=dossier.id * 100 + sequence,
                recorded_at=happening.known_at,
                dossier_id=dossier.id,
                sequence=sequence,
                kind=happening.kind,
                state_from=state,
                state_to=happening.state,
                occurred_at=happening.at,
                department_id=self.departments[slot].id,
                staff_id=self.staff[slot].id if happening.kind is EventKind.RECEIVED else None,
                batch_id=self.batch.id if happening.known_at != happening.at else None,  # known later by an import
                facts=self._facts(happening, slot),
            )
            events.append(event)
            state = happening.state
        return events

    def _facts(self, happening: Happening, slot: int) -> dict[str, object]:
        if happening.kind is EventKind.STARTED:  # the next desk does the work
            return {"responsible_id": self.staff[(slot + 1) % SLOTS].id}
        return {"method": happening.method} if happening.method else {}

    def _clock(self, dossier: Dossier, course: Course) -> list[Clock | ClockEvent]:
        steps = clock_steps(course)
        if not steps:
            return []
        clock = Clock(
            dossier_id=dossier.id,
            site_id=dossier.site_id,
            state=ClockState.ENDED,
            ended_at=steps[-1][0].at,
            counted_from_at=course.first.at,
            last_sequence=len(steps),
            last_occurred_at=steps[-1][0].at,
            consumed_microseconds=0,
        )
        self.session.add(clock)
        self.session.flush()
        return [
            ClockEvent(
                id=dossier.id * 100 + sequence,
                recorded_at=happening.known_at,
                clock_id=clock.id,
                sequence=sequence,
                kind=ClockEventKind(kind),
                occurred_at=happening.at,
                consumed_microseconds=0,
                statutory_due_at=due,
            )
            for sequence, (happening, kind, due) in enumerate(steps, 1)
        ]

    def clear(self) -> None:
        """Remove every dossier, past the triggers that forbid it."""
        on_sqlite = self.session.get_bind().dialect.name == "sqlite"
        for table in ("clock_event", "dossier_event"):
            if on_sqlite:
                found = self.session.execute(
                    text("SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name = :t"), {"t": table}
                ).all()
                for name, _ in found:
                    self.session.execute(text(f"DROP TRIGGER {name}"))
                self.session.execute(text(f"DELETE FROM {table}"))  # noqa: S608 -- two names of ours
                for _, create in found:
                    self.session.execute(text(create))
            else:
                self.session.execute(text(f"ALTER TABLE {table} DISABLE TRIGGER USER"))
                self.session.execute(text(f"DELETE FROM {table}"))  # noqa: S608 -- two names of ours
                self.session.execute(text(f"ALTER TABLE {table} ENABLE TRIGGER USER"))
        for model in (Clock, DossierAccess, Dossier):
            self.session.execute(delete(model))
        self.session.expunge_all()


def clock_steps(course: Course) -> list[tuple[Happening, str, datetime | None]]:
    """Return what happened to the clock, and the due time each step left behind."""
    due = course.due
    steps: list[tuple[Happening, str, datetime | None]] = []
    for happening in course.happenings:
        kind = happening.clock
        if happening is course.first and happening.state in OPEN_STATES:
            kind = "START"
        if not kind and happening.kind is EventKind.RECEIVED and not steps:
            kind = "START"
        if not kind and happening.kind is EventKind.DECIDED:
            kind = "END"
        if not kind and happening.kind is EventKind.REOPENED:
            kind = "REOPEN"
        if kind and (steps or kind == "START"):
            due = happening.due or due
            steps.append((happening, kind, due))
    return steps


def recount(courses: list[Course], cut: Cut, figures: Sequence[str] = FIGURES) -> dict[str, int]:
    """Count figures of ``cut`` one dossier at a time, the long way round."""
    counts = dict.fromkeys(figures, 0)
    for course in courses:
        for name in set(judge(course, cut)).intersection(figures):
            counts[name] += 1
    return counts


def judge(course: Course, cut: Cut) -> list[str]:
    """Return the figures in which one dossier counts."""
    known = [h for h in course.happenings if h.known_at <= cut.known_at]
    if course.is_training or any(h.kind is EventKind.ANNULLED for h in known):
        return []
    seen = [h for h in known if h.at <= cut.as_of and h.at < cut.end_at]
    seen.sort(key=lambda h: h.at)  # stable: what was written first comes first
    intake = next((h for h in seen if h.state is not DossierState.NEW), None)
    if intake is None:
        return []
    names = [
        "returned_by_post" for h in seen if h.kind is EventKind.RETURNED and h.method == "POST" and h.at >= cut.start_at
    ][:1]
    before = [h for h in seen if h.at < cut.start_at]
    since = [h for h in seen if h.at >= cut.start_at]
    if intake.at >= cut.start_at:
        names += ["received", "received_online" if CHANNELS[course.slot] is Channel.ONLINE else "received_directly"]
    elif before[-1].state in OPEN_STATES or any(h.state in OPEN_STATES for h in since):
        names.append("carried_over")
    else:
        return names
    return [*names, "population", *_ending(course, cut, seen)]


def _ending(course: Course, cut: Cut, seen: list[Happening]) -> list[str]:
    state = seen[-1].state
    if state is DossierState.REFUSED:
        return ["refused", "resolved", "punctual"]
    ticks = [step for step in clock_steps(course) if step[0] in seen]
    ticks.sort(key=lambda step: step[0].at)
    due = ticks[-1][2] if ticks else None
    kinds = [kind for _, kind, _ in ticks]
    stopped = ticks[-1][0].at if kinds[-1:] == ["STOP"] else None
    if kinds[-2:] == ["STOP", "END"]:
        stopped = ticks[-2][0].at
    if state in CLOSED_STATES:
        states = [None, *(h.state for h in course.happenings)]
        closing = [
            h.at for h, state_before in zip(course.happenings, states, strict=False)
            if h in seen and h.state in CLOSED_STATES and state_before not in CLOSED_STATES
        ]  # fmt: skip
        ended = stopped or max(closing)
        if due is None:
            return ["finished", "resolved", "no_due_time", "punctual"]
        if ended > due:
            return ["finished", "resolved", "late"]
        is_early = local_date(ended) < local_date(due)
        return ["finished", "resolved", "on_time", "early" if is_early else "punctual"]
    judged = stopped or cut.as_of
    if due is None:
        return ["open", "no_due_time", "in_time"]
    return ["open", *(["undue", "in_time"] if due >= judged else ["overdue"])]
