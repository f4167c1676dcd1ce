"""One act on many dossiers of the list of work: choose, look at what will happen, do it; and a department's load."""

from datetime import datetime
from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, ngettext
from sqlalchemy import select
from sqlalchemy.orm import Session

from models.base import _
from models.dossier import Dossier
from models.organisation import Department
from models.process import ProcessStep, ProcessTransition, StepTask, TransitionKind
from models.staff import Staff
from services.errors import UserError
from services.many import ACTS, MOST_ROWS, NothingChosenError, TooManyError, Wish, do_many
from services.session import require
from services.steps import is_of
from services.work import hand_over_work, list_loads, share_out
from web.access import current_actor, permitted
from web.clock import request_time
from web.database import database
from web.forms import clean

bp = Blueprint("many", __name__, url_prefix="/work")

LABELS = {
    "take": _("Take the work"),
    "assign": _("Give to somebody"),
    "release": _("Give back to the department"),
    "pass": _("Pass on"),
    "approve": _("Approve with a result"),
}


@bp.post("/many/preview")
@permitted("dossier", "start")
def preview() -> ResponseReturnValue:
    """Show what an act would do with each chosen dossier, without doing it."""
    session = database().session()
    seen = dict.fromkeys(_chosen_keys(session))
    try:
        return _page(session, _wish(session), seen, is_preview=True)
    except (NothingChosenError, TooManyError) as error:
        session.rollback()
        flash(gettext(error.message_id, **error.values), "error")
        return redirect(url_for("work.show", heap=request.form.get("heap", "")), 303)


@bp.post("/many/do")
@permitted("dossier", "start")
def carry_out() -> ResponseReturnValue:
    """Do it, and show what became of each."""
    session = database().session()
    seen = {key: _version(key) for key in _chosen_keys(session)}
    try:
        return _page(session, _wish(session), seen, is_preview=False)
    except (NothingChosenError, TooManyError) as error:
        session.rollback()
        flash(gettext(error.message_id, **error.values), "error")
        return redirect(url_for("work.show"), 303)


def _page(session: Session, wish: Wish, seen: dict[int, int | None], *, is_preview: bool) -> str:
    now = request_time()
    results = do_many(session, wish, seen, at=now, is_preview=is_preview)
    rows = [
        {
            "result": result,
            "code": result.dossier.code,
            "error": gettext(result.error.message_id, **result.error.values) if result.error is not None else "",
        }
        for result in results
    ]
    page = render_template(
        "work/many.html",
        wish=wish,
        label=gettext(LABELS[wish.act]),
        rows=rows,
        good=sum(not row["error"] for row in rows),
        is_preview=is_preview,
        ways=_possible_ways(session, list(seen)) if wish.act == "pass" else [],
        people=_people(session, list(seen)) if wish.act in ("assign", "pass") else [],
        heap=request.form.get("heap", ""),
        now=now,
    )
    if is_preview:
        session.rollback()
    else:
        session.commit()
    return page


def _chosen_keys(session: Session) -> list[int]:
    """Return the chosen dossiers that the actor may see; others are as if they did not exist."""
    keys = {int(key) for key in request.form.getlist("key") if key.isascii() and key.isdigit() and len(key) < 19}
    return list(session.scalars(select(Dossier.id).where(Dossier.id.in_(sorted(keys)[: MOST_ROWS + 1]))))


def _version(key: int) -> int | None:
    return request.form.get(f"version-{key}", type=int)


def _wish(session: Session) -> Wish:
    act = request.form.get("act", "")
    if act not in ACTS:
        abort(400)
    key = request.form.get("assignee", "")
    person = session.get(Staff, int(key)) if key.isascii() and key.isdigit() and len(key) < 19 else None
    way = request.form.get("way", "")[:40]
    if act == "pass" and not way:
        ways = _possible_ways(session, _chosen_keys(session))
        way = ways[0].code if ways else ""
    return Wish(act=act, way=way, reason=clean(request.form.get("reason")), assignee=person)


