"""The clerk's counter: call the next visitor, begin and end dealings, find a dossier by its code."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from admin_views.navigation import MenuItem
from models.base import Choice, _
from models.dossier import Dossier
from models.organisation import Counter, Department
from models.procedure import Procedure
from models.states import DeliveryState
from models.visit import Presence, Transaction, TransactionKind, Visit
from services.errors import UserError
from services.localtime import local_date
from services.prints import printed_keys
from services.scanned_codes import read_scan
from services.slips.typesetting import Form
from services.visits import (
    admit_walk_in,
    call_next,
    count_waiting,
    find_current_visit,
    find_open_transactions,
    finish_transaction,
    leave,
    open_transaction,
    register_visit,
)
from services.waiting_results import find_ready_by_number
from web.access import current_actor, permitted
from web.clock import request_time
from web.database import database
from web.forms import clean

bp = Blueprint("hall", __name__, url_prefix="/counter")

MENU = [
    MenuItem(
        group=_("Work"), label=_("My counter"), endpoint="hall.desk", icon="window", permission=("dossier", "receive")
    )
]

RECENT_DOSSIERS = 8

C = TypeVar("C", bound=Choice)


class NoCounterError(UserError):
    message = _("Choose the counter you serve at first.")
    status = 409


@dataclass(frozen=True, slots=True)
class Desk:
    """What a counter looks like at this moment."""

    counter: Counter
    visit: Visit | None
    dealing: Transaction | None
    waiting: int


def own_counter(session: Session) -> Counter:
    """Return the counter the actor has taken, with site and department. Raises: NoCounterError."""
    counter_id = current_actor().counter_id
    if counter_id is None:
        raise NoCounterError
    options = (joinedload(Counter.site), joinedload(Counter.department))
    return session.get_one(Counter, counter_id, options=options)


def read_desk(session: Session) -> Desk:
    """Return the state of the actor's counter. Raises: NoCounterError."""
    counter = own_counter(session)
    open_dealings = find_open_transactions(session, counter)
    return Desk(
        counter=counter,
        visit=find_current_visit(session, counter),
        dealing=open_dealings[0] if open_dealings else None,
        waiting=count_waiting(session, counter, request_time()),
    )


def dealing_for(session: Session, kind: TransactionKind) -> Transaction:
    """Return the dealing open at the counter, or begin one of ``kind`` with whoever stands there."""
    desk = read_desk(session)
    if desk.dealing is not None:
        return desk.dealing
    return begin_at_counter(session, desk.counter, kind)


def begin_at_counter(
    session: Session, counter: Counter, kind: TransactionKind, *, is_training: bool = False
) -> Transaction:
    """Begin a dealing with the visitor at the counter; who came without a ticket gets one now.

    ``is_training`` says that nobody real stands there: then all of the visit is training.
    """
    at = request_time()
    visit = find_current_visit(session, counter) or admit_walk_in(
        session, counter=counter, at=at, is_training=is_training
    )
    return open_transaction(session, kind=kind, counter=counter, visit=visit, at=at)


