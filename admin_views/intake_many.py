"""Many dossiers alike in one go: one procedure with its papers and fees, and a pasted list of people."""

import secrets
from collections.abc import Sequence

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from sqlalchemy.orm import Session

from admin_views.counter import dealing_for, own_counter, read_desk
from admin_views.intake import read_quote
from admin_views.intake_form import IntakeForm
from models.dossier import Dossier
from models.states import ApplicantKind
from models.visit import TransactionKind
from services.errors import UserError
from services.intake_fees import is_open_amount, suggest_fees
from services.intake_list import Line, Outcome, read_people, receive_people
from services.visits import finish_transaction
from web.access import permitted
from web.clock import request_time
from web.database import database
from web.explanations import say

bp = Blueprint("intake_many", __name__, url_prefix="/counter/intake/many")

LONGEST_LIST = 60_000


@bp.get("/")
@permitted("dossier", "receive")
def show_form() -> str:
    """Show the empty form."""
    form = IntakeForm()
    form.nonce.data = secrets.token_urlsafe(16)
    return _page(database().session(), form)


@bp.post("/")
@permitted("dossier", "receive")
def save() -> ResponseReturnValue:
    """Look at the list, or receive a dossier for each of its lines; what has to be mended stays in the list."""
    session = database().session()
    form = IntakeForm(request.form)
    if not form.validate():
        return _page(session, form), 422
    try:
        kind = ApplicantKind(form.kind.data)
        lines = read_people(session, request.form.get("people", "")[:LONGEST_LIST], kind=kind, at=request_time())
        outcomes = _receive(session, form, lines) if request.form.get("act") == "receive" else None
        session.commit()
    except UserError as error:
        session.rollback()
        form = IntakeForm(request.form)
        form.validate()
        return _page(session, form, errors=form.blame(error)), error.status
    if outcomes is None:
        return _page(session, form, lines=lines)
    if any(outcome.dossier is None for outcome in outcomes):
        return _page(session, form, outcomes=outcomes)
    return render_template("counter/many_done.html", desk=read_desk(session), outcomes=outcomes)


def _receive(session: Session, form: IntakeForm, lines: Sequence[Line]) -> list[Outcome]:
    """Receive what can be received, each dossier with a dealing of its own."""
    at, counter = request_time(), own_counter(session)
    procedure = form.procedure.data
    quote, _problem = read_quote(session, counter, procedure.id if procedure else None, request.form, at)
    common = form.intake(quote, request.form)
    desk = read_desk(session)
    outcomes = receive_people(
        session,
        lines,
        common=common,
        counter=counter,
        at=at,
        nonce=(form.nonce.data or "")[:60],
        is_training=any(part is not None and part.is_training for part in (desk.dealing, desk.visit)),
    )
    for dossier in (outcome.dossier for outcome in outcomes if outcome.dossier is not None):
        if dossier.received_at == at:  # not the repetition of a list that was already carried out
            _end_dealing(session, dossier)
    return outcomes


def _end_dealing(session: Session, dossier: Dossier) -> None:
    dealing = dealing_for(session, TransactionKind.INTAKE)
    finish_transaction(session, transaction=dealing, dossier=dossier, kind=TransactionKind.INTAKE, at=request_time())


def _page(
    session: Session,
    form: IntakeForm,
    *,
    lines: Sequence[Line] = (),
    outcomes: Sequence[Outcome] = (),
    errors: Sequence[str] = (),
) -> str:
    desk = read_desk(session)
    procedure = form.procedure.data
    quote, problem = read_quote(
        session, desk.counter, procedure.id if procedure else None, request.form, request_time()
    )
    rows = [(line, None, line.error) for line in lines]
    rows += [(outcome.line, outcome.dossier, outcome.error) for outcome in outcomes]
    left = [line.text for line, dossier, _error in rows if dossier is None] if outcomes else None
    return render_template(
        "counter/many.html",
        desk=desk,
        form=form,
        quote=quote,
        problem="" if form.errors else problem,
        values=request.form,
        suggested=suggest_fees(quote) if quote else frozenset(),
        is_open_amount=is_open_amount,
        say=say,
        rows=[
            (line, dossier, gettext(error.message_id, **error.values) if error else "") for line, dossier, error in rows
        ],
        people="\n".join(left) if left is not None else request.form.get("people", ""),
        errors=errors,
    )


def _said(error: UserError | None) -> str:
    return gettext(error.message_id, **error.values) if error is not None else ""
