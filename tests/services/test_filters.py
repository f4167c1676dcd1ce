"""Typed filters: every question of every kind, groups joined by OR, and what cannot be read is said."""

from datetime import date, datetime, timedelta

import pytest
from sqlalchemy.orm import Session

from models.calendar import CalendarDay
from models.organisation import Department, DepartmentKind
from services.filters import RELATIVE_DAYS, Group, filter_conditions
from services.listing import ListRequest, list_conditions, list_rows
from tests.factories import make_row

TODAY = date(2017, 5, 17)  # a Wednesday, as the fixture ``now``
DAYS = (-31, -30, -29, -17, -7, -6, -3, -2, -1, 0, 1, 4, 5, 6, 7, 14, 15, 300)


@pytest.fixture
def departments(session: Session) -> dict[str, Department]:
    """Four departments: A above B and C, D alone; C and D have a telephone and an end."""
    made: dict[str, Department] = {}
    for code, kind in (("A", "DEPARTMENT"), ("B", "BOARD"), ("C", "BOARD"), ("D", "COMMUNE")):
        made[code] = Department(code=code, name=f"Sở {code}", kind=DepartmentKind(kind))
        session.add(made[code])
        session.flush()
    made["B"].parent = made["C"].parent = made["A"]
    session.flush()
    return made


def found(session: Session, now: datetime, *groups: Group) -> str:
    request = ListRequest(filters=groups[0], alternatives=groups[1:], order="code")
    return "".join(row.code for row in list_rows(session, Department, request, at=now).rows)


def test_each_question_gives_its_rows_and_groups_add_up(
    session: Session, now: datetime, departments: dict[str, Department]
) -> None:
    above = str(departments["A"].id)
    answers = {
        key: found(session, now, *groups)
        for key, groups in {
            "any": [{"kind": ["BOARD", "COMMUNE"]}],
            "none": [{"kind.none": ["BOARD"]}],
            "relation": [{"parent": [above]}],
            "not that relation": [{"parent.none": [above]}],
            "empty": [{"parent.empty": ["1"]}],
            "filled": [{"parent.empty": ["0"]}],
            "all of a group": [{"kind": ["BOARD"], "parent": [above]}, {}],
            "or": [{"kind": ["COMMUNE"]}, {"parent": [above]}],
            "first empty": [{}, {"kind": ["COMMUNE"]}],
            "unknown": [{"nothing": ["1"], "name.has": ["Sở"], "kind.when": ["today"]}],
            "blank": [{"kind": [" "]}],
            "boolean": [{"is_imported": ["1"]}],
        }.items()
    }

    assert answers == {
        "any": "BCD",
        "none": "AD",
        "relation": "BC",
        "not that relation": "AD",
        "empty": "AD",
        "filled": "BC",
        "all of a group": "BC",
        "or": "BCD",
        "first empty": "D",
        "unknown": "ABCD",
        "blank": "ABCD",
        "boolean": "",
    }


def test_what_cannot_be_read_empties_its_group_only_and_is_said(
    session: Session, now: datetime, departments: dict[str, Department]
) -> None:
    wrong: list[Group] = [
        {"kind": ["NOPE"]},
        {"parent": ["x"]},
        {"parent": ["9" * 30]},
        {"parent.empty": ["2"]},
        {"is": ["nothing"]},
        {"kind": ["BOARD\0"]},
    ]
    for group in wrong:
        request = ListRequest(filters=group, alternatives=[{"kind": ["COMMUNE"]}])
        page = list_rows(session, Department, request, at=now)
        said = [(problem.group, problem.key, problem.value) for problem in page.problems]

        assert [row.code for row in page.rows] == ["D"]
        assert said == [(0, next(iter(group)), next(iter(group.values()))[0])]


def test_relative_days_move_with_today_and_end_with_their_last_day(session: Session, now: datetime) -> None:
    for distance in DAYS:
        make_row(session, CalendarDay, local_date=TODAY + timedelta(days=distance))

    def days(group: Group) -> list[int]:
        request = ListRequest(filters=group, order="local_date")
        return [(row.local_date - TODAY).days for row in list_rows(session, CalendarDay, request, at=now).rows]

    assert {name: days({"local_date.when": [name]}) for name in RELATIVE_DAYS} == {
        "today": [0],
        "yesterday": [-1],
        "week": [-2, -1, 0, 1, 4],
        "month": [-7, -6, -3, -2, -1, 0, 1, 4, 5, 6, 7, 14],
        "last_month": [-31, -30, -29, -17],
        "last7": [-6, -3, -2, -1, 0],
        "last30": [-29, -17, -7, -6, -3, -2, -1, 0],
        "next7": [0, 1, 4, 5, 6],
        "year": [distance for distance in DAYS if distance != 300],
    }
    assert days({"local_date": ["2017-05-18"]}) == [1]
    assert days({"local_date.from": ["2017-05-31"], "local_date.to": ["2017-06-01"]}) == [14, 15]
    for value in ("0000-01-01", "31/12/2016", "today", "10000-01-01"):
        assert days({"local_date.from": [value]}) == []


def test_an_act_over_all_that_match_gets_the_same_conditions(
    session: Session, now: datetime, departments: dict[str, Department]
) -> None:
    conditions, problems = list_conditions(
        session, Department, ListRequest(search="so", filters={"kind": ["BOARD"]}), at=now
    )

    assert sorted(row.code for row in session.query(Department).where(*conditions)) == ["B", "C"]
    assert problems == []
    assert filter_conditions(session, Department, [{}, {}], at=now) == ([], [])
