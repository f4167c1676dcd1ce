"""A list scoped by department is merged from its departments' ranges and shows exactly what the scope allows."""

from datetime import datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from models.actor import Actor, Permit, ScopeLevel
from models.dossier import Dossier, DossierAccess
from models.organisation import Department
from models.staff import Staff
from services.listing import ListRequest, list_rows
from services.session import acting
from tests.factories import make_row


@pytest.fixture
def world(session: Session, now: datetime) -> tuple[list[int], int]:
    """Forty dossiers of three departments, some of equal time, some of two departments; keys and one person."""
    departments = [make_row(session, Department, code=f"D{n}").id for n in range(3)]
    staff = make_row(session, Staff, department_id=departments[0])
    for number in range(40):
        dossier = make_row(
            session,
            Dossier,
            department_id=departments[number % 3],
            received_at=now + timedelta(minutes=number // 3),
            received_by_id=staff.id if number % 7 == 0 else None,
            applicant_name="Nguyễn Văn Hoà" if number % 2 else "Lê Vũ",
        )
        for place, department in enumerate(departments):
            if (number + place) % 3 == 0 or number % 5 == 0:
                session.add(
                    DossierAccess(
                        dossier_id=dossier.id,
                        department_id=department,
                        received_at=dossier.received_at,
                        is_direct=number % 4 != 0,
                    )
                )
    session.flush()
    return departments, staff.id


@pytest.mark.parametrize("cap", [1000, 3])
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_pages_hold_exactly_the_rows_of_the_scope(
    session: Session,
    now: datetime,
    world: tuple[list[int], int],
    monkeypatch: pytest.MonkeyPatch,
    cap: int,
    data: st.DataObject,
) -> None:
    departments, staff_id = world
    for module in ("listing", "list_search"):  # with the small cap the ranges are merged
        monkeypatch.setattr(f"services.{module}.COUNT_CAP", cap)
    granted = data.draw(st.sets(st.sampled_from(departments), max_size=3))
    level = data.draw(st.sampled_from([ScopeLevel.DEPARTMENT, ScopeLevel.TREE]))
    order = data.draw(st.sampled_from(["", "-received_at", "received_at", "code", "-due_sort_at"]))
    search = data.draw(st.sampled_from(["", "hoa", "vu", "nguyen van"]))
    actor = Actor(
        staff_id=data.draw(st.sampled_from([None, staff_id])),
        department_ids=frozenset(granted),
        permits={("dossier", "read"): Permit(level, 1)},
    )
    reached = select(DossierAccess.dossier_id).where(DossierAccess.department_id.in_(granted))
    if level is ScopeLevel.DEPARTMENT:
        reached = reached.where(DossierAccess.is_direct)
    allowed = or_(Dossier.id.in_(reached), Dossier.received_by_id == actor.staff_id if actor.staff_id else False)
    words = {"": True, "hoa": Dossier.search_text.contains("hoa"), "vu": Dossier.search_text.contains(" vu ")}
    wanted = words.get(search, Dossier.search_text.contains("nguyen"))
    expected = set(session.scalars(select(Dossier.id).where(allowed, wanted)))

    shown, cursor = [], ""
    with acting(session, actor):
        while True:
            request = ListRequest(order=order, search=search, cursor=cursor, page_size=4)
            page = list_rows(session, Dossier, request, at=now)
            shown += [row.id for row in page.rows]
            cursor = page.next_cursor
            if not cursor:
                break
        whole = [row.id for row in list_rows(session, Dossier, ListRequest(order=order, search=search), at=now).rows]

    assert len(shown) == len(set(shown))
    assert set(shown) == expected
    assert shown == whole