def chosen(values: Mapping[str, str], name: str) -> int | None:
    """Return the key a select or hidden field holds, None where it is no key."""
    text = values.get(name, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None


def chosen_procedure(session: Session, values: Mapping[str, str]) -> int | None:
    """Return the key of the procedure that was chosen, None for one that does not exist."""
    key = chosen(values, "procedure")
    return key if key is not None and session.get(Procedure, key) is not None else None


@bp.get("/")
@permitted("dossier", "receive")
def desk() -> ResponseReturnValue:
    """Show the visitor at the counter, what can be done, and the dossiers of the day."""
    session = database().session()
    if current_actor().counter_id is None:
        return redirect(url_for("counter_desk.choose_counter", next=url_for("hall.desk")))
    desk = read_desk(session)
    departments = session.scalars(
        select(Department).join(Counter, Counter.department_id == Department.id)
        .where(Counter.site_id == desk.counter.site_id, Counter.is_active).distinct().order_by(Department.name_sort)
    ).all()  # fmt: skip
    recent = _recent(session, desk.counter)
    return render_template(
        "counter/desk.html",
        desk=desk,
        departments=departments,
        recent=recent,
        printed=printed_keys(session, recent, Form.RECEIPT),
        now=request_time(),
    )


def _recent(session: Session, counter: Counter) -> list[Dossier]:
    return list(
        session.scalars(
            select(Dossier)
            .where(Dossier.counter_id == counter.id)
            .options(joinedload(Dossier.procedure))
            .order_by(Dossier.received_at.desc(), Dossier.id.desc())
            .limit(RECENT_DOSSIERS)
        )
    )


@bp.post("/call")
@permitted("visit", "call")
def call() -> ResponseReturnValue:
    """Call the visitor who has waited longest."""
    session = database().session()
    visit = call_next(session, counter=own_counter(session), at=request_time())
    session.commit()
    if visit is None:
        flash(gettext("Nobody is waiting for this counter."), "info")
    return redirect(url_for("hall.desk"), 303)


@bp.post("/visits")
@permitted("visit", "register")
def register() -> ResponseReturnValue:
    """Give a ticket to somebody who has none."""
    session = database().session()
    counter = own_counter(session)
    department_id = chosen(request.form, "department_id")
    department = session.get(Department, department_id) if department_id else None
    visit = register_visit(
        session,
        site=counter.site,
        department=department,
        is_training=request.form.get("is_training") == "1",
        at=request_time(),
    )
    session.commit()
    flash(gettext("Ticket %(number)s is given.", number=visit), "success")
    return redirect(url_for("hall.desk"), 303)


@bp.post("/visits/leave")
@permitted("visit", "call")
def leave_visit() -> ResponseReturnValue:
    """Record that the visitor has gone."""
    session = database().session()
    visit = find_current_visit(session, own_counter(session))
    if visit is not None:
        leave(session, visit=visit, at=request_time())
    session.commit()
    return redirect(url_for("hall.desk"), 303)


_NEXT_PAGE = {TransactionKind.INTAKE: "intake.show_form"}


@bp.post("/dealings")
@permitted("visit_transaction", "serve")
def begin_dealing() -> ResponseReturnValue:
    """Begin a dealing with the visitor, or without one for what came by post or telephone."""
    session = database().session()
    counter = own_counter(session)
    kind = _member(TransactionKind, request.form.get("kind"), TransactionKind.COUNSELLING)
    presence = _member(Presence, request.form.get("presence"), Presence.COUNTER)
    if presence is Presence.COUNTER:
        begin_at_counter(session, counter, kind, is_training=request.form.get("is_training") == "1")
    else:
        open_transaction(session, kind=kind, counter=counter, presence=presence, at=request_time())
    session.commit()
    arguments: dict[str, Any] = {"same_as": request.form["same_as"]} if request.form.get("same_as") else {}
    return redirect(url_for(_NEXT_PAGE.get(kind, "hall.desk"), **arguments), 303)


@bp.post("/dealings/finish")
@permitted("visit_transaction", "serve")
def finish_dealing() -> ResponseReturnValue:
    """End the open dealing as what it was; an intake that came to nothing was counselling."""
    session = database().session()
    dealing = read_desk(session).dealing
    if dealing is not None:
        kind = TransactionKind.COUNSELLING if dealing.kind is TransactionKind.INTAKE else dealing.kind
        finish_transaction(
            session,
            transaction=dealing,
            kind=kind,
            procedure_id=chosen_procedure(session, request.form),
            note=clean(request.form.get("note")) or "",
            at=request_time(),
        )
    session.commit()
    return redirect(url_for("hall.desk"), 303)


def _member(choice: type[C], value: str | None, default: C) -> C:
    if value is None:
        return default
    try:
        return choice(value)
    except ValueError:
        abort(422)


@bp.route("/open", methods=["GET", "POST"])
@permitted("dossier", "read")
def open_dossier() -> ResponseReturnValue:
    """Lead from a scan to the dossier: a code, an earlier code, the address on a slip; or a person's number.

    The box sends a POST, so that no number of a person stands in an address.
    """
    session = database().session()
    text = request.values.get("code", "").strip()
    scan = read_scan(text)
    found = find_ready_by_number(session, scan.number) if scan.number else []
    if found:
        return redirect(url_for("handover.show_dossier", public_id=found[0].public_id), 303)
    found = list(session.scalars(select(Dossier).where(scan.condition()).limit(2))) or _of_today(session, text)
    if len(found) == 1:
        return redirect(url_for("handover.show_dossier", public_id=found[0].public_id), 303)
    return render_template("counter/not_found.html", code=text, found=found, is_person=bool(scan.number)), 404


def _of_today(session: Session, text: str) -> list[Dossier]:
    """Find by the last digits of a code: those of today first, else of any day that still waits for its return."""
    if not text.isdigit() or not 1 <= len(text) <= 7:
        return []
    counter = own_counter(session)
    today = f"{counter.site.unit_code}-{local_date(request_time()):%y%m%d}-{int(text):04d}"
    found = session.scalars(select(Dossier).where(Dossier.code == today)).all()
    if found:
        return list(found)
    return list(
        session.scalars(
            select(Dossier)
            .where(
                Dossier.site_id == counter.site_id,
                Dossier.delivery_state == DeliveryState.READY,
                Dossier.code.endswith(f"-{int(text):04d}"),
            )
            .order_by(Dossier.received_at.desc())
            .limit(20)
        )
    )
