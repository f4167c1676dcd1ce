"""The rights of a role as one table, saved as a whole; two roles side by side; and who holds a right."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload, selectinload
from sqlalchemy.orm.attributes import flag_modified

from models import screens
from models.access import Permission, Role, Scope, User
from models.actions import FIELD_ACTIONS, GENERIC
from models.actor import ScopeLevel
from models.base import _
from models.delegation import Delegation
from models.describe import attributes, screen_of
from services.errors import ConflictError
from services.roles import entity_label, known_actions
from services.session import require, unscoped

Right = tuple[str, str]  # entity, action
Reach = tuple[Scope, int]  # how far, up to which field level


class RightsChangedError(ConflictError):
    """Two edit the rights of one role."""

    message = _("Somebody else saved the rights of this role meanwhile. Yours are kept below: compare and save again.")


@dataclass(frozen=True, kw_only=True, slots=True)
class Slot:
    """One right that can be given: how far it can reach, and whether its field level means anything."""

    entity: str
    action: str
    scopes: tuple[Scope, ...]
    has_level: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class EntityRights:
    """The rights on one entity: the generic ones by action, the verbs' own after them."""

    entity: str
    label: str
    generic: Mapping[str, Slot]
    own: Sequence[Slot]

    @property
    def slots(self) -> Iterator[Slot]:
        yield from self.generic.values()
        yield from self.own


def list_rights() -> list[EntityRights]:
    """Return every right there is, by entity, screens first and in the order of their names."""
    models = {model.__tablename__: model for model in screens()}
    known = known_actions()
    rows = []
    for entity in sorted({entity for entity, _action in known}, key=lambda e: (e not in models, e)):
        actions = {action for found, action in known if found == entity}
        slots = {action: _slot(entity, action) for action in actions}
        rows.append(
            EntityRights(
                entity=entity,
                label=entity_label(entity),
                generic={action: slots[action] for action in GENERIC if action in actions},
                own=[slots[action] for action in sorted(actions - set(GENERIC))],
            )
        )
    return rows


def _slot(entity: str, action: str) -> Slot:
    model = next((model for model in screens() if model.__tablename__ == entity), None)
    if model is None:
        return Slot(entity=entity, action=action, scopes=tuple(Scope), has_level=False)
    named = set(screen_of(model).scopes) | {ScopeLevel.ALL}
    has_level = action in FIELD_ACTIONS and any(a.field.level for a in attributes(model).values())
    scopes = tuple(scope for scope in Scope if scope.scope_level in named)
    return Slot(entity=entity, action=action, scopes=scopes, has_level=has_level)


def held_by(role: Role) -> dict[Right, Reach]:
    """Return the rights of ``role``."""
    return {(one.entity, one.action): (one.scope, one.level) for one in role.permissions}


def save_rights(session: Session, *, role: Role, wanted: Mapping[Right, Reach], row_version: int) -> int:
    """Give ``role`` exactly the ``wanted`` rights, all or none of them; return how many changed.

    Whoever holds the role signs in again. Rights of what this version does not know stay as they are.
    Raises: RightsChangedError; DeniedError where the actor may not add, change or take away permissions; what
    ``services.access_rules`` refuses, such as taking from administrators what they need to mend it.
    """
    if role.row_version != row_version:
        raise RightsChangedError
    known, changes = known_actions(), 0
    stored = {(one.entity, one.action): one for one in role.permissions}
    for right in sorted(known & (stored.keys() | wanted.keys())):
        changes += _change(session, role, right, stored.get(right), wanted.get(right))
    if changes:
        flag_modified(role, "name")  # so that the role's version rises, which the next writer is compared with
    session.flush()  # the rules of access speak up here
    return changes


def _change(session: Session, role: Role, right: Right, stored: Permission | None, reach: Reach | None) -> int:
    entity, action = right
    if stored is None and reach is not None:
        require(session, "permission", "create")
        role.permissions.append(Permission(entity=entity, action=action, scope=reach[0], level=reach[1]))
    elif stored is not None and reach is None:
        require(session, "permission", "delete")
        session.delete(stored)
    elif stored is not None and reach is not None and (stored.scope, stored.level) != reach:
        require(session, "permission", "edit")
        stored.scope, stored.level = reach
    else:
        return 0
    return 1


@dataclass(frozen=True, slots=True)
class Holder:
    """Somebody who holds a right: by which role and how far, or in whose place until when."""

    user: User
    reach: Reach
    role: Role | None = None
    delegation: Delegation | None = None


def list_holders(session: Session, right: Right, *, at: datetime, limit: int = 200) -> list[Holder]:
    """Return the active users who hold ``right`` at an instant, by role or delegation, by name; at most ``limit``."""
    statement = (
        select(Permission)
        .where(Permission.entity == right[0], Permission.action == right[1])
        .options(joinedload(Permission.role))
    )
    with unscoped(session, "holders of a right"):
        found: list[Holder] = []
        for permission in session.scalars(statement):
            users = select(User).join(User.roles).where(Role.id == permission.role_id, User.is_active)
            reach = (permission.scope, permission.level)
            users = users.order_by(User.user_name).limit(limit).options(selectinload(User.department))
            found += [Holder(user, reach, role=permission.role) for user in session.scalars(users)]
        found += _delegates(session, right, found, at)
    return sorted(found, key=lambda holder: (holder.user.display_name, holder.user.id))[:limit]


def _delegates(session: Session, right: Right, holders: Sequence[Holder], at: datetime) -> list[Holder]:
    by_user = {holder.user.id: holder for holder in holders}
    statement = select(Delegation).where(
        Delegation.from_at <= at, Delegation.until_at > at, Delegation.revoked_at.is_(None)
    )
    valid = [one for one in session.scalars(statement) if one.is_valid(at) and one.covers(*right)]
    return [
        Holder(one.to_user, by_user[one.from_user_id].reach, delegation=one)
        for one in valid
        if one.from_user_id in by_user
    ]
