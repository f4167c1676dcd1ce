"""The clock of a dossier on real databases: rows, events and due times that agree."""

from datetime import date, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.exc import DatabaseError
from sqlalchemy.orm import Session

from models.calendar import CalendarDay, CalendarDayKind
from models.clock import Clock, ClockEventKind, ClockState
from models.dossier import Dossier
from models.organisation import Site
from models.states import EventKind
from services.calendar import give_default_hours, seed_calendar
from services.clock import (
    ClockMissingError,
    end_clock,
    explain,
    extend_clock,
    ledger_of,
    list_clock_events,
    rebuild_clock,
    reopen_clock,
    resume_clock,
    start_clock,
    stop_clock,
)
from services.errors import UserError
from services.ledger import ClockOrderError, ClockStateError, ExtensionTooShortError, NothingToExtendError
from services.limits import Limit
from services.localtime import parse_instant, to_local
from services.reprojection import reproject_clocks
from tests.support.dossiers import make_bare_dossier


@pytest.fixture
def hall(session: Session, now: datetime) -> Site:
    site = Site(code="HALL", name="Trung tâm", unit_code="H19.07")
    session.add(site)
    give_default_hours(session, site, date(2010, 1, 1))
    seed_calendar(session, range(2016, 2021), now)
    return site


@pytest.fixture
def dossier(session: Session, hall: Site, now: datetime) -> Dossier:
    return make_bare_dossier(session, hall, now)


def start(session: Session, dossier: Dossier, received: str, limit: str | None, **facts: object) -> Clock:
    granted = Limit.parse(limit) if limit else None
    at = parse_instant(received)
    return start_clock(session, dossier=dossier, limit=granted, site=dossier.site, at=at, **facts)


def reproject(session: Session, at: str) -> int:
    """Compute again in chunks of one clock, as a long run would in chunks of many; return how many moved."""
    moved, last_id = 0, 0
    while last_id is not None:
        done = reproject_clocks(session, at=parse_instant(at), reason="Công điện 03", after_id=last_id, limit=1)
        moved, last_id = moved + done.moved, done.last_id
    return moved


def written(at: datetime | None) -> str:
    return "" if at is None else f"{to_local(at):%Y-%m-%d %H:%M}"


def kinds(session: Session, clock: Clock) -> list[str]:
    return [event.kind.value for event in list_clock_events(session, clock)]


def test_starting_sets_the_due_times_of_clock_and_dossier(session, dossier):
    clock = start(session, dossier, "2017-05-15 08:00", "3.5 working_day")

    assert written(clock.due_at) == "2017-05-18 14:00"
    assert (dossier.due_at, dossier.statutory_due_at) == (clock.due_at, clock.statutory_due_at)
    assert (clock.state, clock.budget_microseconds) == (ClockState.RUNNING, 28 * 3600 * 10**6)
    assert clock.statutory_due_at == clock.due_at


def test_a_procedure_without_a_limit_has_no_due_time_and_needs_no_calendar(session, now):
    site = Site(code="NEW", name="Điểm mới", unit_code="H19.08")
    session.add(site)
    clock = start(session, make_bare_dossier(session, site, now), "2035-05-15 20:00", None)

    assert (clock.due_at, clock.statutory_due_at, clock.limit_unit) == (None, None, None)


def test_a_given_due_time_is_kept_as_given(session, dossier):
    clock = start(session, dossier, "2017-05-15 08:00", None, due_at=parse_instant("2017-05-20 23:59"))

    assert written(clock.due_at) == "2017-05-20 23:59"


def test_a_given_due_time_is_moved_by_a_stop_and_by_no_calendar(session, hall, dossier):
    start(session, dossier, "2017-05-15 08:00", None, due_at=parse_instant("2017-05-19 23:59"))
    moved = reproject(session, "2017-05-15 09:00")
    stop_clock(session, dossier=dossier, at=parse_instant("2017-05-16 08:00"))
    clock = resume_clock(session, dossier=dossier, at=parse_instant("2017-05-17 08:00"), is_anew=True)

    assert moved == 0
    assert written(clock.due_at) == "2017-05-22 07:00"  # a day after Friday 23:59, which is Saturday
    assert kinds(session, clock) == ["START", "STOP", "RESUME"]


