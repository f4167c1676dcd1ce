"""The page on which a hand-over list is filled, sent, printed, and scanned in where it arrives."""

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from sqlalchemy import select
from sqlalchemy.orm import Session

from admin_views.verbs import ListVerb, Verb, offer
from models.base import _
from models.handover_list import HandoverList, HandoverState
from models.ids import opaque_token
from models.organisation import Department
from services import handover_lists
from services.errors import UserError
from services.idempotency import once, record_answer
from services.session import may
from web.access import current_actor, permitted
from web.clock import request_time
from web.database import database
from web.forms import clean

bp = Blueprint("handover_lists", __name__, url_prefix="/handover-lists")


def _find(key: int) -> HandoverList:
    handover = database().session().get(HandoverList, key)
    if handover is None or not may(database().session(), "handover_list", "read", handover):
        abort(404)
    return handover


@bp.route("/new", methods=["GET", "POST"])
@permitted("handover_list", "carry")
def begin() -> ResponseReturnValue:
    """Choose where the papers go, and begin the list."""
    session = database().session()
    error, status = "", 200
    if request.method == "POST":
        try:
            return redirect(url_for(".scan", id=_begin(session)), 303)
        except UserError as refused:
            session.rollback()
            error, status = gettext(refused.message_id, **refused.values), refused.status
    actor = current_actor()
    own = session.scalars(
        select(Department)
        .where(Department.id.in_(actor.department_ids | actor.tree_ids))
        .order_by(Department.name_sort)
        .limit(100)
    ).all()
    others = session.scalars(
        select(Department).where(Department.valid_to_date.is_(None)).order_by(Department.name_sort).limit(500)
    ).all()
    page = render_template(
        "work/handover_new.html",
        own=own,
        others=others,
        own_ids=actor.department_ids,
        target=request.form.get("target", ""),
        nonce=opaque_token(),
        error=error,
    )
    return page, status


def _begin(session: Session) -> int:
    """Begin a list and return its key; the same form sent twice begins one."""
    sender, target = (_department(session, name) for name in ("sender", "target"))
    if sender is None:
        abort(400)
    now, nonce = request_time(), request.form.get("nonce", "")[:80] or opaque_token()
    scope = f"handover_list:{current_actor().user_id}"
    body = {"sender": sender.id, "target": target.id if target is not None else None}
    answer = once(session, scope=scope, key=nonce, body=body, at=now)
    if answer is not None:
        return int(answer["id"])
    handover = handover_lists.begin_list(session, from_department=sender, to_department=target, at=now)
    record_answer(session, scope=scope, key=nonce, answer={"id": handover.id})
    session.commit()
    return handover.id


def _department(session: Session, name: str) -> Department | None:
    key = request.form.get(name, type=int)
    return session.get(Department, key) if key is not None and 0 < key < 2**63 else None


@bp.get("/<int:id>")
@permitted("handover_list", "carry")
def scan(id: int) -> str:  # noqa: A002 -- the argument of every verb's address
    """Show the list with the box that takes scans."""
    return _page(_find(id))


@bp.post("/<int:id>")
@permitted("handover_list", "carry")
def take_scan(id: int) -> ResponseReturnValue:  # noqa: A002 -- the argument of every verb's address
    """Put a scanned dossier on the list, or mark it as arrived; send, take over, take off."""
    session, handover, now = database().session(), _find(id), request_time()
    code, act = clean(request.form.get("code")) or "", request.form.get("act", "scan")
    try:
        if act == "send":
            handover_lists.send_list(session, handover, at=now)
        elif act == "finish":
            handover_lists.finish_list(session, handover, at=now)
        elif act == "remove":
            key = request.form.get("dossier", 0, type=int)
            handover_lists.remove_dossier(session, handover, dossier_id=min(key, 2**63 - 1))
        elif handover.state is HandoverState.OPEN:
            handover_lists.add_dossier(session, handover, code=code, at=now)
        else:
            remark = clean(request.form.get("remark"))
            handover_lists.receive_dossier(session, handover, code=code, remark=remark, at=now)
        session.commit()
    except UserError as error:
        session.rollback()
        return _page(_find(id), gettext(error.message_id, **error.values), code), error.status
    if act in ("send", "finish"):
        flash(gettext("The list %(number)s is recorded.", number=handover.number), "success")
    return redirect(url_for(".scan", id=id), 303)


def _page(handover: HandoverList, error: str = "", code: str = "") -> str:
    actor = current_actor()
    ours = actor.department_ids | actor.tree_ids
    items = handover_lists.list_items(database().session(), handover)
    return render_template(
        "work/handover.html",
        handover=handover,
        items=items,
        fills=handover.state is HandoverState.OPEN and handover.from_department_id in ours,
        takes=handover.state is HandoverState.SENT and handover.to_department_id in ours,
        arrived=sum(item.received_at is not None for item in items),
        error=error,
        code=code,
    )


@bp.get("/<int:id>/print")
@permitted("handover_list", "carry")
def print_list(id: int) -> str:  # noqa: A002 -- the argument of every verb's address
    """Show the list as it is printed and signed at both ends."""
    handover = _find(id)
    items = handover_lists.list_items(database().session(), handover)
    return render_template("work/handover_print.html", handover=handover, items=items, now=request_time())


offer(
    "handover_list",
    ListVerb(
        action="carry", label=_("New hand-over list"), endpoint="handover_lists.begin", icon="plus-lg", is_primary=True
    ),
    Verb(action="carry", label=_("Scan"), endpoint="handover_lists.scan", icon="upc-scan", is_primary=True),
    Verb(action="carry", label=_("Print"), endpoint="handover_lists.print_list", icon="printer"),
)
