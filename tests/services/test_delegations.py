"""Rights lent for a while: what the delegate may do, what never, who is named, and how it ends."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from models.access import User
from models.actor import ScopeLevel
from models.audit import AuditEvent
from models.delegation import Delegation, Extent
from models.dossier import Dossier
from services import delegations, review
from services.delegations import (
    DelegateNotValidError,
    DelegateSameError,
    DelegationNotValidError,
    DelegationPeriodNotValidError,
    NothingDelegatedError,
)
from services.login_sessions import Limits, start_session
from services.roles import build_actor
from services.session import DeniedError, acting, may
from tests.support.centre import Centre, receive


@pytest.fixture
def centre(session: Session, now: datetime) -> Centre:
    return Centre(session, now)


def lend(centre: Centre, lender: User, delegate: User, **facts: object) -> Delegation:
    with centre.acting_as(lender) as session:
        given = {
            "from_at": centre.at,
            "until_at": centre.at + timedelta(days=3),
            "reason": "Nghỉ phép",
            "entities": None,
            **facts,
        }
        return delegations.create_delegation(session, from_user=lender, to_user=delegate, at=centre.at, **given)  # type: ignore[arg-type]


def test_the_delegate_has_the_lenders_rights_and_rows_but_no_accounts(centre: Centre, session: Session) -> None:
    dossier = receive(centre)
    plain = build_actor(session, centre.stranger)
    lent = lend(centre, centre.clerk, centre.stranger)

    actor = delegations.build_acting_actor(session, plain, lent)

    with acting(session, plain):
        assert session.scalars(select(Dossier.id)).all() == []
    with acting(session, actor):
        assert session.scalars(select(Dossier.id)).all() == [dossier.id]
        assert may(session, "dossier", "supplement", dossier)
        assert not may(session, "delegation", "delegate")
    lender = build_actor(session, centre.clerk)
    assert actor.permits == {k: p for k, p in lender.permits.items() if k[0] != "delegation"}
    assert (actor.user_id, actor.staff_id) == (centre.stranger.id, centre.stranger.staff_id)
    assert (actor.acting_for_id, actor.served_staff_id) == (centre.clerk.id, centre.clerk.staff_id)


def test_an_administrator_lends_neither_accounts_nor_pins_nor_the_role(centre: Centre, session: Session) -> None:
    admin = centre.make_user("ADMIN", centre.hall)
    lent = lend(centre, admin, centre.officer)

    actor = delegations.build_acting_actor(session, build_actor(session, centre.officer), lent)

    assert {e for e, _a in actor.permits} & {"user_account", "role", "permission", "delegation"} == set()
    assert not actor.may("staff", "clear_pin")
    assert actor.may("staff", "edit")
    assert actor.roles == frozenset()


def test_a_part_is_a_part(centre: Centre, session: Session) -> None:
    lent = lend(centre, centre.head, centre.officer, entities=["applicant", "role"])

    actor = delegations.build_acting_actor(session, build_actor(session, centre.officer), lent)

    assert {entity for entity, _action in actor.permits} == {"applicant"}
    assert (lent.extent, lent.entities) == (Extent.SELECTED, ["applicant"])


def test_nobody_looks_into_evaluations_of_either_by_this_road(centre: Centre, session: Session) -> None:
    supervisor = centre.make_user("SUPERVISOR", centre.hall)
    lent = lend(centre, supervisor, centre.clerk)
    actor = delegations.build_acting_actor(session, build_actor(session, centre.clerk), lent)

    with acting(session, actor):
        seen = {
            u: review.find_servant(session, staff_id=u.staff_id) for u in (supervisor, centre.clerk, centre.officer)
        }  # type: ignore[arg-type]

    assert [person.display_name for person, servant in seen.items() if servant is not None] == [
        centre.officer.display_name
    ]
    assert actor.permit("review", "read").scope is ScopeLevel.ALL  # type: ignore[union-attr]


def test_what_is_done_names_both(centre: Centre, session: Session) -> None:
    dossier = receive(centre)
    lent = lend(centre, centre.clerk, centre.stranger)
    actor = delegations.build_acting_actor(session, build_actor(session, centre.stranger), lent)
    session.commit()

    with acting(session, actor):
        dossier.note = "sửa thay"
        session.commit()

    last = session.scalars(select(AuditEvent).order_by(AuditEvent.id.desc()).limit(1)).one()
    assert (last.entity, last.user_id, last.acting_for_id) == ("dossier", centre.stranger.id, centre.clerk.id)


def test_what_makes_no_sense_is_refused(centre: Centre, session: Session) -> None:
    day = timedelta(days=1)
    with pytest.raises(DelegateSameError):
        lend(centre, centre.clerk, centre.clerk)
    for wrong in (
        {"until_at": centre.at},
        {"from_at": centre.at - 2 * day, "until_at": centre.at - day},
        {"until_at": centre.at + 367 * day},
    ):
        with pytest.raises(DelegationPeriodNotValidError):
            lend(centre, centre.clerk, centre.officer, **wrong)
    with pytest.raises(NothingDelegatedError):
        lend(centre, centre.clerk, centre.officer, entities=["role"])
    centre.officer.is_active = False
    with pytest.raises(DelegateNotValidError):
        lend(centre, centre.clerk, centre.officer)
    with centre.acting_as(centre.head), pytest.raises(DeniedError):
        delegations.create_delegation(
            session, from_user=centre.clerk, to_user=centre.stranger, from_at=centre.at, until_at=centre.at + day,
            reason="x", entities=None, at=centre.at,
        )  # fmt: skip


def test_it_holds_from_its_beginning_to_its_end_and_not_after_either_has_gone(centre: Centre) -> None:
    lent = lend(centre, centre.clerk, centre.officer, from_at=centre.at + timedelta(hours=1))
    instants = [centre.at, lent.from_at, lent.until_at - timedelta(microseconds=1), lent.until_at]

    assert [lent.is_valid(at) for at in instants] == [False, True, True, False]
    centre.clerk.is_active = False
    assert not lent.is_valid(lent.from_at)


def test_acting_is_chosen_and_ends_with_either_side_ending_it(centre: Centre, session: Session) -> None:
    lent = lend(centre, centre.clerk, centre.officer)
    login, _token = start_session(session, user=centre.officer, limits=Limits(), at=centre.at)
    other, _token = start_session(session, user=centre.stranger, limits=Limits(), at=centre.at)

    delegations.start_acting(session, login=login, delegation=lent, at=centre.at)
    with pytest.raises(DelegationNotValidError):
        delegations.start_acting(session, login=other, delegation=lent, at=centre.at)

    assert login.delegation_id == lent.id
    assert delegations.list_usable(session, user=centre.officer, at=centre.at) == [lent]
    with centre.acting_as(centre.stranger), pytest.raises(DeniedError):
        delegations.revoke_delegation(session, delegation=lent, at=centre.at)
    with centre.acting_as(centre.officer):
        delegations.revoke_delegation(session, delegation=lent, at=centre.at)
    assert (lent.revoked_at, lent.revoked_by_id) == (centre.at, centre.officer.id)
    assert delegations.list_usable(session, user=centre.officer, at=centre.at) == []
    delegations.stop_acting(session, login=login)
    assert login.delegation_id is None


def test_a_leavers_delegations_end_both_ways(centre: Centre, session: Session) -> None:
    lend(centre, centre.clerk, centre.officer)
    lend(centre, centre.head, centre.clerk)
    lend(centre, centre.head, centre.officer)

    ended = delegations.end_delegations(session, user=centre.clerk, at=centre.at)

    assert ended == 2
    assert len(delegations.list_delegations(session, user=centre.head, at=centre.at)) == 1


def test_a_second_person_is_not_made_by_acting_for_the_first(centre: Centre, session: Session) -> None:
    lent = lend(centre, centre.head, centre.officer)

    actor = delegations.build_acting_actor(session, build_actor(session, centre.officer), lent)

    assert actor.interested_staff_ids == {centre.head.staff_id, centre.officer.staff_id}
    assert replace(actor, acting_for_staff_id=None).interested_staff_ids == {centre.officer.staff_id}
