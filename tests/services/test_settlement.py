"""The settlement report: its arithmetic, its two axes of time, and agreement with a plain recount of events."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from models.states import Channel, DossierState
from models.states import EventKind as Kind
from services.form_06a import DIMENSIONS, summarise_form_06a
from services.session import acting
from services.settlement import (
    AsOfOutsideError,
    Dimension,
    PeriodAheadError,
    PeriodEmptyError,
    Rate,
    SettlementCounts,
    list_settlement_dossiers,
    make_cut,
    summarise_settlement,
)
from services.settlement_figures import FIGURES, FORM_FIGURES
from tests.services.settlement_world import Course, Happening, World, recount

NOW = datetime(2016, 6, 1, 3, 0, tzinfo=UTC)
AFTER_ALL = datetime(2017, 6, 1, tzinfo=UTC)
APRIL = {"since": date(2016, 4, 1), "until": date(2016, 4, 30), "now": NOW}
S = DossierState


def on(month: int, day: int, hour: int = 9) -> datetime:
    """Return an instant of 2016 on the clock of Hồ Chí Minh City."""
    return datetime(2016, month, day, hour, tzinfo=UTC) - timedelta(hours=7)


def came(at: datetime, *, due: datetime | None, **more: object) -> Course:
    """Return a dossier received at a counter."""
    return Course(Happening(at, Kind.RECEIVED, S.ACCEPTED), due=due, **more)


def sent(at: datetime, *, due: datetime | None) -> Course:
    """Return a dossier submitted online and not yet accepted."""
    return Course(Happening(at, Kind.SUBMITTED, S.NEW), due=due)


@pytest.fixture
def world(session: Session) -> World:
    return World(session)


def test_april_2016_gives_the_published_rate():
    april = SettlementCounts(received=11_597, finished=9_314 + 740, on_time=9_314, late=740, undue=1_543, open=1_543)

    assert str(april.on_time_rate) == "92.64"
    assert (april.on_time_rate.numerator, april.on_time_rate.denominator) == (9_314, 10_054)
    assert str(april.national_on_time_rate) == "93.62"


@pytest.mark.parametrize(
    ("numerator", "denominator", "expected"),
    [
        (9_314, 10_054, "92.64"),
        (4_670, 11_597, "40.27"),
        (1, 800, "0.13"),
        (1, 8, "12.50"),
        (2, 3, "66.67"),
        (0, 5, "0.00"),
        (5, 5, "100.00"),
        (0, 0, "–"),
        (952, 952 + 377, "71.63"),
        (952, 1_434 - 66, "69.59"),
        (952 + 66, 1_434, "70.99"),
    ],
)
def test_rate_is_rounded_half_up_at_two_decimals(numerator, denominator, expected):
    assert str(Rate(numerator, denominator)) == expected


def test_rate_of_nothing_is_not_a_number():
    assert Rate(0, 0).percent is None
    assert Rate(1, 3).percent == Decimal("33.33")


@pytest.mark.parametrize(
    ("course", "expected"),
    [
        pytest.param(
            came(on(4, 4), due=on(4, 20)).decided(on(4, 18)),
            {"received": 1, "finished": 1, "on_time": 1},
            id="on time",
        ),
        pytest.param(
            came(on(4, 4), due=on(4, 20)).decided(on(4, 20)),
            {"received": 1, "finished": 1, "on_time": 1},
            id="at the very instant it is due",
        ),
        pytest.param(
            came(on(4, 4), due=on(4, 20)).decided(on(4, 20, 10)),
            {"received": 1, "finished": 1, "late": 1},
            id="late",
        ),
        pytest.param(
            came(on(4, 4), due=on(5, 20)),
            {"received": 1, "open": 1, "undue": 1},
            id="not yet due",
        ),
        pytest.param(
            came(on(4, 4), due=on(4, 20)),
            {"received": 1, "open": 1, "overdue": 1},
            id="overdue",
        ),
        pytest.param(
            came(on(4, 4), due=None),
            {"received": 1, "open": 1, "no_due_time": 1},
            id="open without a limit",
        ),
        pytest.param(
            came(on(4, 4), due=None).decided(on(4, 5)),
            {"received": 1, "finished": 1, "no_due_time": 1},
            id="finished without a limit",
        ),
        pytest.param(
            Course(Happening(on(4, 4), Kind.REFUSED, S.REFUSED), due=None),
            {"received": 1, "refused": 1},
            id="refused at intake",
        ),
        pytest.param(sent(on(4, 4), due=None), {}, id="submitted online, untouched"),
        pytest.param(
            sent(on(3, 31), due=on(4, 20)).then(on(4, 2), Kind.RECEIVED, S.ACCEPTED),
            {"received": 1, "open": 1, "overdue": 1},
            id="submitted in March, accepted in April",
        ),
        pytest.param(
            came(on(3, 4), due=on(4, 20)).decided(on(4, 3)),
            {"carried_over": 1, "finished": 1, "on_time": 1},
            id="carried over",
        ),
        pytest.param(
            came(on(3, 4), due=on(4, 20)).decided(on(3, 30)),
            {},
            id="finished in March, waiting for collection",
        ),
        pytest.param(
            came(on(3, 4), due=on(4, 20))
            .decided(on(3, 30))
            .then(on(4, 6), Kind.RETURNED, S.RETURNED, method="POST"),
            {"returned_by_post": 1},
            id="finished in March, delivered in April",
        ),
        pytest.param(
            came(on(3, 4), due=on(4, 20))
            .decided(on(3, 30))
            .then(on(4, 6), Kind.REOPENED, S.PROCESSING)
            .decided(on(4, 25)),
            {"carried_over": 1, "finished": 1, "late": 1},
            id="reopened in April and finished again",
        ),
        pytest.param(
            came(on(4, 4), due=on(4, 20))
            .then(on(4, 10), Kind.SUPPLEMENT_ASKED, S.SUPPLEMENT, clock="STOP"),
            {"received": 1, "open": 1, "undue": 1},
            id="waiting for papers since before it was due",
        ),
        pytest.param(
            came(on(4, 4), due=on(4, 20))
            .then(on(4, 21), Kind.SUPPLEMENT_ASKED, S.SUPPLEMENT, clock="STOP"),
            {"received": 1, "open": 1, "overdue": 1},
            id="waiting for papers asked for when it was late",
        ),
        pytest.param(
            came(on(4, 4), due=on(4, 20))
            .then(on(4, 10), Kind.WITHDRAWAL_ASKED, S.WITHDRAWAL, clock="STOP")
            .then(on(4, 25), Kind.STOPPED, S.STOPPED, clock="END"),
            {"received": 1, "finished": 1, "on_time": 1},
            id="withdrawn in time, confirmed later",
        ),
        pytest.param(
            came(on(4, 4), due=on(4, 20), is_training=True), {}, id="training"
        ),
        pytest.param(
            came(on(4, 4), due=on(4, 20)).then(on(4, 5), Kind.ANNULLED, S.ACCEPTED),
            {},
            id="annulled",
        ),
        pytest.param(
            came(on(4, 4), due=on(4, 20)).then(on(5, 5), Kind.ANNULLED, S.ACCEPTED),
            {},
            id="annulled after the period, as known today",
        ),
        pytest.param(
            came(on(5, 1, 0), due=on(5, 20)), {}, id="received as May begins"
        ),
        pytest.param(
            came(on(4, 1, 0), due=on(5, 20)),
            {"received": 1, "open": 1, "undue": 1},
            id="received as April begins",
        ),
    ],
)  # fmt: skip
def test_one_dossier_counts_as_it_should(world, course, expected):
    world.add(course)

    total = summarise_settlement(world.session, make_cut(**APRIL)).total

    assert {name: value for name in FIGURES if (value := getattr(total, name))} == expected


def test_as_of_within_the_month_shows_the_month_as_it_stood(world):
    world.add(came(on(4, 4), due=on(4, 20)).decided(on(4, 18)))

    then = summarise_settlement(world.session, make_cut(**APRIL, as_of=on(4, 15))).total

    assert (then.open, then.undue, then.finished) == (1, 1, 0)


def test_known_at_shows_the_month_as_it_was_reported(world):
    late_entry = came(on(4, 4), due=on(4, 20))
    world.add(late_entry.then(on(4, 18), Kind.DECIDED, S.DECIDED, recorded_at=on(5, 3)))
    annulled_later = came(on(4, 5), due=on(4, 20))
    world.add(annulled_later.then(on(5, 5), Kind.ANNULLED, S.ACCEPTED))

    reported = summarise_settlement(world.session, make_cut(**APRIL, known_at=on(5, 2))).total
    today = summarise_settlement(world.session, make_cut(**APRIL)).total

    assert (reported.received, reported.overdue, reported.on_time) == (2, 2, 0)
    assert (today.received, today.overdue, today.on_time) == (1, 0, 1)


def test_dossier_that_closed_by_a_later_entry_was_carried_over_then(world):
    course = came(on(3, 4), due=on(3, 20))
    world.add(course.then(on(3, 18), Kind.DECIDED, S.DECIDED, recorded_at=on(5, 3)))

    reported = summarise_settlement(world.session, make_cut(**APRIL, known_at=on(5, 2))).total
    today = summarise_settlement(world.session, make_cut(**APRIL)).total

    assert (reported.carried_over, reported.overdue) == (1, 1)
    assert today == SettlementCounts()


@pytest.mark.parametrize("by", list(Dimension))
def test_slices_add_up_to_the_total(world, by):
    for number in range(12):
        due = None if number % 5 == 0 else on(4, 10 + number)
        course = came(on(4, 1 + number), due=due, slot=number % 4)
        world.add(course.decided(on(4, 14)) if number % 3 else course)

    report = summarise_settlement(world.session, make_cut(**APRIL), by=by)

    assert len(report.rows) > 1
    assert [row.code for row in report.rows] == sorted(row.code for row in report.rows)
    for name in FIGURES:
        assert sum(getattr(row.counts, name) for row in report.rows) == getattr(report.total, name), name


def test_dossier_that_changed_hands_counts_where_it_is(world):
    course = came(on(3, 4), due=on(4, 20), slot=0)
    world.add(course.then(on(4, 5), Kind.STARTED, S.PROCESSING, slot=1))

    rows = summarise_settlement(world.session, make_cut(**APRIL), by=Dimension.DEPARTMENT).rows

    assert [(row.code, row.counts.carried_over, row.counts.overdue) for row in rows] == [("T.01", 1, 1)]


def test_figure_opens_the_rows_it_counts(world):
    late = world.add(came(on(4, 4), due=on(4, 8)).decided(on(4, 9)))
    world.add(came(on(4, 4), due=on(4, 20)).decided(on(4, 9)))
    cut = make_cut(**APRIL)

    rows = list_settlement_dossiers(world.session, cut, figure="late")

    assert [(row.dossier_id, row.due_at, row.ended_at, row.state) for row in rows] == [
        (late.id, on(4, 8), on(4, 9), S.DECIDED)
    ]
    assert list_settlement_dossiers(world.session, cut, figure="late", after_id=late.id) == []
    assert list_settlement_dossiers(world.session, cut, figure="late", by=Dimension.CHANNEL, key="ONLINE") == []
    assert (
        len(list_settlement_dossiers(world.session, cut, figure="late", by=Dimension.CHANNEL, key=Channel.COUNTER)) == 1
    )
    with pytest.raises(ValueError, match="no figure 'id'"):
        list_settlement_dossiers(world.session, cut, figure="id")


def test_officer_is_who_was_responsible_at_the_instant(world):
    taken = came(on(4, 4), due=on(4, 20)).then(on(4, 10), Kind.STARTED, S.PROCESSING)
    world.add(taken)
    world.add(sent(on(4, 5), due=on(4, 20)).then(on(4, 6), Kind.STOPPED, S.STOPPED))

    before, after = (
        summarise_settlement(world.session, make_cut(**APRIL, as_of=as_of), by=Dimension.OFFICER).rows
        for as_of in (on(4, 9), on(4, 11))
    )

    assert [(row.code, row.name) for row in before] == [("B0", "Người thứ 0"), ("none", "Nobody yet")]
    assert [(row.code, row.name) for row in after] == [("B1", "Người thứ 1"), ("none", "Nobody yet")]
    keys = [row.key for row in after]
    assert [
        len(
            list_settlement_dossiers(world.session, make_cut(**APRIL), figure="received", by=Dimension.OFFICER, key=key)
        )
        for key in keys
    ] == [1, 1]


@pytest.mark.parametrize("by", list(Dimension))
def test_every_slice_of_a_reader_holds_only_what_they_may_see(world, by):
    for slot in (0, 0, 1):
        world.add(came(on(4, 4), due=on(4, 8), slot=slot).then(on(4, 5), Kind.STARTED, S.PROCESSING))

    with acting(world.session, world.reader_of(0)):
        report = summarise_settlement(world.session, make_cut(**APRIL), by=by)

    assert [row.counts.received for row in report.rows] == [2]
    assert report.rows[0].code in ("T.00", "F0", "1.000000", "counter", "S0", "B1")


def test_report_covers_only_what_its_reader_may_see(world):
    for slot in (0, 0, 1):
        world.add(came(on(4, 4), due=on(4, 8), slot=slot))

    with acting(world.session, world.reader_of(0)):
        report = summarise_settlement(world.session, make_cut(**APRIL), by=Dimension.DEPARTMENT)
        rows = list_settlement_dossiers(world.session, make_cut(**APRIL), figure="overdue")

    assert [(row.code, row.counts.received) for row in report.rows] == [("T.00", 2)]
    assert report.total.received == len(rows) == 2


@pytest.mark.parametrize(
    ("since", "until", "as_of", "error"),
    [
        (date(2016, 4, 30), date(2016, 4, 1), None, PeriodEmptyError),
        (date(2016, 7, 1), date(2016, 7, 31), None, PeriodAheadError),
        (date(2016, 4, 1), date(2016, 4, 30), on(5, 2), AsOfOutsideError),
        (date(2016, 4, 1), date(2016, 4, 30), on(3, 30), AsOfOutsideError),
    ],
)
def test_period_that_makes_no_sense_is_refused(since, until, as_of, error):
    with pytest.raises(error):
        make_cut(since=since, until=until, now=NOW, as_of=as_of)


def test_running_month_is_taken_as_of_now():
    cut = make_cut(since=date(2016, 6, 1), until=date(2016, 6, 30), now=NOW)

    assert (cut.as_of, cut.known_at, cut.is_known_today) == (NOW, NOW, True)


def test_report_costs_one_query_and_one_more_per_dimension(world, engine, count_queries):
    for slot in range(4):
        world.add(came(on(4, 4), due=on(4, 8), slot=slot))
    world.session.commit()

    with count_queries(engine) as seen:
        summarise_settlement(world.session, make_cut(**APRIL))
    assert len([statement for statement in seen if statement.startswith("WITH")]) == 1

    with count_queries(engine) as seen:
        summarise_settlement(world.session, make_cut(**APRIL), by=Dimension.SITE)
    assert len([statement for statement in seen if statement.startswith(("WITH", "SELECT"))]) == 3  # and the names


def test_json_has_the_agreed_shape(world):
    world.add(came(on(4, 4), due=on(4, 8)).decided(on(4, 7)))

    document = summarise_settlement(world.session, make_cut(**APRIL), by=Dimension.DEPARTMENT).to_json()

    assert document["period"] == {"from": "2016-04-01", "to": "2016-04-30"}
    assert document["as_of"] == "2016-05-01T00:00:00+07:00"
    assert document["known_at"] == "2016-06-01T10:00:00+07:00"
    assert document["total"] == {
        **dict.fromkeys(FIGURES, 0), "received": 1, "finished": 1, "on_time": 1,
        "on_time_rate": "100.00", "on_time_rate_numerator": 1, "on_time_rate_denominator": 1,
        "closed_on_time_rate": "100.00", "closed_on_time_rate_numerator": 1, "closed_on_time_rate_denominator": 1,
        "national_on_time_rate": "100.00", "national_on_time_rate_numerator": 1, "national_on_time_rate_denominator": 1,
    }  # fmt: skip
    assert document["rows"] == [{"department": "T.00", "name": "Sở số 0", **document["total"]}]


def test_empty_month_prints_dashes_for_rates(world):
    total = summarise_settlement(world.session, make_cut(**APRIL)).total.to_json()

    assert {name: total[name] for name in ("on_time_rate", "closed_on_time_rate", "national_on_time_rate")} == {
        "on_time_rate": "–", "closed_on_time_rate": "–", "national_on_time_rate": "–",
    }  # fmt: skip


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(data=st.data())
def test_report_agrees_with_a_plain_recount_of_random_histories(world, data):
    courses = data.draw(st.lists(histories(), min_size=1, max_size=25))
    since = data.draw(st.dates(date(2016, 2, 20), date(2016, 5, 10)))
    until = since + timedelta(days=data.draw(st.integers(0, 50)))
    start, end = (
        on(since.month, since.day, 0),
        datetime(until.year, until.month, until.day, tzinfo=UTC) + timedelta(hours=17),
    )
    as_of = data.draw(st.none() | st.datetimes(start.replace(tzinfo=None), end.replace(tzinfo=None)))
    known_at = data.draw(st.none() | st.datetimes(datetime(2016, 3, 1), datetime(2017, 6, 1)))  # noqa: DTZ001
    cut = make_cut(
        since=since, until=until, now=AFTER_ALL,
        as_of=as_of and as_of.replace(tzinfo=UTC), known_at=known_at and known_at.replace(tzinfo=UTC),
    )  # fmt: skip
    world.clear()
    for course in courses:
        world.add(course)

    report = summarise_settlement(world.session, cut, by=data.draw(st.sampled_from(Dimension)))

    total = report.total
    assert {name: getattr(total, name) for name in FIGURES} == recount(courses, cut)
    assert total.carried_over + total.received == total.finished + total.refused + total.open
    assert total.on_time + total.late + total.undue + total.overdue + total.no_due_time == total.finished + total.open
    for name in FIGURES:
        assert sum(getattr(row.counts, name) for row in report.rows) == getattr(total, name)
    for row in report.rows:
        counts = row.counts
        assert counts.carried_over + counts.received == counts.finished + counts.refused + counts.open

    form = summarise_form_06a(world.session, cut, by=data.draw(st.sampled_from(DIMENSIONS)))

    assert form.total == recount(courses, cut, FORM_FIGURES)
    for values in (form.total, *(row.values for row in form.rows)):
        assert values["population"] == sum(
            values[name] for name in ("received_online", "received_directly", "carried_over")
        )
        assert values["resolved"] == values["early"] + values["punctual"] + values["late"]
        assert values["open"] == values["in_time"] + values["overdue"]
        assert values["population"] == values["resolved"] + values["open"]


NEXT = {
    S.NEW: [
        (Kind.RECEIVED, S.ACCEPTED, "START"), (Kind.REFUSED, S.REFUSED, ""),
        (Kind.SUPPLEMENT_ASKED, S.SUPPLEMENT, ""),
    ],
    S.ACCEPTED: [(Kind.STARTED, S.PROCESSING, ""), (Kind.SUPPLEMENT_ASKED, S.SUPPLEMENT, "STOP")],
    S.PROCESSING: [
        (Kind.DECIDED, S.DECIDED, "END"), (Kind.PAYMENT_ASKED, S.PAYMENT, "STOP"),
        (Kind.WITHDRAWAL_ASKED, S.WITHDRAWAL, "STOP"), (Kind.STOPPED, S.STOPPED, "END"),
    ],
    S.SUPPLEMENT: [(Kind.SUPPLEMENT_RECEIVED, S.PROCESSING, "RESUME"), (Kind.STOPPED, S.STOPPED, "END")],
    S.PAYMENT: [(Kind.PAYMENT_SETTLED, S.PROCESSING, "RESUME")],
    S.WITHDRAWAL: [(Kind.STOPPED, S.STOPPED, "END"), (Kind.WITHDRAWAL_REVOKED, S.PROCESSING, "RESUME")],
    S.DECIDED: [(Kind.RETURNED, S.RETURNED, ""), (Kind.REOPENED, S.PROCESSING, "REOPEN")],
    S.RETURNED: [(Kind.REOPENED, S.PROCESSING, "REOPEN")],
}  # fmt: skip


@st.composite
def histories(draw: st.DrawFn) -> Course:
    """Draw one dossier's lawful life in the first half of 2016, some of it written down late."""
    minute = st.integers(0, 150 * 24 * 60)
    moment = datetime(2016, 1, 15, tzinfo=UTC) + timedelta(minutes=draw(minute))
    first = draw(st.sampled_from([(Kind.SUBMITTED, S.NEW), (Kind.RECEIVED, S.ACCEPTED), (Kind.REFUSED, S.REFUSED)]))
    due = draw(st.none() | st.integers(-5, 60).map(lambda days: moment + timedelta(days=days)))
    course = Course(
        Happening(moment, *first), due=due, is_training=draw(st.integers(0, 9)) == 0, slot=draw(st.integers(0, 2))
    )
    state = first[1]
    for _ in range(draw(st.integers(0, 6))):
        if state not in NEXT:
            break
        kind, state, clock = draw(st.sampled_from(NEXT[state]))
        moment += timedelta(minutes=draw(st.integers(0, 40 * 24 * 60)))
        recorded = moment + timedelta(days=draw(st.sampled_from([0, 0, 0, 3, 30])))
        new_due = draw(st.none() | st.integers(0, 30)) if clock in ("RESUME", "REOPEN", "START") else None
        course = course.then(
            moment, kind, state, clock=clock, recorded_at=recorded,
            method=draw(st.sampled_from(["POST", "COUNTER"])) if kind is Kind.RETURNED else None,
            due=moment + timedelta(days=new_due) if new_due is not None and due is not None else None,
        )  # fmt: skip
    if draw(st.integers(0, 9)) == 0:
        course = course.then(moment + timedelta(days=20), Kind.ANNULLED, state)
    return course
