"""One dossier at the counter: its receipt, what is due next, every result of its person handed over."""

import secrets
from datetime import datetime

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload, selectinload

from admin_views.counter import dealing_for, read_desk
from admin_views.handover_form import ReturnForm, first_values
from admin_views.payment import payment_of
from admin_views.scans import scans_of
from models.dossier import Dossier, DossierEvent
from models.result import Result
from models.states import DeliveryState, DossierState, ReturnMethod
from models.visit import Presence, TransactionKind
from services.audit import record_read
from services.dossier_moves import POSSIBLE, DossierAnnulledError
from services.dossier_return import find_in_post, results_still_out
from services.dossiers import (
    Chosen,
    collect_results,
    confirm_delivery,
    current_result,
    fail_delivery,
    post_result,
    receive_supplement,
    send_result,
)
from services.errors import UserError
from services.idempotency import once, record_answer
from services.prints import list_prints
from services.session import may
from services.slips.typesetting import Form
from services.visits import find_open_transactions, finish_transaction, open_transaction
from services.waiting_results import MOST_OF_ONE_PERSON, find_ready_of
from web.access import current_actor, permitted
from web.clock import request_time
from web.database import database
from web.forms import clean

bp = Blueprint("handover", __name__, url_prefix="/counter/dossiers")


def find_dossier(session: Session, public_id: str) -> Dossier:
    """Return a dossier the actor may see, with what its page shows; 404 otherwise. The reading is audited."""
    dossier = session.scalars(
        select(Dossier)
        .where(Dossier.public_id == public_id)
        .options(
            joinedload(Dossier.procedure),
            joinedload(Dossier.procedure_case),
            joinedload(Dossier.department),
            joinedload(Dossier.received_by),
            joinedload(Dossier.responsible),
            joinedload(Dossier.site),
            selectinload(Dossier.documents),
            selectinload(Dossier.results).selectinload(Result.returns),
            selectinload(Dossier.events).joinedload(DossierEvent.staff),
        )
    ).one_or_none()
    if dossier is None:
        abort(404)
    return dossier


@bp.get("/<public_id>")
@permitted("dossier", "read")
def show_dossier(public_id: str) -> str:
    """Show a dossier as the counter needs it: whose it is, where it stands, what can be done now."""
    session = database().session()
    dossier = find_dossier(session, public_id)
    record_read(session, dossier, "counter")
    return _page(session, dossier, ReturnForm(data=first_values(dossier, secrets.token_urlsafe(16))))


def sees_personal() -> bool:
    """Return whether the actor may read the fields of dossiers that need a level."""
    permit = current_actor().permit("dossier", "read")
    return permit is not None and permit.level >= 1


def _page(session: Session, dossier: Dossier, form: ReturnForm, errors: tuple[str, ...] = ()) -> str:
    can_return = dossier.state is DossierState.DECIDED and may(session, "dossier", "return", dossier)
    ready = find_ready_of(session, dossier) if can_return else []
    for other in ready:
        if other.id != dossier.id:
            record_read(session, other, "ready results of one person")
    chosen = set(request.form.getlist("result")) or {each.public_id for each in ready}
    return render_template(
        "counter/dossier.html",
        desk=read_desk(session) if current_actor().counter_id is not None else None,
        dossier=dossier,
        ready=ready,
        chosen=chosen,
        still_out=results_still_out(session, ready) if ready else [],
        in_post=find_in_post(session, dossier) if dossier.delivery_state is DeliveryState.IN_POST else None,
        result=current_result(session, dossier),
        form=form,
        errors=errors,
        can_return=can_return and dossier.delivery_state is DeliveryState.READY,
        can_confirm=can_return and dossier.delivery_state is DeliveryState.IN_POST,
        can_take_papers=dossier.state is DossierState.SUPPLEMENT and may(session, "dossier", "supplement", dossier),
        what_now=gettext(DossierAnnulledError.message if dossier.annulled_at else POSSIBLE[dossier.state]),
        sees_personal=sees_personal(),
        now=request_time(),
        **scans_of(session, dossier),
        **payment_of(session, dossier),
    )


@bp.get("/<public_id>/receipt")
@permitted("dossier", "read")
def show_receipt(public_id: str) -> str:
    """Show what was just saved, with what a clerk does next."""
    session = database().session()
    dossier = find_dossier(session, public_id)
    record_read(session, dossier, "receipt")
    return render_template(
        "counter/receipt.html",
        desk=read_desk(session),
        dossier=dossier,
        prints=[done for done in list_prints(session, dossier) if done.form in (Form.RECEIPT, Form.REFUSAL)],
        now=request_time(),
        **payment_of(session, dossier),
    )


