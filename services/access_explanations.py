"""Why somebody may or may not do something, step by step; and, for everybody, what their own roles give.

What people are told about themselves says nothing of any row: the words are the same for a row they may not see and
for one that does not exist. Only who explains the rights of others is told whether a row is in reach, of rows that
they themselves may see.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import inspect, select
from sqlalchemy.orm import Session

from models import screens
from models.access import Permission, Role, Scope, User
from models.actions import ACTIONS, is_offered
from models.actor import Actor
from models.base import Base, _
from models.describe import attributes, screen_of
from services import delegations
from services.explanations import Reason
from services.roles import build_actor, entity_label
from services.session import acting, scope_condition, unscoped


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether somebody may, and the steps that led there."""

    is_allowed: bool
    steps: tuple[Reason, ...]


def right_reason(entity: str, action: str) -> Reason:
    """Return a right as words: ``Dossiers: Annul``."""
    return Reason(
        _("%(entity)s: %(action)s"),
        {"entity": Reason(entity_label(entity)), "action": Reason(ACTIONS.get(action, action))},
    )


def find_model(entity: str) -> type[Base] | None:
    """Return the model of an entity that has a screen."""
    return next((model for model in screens() if model.__tablename__ == entity), None)


def explain_own(session: Session, *, actor: Actor, user: User, entity: str, action: str, at: datetime) -> Verdict:
    """Return what the roles of the person give of a right, which rows it reaches and up to which field level."""
    steps: list[Reason] = []
    if actor.acting_for_id is not None:
        steps.append(
            Reason(_("You act for %(name)s now: only what was lent to you counts."), {"name": actor.acting_for_name})
        )
    permit = actor.permit(entity, action)
    with unscoped(session, "explanation of own rights"):
        if actor.acting_for_id is None:
            steps += _role_steps(session, user, entity, action)
            steps += _lent(session, user, entity, action, at)
    model = find_model(entity)
    if model is not None and not is_offered(screen_of(model), action):
        steps.append(Reason(_("Nobody may: the screen does not offer it.")))
        return Verdict(is_allowed=False, steps=tuple(steps))
    if permit is None:
        return Verdict(is_allowed=False, steps=tuple(steps))
    steps.append(_reach_step(Scope[permit.scope.name]))
    if model is not None:
        hidden = [a.field.label for a in attributes(model).values() if a.field.level > permit.level]
        if hidden:
            facts = {"number": len(hidden), "level": permit.level}
            steps.append(Reason(_("Your field level is %(level)s: %(number)s fields need a higher one."), facts))
    return Verdict(is_allowed=True, steps=tuple(steps))


def _reach_step(scope: Scope) -> Reason:
    if scope is Scope.ALL:
        return Reason(_("It reaches every row. What you cannot find does not exist."))
    facts = {"reach": Reason(scope.label)}
    return Reason(_("It reaches: %(reach)s. A row outside of that and one that does not exist look the same."), facts)


def _role_steps(session: Session, user: User, entity: str, action: str) -> Iterator[Reason]:
    right = right_reason(entity, action)
    statement = select(Permission).where(Permission.entity == entity, Permission.action == action)
    given = {permission.role_id: permission for permission in session.scalars(statement)}
    held = [role for role in user.roles if role.id in given]
    for role in held:
        facts = {
            "role": role.name, "right": right,
            "reach": Reason(given[role.id].scope.label), "level": given[role.id].level,
        }  # fmt: skip
        yield Reason(_("The role %(role)s gives %(right)s: %(reach)s, field level %(level)s."), facts)
    if not held:
        names = ", ".join(role.name for role in user.roles) or "–"
        yield Reason(_("None of the roles (%(roles)s) gives %(right)s."), {"roles": names, "right": right})
        others = session.scalars(select(Role.name).where(Role.id.in_(given.keys())).order_by(Role.code)).all()
        if others:
            yield Reason(
                _("These roles would give it: %(roles)s. An administrator assigns them."), {"roles": ", ".join(others)}
            )


def _lent(session: Session, user: User, entity: str, action: str, at: datetime) -> Iterator[Reason]:
    for one in delegations.list_usable(session, user=user, at=at):
        if one.covers(entity, action) and build_actor(session, one.from_user).may(entity, action):
            facts = {"name": one.from_user.display_name, "until": one.until_at}
            yield Reason(_("Acting for %(name)s would give it, until %(until)s."), facts)


def explain_access(
    session: Session, *, user: User, entity: str, action: str, key: int | None, field: str, at: datetime
) -> Verdict:
    """Return whether ``user`` may do ``action`` with an entity, one of its rows or one of its fields, and why.

    A row counts only where the session's actor may see it: for any other the answer is that of an absent one.
    """
    model = find_model(entity)
    seen = (
        key is not None
        and model is not None
        and session.scalar(select(_id(model)).where(_id(model) == key)) is not None
    )
    with unscoped(session, "explanation of somebody's rights"):
        steps, is_allowed = list(_role_steps(session, user, entity, action)), True
        actor = build_actor(session, user)
        if not user.is_active:
            steps.append(Reason(_("%(name)s is switched off and cannot sign in."), {"name": user.display_name}))
            is_allowed = False
        steps += _lent(session, user, entity, action, at)
        permit = actor.permit(entity, action)
        if permit is None or (model is not None and not is_offered(screen_of(model), action)):
            if permit is not None:
                steps.append(Reason(_("Nobody may: the screen does not offer it.")))
            return Verdict(is_allowed=False, steps=tuple(steps))
        steps.append(
            Reason(_("The widest reach counts: %(reach)s."), {"reach": Reason(Scope[permit.scope.name].label)})
        )
        if model is not None and key is not None:
            is_reached = seen and _reaches(session, model, actor, action, key)
            told = _("Row %(key)s is in reach.") if is_reached else _("Row %(key)s is not in reach, or does not exist.")
            steps.append(Reason(told, {"key": str(key)}))
            is_allowed = is_allowed and is_reached
    if model is not None and field:
        step, is_shown = _field_step(model, field, permit.level)
        steps.append(step)
        is_allowed = is_allowed and is_shown
    return Verdict(is_allowed=is_allowed, steps=tuple(steps))


def _id(model: type[Base] | None) -> Any:
    return inspect(model).primary_key[0] if model is not None else None


def _reaches(session: Session, model: type[Base], actor: Actor, action: str, key: int) -> bool:
    for asked in dict.fromkeys(("read", action)):
        condition = scope_condition(model, actor, asked)
        conditions = [] if condition is None else [condition]
        with acting(session, actor), unscoped(session, "explanation of somebody's rights"):
            if session.scalar(select(_id(model)).where(_id(model) == key, *conditions)) is None:
                return False
    return True


def _field_step(model: type[Base], field: str, level: int) -> tuple[Reason, bool]:
    attribute = attributes(model).get(field)
    if attribute is None:
        return Reason(_("There is no field %(field)s."), {"field": field}), False
    facts = {"field": Reason(attribute.field.label), "needed": attribute.field.level, "level": level}
    if attribute.field.secret:
        return Reason(_("%(field)s is secret: nobody is shown it."), facts), False
    if attribute.field.level > level:
        return Reason(_("%(field)s needs field level %(needed)s; the role gives %(level)s."), facts), False
    return Reason(_("%(field)s needs field level %(needed)s, and the role gives %(level)s."), facts), True
