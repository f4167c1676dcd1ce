"""Who used the time of a limit up: legs as pure arithmetic."""

from datetime import datetime, timedelta
from decimal import Decimal
from fractions import Fraction

from hypothesis import given, settings
from hypothesis import strategies as st

from models.clock import ClockEventKind
from models.procedure_terms import LimitUnit
from services.calendar import builtin_calendar
from services.errors import UserError
from services.ledger import Entry, Ledger, apply_entry, start_entry
from services.legs import Holder, LegTable, Taking, split_legs
from services.limits import MICROSECONDS_PER_HOUR, Limit
from services.localtime import parse_instant
from tests.services.test_ledger import CALENDARS, LIMITS, MOMENTS

NATIONAL = builtin_calendar(range(2016, 2020))
DAY = 8 * MICROSECONDS_PER_HOUR


def play(at: datetime, limit: Limit | None, calendar, acts) -> tuple[Ledger, list[Entry]]:
    """Carry out ``acts`` (name, instant), leaving out those that are refused."""
    entries = [start_entry(at, limit, calendar)]
    ledger = apply_entry(None, entries[0])
    for name, moment in acts:
        try:
            entry = ledger.reopen(moment) if name == "reopen" else getattr(ledger, name)(moment, calendar)
        except UserError:
            continue
        entries.append(entry)
        ledger = apply_entry(ledger, entry)
    return ledger, entries


def hours(table: LegTable) -> list[tuple[int | None, str, float, float]]:
    """Return holder, step, used and charged hours of each leg."""
    return [
        (leg.holder.department_id, leg.holder.step, leg.used / MICROSECONDS_PER_HOUR,
         float(leg.charged / MICROSECONDS_PER_HOUR))
        for leg in table.legs
    ]  # fmt: skip


def at(text: str) -> datetime:
    return parse_instant(text)


def legs(received: str, limit: str, acts, takings, until: str) -> LegTable:
    _ledger, entries = play(at(received), Limit.parse(limit), NATIONAL, [(name, at(when)) for name, when in acts])
    return split_legs(entries, [Taking(at(when), *rest) for when, *rest in takings], NATIONAL, until=at(until))


def test_who_exceeded_its_own_budget_is_charged():
    table = legs(
        "2017-05-15 08:00", "3 working_day", [("end", "2017-05-19 08:00")],
        [
            ("2017-05-15 08:00", Holder(1, "Tiếp nhận"), 4 * MICROSECONDS_PER_HOUR),
            ("2017-05-15 13:30", Holder(2, "Thẩm định"), DAY),
            ("2017-05-18 08:00", Holder(3, "Ký"), DAY),
        ],
        "2017-05-20 08:00",
    )  # fmt: skip

    assert hours(table) == [(1, "Tiếp nhận", 3.5, 0), (2, "Thẩm định", 20.5, 8), (3, "Ký", 8, 0)]
    assert (table.late, table.is_late, table.is_running) == (DAY, True, False)
    assert [leg.is_blamed for leg in table.legs] == [False, True, False]