def _possible_ways(session: Session, keys: list[int]) -> list[ProcessTransition]:
    """Return the ways on, other than results, from any step of the chosen dossiers, each code once."""
    ways = session.scalars(
        select(ProcessTransition)
        .join(
            ProcessStep,
            (ProcessStep.version_id == ProcessTransition.version_id)
            & (ProcessStep.code == ProcessTransition.from_code),
        )
        .join(StepTask, (StepTask.step_id == ProcessStep.id) & StepTask.ended_at.is_(None))
        .where(StepTask.dossier_id.in_(keys[:MOST_ROWS]), ProcessTransition.kind != TransitionKind.FINISH)
        .order_by(ProcessTransition.position)
    )
    return list({way.code: way for way in ways}.values())


def _people(session: Session, keys: list[int]) -> list[Any]:
    departments = select(StepTask.department_id).where(
        StepTask.dossier_id.in_(keys[:MOST_ROWS]), StepTask.ended_at.is_(None)
    )
    statement = select(Staff.id, Staff.full_name).where(Staff.department_id.in_(departments), Staff.is_active)
    return list(session.execute(statement.order_by(Staff.name_sort).limit(300)))


@bp.get("/loads")
@permitted("dossier", "start")
def show_loads() -> str:
    """Show how much each person of a department has to do."""
    session = database().session()
    department = _department(session)
    return _loads_page(session, department)


@bp.post("/loads")
@permitted("dossier", "start")
def hand_over() -> ResponseReturnValue:
    """Give open work of one person to another, all of it or so much."""
    session = database().session()
    department = _department(session)
    leaver, successor = (_staff(session, name, department) for name in ("leaver", "successor"))
    if leaver is None or successor is None:
        return _loads_page(session, department, gettext("Choose who hands over and who gets the work.")), 422
    most = min(max(request.form.get("most", MOST_ROWS, type=int), 1), MOST_ROWS)
    try:
        given = hand_over_work(session, leaver=leaver, successor=successor, at=request_time(), limit=most)
        session.commit()
    except UserError as error:
        session.rollback()
        return _loads_page(session, _department(session), gettext(error.message_id, **error.values)), error.status
    flash(
        ngettext(
            "%(num)s dossier went from %(leaver)s to %(successor)s.",
            "%(num)s dossiers went from %(leaver)s to %(successor)s.",
            len(given),
            leaver=leaver.full_name,
            successor=successor.full_name,
        ),
        "success",
    )
    return redirect(url_for(".show_loads", department=department.id if department else None), 303)


@bp.post("/loads/share")
@permitted("dossier", "start")
def share() -> ResponseReturnValue:
    """Give what nobody has taken to who has least."""
    session = database().session()
    department = _department(session)
    if department is None:
        abort(404)
    try:
        given = share_out(session, department_id=department.id, at=request_time(), limit=MOST_ROWS)
        session.commit()
    except UserError as error:
        session.rollback()
        return _loads_page(session, _department(session), gettext(error.message_id, **error.values)), error.status
    told = ngettext("%(num)s dossier was shared out.", "%(num)s dossiers were shared out.", len(given))
    flash(told, "success" if given else "info")
    return redirect(url_for(".show_loads", department=department.id), 303)


def _loads_page(session: Session, department: Department | None, error: str = "") -> str:
    now: datetime = request_time()
    loads = list_loads(session, department_id=department.id, at=now) if department is not None else []
    return render_template(
        "work/loads.html",
        department=department,
        departments=_departments(session),
        loads=loads,
        most=max((load.open for load in loads), default=0) or 1,
        error=error,
        now=now,
    )


def _departments(session: Session) -> list[Department]:
    actor = current_actor()
    within = actor.department_ids | actor.tree_ids
    statement = select(Department).order_by(Department.name_sort).limit(300)
    return list(session.scalars(statement.where(Department.id.in_(within)) if within else statement))


def _department(session: Session) -> Department | None:
    """Return the department asked for, where the actor's right reaches it; by default their own or the first."""
    asked = request.values.get("department", type=int)
    offered = _departments(session)
    if asked is not None:
        found = next((department for department in offered if department.id == asked), None)
        if found is None or not is_of(session, found.id, "start"):
            abort(404)
        return found
    own = current_actor().department_ids
    return next((department for department in offered if department.id in own), offered[0] if offered else None)


def _staff(session: Session, name: str, department: Department | None) -> Staff | None:
    key = request.form.get(name, type=int)
    if key is None or department is None or key >= 2**63:
        return None
    require(session, "dossier", "start")
    return session.scalar(select(Staff).where(Staff.id == key, Staff.department_id == department.id))
