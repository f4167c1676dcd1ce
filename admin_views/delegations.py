"""Delegating one's rights, acting for somebody else, and ending both."""

from datetime import datetime, timedelta
from typing import Any

import wtforms
from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from sqlalchemy import select

from admin_views.verbs import ListVerb, Verb, offer, show_below
from models.access import User
from models.actor import ScopeLevel
from models.base import _
from models.delegation import Delegation, Extent
from models.ids import opaque_token
from models.staff import Staff
from services import delegations
from services.errors import UserError
from services.idempotency import once, record_answer
from services.localtime import LOCAL_ZONE
from services.session import unscoped
from web import sessions
from web.access import current_actor, permitted, signed_in
from web.clock import request_time
from web.database import database
from web.forms import Form, LocalDateTimeField, LookupField, Required, clean, option
from web.names import entity_name
from web.texts import lazy_gettext

bp = Blueprint("delegations", __name__)

offer(
    "delegation",
    ListVerb(action="delegate", label=_("Delegate"), endpoint="delegations.show_form", icon="plus-lg", is_primary=True),
    Verb(
        action="revoke",
        label=_("End"),
        endpoint="delegations.revoke",
        icon="slash-circle",
        method="post",
        is_danger=True,
        confirm=_("The delegation ends at once, also where it is in use. End it?"),
        when=lambda delegation: not delegation.is_over(request_time()),
    ),
)
show_below("delegation", "access/delegated_areas.html")


def _find_staff(key: int) -> Staff | None:
    return database().session().scalar(select(Staff).where(Staff.id == key, Staff.is_active))


def _staff_lookup(label: str, help_text: str = "") -> LookupField:
    return LookupField(
        lazy_gettext(label),
        [Required(lazy_gettext(_("Choose a row from the list.")))],
        find=_find_staff,
        address=lambda: url_for("staff.lookup_view"),
        description=lazy_gettext(help_text) if help_text else "",
    )


class DelegationForm(Form):
    """Who lends what to whom, from when until when."""

    nonce = wtforms.HiddenField()
    lender = _staff_lookup(_("Rights of"))
    delegate = _staff_lookup(_("Used by"), _("A member of staff who can sign in."))
    begins = LocalDateTimeField(lazy_gettext(_("From")), [Required()])
    ends = LocalDateTimeField(lazy_gettext(_("Until")), [Required()])
    reason = wtforms.StringField(
        lazy_gettext(_("Reason")), [Required(), wtforms.validators.Length(max=300)], filters=[clean]
    )
    extent = wtforms.SelectField(
        lazy_gettext(_("Covers")), choices=lambda: [option(e.value, gettext(e.label)) for e in Extent]
    )


def _form(data: Any = None) -> DelegationForm:
    at = request_time().astimezone(LOCAL_ZONE)
    evening = at.replace(hour=17, minute=0, second=0, microsecond=0)
    form = DelegationForm(data, nonce=opaque_token(), begins=at, ends=max(evening, at + timedelta(hours=1)))
    permit = current_actor().permit("delegation", "delegate")
    if permit is None or permit.scope is not ScopeLevel.ALL:
        del form.lender
    return form


def _page(form: DelegationForm, error: str = "", status: int = 200) -> ResponseReturnValue:
    chosen = request.form.getlist("entities")
    areas = [(name, entity_name(name), name in chosen) for name in delegations.list_delegable(current_actor())]
    areas.sort(key=lambda area: area[1])
    return render_template("access/delegate.html", form=form, areas=areas, error=error), status


@bp.get("/account/delegations/new")
@permitted("delegation", "delegate")
def show_form() -> ResponseReturnValue:
    """Show the form of a new delegation."""
    return _page(_form())


