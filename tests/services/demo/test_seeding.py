"""The demonstration centre: lived through with the real verbs, whole, and the same each time."""

from collections import Counter as Tally
from datetime import UTC, date, datetime

import pytest
from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from models.access import Role, User, UserRole
from models.clock import Clock
from models.dossier import Dossier, DossierEvent
from models.evaluation import Ask, AskState, Rating, RatingStanding
from models.organisation import Counter, Department, Site
from models.procedure import Procedure
from models.staff import Staff
from models.states import DossierState
from models.tablet import Tablet
from models.visit import Visit
from scripts.draw_portraits import PORTRAITS
from services.audit import verify_chain
from services.database import make_engine
from services.demo.centre import Centre
from services.demo.seeding import CentreNotEmptyError, build_centre, describe_logins, is_empty, live_through
from services.dossiers import rebuild_dossier_facts
from services.passwords import password_hashing, pin_hashing
from services.ratings import verify_standings
from services.session import unscoped
from services.settlement import Dimension, make_cut, summarise_settlement
from tests.support.databases import copy_sqlite

AT = datetime(2026, 9, 16, 3, 0, tzinfo=UTC)  # a Wednesday, 10:00 in Vietnam
DOSSIERS = 45


def seed(session: Session) -> Centre:
    centre = build_centre(session, at=AT)
    session.commit()
    for _ in live_through(session, centre, at=AT, dossiers=DOSSIERS):
        session.commit()
    return centre


def test_three_months_hold_together(session):
    """One test for all of it, because living through them takes seconds."""
    centre = seed(session)

    _check_centre(session)
    _check_rows_follow_from_events(session)
    _check_variety(session)
    _check_figures(session)
    _check_logins(session, centre)
    _check_faces(session, centre)
    assert verify_standings(session) == []
    assert verify_chain(session).is_intact
    assert not is_empty(session)
    with pytest.raises(CentreNotEmptyError):
        build_centre(session, at=AT)


def _check_centre(session: Session) -> None:
    counts = {model.__name__: session.scalar(select(func.count()).select_from(model)) for model in
              (Department, Site, Counter, Tablet, Staff, Procedure)}  # fmt: skip
    assert counts == {"Department": 14, "Site": 2, "Counter": 15, "Tablet": 15, "Staff": 36, "Procedure": 32}
    assert session.scalar(select(func.count()).select_from(Dossier).where(~Dossier.is_training)) == DOSSIERS
    assert session.scalar(select(func.max(DossierEvent.occurred_at))) <= AT
    waiting = session.scalars(select(Visit).where(Visit.called_at.is_(None), Visit.left_at.is_(None))).all()
    assert {visit.local_date for visit in waiting} == {date(2026, 9, 16)}
    assert len(waiting) == 9


def _check_rows_follow_from_events(session: Session) -> None:
    for dossier in session.scalars(select(Dossier)):
        facts = rebuild_dossier_facts(dossier.events)
        assert (facts.state, facts.finished_at, facts.returned_at, facts.annulled_at) == (
            dossier.state, dossier.finished_at, dossier.returned_at, dossier.annulled_at,
        )  # fmt: skip
        if dossier.state is not DossierState.REFUSED:
            clock = session.scalars(select(Clock).where(Clock.dossier_id == dossier.id)).one()
            assert clock.statutory_due_at == dossier.statutory_due_at


def _check_variety(session: Session) -> None:
    states = Tally(session.scalars(select(Dossier.state)))
    assert {DossierState.PAYMENT, DossierState.WITHDRAWAL, DossierState.DECIDED, DossierState.RETURNED} <= set(states)
    levels = Tally(session.scalars(select(RatingStanding.value)))
    assert sum(levels[value] for value in (4, 5)) > sum(levels.values()) / 2
    answered = session.scalar(select(func.count()).select_from(Ask).where(Ask.state == AskState.RATED))
    assert answered == session.scalar(select(func.count()).select_from(Rating)) > 0


def _check_figures(session: Session) -> None:
    cut = make_cut(since=date(2026, 6, 1), until=date(2026, 9, 16), now=AT)
    total = summarise_settlement(session, cut, by=Dimension.DEPARTMENT).total

    annulled = session.scalar(select(func.count()).select_from(Dossier).where(Dossier.annulled_at.is_not(None)))
    assert total.received == DOSSIERS - annulled
    assert total.received == total.finished + total.refused + total.open


def _check_logins(session: Session, centre: Centre) -> None:
    for login in centre.logins:
        user = session.scalars(select(User).where(User.user_name == login.user_name)).one()
        assert password_hashing().verify(user.password_hash, login.password).is_right
        assert not user.must_change_password
    for badge in centre.badges:
        staff = session.scalars(select(Staff).where(Staff.badge_number == badge.badge_number)).one()
        assert pin_hashing().verify(staff.pin_hash, badge.pin).is_right
    names = [login.user_name for login in centre.logins]
    roles = session.scalars(select(Role.code).join(UserRole).join(User).where(User.user_name.in_(names)))
    assert set(roles) == set(session.scalars(select(Role.code))) - {"DEVICE"}
    sheet = describe_logins(centre, base_url="http://127.0.0.1:8000")
    assert all(login.password in sheet for login in centre.logins)


def _check_faces(session: Session, centre: Centre) -> None:
    names = {portrait.name for portrait in PORTRAITS}
    faces = [session.get_one(User, user_id).staff.portrait for user_id in centre.desks.values()]
    assert len(set(faces)) == len(faces)
    assert set(faces) <= names


def test_same_seed_tells_the_same_story(sqlite_template, tmp_path):
    stories = []
    for name in ("first", "again"):
        stories.append(_story(sqlite_template, tmp_path / f"{name}.db"))

    assert stories[0] == stories[1]


def _story(template, path) -> list[tuple]:
    engine: Engine = make_engine(copy_sqlite(template, path))
    with Session(engine) as session, unscoped(session, "test"):
        seed(session)
        rows = session.execute(
            select(Dossier.code, Dossier.applicant_name, Dossier.state, Dossier.due_at, Dossier.finished_at).order_by(
                Dossier.id
            )
        ).all()
        ratings = session.execute(
            select(RatingStanding.local_date, RatingStanding.value).order_by(RatingStanding.rating_id)
        )
        told = [tuple(row) for row in (*rows, *ratings)]
    engine.dispose()
    return told
