""" "Why can I (not) see this?": one's own rights in words, and the rights of others for those who look after them."""

from flask import Blueprint, abort, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy import select

from admin_views.verbs import Verb, offer
from models.access import User
from models.actions import ACTIONS
from models.base import _
from models.describe import attributes
from services.access_explanations import explain_access, explain_own, find_model
from services.permissions import list_rights
from services.roles import known_actions
from web import sessions
from web.access import current_actor, permitted, signed_in
from web.clock import request_time
from web.database import database
from web.explanations import say_all

bp = Blueprint("why", __name__)

offer("user_account", Verb(action="explain", label=_("Explain access"), endpoint="why.show_of", icon="info-circle"))


def _asked() -> tuple[str, str]:
    entity, action = request.args.get("entity", ""), request.args.get("action", "read")
    return (entity, action) if (entity, action) in known_actions() else ("", "")


@bp.get("/account/why")
@signed_in
def show_own() -> ResponseReturnValue:
    """Say what one's own roles give of a right; no row is looked at."""
    entity, action = _asked()
    user = sessions.current().user
    if not entity or user is None:
        abort(404)
    verdict = explain_own(
        database().session(), actor=current_actor(), user=user, entity=entity, action=action, at=request_time()
    )
    return render_template(
        "access/why.html", entity=entity, action=ACTIONS[action], verdict=verdict, steps=say_all(verdict.steps)
    )


@bp.get("/admin/user_account/<int:id>/why")
@permitted("user_account", "explain")
def show_of(id: int) -> ResponseReturnValue:  # noqa: A002 -- what the registry of verbs calls it
    """Explain what a user may do, with a row or a field of an entity too."""
    session = database().session()
    user = session.scalar(select(User).where(User.id == id)) if id < 2**63 else None
    if user is None:
        abort(404)
    entity, action = _asked()
    model, typed = find_model(entity), request.args.get("row", "").strip()
    key = int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 19 else (0 if typed else None)
    field = request.args.get("field", "").strip()
    verdict = None
    if entity:
        verdict = explain_access(
            session, user=user, entity=entity, action=action, key=key, field=field, at=request_time()
        )
    return render_template(
        "access/why_of.html",
        user=user,
        rights=list_rights(),
        actions=ACTIONS,
        entity=entity,
        action=action,
        typed=typed,
        field=field,
        fields=[] if model is None else [(name, one.field.label) for name, one in attributes(model).items()],
        verdict=verdict,
        steps=say_all(verdict.steps) if verdict is not None else [],
    )