@bp.post("/account/delegations/new")
@permitted("delegation", "delegate")
def create() -> ResponseReturnValue:
    """Lend rights; the same form sent twice lends them once."""
    session, form = database().session(), _form(request.form)
    if not form.validate():
        return _page(form, status=422)
    key, scope = str(form.nonce.data)[:80], f"delegate:{current_actor().user_id}"
    body = {name: request.form.getlist(name) for name in request.form if name != "csrf_token"}
    if once(session, scope=scope, key=key, body=body, at=request_time()) is None:
        try:
            made = delegations.create_delegation(session, **_read(form), at=request_time())
        except UserError as error:
            session.rollback()
            return _page(form, gettext(error.message_id, **error.values), error.status)
        record_answer(session, scope=scope, key=key, answer={"id": made.id})
        session.commit()
        flash(gettext("%(name)s can act for %(lender)s.", name=made.to_user, lender=made.from_user), "success")
    return redirect(url_for("account.show_account", _anchor="delegations"), 303)


def _read(form: DelegationForm) -> dict[str, Any]:
    current = sessions.current()
    lender = _user_of(form.lender.data) if "lender" in form else current.user
    if lender is None:
        raise delegations.DelegateNotValidError(name=str(form.lender.data))
    delegate = _user_of(form.delegate.data)
    if delegate is None:
        raise delegations.DelegateNotValidError(name=str(form.delegate.data))
    is_everything = form.extent.data == Extent.EVERYTHING.value
    return {
        "from_user": lender,
        "to_user": delegate,
        "from_at": _instant(form.begins),
        "until_at": _instant(form.ends),
        "reason": form.reason.data,
        "entities": None if is_everything else _chosen_entities(),
    }


def _instant(field: LocalDateTimeField) -> datetime:
    assert field.data is not None  # noqa: S101 -- the form asks for it
    return field.data.replace(tzinfo=LOCAL_ZONE)


def _chosen_entities() -> list[str]:
    offered = set(delegations.list_delegable(current_actor()))
    return [entity for entity in request.form.getlist("entities") if entity in offered]


def _user_of(staff: Staff) -> User | None:
    session = database().session()
    with unscoped(session, "sign-in of a member of staff"):
        return session.scalars(select(User).where(User.staff_id == staff.id)).one_or_none()


def _get(key: int) -> Delegation:
    """Return a delegation that concerns the person, or that they may see among all; 404 otherwise."""
    session, user = database().session(), sessions.current().user
    with unscoped(session, "delegation of the viewer"):
        found = session.scalars(select(Delegation).where(Delegation.id == key)).one_or_none() if key < 2**63 else None
    is_party = found is not None and user is not None and user.id in (found.from_user_id, found.to_user_id)
    if found is None or not (is_party or session.scalar(select(Delegation.id).where(Delegation.id == key))):
        abort(404)
    return found


@bp.post("/admin/delegation/<int:id>/revoke")
@signed_in
def revoke(id: int) -> ResponseReturnValue:  # noqa: A002 -- what the registry of verbs calls it
    """End a delegation now."""
    session, delegation = database().session(), _get(id)
    delegations.revoke_delegation(session, delegation=delegation, at=request_time())
    session.commit()
    flash(gettext("The delegation has ended."), "success")
    user = sessions.current().user
    if user is not None and user.id in (delegation.from_user_id, delegation.to_user_id):
        return redirect(url_for("account.show_account", _anchor="delegations"), 303)
    return redirect(url_for("delegation.details_view", id=id), 303)


@bp.post("/account/acting/<int:id>")
@signed_in
def act(id: int) -> ResponseReturnValue:  # noqa: A002 -- as in the other routes of one row
    """Act for somebody from now on."""
    session, login, delegation = database().session(), sessions.current().login, _get(id)
    assert login is not None  # noqa: S101 -- the rule of this view
    delegations.start_acting(session, login=login, delegation=delegation, at=request_time())
    session.commit()
    return redirect(url_for("admin.index"), 303)


@bp.post("/account/acting/stop")
@signed_in
def stop() -> ResponseReturnValue:
    """Act for oneself again."""
    session, login = database().session(), sessions.current().login
    assert login is not None  # noqa: S101 -- the rule of this view
    delegations.stop_acting(session, login=login)
    session.commit()
    return redirect(url_for("admin.index"), 303)
