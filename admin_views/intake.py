"""Receiving a dossier in one screen without a mouse."""

import secrets
from dataclasses import replace
from datetime import datetime

from flask import Blueprint, flash, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict

from admin_views.counter import chosen, dealing_for, own_counter, read_desk
from admin_views.intake_form import IntakeForm
from models.dossier import Dossier
from models.late_entry import LateEntry
from models.organisation import Counter
from models.procedure import Procedure
from models.states import Channel, DossierState
from models.visit import Presence, TransactionKind
from services import procedures
from services.dossier_intake import receive_dossier, refuse_at_intake
from services.dossier_work import request_supplement
from services.errors import UserError
from services.intake_fees import is_open_amount, suggest_fees
from services.intake_quote import ProcedureUnknownError, Quote, quote_intake
from services.late_entries import LateRefusalError, enter_intake, find_own_draft
from services.scans import attach_scans, list_intake_scans
from services.visits import finish_transaction
from web.access import current_actor, permitted
from web.clock import request_time
from web.database import database
from web.explanations import say

bp = Blueprint("intake", __name__, url_prefix="/counter/intake")

PROCEDURES_OFFERED = 20
_CHANNEL_OF = {Presence.POST: Channel.POST, Presence.ONLINE: Channel.ONLINE}


@bp.get("/")
@permitted("dossier", "receive")
def show_form() -> str:
    """Show the empty form, or with the person of ``same_as`` filled in."""
    session = database().session()
    desk = read_desk(session)
    form = IntakeForm(data=_person_of(session, request.args.get("same_as", "")))
    form.nonce.data = secrets.token_urlsafe(16)
    if desk.dealing is not None:
        form.channel.data = _CHANNEL_OF.get(desk.dealing.presence, Channel.COUNTER).value
    return _page(session, form, MultiDict())


def _person_of(session: Session, public_id: str) -> dict[str, object]:
    dossier = session.scalars(select(Dossier).where(Dossier.public_id == public_id)).one_or_none()
    if dossier is None:
        return {}
    return {
        "kind": dossier.applicant_kind.value,
        "id_number": dossier.applicant_id_number,
        "birth_date": dossier.applicant.birth_date,
        "tax_code": dossier.applicant_tax_code,
        "full_name": dossier.applicant_name,
        "phone": dossier.applicant_phone,
        "email": dossier.applicant_email,
        "address": dossier.applicant_address,
        "submitter_name": dossier.submitter_name,
        "submitter_id_number": dossier.submitter_id_number,
        "submitter_proof": dossier.submitter_proof.value if dossier.submitter_proof else "",
        "submitter_proof_number": dossier.submitter_proof_number,
        "return_method": dossier.return_method.value,
    }


def _late(session: Session) -> LateEntry | None:
    """Return the late entry whose content is being typed; None for what is received now."""
    return find_own_draft(session, request.values.get("late", ""))


def _moment(session: Session) -> datetime:
    """Return when the dossier is received: now, or when the late entry says."""
    late = _late(session)
    return request_time() if late is None else late.happened_at


def _page(session: Session, form: IntakeForm, values: MultiDict[str, str], *, errors: list[str] | None = None) -> str:
    desk = read_desk(session)
    procedure = form.procedure.data
    quote, problem = read_quote(session, desk.counter, procedure.id if procedure else None, values, _moment(session))
    return render_template(
        "counter/intake.html",
        desk=desk,
        late=_late(session),
        form=form,
        quote=quote,
        problem="" if form.errors else problem,
        values=values,
        errors=errors or [],
        is_refusing=values.get("act") == "refuse",
        is_asking=values.get("act") == "supplement",
        suggested=suggest_fees(quote) if quote else frozenset(),
        is_open_amount=is_open_amount,
        scans=list_intake_scans(session, form.nonce.data or ""),
        may_edit=True,
        say=say,
    )


def read_quote(
    session: Session, counter: Counter, procedure_id: int | None, values: MultiDict[str, str], at: datetime
) -> tuple[Quote | None, str]:
    """Return what the intake would mean, or why it cannot be."""
    if procedure_id is None:
        return None, ""
    try:
        channel = Channel(values.get("channel", Channel.COUNTER.value))
    except ValueError:
        channel = Channel.COUNTER
    asked = {"procedure_id": procedure_id, "counter": counter, "channel": channel, "at": at}
    try:
        try:
            return quote_intake(
                session, **asked, case_id=chosen(values, "case_id"), method_id=chosen(values, "method_id")
            ), ""
        except ProcedureUnknownError:
            return None, ""
    except UserError as error:
        return None, gettext(error.message_id, **error.values)


