"""What departments of the demonstration centre have to do with one another on its last days."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.access import User
from models.actor import Actor
from models.dossier import Dossier
from models.escalation import DutyShift
from models.notice import NoteAudience
from models.organisation import Department
from models.states import DossierState
from services.consultations import acknowledge_transfer, answer_opinion, ask_opinion, send_transfer
from services.demo.texts import ANSWERS, ERRANDS, MESSAGES, NOTES, QUESTIONS, TRANSFERS
from services.escalations import fire_next
from services.handover_lists import add_dossier, begin_list, finish_list, receive_dossier, send_list
from services.localtime import local_date, start_of_day
from services.notes import find_person, write_note
from services.session import acting

DUTY_DAYS = 14
SATURDAY = 5
SHIFT = timedelta(hours=7), timedelta(hours=17)


def work_together(
    session: Session, *, specialists: dict[int, Actor], head: Actor, director: Actor, desk: Actor, at: datetime
) -> None:
    """Have the departments ask, lend, write and hand papers over in the hours before ``at``; deadlines climb."""
    (own_id,) = next(
        actor for actor in specialists.values() if actor.name == _name(session, "chuyenvien")
    ).department_ids
    officer = specialists[own_id]
    running = _running(session, own_id, at - timedelta(hours=3))
    others = [actor for key, actor in sorted(specialists.items()) if key != own_id]
    _fill_roster(session, (head, director), at)
    if len(running) >= 3:
        _ask(session, running[:2], officer, others[0], at)
        _lend(session, running[2], officer, others[1], at)
        _write(session, running[0], officer, head, at)
    _carry_papers(session, desk, others, at)
    while fire_next(session, at=at):
        pass


def _name(session: Session, user_name: str) -> str:
    return session.scalars(select(User).where(User.user_name == user_name)).one().display_name


def _running(session: Session, department_id: int, quiet_since: datetime) -> Sequence[Dossier]:
    """Return dossiers in process that lie with a department, what has most time left in front.

    Nothing has happened on them since: what is told of earlier hours must not lie before what is recorded.
    """
    return session.scalars(
        select(Dossier)
        .where(
            Dossier.holder_id == department_id,
            Dossier.state == DossierState.PROCESSING,
            Dossier.annulled_at.is_(None),
            Dossier.last_event_at <= quiet_since,
        )
        .order_by(Dossier.due_sort_at.desc(), Dossier.id)
        .limit(3)
    ).all()


def _fill_roster(session: Session, leaders: Sequence[Actor], at: datetime) -> None:
    days = (start_of_day(local_date(at)) + timedelta(days=number - 2) for number in range(DUTY_DAYS))
    for number, day in enumerate(day for day in days if local_date(day).weekday() < SATURDAY):
        with acting(session, leaders[-1], at=at):
            session.add(
                DutyShift(
                    staff_id=leaders[number % len(leaders)].staff_id, from_at=day + SHIFT[0], until_at=day + SHIFT[1]
                )
            )
            session.flush()


def _department(session: Session, actor: Actor) -> Department:
    (key,) = actor.department_ids
    return session.get_one(Department, key)


def _ask(session: Session, dossiers: Sequence[Dossier], officer: Actor, other: Actor, at: datetime) -> None:
    """Ask about two dossiers; one question is answered."""
    asked = []
    for number, dossier in enumerate(dossiers):
        now = at - timedelta(hours=3 - number)
        with acting(session, officer, at=now):
            asked.append(
                ask_opinion(
                    session, dossier, department=_department(session, other), question=QUESTIONS[number],
                    answer_by_date=local_date(at) + timedelta(days=2 + number), at=now,
                )
            )  # fmt: skip
    now = at - timedelta(hours=1)
    with acting(session, other, at=now):
        answer_opinion(session, asked[0], answer=ANSWERS[0], at=now)


def _lend(session: Session, dossier: Dossier, officer: Actor, other: Actor, at: datetime) -> None:
    now = at - timedelta(hours=2)
    with acting(session, officer, at=now):
        transfer = send_transfer(
            session, dossier, department=_department(session, other), reason=TRANSFERS[0], at=now,
            back_by_date=local_date(at) + timedelta(days=3),
        )  # fmt: skip
    with acting(session, other, at=at - timedelta(hours=1)):
        acknowledge_transfer(session, transfer, at=at - timedelta(hours=1))


def _write(session: Session, dossier: Dossier, officer: Actor, head: Actor, at: datetime) -> None:
    """Leave a note that mentions the head, a thing to be done by the officer, and a message to the applicant."""
    now = at - timedelta(minutes=50)
    with acting(session, officer, at=now):
        write_note(session, dossier, body=NOTES[0], at=now)
        write_note(session, dossier, body=MESSAGES[0], audience=NoteAudience.APPLICANT, at=now)
    now = at - timedelta(minutes=35)
    with acting(session, head, at=now):
        write_note(session, dossier, body=ERRANDS[0], assignee=find_person(session, "chuyenvien"), at=now)


def _carry_papers(session: Session, desk: Actor, others: Sequence[Actor], at: datetime) -> None:
    """Send two lists from a counter: one arrived with a paper missing, one is on its way."""
    with acting(session, desk):
        codes = session.scalars(
            select(Dossier.code)
            .where(
                Dossier.received_by_id == desk.staff_id,
                Dossier.annulled_at.is_(None),
                ~Dossier.is_training,
                Dossier.last_event_at <= at - timedelta(hours=5),
            )
            .order_by(Dossier.received_at.desc())
            .limit(5)
        ).all()
    for number, (chosen, taker) in enumerate(((codes[:3], others[0]), (codes[3:], others[1]))):
        if not chosen:
            return
        now = at - timedelta(hours=5 - 2 * number)
        with acting(session, desk, at=now):
            handover = begin_list(
                session, from_department=_department(session, desk), to_department=_department(session, taker), at=now
            )
            for code in chosen:
                add_dossier(session, handover, code=code, at=now)
            send_list(session, handover, at=now)
        if number == 0:
            with acting(session, taker, at=now + timedelta(hours=1)):
                for code in chosen[:-1]:
                    receive_dossier(session, handover, code=code, at=now + timedelta(hours=1))
                finish_list(session, handover, at=now + timedelta(hours=1))