def test_a_stop_gives_back_the_working_time_it_took(session, dossier):
    start(session, dossier, "2017-05-15 08:00", "3.5 working_day")

    stopped = stop_clock(session, dossier=dossier, at=parse_instant("2017-05-16 09:00"), reason="Thiếu bản sao")
    assert (stopped.state, stopped.consumed_microseconds, written(stopped.due_at)) == (
        ClockState.STOPPED, 9 * 3600 * 10**6, "2017-05-18 14:00"
    )  # fmt: skip
    resumed = resume_clock(session, dossier=dossier, at=parse_instant("2017-05-20 10:00"))

    assert (resumed.state, written(resumed.running_since_at)) == (ClockState.RUNNING, "2017-05-22 07:00")
    assert written(resumed.due_at) == written(dossier.due_at) == "2017-05-24 10:00"  # 19 of 28 hours were left


def test_counting_anew_grants_the_whole_limit_again(session, dossier):
    start(session, dossier, "2017-05-15 08:00", "3 working_day")
    stop_clock(session, dossier=dossier, at=parse_instant("2017-05-16 09:00"))

    clock = resume_clock(session, dossier=dossier, at=parse_instant("2017-05-22 08:00"), is_anew=True)

    assert (written(clock.counted_from_at), written(clock.due_at)) == ("2017-05-22 08:00", "2017-05-25 08:00")
    assert kinds(session, clock) == ["START", "STOP", "RESTART"]


@pytest.mark.parametrize(("limit", "due"), [("10 day", "2017-05-31 07:00"), ("1 month", "2017-06-21 07:00")])
def test_stops_of_calendar_limits_are_added_as_elapsed_time(session, dossier, limit, due):
    start(session, dossier, "2017-05-17 09:00", limit)
    stop_clock(session, dossier=dossier, at=parse_instant("2017-05-18 10:00"))

    clock = resume_clock(session, dossier=dossier, at=parse_instant("2017-05-20 10:00"))

    assert written(clock.running_since_at) == "2017-05-22 07:00"  # a Saturday counts as Monday's opening
    assert written(clock.due_at) == due  # 3 days 21 hours later, which is 06:00, so at opening


def test_a_dossier_late_before_the_stop_stays_late(session, dossier):
    clock = start(session, dossier, "2017-05-15 08:00", "1 working_day")
    stop_clock(session, dossier=dossier, at=parse_instant("2017-05-16 09:00"))
    assert ledger_of(clock).is_overdue(parse_instant("2017-05-16 09:00"))

    resume_clock(session, dossier=dossier, at=parse_instant("2017-05-22 08:00"))

    assert written(clock.due_at) == "2017-05-16 08:00"


def test_a_stopped_clock_gets_no_later(session, dossier):
    clock = start(session, dossier, "2017-05-15 08:00", "1 working_day")
    stop_clock(session, dossier=dossier, at=parse_instant("2017-05-15 09:00"))

    assert not ledger_of(clock).is_overdue(parse_instant("2017-06-01 09:00"))


def test_ending_while_stopped_counts_the_stop(session, dossier):
    clock = start(session, dossier, "2017-05-15 08:00", "1 working_day")
    stop_clock(session, dossier=dossier, at=parse_instant("2017-05-15 09:00"))

    end_clock(session, dossier=dossier, at=parse_instant("2017-06-01 09:00"))

    assert (clock.state, written(clock.due_at)) == (ClockState.ENDED, "2017-06-02 08:00")
    assert not ledger_of(clock).is_overdue(parse_instant("2017-07-01 09:00"))


