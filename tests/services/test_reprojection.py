"""Due times after a changed calendar: what is shown beforehand is what the batch does, and nothing moves by itself."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import select

from models.batch import BatchState
from models.calendar import CalendarDay, CalendarDayKind, WorkingHours
from models.dossier import Dossier, DossierEvent
from models.states import EventKind
from services import dossiers, reprojection
from services.clock import explain, get_clock, ledger_of, list_clock_events, rebuild_clock
from services.dossier_moves import ReasonMissingError
from services.errors import DeniedError
from services.jobs import advance_batch
from services.localtime import to_local
from services.reprojection import preview_moves, queue_reprojection
from tests.support.centre import Centre, receive

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def centre(session, now) -> Centre:
    return Centre(session, now)


def close(centre: Centre, day: date) -> None:
    centre.add(CalendarDay(local_date=day, kind=CalendarDayKind.CLOSURE, name="Bão", site=centre.site))


def times(centre: Centre) -> dict[str, tuple[str, str]]:
    """Return due and statutory due time of every dossier, as the centre reads them."""
    rows = centre.session.execute(select(Dossier.code, Dossier.due_at, Dossier.statutory_due_at))
    return {code: tuple(f"{to_local(at):%d/%m %H:%M}" if at else "" for at in due) for code, *due in rows}


def test_what_is_shown_beforehand_is_what_the_batch_does(centre, now, monkeypatch):
    """Three run, one of them extended; one waits, one is decided, one has no limit. Chunks of two."""
    session = centre.session
    plain, extended, short = receive(centre), receive(centre), receive(centre)
    waiting, decided = receive(centre), receive(centre)
    endless = receive(centre, procedure=centre.make_procedure("Không thời hạn", centre.transport, None))
    dossiers.request_payment(session, waiting, reason="Lệ phí", at=now)
    dossiers.start_work(session, decided, responsible=centre.officer.staff, at=now)
    dossiers.finish_dossier(session, decided, kind="GRANTED", at=now + HOUR)
    dossiers.extend_dossier(session, extended, due_at=now + 20 * DAY, reason="Chờ xác minh", at=now + HOUR)
    before = times(centre)
    close(centre, date(2017, 5, 18))
    at = now + 2 * HOUR

    preview = preview_moves(session, at=at)

    assert (preview.looked_at, len(preview.moves), preview.later, preview.earlier) == (3, 3, 3, 0)
    assert (preview.overdue(at), preview.is_whole, times(centre)) == (0, True, before)
    assert preview_moves(session, at=at, most=2).is_whole is False

    monkeypatch.setattr(reprojection, "CHUNK", 2)
    admin = centre.make_user("ADMIN", centre.hall)
    with centre.acting_as(admin):
        batch = queue_reprojection(session, title="Tính lại", reason=" Công điện 03 ", at=at)
    while batch.state in (BatchState.QUEUED, BatchState.RUNNING):
        advance_batch(session, batch.id, at=at)
    session.expire_all()

    assert (batch.state, batch.total_count, batch.updated_count, batch.refused_count) == (BatchState.FINISHED, 3, 3, 0)
    moved = {move.dossier_id: move for move in preview.moves}
    for dossier in (plain, extended, short):
        assert (dossier.due_at, dossier.statutory_due_at) == (
            moved[dossier.id].due_after_at, moved[dossier.id].statutory_after_at
        )  # fmt: skip
        assert rebuild_clock(list_clock_events(session, get_clock(session, dossier))) == ledger_of(
            get_clock(session, dossier)
        )
    assert extended.due_at == now + 20 * DAY
    assert [times(centre)[dossier.code] == before[dossier.code] for dossier in (waiting, decided, endless)] == [
        True
    ] * 3
    event = session.scalars(
        select(DossierEvent).where(DossierEvent.dossier_id == plain.id, DossierEvent.kind == EventKind.DUE_MOVED)
    ).one()
    assert (event.reason, event.facts["due_at"], event.occurred_at) == ("Công điện 03", plain.due_at.isoformat(), at)
    assert preview_moves(session, at=at).moves == []


def test_the_course_tells_why_the_due_time_moved_and_how_it_was_before(centre, now):
    dossier = receive(centre)
    close(centre, date(2017, 5, 18))
    reprojection.reproject_clocks(centre.session, at=now + HOUR, reason="Công điện 03")

    start, moved = explain(centre.session, dossier=dossier)

    assert [detail.message for detail in start.details] == ["With the calendar of that day it was due at %(due)s."]
    assert [detail.message for detail in moved.details] == [
        "Reason: %(reason)s",
        "The due time moves from %(before)s to %(after)s.",
        "Only working hours count, %(hours)s; the break between them does not.",
        "%(first)s: %(names)s, not counted.",
        "%(first)s to %(last)s: weekend, not counted.",
        "The limit is used up at %(due)s.",
    ]


def test_nobody_moves_due_times_without_the_right_or_a_reason(centre, now):
    with centre.acting_as(centre.head), pytest.raises(DeniedError):
        queue_reprojection(centre.session, title="x", reason="y", at=now)
    with centre.acting_as(centre.make_user("ADMIN", centre.hall)), pytest.raises(ReasonMissingError):
        queue_reprojection(centre.session, title="x", reason=" ", at=now)


def test_a_changed_calendar_procedure_or_limit_moves_no_running_dossier(centre, now):
    """Saving moves nothing; only what is received, or resumed, afterwards counts by the new calendar."""
    session = centre.session
    dossier = receive(centre)
    before, count = times(centre), dossier.event_count
    close(centre, date(2017, 5, 18))
    for row in session.scalars(select(WorkingHours)):
        row.working_hours = "08:00-10:00"
    centre.licence.current_version.methods[0].limit_quantity = Decimal(30)
    centre.licence.name = "Tên khác"
    session.flush()
    later = receive(centre)

    assert (times(centre)[dossier.code], dossier.event_count) == (before[dossier.code], count)
    assert len(list_clock_events(session, get_clock(session, dossier))) == 1
    assert later.due_at != dossier.due_at


def test_a_year_without_days_is_named_and_leaves_the_others_alone(centre, now):
    session = centre.session
    far = receive(centre, procedure=centre.make_procedure("Kéo dài", centre.transport, Decimal(300)))
    near = receive(centre)
    for day in session.scalars(select(CalendarDay).where(CalendarDay.local_date >= date(2018, 1, 1))):
        session.delete(day)
    close(centre, date(2017, 5, 18))

    preview = preview_moves(session, at=now + HOUR)

    assert [(code, error.values) for code, error in preview.refused] == [(far.code, {"year": 2018})]
    assert [move.code for move in preview.moves] == [near.code]
    with centre.acting_as(centre.make_user("ADMIN", centre.hall)):
        batch = queue_reprojection(session, title="Tính lại", reason="Bão", at=now + HOUR)
    advance_batch(session, batch.id, at=now + HOUR)
    assert (batch.state, batch.updated_count, batch.refused_count) == (BatchState.FINISHED, 1, 1)
