"""Results that nobody collects: who is to be reminded today, by a message or a call, and what came of it."""

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, ngettext
from sqlalchemy import select
from sqlalchemy.orm import Session
from wtforms import DateField, SelectField, TextAreaField
from wtforms.validators import Length, Optional

from admin_views.counter import own_counter
from admin_views.handover import sees_personal
from admin_views.handover_form import choices
from admin_views.navigation import MenuItem
from models.base import _
from models.dossier import Dossier
from models.reminder import CallOutcome, ReminderKind
from services.errors import UserError
from services.many import NothingChosenError
from services.waiting_results import PAGE, list_uncollected, record_reminder
from web.access import current_actor, permitted
from web.clock import request_time
from web.database import database
from web.forms import Form, clean
from web.texts import lazy_gettext as _l

bp = Blueprint("uncollected", __name__, url_prefix="/counter/uncollected")

MENU = [
    MenuItem(
        group=_("Work"), label=_("Uncollected results"), endpoint="uncollected.show", icon="bell",
        permission=("dossier", "return"),
    )
]  # fmt: skip


class ReminderForm(Form):
    """How the people ticked were reminded."""

    kind = SelectField(_l("How"), default=ReminderKind.CALL.value)
    outcome = SelectField(_l("What came of it"), default="")
    note = TextAreaField(_l("Note"), [Length(max=1000)])
    again_on_date = DateField(_l("Remind again on"), [Optional()], description=_l("Empty: in a week."))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.kind.choices = choices(ReminderKind)
        self.outcome.choices = [("", ""), *choices(CallOutcome)]


@bp.get("/")
@permitted("dossier", "return")
def show() -> str:
    """Show who is to be reminded, those who wait longest first."""
    return _page(database().session(), ReminderForm())


def _page(session: Session, form: ReminderForm, error: str = "") -> str:
    is_all = request.args.get("all") == "1"
    counter = own_counter(session) if current_actor().counter_id is not None else None
    rows = list_uncollected(
        session,
        at=request_time(),
        site_id=counter.site_id if counter else None,
        only_due=not is_all,
        size=PAGE,
    )
    return render_template(
        "counter/uncollected.html",
        rows=rows,
        is_full=len(rows) == PAGE,
        is_all=is_all,
        form=form,
        error=error,
        chosen=set(request.form.getlist("dossier")),
        sees_personal=sees_personal(),
    )


@bp.post("/")
@permitted("dossier", "return")
def remind() -> ResponseReturnValue:
    """Record the reminder of everybody ticked."""
    session, form = database().session(), ReminderForm(request.form)
    if not form.validate():
        return _page(session, form), 422
    try:
        count = _remind(session, form)
        session.commit()
    except UserError as error:
        session.rollback()
        return _page(session, form, gettext(error.message_id, **error.values)), error.status
    flash(ngettext("%(num)s reminder is recorded.", "%(num)s reminders are recorded.", count), "success")
    return redirect(url_for(".show"), 303)


def _remind(session: Session, form: ReminderForm) -> int:
    keys = [int(key) for key in request.form.getlist("dossier") if key.isascii() and key.isdigit() and len(key) < 19]
    dossiers = session.scalars(select(Dossier).where(Dossier.id.in_(keys)).order_by(Dossier.id).limit(PAGE)).all()
    if not dossiers:
        raise NothingChosenError
    for dossier in dossiers:
        record_reminder(
            session,
            dossier,
            kind=ReminderKind(form.kind.data),
            outcome=CallOutcome(form.outcome.data) if form.outcome.data else None,
            note=clean(form.note.data),
            again_on_date=form.again_on_date.data,
            at=request_time(),
        )
    return len(dossiers)
