"""Acts along a dossier's process: pass it on, give it back, ask another department, lend it to another agency."""

from datetime import datetime
from typing import Any

from flask import Blueprint, url_for
from sqlalchemy import select
from sqlalchemy.orm import Session
from wtforms import DateField, SelectField, TextAreaField
from wtforms.validators import Length, Optional

from admin_views.dossier_acts import STOPPABLE, Act, ActForm, act_verb, add_act
from admin_views.verbs import offer
from models.base import _
from models.dossier import Dossier
from models.organisation import Department
from models.process import ProcessTransition
from models.staff import Staff
from models.states import DossierState
from services import consultations, work
from services.steps import department_of, find_place
from web.database import database
from web.forms import LookupField, clean
from web.texts import lazy_gettext as _l

bp = Blueprint("dossier_steps", __name__, url_prefix="/work/dossiers")

S = DossierState


def _find_department(key: int) -> Department | None:
    return database().session().get(Department, key)


def _departments_address() -> str:
    return url_for("department.lookup_view")


class PassForm(ActForm):
    """Which way the dossier goes on, with what opinion, to whom."""

    way = SelectField(_l("Next step"), validate_choice=False)
    opinion = TextAreaField(
        _l("Opinion or reason"),
        [Length(max=4000)],
        description=_l("It goes along with the dossier; a way back needs it."),
    )
    assignee = SelectField(_l("To whom"), validate_choice=False, description=_l("Empty: whoever takes it there."))


class OtherForm(ActForm):
    """What another department is asked, by when."""

    department = LookupField(_l("Department"), [Optional()], find=_find_department, address=_departments_address)
    question = TextAreaField(_l("Question"), [Length(max=4000)])
    purpose = TextAreaField(_l("What for"), [Length(max=4000)])
    by_date = DateField(_l("Needed by"), [Optional()])


def _ways(session: Session, dossier: Dossier) -> list[ProcessTransition]:
    return list(work.ways_on(session, dossier))


def _prepare_ways(session: Session, dossier: Dossier, form: PassForm) -> None:
    place = find_place(session, dossier)
    ways = _ways(session, dossier) if place is not None else []
    form.way.choices = [(way.code, way.name) for way in ways]
    departments = {department_of(session, dossier, place.target(way)) for way in ways} if place is not None else set()
    people = session.execute(
        select(Staff.id, Staff.full_name, Department.name)
        .join(Department, Department.id == Staff.department_id)
        .where(Staff.department_id.in_(departments), Staff.is_active)
        .order_by(Department.name, Staff.name_sort)
    ).all()
    names = [(str(key), f"{name} · {department}" if len(departments) > 1 else name) for key, name, department in people]
    form.assignee.choices = [("", "–"), *names]


def _staff(session: Session, key: str | None) -> Staff | None:
    return session.get(Staff, int(key)) if key and key.isascii() and key.isdigit() and len(key) < 19 else None


def _pass(session: Session, dossier: Dossier, form: PassForm, version: int | None, at: datetime) -> Any:
    return work.take_way(
        session,
        dossier,
        code=form.way.data or "",
        reason=clean(form.opinion.data),
        assignee=_staff(session, form.assignee.data),
        row_version=version,
        at=at,
    )


def _release(session: Session, dossier: Dossier, form: ActForm, version: int | None, at: datetime) -> Any:
    return work.release_task(session, dossier, row_version=version, at=at)


def _ask(session: Session, dossier: Dossier, form: OtherForm, version: int | None, at: datetime) -> Any:
    return consultations.ask_opinion(
        session,
        dossier,
        department=form.department.data,
        question=clean(form.question.data) or "",
        answer_by_date=form.by_date.data,
        row_version=version,
        at=at,
    )


def _lend(session: Session, dossier: Dossier, form: OtherForm, version: int | None, at: datetime) -> Any:
    return consultations.send_transfer(
        session,
        dossier,
        department=form.department.data,
        reason=clean(form.purpose.data) or "",
        back_by_date=form.by_date.data,
        row_version=version,
        at=at,
    )


def _has_ways(dossier: Dossier) -> bool:
    return bool(_ways(database().session(), dossier))


def _is_carried(dossier: Dossier) -> bool:
    return dossier.step_id is not None


def _is_taken(dossier: Dossier) -> bool:
    place = find_place(database().session(), dossier)
    return place is not None and place.task.assignee_id is not None


STEP_ACTS = (
    Act(
        key="pass", action="start", label=_("Pass on"), icon="arrow-right", run=_pass, states=(S.PROCESSING,),
        form=PassForm, fields=("way", "opinion", "assignee"), prepare=_prepare_ways, is_there=_has_ways, has_next=True,
        done=_("%(code)s is passed on."),
    ),
    Act(
        key="release", action="start", label=_("Give back to the department"), icon="inbox", run=_release,
        states=(S.PROCESSING,), is_there=_is_taken, has_next=True,
        help=_("Anybody of the department can take it then."), done=_("%(code)s waits for anybody of the department."),
    ),
    Act(
        key="ask", action="read", label=_("Ask for an opinion"), icon="chat-quote", run=_ask, states=STOPPABLE,
        form=OtherForm, fields=("department", "question", "by_date"), needs=("opinion", "ask"), is_there=_is_carried,
        help=_("The dossier stays where it is, and its clock goes on."), done=_("The opinion on %(code)s is asked."),
    ),
    Act(
        key="lend", action="start", label=_("Send to another agency"), icon="arrow-left-right", run=_lend,
        states=(S.PROCESSING,), form=OtherForm, fields=("department", "purpose", "by_date"), needs=("transfer", "send"),
        is_there=_is_carried, help=_("It is that agency's turn until the dossier comes back."),
        done=_("%(code)s is sent."),
    ),
)  # fmt: skip

for _act in STEP_ACTS:
    add_act(bp, _act)

offer("dossier", *(act_verb(act, "dossier_steps") for act in STEP_ACTS))