def test_a_reopened_clock_goes_on_as_if_it_had_never_ended(session, dossier):
    clock = start(session, dossier, "2017-05-15 08:00", "2 working_day")
    end_clock(session, dossier=dossier, at=parse_instant("2017-05-15 10:00"))

    reopen_clock(session, dossier=dossier, at=parse_instant("2017-05-16 10:00"), reason="Sai họ tên")
    stop_clock(session, dossier=dossier, at=parse_instant("2017-05-16 11:00"))

    assert (clock.consumed_microseconds, written(clock.due_at)) == (11 * 3600 * 10**6, "2017-05-17 08:00")


def test_an_extension_moves_the_due_time_but_not_the_statutory_one(session, dossier):
    clock = start(session, dossier, "2017-05-15 08:00", "2 working_day")
    extend_clock(
        session,
        dossier=dossier,
        due_at=parse_instant("2017-05-19 17:00"),
        at=parse_instant("2017-05-16 08:00"),
        reason="Chờ xác minh",
    )
    assert (written(dossier.due_at), written(dossier.statutory_due_at)) == ("2017-05-19 17:00", "2017-05-17 08:00")

    stop_clock(session, dossier=dossier, at=parse_instant("2017-05-16 08:00"))
    resume_clock(session, dossier=dossier, at=parse_instant("2017-05-18 08:00"))

    assert (written(clock.due_at), written(clock.statutory_due_at)) == ("2017-05-22 17:00", "2017-05-19 08:00")


def test_a_changed_calendar_moves_running_clocks_and_says_so(session, hall, dossier):
    clock = start(session, dossier, "2017-05-15 08:00", "3 working_day")
    untouched = start(session, make_bare_dossier(session, hall, clock.counted_from_at), "2017-05-15 08:00", "1 hour")
    session.add(CalendarDay(local_date=date(2017, 5, 17), kind=CalendarDayKind.CLOSURE, name="Bão", site=hall))
    session.flush()

    moved = reproject(session, "2017-05-15 10:00")

    assert (moved, written(dossier.due_at)) == (1, "2017-05-19 08:00")
    assert [event.kind for event in list_clock_events(session, clock)] == [
        ClockEventKind.START,
        ClockEventKind.CALENDAR,
    ]
    assert kinds(session, untouched) == ["START"]


def test_a_changed_calendar_leaves_extensions_and_moves_the_statutory_due_time(session, hall, dossier):
    start(session, dossier, "2017-05-15 08:00", "3 working_day")
    extended = parse_instant("2017-06-01 17:00")
    extend_clock(session, dossier=dossier, due_at=extended, at=parse_instant("2017-05-15 09:00"), reason="Chờ xác minh")
    session.add(CalendarDay(local_date=date(2017, 5, 17), kind=CalendarDayKind.CLOSURE, name="Bão", site=hall))
    session.flush()

    reproject(session, "2017-05-15 10:00")

    assert (dossier.due_at, written(dossier.statutory_due_at)) == (extended, "2017-05-19 08:00")


def test_a_site_without_running_clocks_has_nothing_to_move(session, hall):
    assert reproject(session, "2017-05-15 10:00") == 0


def test_an_extension_needs_a_due_time_and_a_later_one(session, dossier):
    start(session, dossier, "2017-05-15 08:00", "2 working_day")
    with pytest.raises(ExtensionTooShortError, match="08:00 17/05/2017"):
        extend_clock(session, dossier=dossier, due_at=dossier.due_at, at=parse_instant("2017-05-16 08:00"), reason="x")

    endless = make_bare_dossier(session, dossier.site, dossier.received_at)
    start(session, endless, "2017-05-15 08:00", None)
    with pytest.raises(NothingToExtendError):
        extend_clock(session, dossier=endless, due_at=endless.received_at, at=endless.received_at, reason="x")


@pytest.mark.parametrize(("act", "error"), [("resume", ClockStateError), ("reopen", ClockStateError)])
def test_an_act_that_does_not_fit_the_state_is_refused(session, dossier, act, error):
    start(session, dossier, "2017-05-15 08:00", "2 working_day")

    with pytest.raises(error, match="Look at the dossier again"):
        perform(session, dossier, act, parse_instant("2017-05-16 08:00"))


