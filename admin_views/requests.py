"""Answering what another department asked, and giving back what it lent."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from sqlalchemy.orm import Session, object_session
from wtforms import HiddenField, TextAreaField
from wtforms.validators import Length

from admin_views.verbs import Verb, offer
from models.base import _
from models.consultation import OPEN_REQUESTS, Opinion, RequestState, Transfer
from models.escalation import Escalation, EscalationState
from services import consultations, escalations
from services.errors import UserError
from services.session import actor_of, may, require
from web.access import permitted
from web.clock import request_time
from web.database import database
from web.forms import Form, clean
from web.texts import lazy_gettext as _l

bp = Blueprint("requests", __name__, url_prefix="/requests")

Request = Opinion | Transfer | Escalation


class AnswerForm(Form):
    """What is said to it."""

    row_version = HiddenField()
    text = TextAreaField(_l("Text"), [Length(max=8000)])


@dataclass(frozen=True, kw_only=True, slots=True)
class Answer:
    """One act on a request: where it stands, the right it needs, the service that does it."""

    key: str
    model: type[Request]
    action: str
    label: str
    icon: str
    run: Callable[[Session, Any, str, int | None, datetime], Any]
    done: str
    when: Callable[[Any], bool]
    asks: str = ""
    is_primary: bool = False
    is_danger: bool = False


def _is_ours(request_row: Any, side: str) -> bool:
    actor = actor_of(object_session(request_row) or database().session())
    permit = actor.permit(request_row.__tablename__, "read")
    everything = actor.system or (permit is not None and permit.scope.name == "ALL")
    return everything or getattr(request_row, f"{side}_department_id") in actor.tree_ids | actor.department_ids


def _open_to(row: Any) -> bool:
    return row.state in OPEN_REQUESTS and _is_ours(row, "to")


def _open_from(row: Any) -> bool:
    return row.state in OPEN_REQUESTS and _is_ours(row, "from")


ANSWERS = (
    Answer(
        key="answer", model=Opinion, action="answer", label=_("Give the opinion"), icon="chat-quote", is_primary=True,
        run=lambda s, row, text, version, at: consultations.answer_opinion(
            s, row, answer=text, row_version=version, at=at
        ),
        asks=_("Opinion"), when=_open_to, done=_("The opinion is given."),
    ),
    Answer(
        key="withdraw", model=Opinion, action="ask", label=_("No longer needed"), icon="x-circle", is_danger=True,
        run=lambda s, row, text, version, at: consultations.withdraw_opinion(
            s, row, reason=text, row_version=version, at=at
        ),
        asks=_("Reason"), when=_open_from, done=_("The question is withdrawn."),
    ),
    Answer(
        key="acknowledge", model=Transfer, action="send", label=_("Confirm receipt"), icon="check-lg", is_primary=True,
        run=lambda s, row, text, version, at: consultations.acknowledge_transfer(s, row, row_version=version, at=at),
        when=lambda row: row.state is RequestState.SENT, done=_("Receipt is confirmed."),
    ),
    Answer(
        key="return", model=Transfer, action="send", label=_("Send back"), icon="arrow-return-left",
        run=lambda s, row, text, version, at: consultations.return_transfer(
            s, row, outcome=text, row_version=version, at=at
        ),
        asks=_("What came of it"), when=lambda row: row.state in OPEN_REQUESTS, done=_("The dossier is sent back."),
    ),
    Answer(
        key="handle", model=Escalation, action="handle", label=_("Deal with it"), icon="check-lg", is_primary=True,
        run=lambda s, row, text, version, at: escalations.handle_escalation(
            s, row, outcome=text, row_version=version, at=at
        ),
        asks=_("What was done"), when=lambda row: row.state is EscalationState.OPEN, done=_("It is recorded."),
    ),
)  # fmt: skip


def _view(answer: Answer) -> Callable[[int], ResponseReturnValue]:
    def view(id: int) -> ResponseReturnValue:  # noqa: A002 -- the argument of every verb's address
        session = database().session()
        row = session.get(answer.model, id)
        if row is None or not may(session, answer.model.__tablename__, "read", row):
            abort(404)
        require(session, answer.model.__tablename__, answer.action, row)
        form = AnswerForm(request.form) if request.method == "POST" else AnswerForm(row_version=str(row.row_version))
        if request.method == "GET":
            return _page(answer, row, form)
        if not form.validate():
            return _page(answer, row, form), 422
        try:
            version = request.form.get("row_version", type=int)
            answer.run(session, row, clean(form.text.data) or "", version, request_time())
            session.commit()
        except UserError as error:
            session.rollback()
            return _page(
                answer, session.get_one(answer.model, id), form, gettext(error.message_id, **error.values)
            ), error.status
        flash(gettext(answer.done), "success")
        return redirect(url_for(f"{answer.model.__tablename__}.details_view", id=id), 303)

    return view


def _page(answer: Answer, row: Request, form: AnswerForm, error: str = "") -> str:
    form.text.label.text = gettext(answer.asks) if answer.asks else ""
    return render_template("work/answer.html", answer=answer, row=row, form=form, error=error, now=request_time())


for _answer in ANSWERS:
    _entity = _answer.model.__tablename__
    bp.add_url_rule(
        f"/{_entity}/<int:id>/{_answer.key}",
        endpoint=f"{_entity}_{_answer.key}",
        view_func=permitted(_entity, _answer.action)(_view(_answer)),
        methods=["GET", "POST"],
    )
    offer(
        _entity,
        Verb(
            action=_answer.action,
            label=_answer.label,
            endpoint=f"requests.{_entity}_{_answer.key}",
            icon=_answer.icon,
            is_primary=_answer.is_primary,
            is_danger=_answer.is_danger,
            when=_answer.when,
        ),
    )