def test_lateness_is_divided_by_what_each_used_beyond_its_share():
    table = legs(
        "2017-05-15 08:00", "2 working_day", [("end", "2017-05-19 08:00")],
        [("2017-05-15 08:00", Holder(1, "a"), DAY // 2), ("2017-05-16 08:00", Holder(2, "b"), DAY)],
        "2017-05-20 08:00",
    )  # fmt: skip

    assert [leg.over / MICROSECONDS_PER_HOUR for leg in table.legs] == [4, 16]
    assert [leg.charged for leg in table.legs] == [Fraction(16 * 4, 20) * MICROSECONDS_PER_HOUR,
                                                   Fraction(16 * 16, 20) * MICROSECONDS_PER_HOUR]  # fmt: skip


def test_without_budgets_whoever_has_it_when_the_limit_is_used_up_is_charged():
    table = legs(
        "2017-05-15 08:00", "2 working_day", [],
        [("2017-05-15 08:00", Holder(1)), ("2017-05-16 15:00", Holder(2))],
        "2017-05-18 08:00",
    )  # fmt: skip

    assert hours(table) == [(1, "", 13, 0), (2, "", 11, 8)]
    assert table.is_running


def test_waiting_stands_apart_and_a_limit_counted_anew_forgives():
    acts = [("stop", "2017-05-16 08:00"), ("restart", "2017-05-18 08:00"), ("end", "2017-05-19 10:00")]
    table = legs("2017-05-15 08:00", "1 working_day", acts, [("2017-05-15 08:00", Holder(1))], "2017-06-01 08:00")

    (leg,) = table.legs
    assert (leg.used, leg.forgone, leg.waited) == (10 * MICROSECONDS_PER_HOUR, DAY, timedelta(days=2))
    assert (table.late, leg.charged) == (2 * MICROSECONDS_PER_HOUR,) * 2


def test_late_by_no_countable_time_names_the_last_one_at_work():
    evening = legs(
        "2017-05-16 07:00", "1 working_day", [("end", "2017-05-16 18:00")],
        [("2017-05-16 07:00", Holder(1)), ("2017-05-16 17:30", Holder(2))],
        "2017-05-18 08:00",
    )  # fmt: skip
    assert (evening.is_late, evening.late) == (True, 0)
    assert [leg.is_blamed for leg in evening.legs] == [True, False]


def test_nobody_holds_a_dossier_for_no_time_and_one_holder_is_one_leg():
    table = legs(
        "2017-05-15 08:00", "2 working_day", [],
        [("2017-05-15 08:00", Holder(1)), ("2017-05-15 08:00", Holder(2)), ("2017-05-15 09:00", Holder(2)),
         ("2017-05-15 10:00", Holder(3)), ("2017-05-15 10:00", Holder(2))],
        "2017-05-16 08:00",
    )  # fmt: skip

    assert [(leg.holder.department_id, leg.to_at) for leg in table.legs] == [(2, at("2017-05-16 08:00"))]


ACTS = st.lists(
    st.tuples(st.sampled_from(["stop", "resume", "restart", "end", "reopen"]), st.integers(1, 3 * 10**11)), max_size=8
)
HOLDERS = st.lists(
    st.tuples(st.integers(0, 10**12), st.sampled_from([1, 2, 3]), st.sampled_from([None, DAY // 4, DAY])), max_size=6
)


@settings(max_examples=150, derandomize=True)
@given(CALENDARS, MOMENTS, LIMITS, ACTS, HOLDERS, st.integers(0, 10**12))
def test_legs_add_up_to_the_ledger_and_shares_to_the_lateness(calendar, received, limit, acts, holders, later):
    moments, moment = [], received
    for name, wait in acts:
        moment += timedelta(microseconds=wait)
        moments.append((name, moment))
    ledger, entries = play(received, limit, calendar, moments)
    until = max(moment, ledger.last_occurred_at) + timedelta(microseconds=later)
    takings = [Taking(received, Holder(0))] + [
        Taking(received + timedelta(microseconds=gap), Holder(key, str(budget)), budget)
        for gap, key, budget in sorted(holders, key=lambda drawn: drawn[0])
    ]

    table = split_legs(entries, takings, calendar, until=until)

    consumed = ledger._consumed_until(until, calendar) if ledger.running_since_at else ledger.consumed
    assert sum(leg.used for leg in table.legs) == table.used == consumed
    assert sum(leg.charged for leg in table.legs) == table.late
    assert all(leg.used >= 0 and leg.forgone >= 0 and leg.over >= 0 and leg.charged >= 0 for leg in table.legs)
    assert table.is_late is any(leg.is_blamed for leg in table.legs)
    assert table.is_late is ledger.is_overdue(until)
    begun = [entries[0].occurred_at, *(leg.to_at for leg in table.legs)]
    assert [leg.from_at for leg in table.legs] == begun[:-1]
    if limit.is_worked:
        assert not table.is_late or abs(table.late - max(0, table.used - limit.budget_microseconds)) <= 1
    elif all(entry.kind is not ClockEventKind.REOPEN for entry in entries):
        ran = sum(leg.used + leg.forgone for leg in table.legs)
        stood_still = sum((leg.waited for leg in table.legs), timedelta(0))
        begun_at = min(entries[0].from_at, ledger.ended_at or until)
        assert timedelta(microseconds=int(ran)) + stood_still == (ledger.ended_at or until) - begun_at


def test_a_limit_in_calendar_days_counts_elapsed_time():
    started = at("2017-05-15 08:00")
    _ledger, entries = play(started, Limit(Decimal(2), LimitUnit.DAY), NATIONAL, [("end", at("2017-05-18 08:00"))])

    table = split_legs(entries, [Taking(started, Holder(1))], NATIONAL, until=at("2017-06-01 08:00"))

    assert (table.is_worked, table.late, table.used) == (False, 24 * MICROSECONDS_PER_HOUR, 72 * MICROSECONDS_PER_HOUR)