@bp.get("/quote")
@permitted("dossier", "receive")
def show_quote() -> str:
    """Show the papers, the fees and the due time with its reasons, for what is chosen so far."""
    session = database().session()
    values = request.args
    quote, problem = read_quote(session, own_counter(session), chosen(values, "procedure"), values, _moment(session))
    return render_template(
        "counter/quote.html",
        quote=quote,
        problem=problem,
        values=values,
        suggested=suggest_fees(quote) if quote else frozenset(),
        is_open_amount=is_open_amount,
        say=say,
    )


@bp.get("/procedures")
@permitted("dossier", "receive")
def find_procedures() -> ResponseReturnValue:
    """Find procedures in force by unaccented or everyday words or by code; without any, give what is usual here."""
    session, words = database().session(), request.args.get("q", "")[:200]
    if words.strip():
        found = procedures.find_procedures(session, words, limit=PROCEDURES_OFFERED + 1)
    else:
        found = procedures.list_usual_procedures(
            session,
            staff_id=current_actor().staff_id,
            department_id=own_counter(session).department_id,
            limit=PROCEDURES_OFFERED + 1,
        )
    return jsonify(
        results=[{"id": row.id, "text": str(row), "note": _where(row)} for row in found[:PROCEDURES_OFFERED]],
        more=len(found) > PROCEDURES_OFFERED,
    )


def _where(row: Procedure) -> str:
    """Return who decides on a procedure, or where it is received instead."""
    if row.is_at_centre:
        return str(row.department or row.field)
    return gettext("Not received here: %(place)s", place=row.redirect_text or "–")


@bp.post("/")
@permitted("dossier", "receive")
def save() -> ResponseReturnValue:
    """Receive the dossier, with a request for what is missing or without, or refuse it.

    On an error everything typed comes back with what to mend.
    """
    session = database().session()
    form = IntakeForm(request.form)
    is_refusal = request.form.get("act") == "refuse"
    if not form.validate():
        return _page(session, form, request.form), 422
    try:
        late = _late(session)
        if late is not None:
            return _enter_late(session, late, form, is_refusal)
        dossier = _take_in(session, form, is_refusal)
        session.commit()
    except UserError as error:
        session.rollback()
        form = IntakeForm(request.form)
        form.validate()
        return _page(session, form, request.form, errors=form.blame(error, request.form.get("act", ""))), error.status
    return redirect(url_for("handover.show_receipt", public_id=dossier.public_id), 303)


def _enter_late(session: Session, late: LateEntry, form: IntakeForm, is_refusal: bool) -> ResponseReturnValue:
    """Keep what was received on an emergency receipt, for a second person to confirm."""
    if is_refusal:
        raise LateRefusalError
    procedure_id = form.procedure.data.id if form.procedure.data else None
    quote, _problem = read_quote(session, own_counter(session), procedure_id, request.form, late.happened_at)
    intake = form.intake(quote, request.form)
    enter_intake(session, late, intake=intake, at=request_time(), intake_key=form.nonce.data or "")
    session.commit()
    flash(gettext("The entry waits for a second person, who confirms it with a sign-in of their own."), "success")
    return redirect(url_for("late.show", public_id=late.public_id), 303)


def _take_in(session: Session, form: IntakeForm, is_refusal: bool) -> Dossier:
    """Carry the intake out and end the dealing with it; the same form again changes nothing."""
    at = request_time()
    counter = own_counter(session)
    procedure_id = form.procedure.data.id if form.procedure.data else None
    quote, _problem = read_quote(session, counter, procedure_id, request.form, at)
    intake = form.intake(quote, request.form)
    facts = {"intake": intake, "counter": counter, "at": at, "nonce": form.nonce.data}
    kind = TransactionKind.REFUSAL if is_refusal else TransactionKind.INTAKE
    dealing = read_desk(session).dealing
    is_training = dealing is not None and dealing.is_training
    if is_refusal:
        dossier = refuse_at_intake(session, **facts, reason=form.reason.data or "", is_training=is_training)
    elif request.form.get("act") == "supplement":
        dossier = receive_dossier(
            session, **{**facts, "intake": replace(intake, accepts_missing_papers=True)}, is_training=is_training
        )
        if dossier.state is DossierState.ACCEPTED:  # not the repetition of a form that was already carried out
            request_supplement(session, dossier, reason=form.missing.data or "", at=at)
    else:
        dossier = receive_dossier(session, **facts, is_training=is_training)
    attach_scans(session, dossier, intake_key=form.nonce.data or "")
    if dossier.received_at == at:  # not the repetition of a form that was already carried out
        dealing = dealing or dealing_for(session, kind)
        finish_transaction(session, transaction=dealing, dossier=dossier, kind=kind, at=at)
    return dossier
