"""Going back: whatever was done to a row, its history says so, and every state it had can be had again."""

from datetime import date
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import inspect, text
from sqlalchemy.orm import Session

from models.access import Role, User
from models.actor import Actor, Permit, ScopeLevel
from models.base import Base
from models.describe import attributes
from models.organisation import Department, DepartmentKind
from services.history import list_history, trail_key
from services.reverting import ChangesErasedError, Return, current_value, plan_return
from services.session import acting
from tests.factories import make_row

FIELDS = {
    Department: ("name", "kind", "phone", "valid_from_date", "parent", "is_imported"),
    User: ("display_name", "department", "roles", "is_active"),
}


def keys(row: Base, fields: tuple[str, ...]) -> dict[str, Any]:
    """Return what a row holds, relations by key, under the names of its fields."""
    described = attributes(type(row))
    return {key: current_value(row, trail_key(type(row), described[key])) for key in fields}


def planned(session: Session, row: Any, change: int, aim: Any = "state", fields: Any = None) -> Return:
    found = plan_return(session, row, change, aim=aim, writable=fields or FIELDS[type(row)])
    assert found is not None
    return found


@pytest.mark.parametrize("model", [Department, User])
def test_every_state_a_row_had_can_be_had_again(session: Session, model: type[Base]) -> None:
    others = [make_row(session, Department) for _ in range(3)]
    roles = [make_row(session, Role) for _ in range(3)]
    session.commit()
    values = {
        "name": st.sampled_from(["Sở Xây dựng", "Sở Tư pháp", " "]),
        "display_name": st.sampled_from(["An", "Bình", "Chi"]),
        "kind": st.sampled_from(list(DepartmentKind)),
        "phone": st.none() | st.sampled_from(["1", "2"]),
        "valid_from_date": st.none() | st.dates(date(2016, 1, 1), date(2016, 1, 3)),
        "parent": st.none() | st.sampled_from(others),
        "department": st.none() | st.sampled_from(others),
        "is_imported": st.booleans(),
        "is_active": st.booleans(),
        "roles": st.lists(st.sampled_from(roles), unique=True),
    }
    edit = st.dictionaries(st.sampled_from(FIELDS[model]), st.data(), min_size=1, max_size=3)

    @settings(max_examples=8, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
    @given(st.lists(edit, max_size=5))
    def check(edits: list[dict[str, Any]]) -> None:
        row = make_row(session, model)
        session.commit()
        states = [keys(row, FIELDS[model])]
        for chosen in edits:
            with session.no_autoflush:
                for key, data in chosen.items():
                    setattr(row, key, data.draw(values[key]))
            session.commit()
            if (state := keys(row, FIELDS[model])) != states[-1]:
                states.append(state)

        changes = list_history(session, model, inspect(row).identity[0]).changes[::-1]
        assert len(changes) == len(states)
        for before, after, change in zip(states, states[1:], changes[1:], strict=False):
            told = {difference.attribute.key for difference in change.differences}
            assert told == {key for key in FIELDS[model] if before[key] != after[key]}
        for state, change in zip(states, changes, strict=True):
            back = {r.attribute.key: r.target for r in planned(session, row, change.id).reversals}
            assert {**keys(row, FIELDS[model]), **back} == state

    check()


def test_one_change_is_taken_back_and_says_what_was_changed_again(session: Session) -> None:
    role, other = make_row(session, Role, name="Cán bộ"), make_row(session, Role, name="Trưởng phòng")
    user = make_row(session, User, display_name="An")
    session.commit()
    with session.no_autoflush:
        user.display_name, user.is_active, user.roles = "Bình", False, [role]
        session.commit()
        user.display_name, user.roles = "Chi", [role, other]
        session.commit()
    middle = list_history(session, User, user.id).changes[1]

    plan = planned(session, user, middle.id, "undo")

    assert [(r.attribute.key, r.current, r.target, r.is_changed_since) for r in plan.reversals] == [
        ("display_name", "Chi", "An", True),
        ("roles", frozenset({role.id, other.id}), frozenset({other.id}), False),
        ("is_active", False, True, False),
    ]
    roles = plan.reversals[1]
    assert [linked.text for linked in plan.linked(roles.attribute, roles.current)] == ["Cán bộ", "Trưởng phòng"]
    assert planned(session, user, middle.id, "undo", {"is_active"}).reversals == [plan.reversals[2]]


def test_what_is_not_for_the_reader_cannot_be_had_back(session: Session) -> None:
    role = make_row(session, Role)
    user = make_row(session, User)
    session.commit()
    with session.no_autoflush:
        user.roles, user.display_name = [role], "Bình"
    session.commit()
    change = list_history(session, User, user.id).changes[0]

    with acting(session, Actor(user_id=1, permits={("user_account", "read"): Permit(ScopeLevel.ALL)})):
        low = planned(session, user, change.id, "undo")
    assert [r.attribute.key for r in low.reversals] == ["display_name"]
    assert plan_return(session, user, change.id + 1, aim="undo", writable=FIELDS[User]) is None
    first = list_history(session, User, user.id).changes[-1]
    assert plan_return(session, user, first.id, aim="undo", writable=FIELDS[User]) is None


def test_a_state_behind_an_erased_change_cannot_be_told(session: Session) -> None:
    user = make_row(session, User, display_name="An")
    session.commit()
    for name in ("Bình", "Chi"):
        user.display_name = name
        session.commit()
    newest, middle, first = list_history(session, User, user.id).changes
    session.execute(text("UPDATE audit_payload SET body = NULL WHERE audit_id = :id"), {"id": middle.id})

    with pytest.raises(ChangesErasedError):
        planned(session, user, first.id)
    assert [r.target for r in planned(session, user, newest.id, "undo").reversals] == ["Bình"]
    assert plan_return(session, user, middle.id, aim="undo", writable=FIELDS[User]) is None
