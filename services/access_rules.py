"""What holds for every change of users, roles and permissions, whichever screen or command makes it.

Nobody hands out more than they hold, the last administrator stays, and whoever is concerned by a change has to
sign in again: their ``access_epoch`` is raised, which ends the sessions of the old one at the next request.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import event, func, inspect, select, update
from sqlalchemy.orm import Session, UOWTransaction

from models.access import Permission, Role, User, UserRole
from models.actor import Actor, ScopeLevel
from models.base import _
from services.errors import UserError
from services.roles import ADMIN, known_actions
from services.session import actor_of, unscoped

_USER_NAME = re.compile(r"[a-z0-9][a-z0-9.\-]{1,58}[a-z0-9]")
_ADMIN_NEEDS = {
    (entity, action) for entity in ("user_account", "role", "permission") for action in ("read", "edit")
} | {("permission", "create")}


class UserNameNotValidError(UserError):
    """A name that could be mistaken for another, or cannot be typed everywhere."""

    message = _("A user name has 3 to 60 small letters without accents, digits, dots or hyphens, for example khai.ntm.")


class LastAdministratorError(UserError):
    """Without an administrator nobody could let anybody in."""

    message = _("%(name)s is the last active administrator. Make somebody else administrator first.")
    status = 409


class RoleNotHeldError(UserError):
    """An escalation: granting a role one does not hold."""

    message = _("You can only give or take away roles that you hold yourself; %(role)s needs an administrator.")
    status = 403


class AccountAboveYouError(UserError):
    """An escalation: taking over the account of somebody who may do more."""

    message = _("%(name)s has rights that you do not have. Ask an administrator to change this user.")
    status = 403


class PermissionNotHeldError(UserError):
    """An escalation: making a role reach further than its editor."""

    message = _("You can only grant what you may do yourself; %(permission)s needs an administrator.")
    status = 403


class PermissionUnknownError(UserError):
    """A slip of the finger that would grant nothing."""

    message = _(
        "Nothing is called %(permission)s here. Write an entity and what is done with it, such as dossier.read."
    )


class AdministratorNeedsError(UserError):
    """Administrators must stay able to mend permissions."""

    message = _("The administrator's role needs %(permission)s, on everything. It cannot be taken away.")
    status = 409


@event.listens_for(Session, "before_flush")
def check_access_changes(session: Session, context: UOWTransaction, instances: object) -> None:
    """Refuse what would break the rules above, and raise the epoch of everybody concerned."""
    changed = [row for row in (*session.new, *session.dirty, *session.deleted) if isinstance(row, User | Permission)]
    if not changed:
        return
    actor = actor_of(session)
    users = [row for row in changed if isinstance(row, User) and (row in session.new or session.is_modified(row))]
    permissions = [
        row for row in changed if isinstance(row, Permission) and (row not in session.dirty or session.is_modified(row))
    ]
    with unscoped(session, "rules of access"):
        for user in users:
            _check_user(actor, user, is_new=user in session.new)
        _check_administrator_left(session, users)
        changes = [_describe(session, permission) for permission in permissions]
        for change in changes:
            _check_permission(actor, change)
        _raise_epochs(session, users, changes)


def _history(row: Any, attribute: str) -> Any:
    return inspect(row).attrs[attribute].load_history()


def _check_user(actor: Actor, user: User, *, is_new: bool) -> None:
    if is_new and not _USER_NAME.fullmatch(user.user_name or ""):
        raise UserNameNotValidError
    if actor.system or ADMIN in actor.roles:
        return
    roles = _history(user, "roles")
    moved = [role for role in (*roles.added, *roles.deleted) if role.code not in actor.roles]
    if moved:
        raise RoleNotHeldError(role=moved[0].name)
    held = {role.code for role in (*roles.unchanged, *roles.deleted)} if not is_new else set()
    if user.id != actor.user_id and held - actor.roles:
        raise AccountAboveYouError(name=user.display_name)


def _check_administrator_left(session: Session, users: Iterable[User]) -> None:
    leaving = [user for user in users if _was_administrator(user) and not _is_administrator(user)]
    if not leaving:
        return
    # The row of the role is the lock: two administrators cannot strip each other at the same moment.
    session.execute(select(Role.id).where(Role.code == ADMIN).with_for_update())
    others = (
        select(func.count(User.id))
        .join(UserRole, UserRole.user_id == User.id)
        .join(Role, Role.id == UserRole.role_id)
        .where(Role.code == ADMIN, User.is_active, User.id.not_in([user.id for user in leaving]))
    )
    if session.scalar(others) == 0 and not any(_is_administrator(user) for user in users):
        raise LastAdministratorError(name=leaving[0].display_name)


def _was_administrator(user: User) -> bool:
    roles, active = _history(user, "roles"), _history(user, "is_active")
    before = [role.code for role in (*roles.unchanged, *roles.deleted)]
    was_active = next(iter((*active.deleted, *active.unchanged)), True)  # an expired attribute keeps no old value
    return ADMIN in before and was_active is not False


def _is_administrator(user: User) -> bool:
    return bool(user.is_active) and user.deleted_at is None and any(role.code == ADMIN for role in user.roles)


@dataclass(frozen=True, slots=True)
class _Change:
    """A permission with what it was about and whose it was before and after; set by row, by key, or expired."""

    permission: Permission
    is_deleted: bool
    abouts: frozenset[tuple[str, str]]
    roles: tuple[Role, ...]

    @property
    def name(self) -> str:
        return f"{self.permission.entity}.{self.permission.action}"

    @property
    def is_moved(self) -> bool:
        return len(self.abouts) > 1 or len(self.roles) > 1


def _describe(session: Session, permission: Permission) -> _Change:
    abouts = {(permission.entity, permission.action)}
    role = permission.role if _history(permission, "role").has_changes() else None
    role_ids = {role.id if role is not None else permission.role_id}
    if permission not in session.new:
        # Asked of the database: an attribute that was expired when it was set has forgotten its old value.
        stored = session.execute(
            select(Permission.entity, Permission.action, Permission.role_id).where(Permission.id == permission.id)
        ).one()
        abouts.add((stored.entity, stored.action))
        role_ids.add(stored.role_id)
    known = [session.get_one(Role, role_id) for role_id in sorted(role_ids - {None})]
    unsaved = [role] if role is not None and role.id is None else []
    return _Change(permission, permission in session.deleted, frozenset(abouts), (*known, *unsaved))


def _check_permission(actor: Actor, change: _Change) -> None:
    permission = change.permission
    is_narrowed = change.is_deleted or permission.scope.scope_level is not ScopeLevel.ALL
    concerns_admin = any(role.code == ADMIN for role in change.roles)
    if concerns_admin and change.abouts & _ADMIN_NEEDS and (is_narrowed or change.is_moved):
        raise AdministratorNeedsError(permission=change.name)
    if actor.system:
        return
    if ADMIN not in actor.roles:
        held = actor.permit(permission.entity, permission.action)
        # Each by itself: a narrower reach does not pay for a higher level of fields.
        exceeds = held is None or permission.scope.scope_level > held.scope or (permission.level or 0) > held.level
        if exceeds or any(role.code not in actor.roles for role in change.roles):
            raise PermissionNotHeldError(permission=change.name)
    if not change.is_deleted and (permission.entity, permission.action) not in known_actions():
        raise PermissionUnknownError(permission=change.name)


def _raise_epochs(session: Session, users: Iterable[User], changes: Iterable[_Change]) -> None:
    for user in users:
        concerns = any(
            _history(user, key).has_changes() for key in ("roles", "is_active", "password_hash", "deleted_at")
        )
        if concerns and user not in session.new and user not in session.deleted:
            user.access_epoch += 1
    role_ids = {role.id for change in changes for role in change.roles if role.id is not None}
    if role_ids:
        held = select(UserRole.user_id).where(UserRole.role_id.in_(role_ids))
        session.execute(
            update(User).where(User.id.in_(held)).values(access_epoch=User.access_epoch + 1),
            execution_options={"synchronize_session": False},
        )
        for loaded in session.identity_map.values():
            if isinstance(loaded, User) and loaded not in session.dirty:
                session.expire(loaded, ["access_epoch"])