def test_an_act_before_the_last_one_is_refused(session, dossier):
    start(session, dossier, "2017-05-15 08:00", "2 working_day")

    with pytest.raises(ClockOrderError, match="08:00 15/05/2017"):
        stop_clock(session, dossier=dossier, at=parse_instant("2017-05-15 07:59"))


def test_events_cannot_be_changed(session, dossier):
    start(session, dossier, "2017-05-15 08:00", "3 working_day")

    with pytest.raises(DatabaseError, match="append-only"):
        session.execute(text("UPDATE clock_event SET reason = 'x'"))


def test_a_dossier_without_a_clock_is_named(session, dossier):
    with pytest.raises(ClockMissingError, match=dossier.code):
        stop_clock(session, dossier=dossier, at=dossier.received_at)


def test_the_course_of_a_clock_is_explained_step_by_step(session, dossier):
    start(session, dossier, "2017-05-15 08:00", "3 working_day")
    asked, brought = EventKind.SUPPLEMENT_ASKED, EventKind.SUPPLEMENT_RECEIVED
    stop_clock(session, dossier=dossier, at=parse_instant("2017-05-16 08:00"), reason="Thiếu bản sao", cause=asked)
    resume_clock(session, dossier=dossier, at=parse_instant("2017-05-18 08:00"), cause=brought)

    course = explain(session, dossier=dossier)

    assert [(step.headline.message, [detail.message for detail in step.details]) for step in course] == [
        (
            "%(at)s: the clock starts.",
            [
                "Received at %(received)s, in working time: counting begins at once.",
                "The limit is %(limit)s, that is %(hours)s working hours.",
                "Only working hours count, %(hours)s; the break between them does not.",
                "The limit is used up at %(due)s.",
            ],
        ),
        (
            "%(at)s: the clock stops.",
            [
                "The applicant was asked for more papers; until they arrive no time counts.",
                "Reason: %(reason)s",
                "Used so far: %(used)s of %(budget)s; left: %(left)s.",
            ],
        ),
        (
            "%(at)s: the clock goes on.",
            [
                "The missing papers arrived; what was left of the limit goes on.",
                "%(left)s of the limit is left.",
                "The due time moves from %(before)s to %(after)s.",
                "Only working hours count, %(hours)s; the break between them does not.",
                "%(first)s to %(last)s: weekend, not counted.",
                "The limit is used up at %(due)s.",
            ],
        ),
    ]


ACTS = st.lists(
    st.tuples(st.sampled_from(["stop", "resume", "anew", "end", "reopen", "extend"]), st.integers(0, 200_000)),
    max_size=12,
)


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(limit=st.sampled_from(["3.25 working_day", "7 hour", "20 day", "2 month", None]), acts=ACTS)
def test_the_row_of_a_clock_is_what_its_events_say(session, hall, limit, acts):
    at = parse_instant("2017-05-15 08:00")
    dossier = make_bare_dossier(session, hall, at)
    clock = start(session, dossier, "2017-05-15 08:00", limit)
    for act, seconds in acts:
        at += timedelta(seconds=seconds)
        try:
            perform(session, dossier, act, at)
        except UserError:
            continue  # not possible in this state; nothing may have been written
    session.flush()
    session.expire_all()

    events = list_clock_events(session, clock)

    assert rebuild_clock(events) == ledger_of(clock)
    assert (dossier.due_at, dossier.statutory_due_at) == (clock.due_at, clock.statutory_due_at)
    assert [event.sequence for event in events] == list(range(1, len(events) + 1))


def perform(session: Session, dossier: Dossier, act: str, at: datetime) -> None:
    if act == "stop":
        stop_clock(session, dossier=dossier, at=at)
    elif act in ("resume", "anew"):
        resume_clock(session, dossier=dossier, at=at, is_anew=act == "anew")
    elif act == "end":
        end_clock(session, dossier=dossier, at=at)
    elif act == "reopen":
        reopen_clock(session, dossier=dossier, at=at, reason="Sai sót")
    else:
        extend_clock(session, dossier=dossier, due_at=at + timedelta(days=30), at=at, reason="Gia hạn")
