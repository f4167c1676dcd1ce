"""A centre on a working day for the main job: people with rights and portraits, a counter, weeks of ratings."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import chain, repeat

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.evaluation import Ask, AskState, RatingEventKind, Surface
from models.staff import CounterSession
from models.visit import TransactionKind
from services.asks import record_ask_event
from services.database import make_engine
from services.ratings import CitizenEvent, record_rating_event
from services.scales import find_default_scale, seed_rating_scales
from services.session import unscoped
from services.visits import admit_walk_in, finish_transaction, leave, open_transaction
from tests.support.centre import Centre
from tests.support.people import make_user

CLERK = "Nguyễn Thị Minh Khai"
SPECIALIST = "Trương Công Huy"
PORTRAIT = "nu-03"
LEVELS = (5,) * 14 + (4,) * 10 + (3,) * 3 + (2,) * 2 + (1,)  # of 30 who answered, 24 were satisfied and 3 were not
SILENT = 10  # and ten did not answer


@dataclass(frozen=True)
class Office:
    """The keys that a test needs; names and passwords are those of ``tests.support.people``."""

    clerk_staff_id: int
    counter_number: int
    procedure: str


def make_office(database_url: str, at: datetime) -> Office:
    """Fill an empty database with a centre whose clerk was rated for four weeks before ``at``."""
    engine = make_engine(database_url)
    with Session(engine) as session, unscoped(session, "test"):
        centre = Centre(session, at)
        seed_rating_scales(session, at=at)
        for user, user_name, name in ((centre.clerk, "khai.ntm", CLERK), (centre.officer, "huy.tc", SPECIALIST)):
            user.user_name, user.display_name = user_name, name
            user.staff.full_name = name
        centre.clerk.staff.portrait, centre.clerk.staff.job_title = PORTRAIT, "Chuyên viên"
        make_user(session, "giamsat", "SUPERVISOR", at=at, department="H19.00")
        session.flush()
        _serve_before(centre, at)
        session.commit()
        office = Office(centre.clerk.staff.id, centre.counter.number, centre.licence.name)
    engine.dispose()
    return office


def _serve_before(centre: Centre, at: datetime) -> None:
    """Have the clerk counsel a visitor every twelve hours, each with an answer of ``LEVELS`` or none."""
    serving = CounterSession(
        counter=centre.counter, staff=centre.clerk.staff, started_at=at - timedelta(days=21), recorded_at=at
    )
    centre.add(serving)
    for number, level in enumerate(chain(LEVELS, repeat(None, SILENT))):
        _serve(centre, at - timedelta(days=21) + timedelta(hours=12 * number), level, number)
    serving.ended_at = at - timedelta(hours=1)


def _serve(centre: Centre, at: datetime, level: int | None, number: int) -> None:
    session = centre.session
    with centre.acting_as(centre.clerk, centre.counter):
        visit = admit_walk_in(session, counter=centre.counter, at=at)
        dealing = open_transaction(
            session, kind=TransactionKind.COUNSELLING, counter=centre.counter, visit=visit, at=at
        )  # fmt: skip
        finish_transaction(session, transaction=dealing, at=at + timedelta(minutes=6))
        leave(session, visit=visit, at=at + timedelta(minutes=8))
    ask = session.scalars(select(Ask).where(Ask.visit_id == visit.id)).one()
    for state, occurred_at in _shown(at, level):
        record_ask_event(
            session, ask=ask, state=state, surface=Surface.TABLET, occurred_at=occurred_at, at=occurred_at
        )  # fmt: skip
    if level is not None:
        _rate(session, ask, level, number, at + timedelta(minutes=6, seconds=9))


def _shown(at: datetime, level: int | None) -> Iterator[tuple[AskState, datetime]]:
    yield AskState.SHOWN, at + timedelta(minutes=6, seconds=1)
    if level is None:
        yield AskState.TIMED_OUT, at + timedelta(minutes=7, seconds=31)


def _rate(session: Session, ask: Ask, level: int, number: int, at: datetime) -> None:
    scale = find_default_scale(session)
    assert scale is not None
    event = CitizenEvent(
        key=f"event-{number}",
        rating_key=f"rating-{number}",
        kind=RatingEventKind.SCORE,
        sequence=1,
        occurred_at=at,
        scale_id=scale.id,
        level=level,
        level_order=(1, 2, 3, 4, 5),
    )
    record_rating_event(session, ask=ask, event=event, surface=Surface.TABLET, at=at)
