"""Delegations: lending one's rights for a while, acting under them, and ending them.

Whoever acts for somebody has that person's rights as they are at that moment, as far as they were lent, and stays
the doer: the audit trail names both. Accounts, roles and permissions are never lent, and nobody looks into their
own evaluations, or those of whom they act for, by this road.
"""

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import or_, select
from sqlalchemy.orm import Session, joinedload

from models.access import LoginSession, User
from models.actor import Actor, ScopeLevel
from models.base import _
from models.delegation import NEVER_DELEGATED, Delegation, Extent
from services.audit import record_act
from services.errors import ConflictError, DeniedError, UserError
from services.roles import ADMIN, build_actor
from services.session import actor_of, require, unscoped

LONGEST = timedelta(days=366)


class DelegationPeriodNotValidError(UserError):
    """It would never hold, or for ever."""

    message = _("A delegation ends after it begins, in the future, and lasts a year at most. Check both times.")


class DelegateNotValidError(UserError):
    """Nobody could use it."""

    message = _("%(name)s has no active sign-in and cannot act for anybody. Choose somebody else.")


class DelegateSameError(UserError):
    """Nothing to lend."""

    message = _("Choose somebody else: nobody acts for themselves.")


class NothingDelegatedError(UserError):
    """An empty selection."""

    message = _("Choose at least one area, or delegate everything.")


class DelegationNotValidError(ConflictError):
    """It has ended, or has not begun."""

    message = _("This delegation does not hold now. You act for yourself.")


def list_delegable(actor: Actor) -> list[str]:
    """Return the entities on which ``actor`` holds any right that can be lent, by name."""
    return sorted({entity for entity, _action in actor.permits} - NEVER_DELEGATED)


def create_delegation(
    session: Session,
    *,
    from_user: User,
    to_user: User | None,
    from_at: datetime,
    until_at: datetime,
    reason: str,
    entities: Collection[str] | None,
    at: datetime,
) -> Delegation:
    """Lend the rights of ``from_user``, on ``entities`` or (None) on everything, to ``to_user`` for a while.

    For others only an administrator does it: anybody else would lend rights they do not hold.
    Raises: DeniedError, DelegateSameError, DelegateNotValidError, DelegationPeriodNotValidError,
    NothingDelegatedError.
    """
    actor = actor_of(session)
    permit = actor.permit("delegation", "delegate")
    is_own = from_user.id == actor.user_id
    if permit is None or not (is_own or (permit.scope is ScopeLevel.ALL and ADMIN in actor.roles)):
        raise DeniedError("delegation", "delegate")
    if to_user is None or not to_user.is_active:
        raise DelegateNotValidError(name=to_user.display_name if to_user is not None else "–")
    if to_user.id == from_user.id:
        raise DelegateSameError
    if not from_at < until_at or until_at <= at or until_at - from_at > LONGEST:
        raise DelegationPeriodNotValidError
    if entities is not None and not set(entities) - NEVER_DELEGATED:
        raise NothingDelegatedError
    delegation = Delegation(
        from_user=from_user,
        to_user=to_user,
        extent=Extent.EVERYTHING if entities is None else Extent.SELECTED,
        entities=sorted(set(entities or ()) - NEVER_DELEGATED),
        from_at=from_at,
        until_at=until_at,
        reason=reason,
    )
    session.add(delegation)
    session.flush()  # the caller shows it
    return delegation


def revoke_delegation(session: Session, *, delegation: Delegation, at: datetime) -> None:
    """End a delegation now; one that is over stays as it was. Whoever acts under it acts for themselves again.

    Raises: DeniedError for who neither lent nor got it and may not end those of others.
    """
    if actor_of(session).user_id not in (delegation.from_user_id, delegation.to_user_id):
        require(session, "delegation", "revoke", delegation)
    if not delegation.is_over(at):
        delegation.revoked_at, delegation.revoked_by_id = at, actor_of(session).user_id
    session.flush()


def end_delegations(session: Session, *, user: User, at: datetime) -> int:
    """End every delegation from or to ``user``; return how many there were. For leavers: rights were asked before."""
    concerned = select(Delegation).where(
        or_(Delegation.from_user_id == user.id, Delegation.to_user_id == user.id),
        Delegation.revoked_at.is_(None),
        Delegation.until_at > at,
    )
    with unscoped(session, "delegations of a leaver"):
        found = session.scalars(concerned).all()
        for delegation in found:
            delegation.revoked_at, delegation.revoked_by_id = at, actor_of(session).user_id
        session.flush()
    return len(found)


def list_delegations(session: Session, *, user: User, at: datetime) -> Sequence[Delegation]:
    """Return the delegations from and to ``user`` that hold or will hold, the earliest first."""
    statement = (
        select(Delegation)
        .where(
            or_(Delegation.from_user_id == user.id, Delegation.to_user_id == user.id),
            Delegation.revoked_at.is_(None),
            Delegation.until_at > at,
        )
        .options(joinedload(Delegation.from_user), joinedload(Delegation.to_user))
        .order_by(Delegation.from_at, Delegation.id)
    )
    with unscoped(session, "own delegations"):
        return session.scalars(statement).all()


def list_usable(session: Session, *, user: User, at: datetime) -> list[Delegation]:
    """Return the delegations under which ``user`` may act at an instant."""
    return [d for d in list_delegations(session, user=user, at=at) if d.to_user_id == user.id and d.is_valid(at)]


def start_acting(session: Session, *, login: LoginSession, delegation: Delegation, at: datetime) -> None:
    """Have the person of ``login`` act under ``delegation`` from the next request on.

    Raises: DelegationNotValidError where it is over, has not begun or is another's.
    """
    if delegation.to_user_id != login.user_id or not delegation.is_valid(at):
        raise DelegationNotValidError
    login.delegation_id = delegation.id
    record_act(session, "delegation", delegation.id, "act", acting_for=delegation.from_user_id)
    session.flush()


def stop_acting(session: Session, *, login: LoginSession) -> None:
    """Have the person of ``login`` act for themselves again."""
    if login.delegation_id is not None:
        record_act(session, "delegation", login.delegation_id, "stop")
    login.delegation_id = None
    session.flush()


def find_delegation(session: Session, *, login: LoginSession) -> Delegation | None:
    """Return the delegation that ``login`` was switched to, valid or not."""
    if login.delegation_id is None:
        return None
    both = (joinedload(Delegation.from_user).joinedload(User.staff), joinedload(Delegation.to_user))
    return session.scalars(select(Delegation).where(Delegation.id == login.delegation_id).options(*both)).one_or_none()


def build_acting_actor(session: Session, doer: Actor, delegation: Delegation) -> Actor:
    """Return ``doer`` with the rights of whom they act for, as far as those were lent."""
    lender = build_actor(session, delegation.from_user)
    return replace(
        doer,
        department_ids=lender.department_ids,
        tree_ids=lender.tree_ids,
        roles=lender.roles - {ADMIN},
        permits={key: permit for key, permit in lender.permits.items() if delegation.covers(*key)},
        acting_for_id=delegation.from_user_id,
        acting_for_staff_id=delegation.from_user.staff_id,
        acting_for_name=delegation.from_user.display_name,
    )
