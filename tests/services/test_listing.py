"""Lists of any entity: pages that neither repeat nor lose a row, search in every spelling, filters that say no."""

import base64
from datetime import datetime
from unicodedata import normalize

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from models.access import Permission, Role, User
from models.actor import Actor, Permit, ScopeLevel
from models.organisation import Department, DepartmentKind
from models.staff import Staff
from models.text import fold
from services.listing import COUNT_CAP, ListRequest, list_rows
from services.session import acting

NAMES = ["Nguyễn Văn Hoà", "Nguyễn Văn Hòa", "Lê Vũ", "Đặng Quỳnh Như", "Trần Thị Ế", "Lê Thị Vũ Anh"]


def add_departments(session: Session, names: list[str]) -> None:
    for number, name in enumerate(names):
        kind = DepartmentKind.BOARD if number % 2 else DepartmentKind.DEPARTMENT
        session.add(Department(code=f"H{number:03}", name=name, kind=kind))
    session.flush()


def names_found(session: Session, at: datetime, **wanted: object) -> list[str]:
    return [row.name for row in list_rows(session, Department, ListRequest(**wanted), at=at).rows]  # type: ignore[arg-type]


@pytest.mark.parametrize("page_size", [1, 2, 3, 7])
@pytest.mark.parametrize("order", ["name", "-name", "code", "-code"])
def test_pages_forward_and_back_show_each_row_once(session: Session, now: datetime, page_size: int, order: str) -> None:
    add_departments(session, NAMES + NAMES)  # equal names: the key decides between them
    whole = [row.id for row in list_rows(session, Department, ListRequest(order=order), at=now).rows]

    forward, cursor, cursors = [], "", []
    while True:
        page = list_rows(session, Department, ListRequest(order=order, cursor=cursor, page_size=page_size), at=now)
        forward += [row.id for row in page.rows]
        cursors.append(page.previous_cursor)
        if not page.next_cursor:
            break
        cursor = page.next_cursor
    backward = [row.id for row in page.rows]
    while page.previous_cursor:
        wanted = ListRequest(order=order, cursor=page.previous_cursor, page_size=page_size)
        page = list_rows(session, Department, wanted, at=now)
        backward = [row.id for row in page.rows] + backward

    assert len(whole) == 12
    assert forward == whole
    assert backward == whole
    assert cursors[0] == ""


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("hoa", {"Nguyễn Văn Hoà", "Nguyễn Văn Hòa"}),
        ("HÒA", {"Nguyễn Văn Hoà", "Nguyễn Văn Hòa"}),
        (normalize("NFD", "Quỳnh đặng"), {"Đặng Quỳnh Như"}),
        ("dang quynh", {"Đặng Quỳnh Như"}),
        ("uynh", {"Đặng Quỳnh Như"}),
        ("vũ", {"Lê Vũ", "Lê Thị Vũ Anh"}),
        ("le vu", {"Lê Vũ", "Lê Thị Vũ Anh"}),
        ("ế", {"Trần Thị Ế"}),
        ("H003", {"Đặng Quỳnh Như"}),
        ("không có", set()),
        ('"', set()),
        ("* OR", set()),
        ("%", set()),
    ],
)
def test_search_finds_every_spelling(session: Session, now: datetime, typed: str, expected: set[str]) -> None:
    add_departments(session, NAMES)

    assert set(names_found(session, now, search=typed)) == expected


def test_what_is_spelt_as_typed_comes_first(session: Session, now: datetime) -> None:
    add_departments(session, ["Hoa A", "Hóa B", "Hòa C"])

    assert names_found(session, now, search="Hòa") == ["Hòa C", "Hoa A", "Hóa B"]
    assert names_found(session, now, search="Hóa")[0] == "Hóa B"
    assert names_found(session, now, search="Hòa", order="name") == ["Hoa A", "Hóa B", "Hòa C"]


def test_a_common_word_is_counted_to_the_cap_and_still_ordered(session: Session, now: datetime) -> None:
    add_departments(session, [f"Phòng {number:04}" for number in range(COUNT_CAP + 60)])

    found = list_rows(session, Department, ListRequest(search="phong", order="-name"), at=now)

    assert (found.count, found.is_count_capped) == (COUNT_CAP, True)
    assert found.rows[0].name == f"Phòng {COUNT_CAP + 59}"


def test_filters_combine_and_a_wrong_value_gives_no_rows_and_a_reason(session: Session, now: datetime) -> None:
    add_departments(session, NAMES)

    assert names_found(session, now, filters={"kind": ["BOARD"]}, order="code") == NAMES[1::2]
    found = list_rows(session, Department, ListRequest(filters={"kind": ["NOPE"]}), at=now)
    assert (list(found.rows), [problem.value for problem in found.problems]) == ([], ["NOPE"])


def test_a_reader_without_the_level_cannot_find_a_row_by_a_hidden_field(session: Session, now: datetime) -> None:
    department = Department(code="H1", name="Sở", kind=DepartmentKind.DEPARTMENT)
    session.add(Staff(badge_number="1042", full_name="Lê Vũ", department=department, phone="0912345678"))
    session.flush()
    low, high = (Actor(permits={("staff", "read"): Permit(ScopeLevel.ALL, level)}) for level in (0, 1))
    for actor in (low, high):
        with acting(session, actor):
            assert len(list_rows(session, Staff, ListRequest(search="1042"), at=now).rows) == 1


def test_row_scope_holds_in_lists_counts_and_search(session: Session, now: datetime) -> None:
    add_departments(session, NAMES)
    own = session.scalars(Department.__table__.select().with_only_columns(Department.__table__.c.id)).first()
    actor = Actor(department_ids=frozenset({own}), permits={("department", "read"): Permit(ScopeLevel.DEPARTMENT)})
    with acting(session, actor):
        for wanted in (ListRequest(), ListRequest(search="nguyen"), ListRequest(order="-code")):
            found = list_rows(session, Department, wanted, at=now)
            assert ([row.id for row in found.rows], found.count) == ([own], 1)
    with acting(session, Actor()):
        assert list_rows(session, Department, ListRequest(), at=now).count == 0


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    search=st.text(max_size=30),
    order=st.text(max_size=12),
    cursor=st.text(max_size=60) | st.binary(max_size=40).map(lambda b: base64.urlsafe_b64encode(b).decode()),
    values=st.lists(st.text(max_size=20), max_size=3),
    key=st.sampled_from(["kind", "parent", "is_imported", "id", "nothing"]),
)
def test_no_request_fails(
    session: Session, now: datetime, search: str, order: str, cursor: str, values: list[str], key: str
) -> None:
    for model in (Department, Role, User):
        list_rows(session, model, ListRequest(search=search, order=order, cursor=cursor, filters={key: values}), at=now)


def test_a_null_character_is_no_letter_and_no_value(session: Session, now: datetime) -> None:
    add_departments(session, NAMES)

    found = list_rows(session, Department, ListRequest(search=f"{NAMES[3]}\0"), at=now)
    refused = list_rows(session, Permission, ListRequest(filters={"entity": ["staff\0"]}), at=now)

    assert [row.name for row in found.rows] == [NAMES[3]]
    assert (refused.rows, len(refused.problems)) == ([], 1)


@given(st.text(max_size=60))
def test_folding_twice_changes_nothing(text: str) -> None:
    assert fold(fold(text)) == fold(text)
