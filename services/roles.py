"""Roles as data: seeding the defaults once, and building from a user's roles what an actor may do."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from models import screens
from models.access import Permission, Role, Scope, SeededGrant, User, UserRole
from models.actions import GENERIC, is_offered
from models.actor import Actor, Permit, ScopeLevel
from models.base import Grant, _
from models.organisation import Counter, Department

ADMIN = "ADMIN"

ROLE_NAMES: dict[str, tuple[str, str]] = {
    "ADMIN": (_("Administrator"), _("Looks after users, roles, the organisation and the catalogue.")),
    "DIRECTOR": (_("Director"), _("Leads the centre and sees all of it.")),
    "DEPARTMENT_HEAD": (_("Department head"), _("Leads a department: its dossiers, its people's work.")),
    "RECEIVING_OFFICER": (_("Receiving officer"), _("Serves at a counter: receives dossiers and hands results back.")),
    "PROCESSING_OFFICER": (_("Processing officer"), _("Works on the dossiers of a department.")),
    "SUPERVISOR": (_("Supervisor"), _("Reviews the evaluations of public servants and follows up bad ones.")),
    "AUDITOR": (_("Auditor"), _("Reads everything that was done, and changes nothing.")),
    "VOLUNTEER": (_("Volunteer"), _("Helps people in the hall: tickets, guidance, counselling. Decides nothing.")),
    "DEVICE": (_("Device"), _("A tablet or screen that is paired with a counter.")),
}


@dataclass(frozen=True, kw_only=True, slots=True)
class ExtraGrant:
    """A default permission for something that is done and has no generated screen of its own."""

    entity: str
    action: str
    roles: dict[str, ScopeLevel]


_ALL, _TREE, _COUNTER, _OWN = ScopeLevel.ALL, ScopeLevel.TREE, ScopeLevel.COUNTER, ScopeLevel.OWN
_DEPARTMENT = ScopeLevel.DEPARTMENT

EXTRA_GRANTS: tuple[ExtraGrant, ...] = (
    ExtraGrant(entity="counter", action="serve", roles={"RECEIVING_OFFICER": _ALL, "DEPARTMENT_HEAD": _ALL}),
    ExtraGrant(entity="counter", action="take_over", roles={"RECEIVING_OFFICER": _ALL, "DEPARTMENT_HEAD": _ALL}),
    ExtraGrant(entity="staff", action="clear_pin", roles={"ADMIN": _ALL}),
    ExtraGrant(entity="visit", action="call", roles={"RECEIVING_OFFICER": _COUNTER}),
    ExtraGrant(
        entity="review",
        action="read",
        roles={
            "SUPERVISOR": _ALL,
            "DIRECTOR": _ALL,
            "DEPARTMENT_HEAD": _TREE,
            "RECEIVING_OFFICER": _OWN,
            "PROCESSING_OFFICER": _OWN,
        },
    ),
    ExtraGrant(
        entity="report",
        action="read",
        roles={
            "DIRECTOR": _ALL,
            "SUPERVISOR": _ALL,
            "AUDITOR": _ALL,
            "DEPARTMENT_HEAD": _TREE,
            "RECEIVING_OFFICER": _DEPARTMENT,
            "PROCESSING_OFFICER": _DEPARTMENT,
        },
    ),
    ExtraGrant(entity="audit", action="read", roles={"AUDITOR": _ALL}),
    ExtraGrant(entity="saved_view", action="share", roles={"ADMIN": _ALL, "DIRECTOR": _ALL}),
    ExtraGrant(entity="procedure", action="import", roles={"ADMIN": _ALL}),
    ExtraGrant(entity="dossier", action="import_legacy", roles={"ADMIN": _ALL}),
)

Default = tuple[str, str, str, ScopeLevel, int]  # role, entity, action, scope, level


def default_grants() -> Iterator[Default]:
    """Yield every default permission: those the screens declare, then the extra ones."""
    for model in screens():
        for role, grants in vars(model)["__screen__"].grants.items():
            for granted in (grants,) if isinstance(grants, Grant) else grants:
                for action in granted.actions:
                    yield role, model.__tablename__, action, granted.scope, granted.level
    for extra in EXTRA_GRANTS:
        for role, scope in extra.roles.items():
            yield role, extra.entity, extra.action, scope, 0


OTHER_ENTITIES = {
    "review": _("Reviews of evaluations"),
    "report": _("Settlement report"),
    "saved_view": _("Saved views"),
}
"""The names of what has rights and no generated screen."""


def entity_label(entity: str) -> str:
    """Return what the rows of ``entity`` are called (a message id); its own name where it is unknown."""
    known = {model.__tablename__: vars(model)["__screen__"].title for model in screens()}
    return known.get(entity) or OTHER_ENTITIES.get(entity, entity)


def known_actions() -> set[tuple[str, str]]:
    """Return every (entity, action) that a permission can be about: what screens do, and what defaults name."""
    generic = {
        (model.__tablename__, action)
        for model in screens()
        for action in GENERIC
        if is_offered(vars(model)["__screen__"], action)
    }
    return generic | {(entity, action) for _role, entity, action, _scope, _level in default_grants()}


def seed_roles(session: Session, *, translate: Callable[[str], str] = str) -> int:
    """Add the default roles and the permissions not seeded before; return how many permissions were added.

    What was seeded once belongs to whoever edits roles: it is neither changed nor added again, even where it
    was deleted. An entity or action that is new in this version gets its defaults. ``translate`` turns the
    names of roles into the language of the office, in which they are stored.
    Raises: LookupError if a default names a role that does not exist, a fault in a model.
    """
    roles = {role.code: role for role in session.scalars(select(Role).options(selectinload(Role.permissions)))}
    for code, (name, description) in ROLE_NAMES.items():
        if code not in roles:
            roles[code] = Role(code=code, name=translate(name), description=translate(description), permissions=[])
            session.add(roles[code])
    seeded = {(row.entity, row.action) for row in session.scalars(select(SeededGrant))}
    widest: dict[tuple[str, str, str], tuple[ScopeLevel, int]] = {}
    for code, entity, action, scope, level in default_grants():
        if (entity, action) not in seeded:
            key = (code, entity, action)
            widest[key] = max(widest.get(key, (scope, level)), (scope, level))
    for (code, entity, action), (scope, level) in widest.items():
        permission = Permission(entity=entity, action=action, scope=Scope[scope.name], level=level)
        roles[code].permissions.append(permission)
    for entity, action in sorted({(entity, action) for _code, entity, action in widest}):
        session.add(SeededGrant(entity=entity, action=action))
    session.flush()  # callers need the keys of the roles
    return len(widest)


def build_actor(
    session: Session, user: User, counter_id: int | None = None, *, request_id: str = "", address: str = ""
) -> Actor:
    """Return the actor for ``user``, at a counter if one is given: the union of what its roles allow.

    Of several permissions for the same entity and action the widest reach counts, with the field level that
    was granted at that reach: two narrow grants never add up to a wider one.
    Costs one query, a second where a permission reaches a department's tree.
    """
    roles, permits = _read_permits(session, user.id)
    department_id = user.department_id
    if department_id is None and user.staff is not None:
        department_id = user.staff.department_id
    own = frozenset() if department_id is None else frozenset({department_id})
    needs_tree = bool(own) and any(permit.scope is ScopeLevel.TREE for permit in permits.values())
    counter = session.get(Counter, counter_id) if counter_id is not None else None
    return Actor(
        user_id=user.id,
        staff_id=user.staff_id,
        counter_id=counter.id if counter is not None else None,
        site_id=counter.site_id if counter is not None else None,
        department_ids=own,
        tree_ids=list_department_tree(session, own) if needs_tree else own,
        roles=roles,
        permits=permits,
        name=user.display_name,
        request_id=request_id,
        address=address,
    )


def _read_permits(session: Session, user_id: int) -> tuple[frozenset[str], dict[tuple[str, str], Permit]]:
    statement = (
        select(Role.code, Permission.entity, Permission.action, Permission.scope, Permission.level)
        .join(UserRole, UserRole.role_id == Role.id)
        .outerjoin(Permission, Permission.role_id == Role.id)
        .where(UserRole.user_id == user_id)
    )
    roles: set[str] = set()
    best: dict[tuple[str, str], tuple[ScopeLevel, int]] = {}
    for code, entity, action, scope, level in session.execute(statement):
        roles.add(code)
        if entity is not None:
            reach = (scope.scope_level, level)
            best[entity, action] = max(best.get((entity, action), reach), reach)
    return frozenset(roles), {key: Permit(scope, level) for key, (scope, level) in best.items()}


def list_department_tree(session: Session, department_ids: frozenset[int]) -> frozenset[int]:
    """Return ``department_ids`` with all departments below them."""
    tree = select(Department.id).where(Department.id.in_(department_ids)).cte("tree", recursive=True)
    tree = tree.union(select(Department.id).join(tree, Department.parent_id == tree.c.id))
    return frozenset(session.scalars(select(tree.c.id)))