@bp.post("/<public_id>/return")
@permitted("dossier", "return")
def hand_over(public_id: str) -> ResponseReturnValue:
    """Hand the ticked results over and end the dealing with it."""
    session = database().session()
    dossier = find_dossier(session, public_id)
    form = ReturnForm(request.form)
    if not form.validate():
        return _page(session, dossier, form), 422
    try:
        done = _hand_over(session, dossier, form)
        session.commit()
    except UserError as error:
        session.rollback()
        form = ReturnForm(request.form)
        form.validate()
        errors = form.blame(error)
        return _page(session, find_dossier(session, public_id), form, errors), error.status
    if done is not None:
        return redirect(url_for("collections.show", public_id=done), 303)
    flash(gettext("The result of %(code)s is handed over.", code=dossier.code), "success")
    return redirect(url_for("hall.desk"), 303)


def _hand_over(session: Session, dossier: Dossier, form: ReturnForm) -> str | None:
    """Return the public id of the hand-over to a person; None for one by post or online."""
    at = request_time()
    method = ReturnMethod(form.method.data)
    if method is ReturnMethod.COUNTER:
        return _collect(session, dossier, form, at)
    if method is ReturnMethod.POST:
        post_result(session, dossier, parcel=form.parcel(), row_version=_version_of(dossier), at=at)
    else:
        send_result(session, dossier, row_version=_version_of(dossier), at=at)
    _record_remote(session, dossier, Presence.POST if method is ReturnMethod.POST else Presence.ONLINE)
    return None


def _collect(session: Session, dossier: Dossier, form: ReturnForm, at: datetime) -> str:
    """Hand everything that is ticked to one person, as one dealing; the same form again changes nothing."""
    wanted = request.form.getlist("result") if "listed" in request.form else [dossier.public_id]
    body = {"collector": repr(form.collector()), "results": sorted(wanted)}
    nonce = f"{current_actor().user_id}:{form.nonce.data}" if form.nonce.data else None
    answer = once(session, scope="dossier.collect", key=nonce, body=body, at=at) if nonce else None
    if answer is not None:
        return answer["public_id"]
    found = session.scalars(select(Dossier).where(Dossier.public_id.in_(wanted[:MOST_OF_ONE_PERSON]))).all()
    chosen = [Chosen(each, _version_of(each)) for each in sorted(found, key=lambda each: wanted.index(each.public_id))]
    collection = collect_results(session, chosen, collector=form.collector(), at=at)
    dealing = dealing_for(session, TransactionKind.RETURN)
    finish_transaction(session, transaction=dealing, dossier=chosen[0].dossier, kind=TransactionKind.RETURN, at=at)
    if nonce:
        record_answer(session, scope="dossier.collect", key=nonce, answer={"public_id": collection.public_id})
    return collection.public_id


def _version_of(dossier: Dossier) -> int | None:
    return request.form.get(f"version-{dossier.public_id}", type=int)


def _record_remote(session: Session, dossier: Dossier, presence: Presence) -> None:
    """Record a dealing without a visitor, unless the clerk has one with somebody else open just now."""
    at, desk = request_time(), read_desk(session)
    if not find_open_transactions(session, desk.counter):
        dealing = open_transaction(
            session, kind=TransactionKind.RETURN, counter=desk.counter, presence=presence, dossier=dossier, at=at
        )
        finish_transaction(session, transaction=dealing, dossier=dossier, at=at)


def _row_version() -> int | None:
    return request.form.get("row_version", type=int)


@bp.post("/<public_id>/supplement")
@permitted("dossier", "supplement")
def take_papers(public_id: str) -> ResponseReturnValue:
    """Record that the missing papers were brought, and end the dealing with it."""
    session = database().session()
    dossier = find_dossier(session, public_id)
    at = request_time()
    receive_supplement(session, dossier, note=clean(request.form.get("note")), row_version=_row_version(), at=at)
    dealing = dealing_for(session, TransactionKind.SUPPLEMENT)
    finish_transaction(session, transaction=dealing, dossier=dossier, kind=TransactionKind.SUPPLEMENT, at=at)
    session.commit()
    flash(gettext("The papers for %(code)s are recorded; its time goes on.", code=dossier.code), "success")
    return redirect(url_for("handover.show_dossier", public_id=public_id), 303)


@bp.post("/<public_id>/delivery")
@permitted("dossier", "return")
def record_delivery(public_id: str) -> ResponseReturnValue:
    """Record what the post reports: delivered, or not and why."""
    session = database().session()
    dossier = find_dossier(session, public_id)
    if request.form.get("outcome") == "failed":
        reason = clean(request.form.get("reason")) or ""
        fail_delivery(session, dossier, reason=reason, row_version=_row_version(), at=request_time())
        message = gettext("The result of %(code)s waits at the counter again.", code=dossier.code)
    else:
        confirm_delivery(session, dossier, row_version=_row_version(), at=request_time())
        message = gettext("The result of %(code)s is delivered.", code=dossier.code)
    session.commit()
    flash(message, "success")
    return redirect(url_for("handover.show_dossier", public_id=public_id), 303)
