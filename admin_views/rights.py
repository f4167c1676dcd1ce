"""The rights of a role as one table, two roles side by side, and who holds a right."""

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from sqlalchemy import select

from admin_views.verbs import ListVerb, Verb, offer
from models.access import Role, Scope
from models.actions import ACTIONS, GENERIC
from models.base import _
from services import permissions
from services.errors import UserError
from services.permissions import Reach, Right
from web.access import current_actor, permitted
from web.clock import request_time
from web.database import database
from web.names import name_of

bp = Blueprint("rights", __name__)

HIGHEST_LEVEL = 9

offer(
    "role",
    Verb(action="read", label=_("Rights"), endpoint="rights.show", icon="key", is_primary=True),
    Verb(action="read", label=_("Compare"), endpoint="rights.compare", icon="arrow-left-right"),
    ListVerb(action="read", label=_("Who has this right?"), endpoint="rights.show_holders", icon="people"),
)


def _get_role(key: int) -> Role:
    role = database().session().scalar(select(Role).where(Role.id == key)) if key < 2**63 else None
    return role if role is not None else abort(404)


@bp.get("/admin/role/<int:id>/rights")
@permitted("permission", "read")
def show(id: int) -> ResponseReturnValue:  # noqa: A002 -- what the registry of verbs calls it
    """Show what a role may do."""
    role = _get_role(id)
    return _table(role, permissions.held_by(role))


@bp.post("/admin/role/<int:id>/rights")
@permitted("permission", "edit")
def save(id: int) -> ResponseReturnValue:  # noqa: A002 -- what the registry of verbs calls it
    """Give a role exactly the rights of the table, all or none."""
    role, session = _get_role(id), database().session()
    wanted = _read(request.form)
    typed = request.form.get("row_version", "")
    version = int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 19 else -1
    try:
        changed = permissions.save_rights(session, role=role, wanted=wanted, row_version=version)
    except UserError as error:
        session.rollback()
        return _table(_get_role(id), wanted, gettext(error.message_id, **error.values)), error.status
    session.commit()
    if changed:
        flash(gettext("%(number)s rights of %(role)s were changed.", number=changed, role=name_of(role)), "success")
    return redirect(url_for("rights.show", id=id), 303)


def _read(form: Mapping[str, str]) -> dict[Right, Reach]:
    """Return the rights that the table's fields say; what they could not have offered counts as none."""
    wanted: dict[Right, Reach] = {}
    for row in permissions.list_rights():
        for slot in row.slots:
            name = f"{slot.entity}.{slot.action}"
            scope = next((scope for scope in slot.scopes if scope.value == form.get(f"s.{name}")), None)
            level = form.get(f"l.{name}", "0")
            if scope is not None:
                number = int(level) if level.isascii() and level.isdigit() and len(level) < 4 else 0
                wanted[slot.entity, slot.action] = (scope, min(number, HIGHEST_LEVEL))
    return wanted


def _table(role: Role, shown: Mapping[Right, Reach], error: str = "") -> str:
    return render_template(
        "access/rights.html",
        role=role,
        rows=permissions.list_rights(),
        generic=[(action, gettext(ACTIONS[action])) for action in GENERIC],
        actions=ACTIONS,
        shown=shown,
        stored=permissions.held_by(role),
        may_save=current_actor().may("permission", "edit"),
        error=error,
    )


@bp.get("/admin/role/<int:id>/compare")
@permitted("permission", "read")
def compare(id: int) -> ResponseReturnValue:  # noqa: A002 -- what the registry of verbs calls it
    """Show where the rights of two roles differ."""
    role, session = _get_role(id), database().session()
    others = [one for one in session.scalars(select(Role).order_by(Role.code)) if one.id != role.id]
    asked = request.args.get("with", "")
    other = next((one for one in others if str(one.id) == asked), others[0] if others else None)
    differing: list[Any] = []
    if other is not None:
        left, right = permissions.held_by(role), permissions.held_by(other)
        for row in permissions.list_rights():
            lines = [
                (gettext(ACTIONS[slot.action]), left.get(key), right.get(key))
                for slot in row.slots
                if left.get(key := (slot.entity, slot.action)) != right.get(key)
            ]
            if lines:
                differing.append((gettext(row.label), lines))
    return render_template("access/compare.html", role=role, other=other, others=others, differing=differing)


@bp.get("/admin/role/holders")
@permitted("permission", "read")
def show_holders() -> ResponseReturnValue:
    """Show who holds a right, by which role or delegation."""
    rows = permissions.list_rights()
    offered = {f"{slot.entity}.{slot.action}": slot for row in rows for slot in row.slots}
    slot = offered.get(request.args.get("right", ""))
    holders = []
    if slot is not None:
        right = (slot.entity, slot.action)
        holders = permissions.list_holders(database().session(), right, at=request_time())
    return render_template(
        "access/holders.html", rows=rows, actions=ACTIONS, slot=slot, holders=holders, everything=Scope.ALL
    )
