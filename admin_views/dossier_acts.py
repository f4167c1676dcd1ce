"""What can be done with a dossier, as pages of one form each, offered as buttons on its generated screen."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload
from wtforms import DateField, HiddenField, SelectField, StringField, TextAreaField
from wtforms.validators import Length, Optional

from admin_views.verbs import Verb, offer
from models.base import _
from models.dossier import Dossier
from models.staff import Staff
from models.states import DeliveryState, DossierState, ResultKind
from services import dossiers
from services.consultations import DeadlinePastError, OtherDepartmentNeededError
from services.dossier_moves import ReasonMissingError
from services.dossier_work import HELD_STATES, AnswerDatePastError, ForeignResponsibleError, NobodyResponsibleError
from services.errors import UserError
from services.ledger import ExtensionTooShortError
from services.localtime import LOCAL_ZONE
from services.session import may, require
from services.supplements import GroundMissingError, is_further
from services.work import find_next_task
from web.access import current_actor, permitted
from web.clock import request_time
from web.database import database
from web.forms import Form, LocalDateTimeField, clean
from web.texts import lazy_gettext as _l

bp = Blueprint("dossier_acts", __name__, url_prefix="/work/dossiers")

S = DossierState
RUNNING = (S.ACCEPTED, S.PROCESSING)
STOPPABLE = (*RUNNING, S.SUPPLEMENT, S.PAYMENT, S.WITHDRAWAL)


class AppointmentMissingError(UserError):
    message = _("Enter the day and time of the new appointment.")


class ActForm(Form):
    """Every field an act may ask for; each act shows its own."""

    row_version = HiddenField()
    outcome = SelectField(_l("Outcome"), validate_choice=False)
    document_number = StringField(_l("Document number"), [Length(max=100)], render_kw={"autocomplete": "off"})
    document_date = DateField(_l("Document date"), [Optional()])
    responsible = SelectField(_l("Responsible"), validate_choice=False)
    reason = TextAreaField(_l("Reason"), [Length(max=4000)])
    missing = TextAreaField(
        _l("What is missing"), [Length(max=4000)], description=_l("The applicant reads it word for word on the slip.")
    )
    answer_by_date = DateField(_l("To be brought by"), [Optional()])
    ground = TextAreaField(
        _l("Why once more"),
        [Length(max=2000)],
        description=_l("The applicant was asked before, as often as the rules allow. The request is marked."),
    )
    new_due = LocalDateTimeField(_l("New appointment"), [Optional()])
    note = StringField(_l("Note"), [Length(max=1000)], render_kw={"autocomplete": "off"})


_FIELDS_OF_ERROR: Mapping[type[UserError], tuple[str, ...]] = {
    ReasonMissingError: ("reason", "missing", "opinion", "question", "purpose"),
    DeadlinePastError: ("by_date",),
    OtherDepartmentNeededError: ("department",),
    AnswerDatePastError: ("answer_by_date",),
    GroundMissingError: ("ground",),
    AppointmentMissingError: ("new_due",),
    ExtensionTooShortError: ("new_due",),
    NobodyResponsibleError: ("responsible",),
    ForeignResponsibleError: ("responsible", "assignee"),
}


Run = Callable[[Session, Dossier, Any, int | None, datetime], Any]


def _always(dossier: Dossier) -> bool:
    return True


def _is_begun(dossier: Dossier) -> bool:
    """Return whether somebody took the dossier into process before it came to wait."""
    return dossier.state is S.PROCESSING or dossier.state_before is not S.ACCEPTED


@dataclass(frozen=True, kw_only=True, slots=True)
class Act:
    """One verb: the permission it needs, the states it fits, the fields it asks for, the service that does it.

    form, prepare  where it asks for more than the common fields: its form, and what fills its choices
    needs          a right (entity, action) beside the one on the dossier
    is_there       what the state does not say: whether the act makes sense for the dossier at all
    has_next       whether one may go on to one's next task at once
    """

    key: str
    action: str
    label: str
    icon: str
    run: Run
    done: str
    states: tuple[DossierState, ...]
    fields: tuple[str, ...] = ()
    more_fields: Callable[[Session, Dossier], tuple[str, ...]] = lambda session, dossier: ()
    help: str = ""
    is_primary: bool = False
    is_danger: bool = False
    form: type[ActForm] = ActForm
    prepare: Callable[[Session, Dossier, Any], None] | None = None
    needs: tuple[str, str] | None = None
    is_there: Callable[[Dossier], bool] = _always
    has_next: bool = False

    def fits(self, dossier: Dossier) -> bool:
        """Return whether the act makes sense for ``dossier`` now."""
        return dossier.annulled_at is None and dossier.state in self.states and self.is_there(dossier)


def _text(value: str | None) -> str:
    return clean(value) or ""


def _responsible(session: Session, form: ActForm) -> Staff | None:
    key = form.responsible.data or ""
    return session.get(Staff, int(key)) if key.isascii() and key.isdigit() and len(key) < 19 else None


def _start(session: Session, dossier: Dossier, form: ActForm, version: int | None, at: datetime) -> Any:
    return dossiers.start_work(session, dossier, responsible=_responsible(session, form), row_version=version, at=at)


def _assign(session: Session, dossier: Dossier, form: ActForm, version: int | None, at: datetime) -> Any:
    person = _responsible(session, form)
    return dossiers.assign_dossier(session, dossier, responsible=person, row_version=version, at=at)


def _supplement(session: Session, dossier: Dossier, form: ActForm, version: int | None, at: datetime) -> Any:
    return dossiers.request_supplement(
        session,
        dossier,
        reason=_text(form.missing.data),
        answer_by_date=form.answer_by_date.data,
        ground=clean(form.ground.data),
        row_version=version,
        at=at,
    )


def _ground(session: Session, dossier: Dossier) -> tuple[str, ...]:
    return ("ground",) if is_further(session, dossier) else ()


def _extend(session: Session, dossier: Dossier, form: ActForm, version: int | None, at: datetime) -> Any:
    if form.new_due.data is None:
        raise AppointmentMissingError
    due_at = form.new_due.data.replace(tzinfo=LOCAL_ZONE)
    reason = _text(form.reason.data)
    return dossiers.extend_dossier(session, dossier, due_at=due_at, reason=reason, row_version=version, at=at)


def _finish(session: Session, dossier: Dossier, form: ActForm, version: int | None, at: datetime) -> Any:
    refused = form.outcome.data == ResultKind.REFUSED_ON_MERITS.value
    return dossiers.finish_dossier(
        session,
        dossier,
        kind=ResultKind.REFUSED_ON_MERITS if refused else ResultKind.GRANTED,
        document_number=clean(form.document_number.data),
        document_date=form.document_date.data,
        reason=clean(form.reason.data),
        row_version=version,
        at=at,
    )


def _with_reason(service: Callable[..., Any]) -> Run:
    def _run(session: Session, dossier: Dossier, form: ActForm, version: int | None, at: datetime) -> Any:
        return service(session, dossier, reason=_text(form.reason.data), row_version=version, at=at)

    return _run


def _with_note(service: Callable[..., Any]) -> Run:
    def _run(session: Session, dossier: Dossier, form: ActForm, version: int | None, at: datetime) -> Any:
        return service(session, dossier, note=clean(form.note.data), row_version=version, at=at)

    return _run


def _revoke(session: Session, dossier: Dossier, form: ActForm, version: int | None, at: datetime) -> Any:
    return dossiers.revoke_withdrawal(session, dossier, row_version=version, at=at)


ACTS = (
    Act(
        key="start", action="start", label=_("Start work"), icon="play", run=_start, states=(S.ACCEPTED,),
        fields=("responsible",), is_primary=True, done=_("Work on %(code)s has begun."),
    ),
    Act(
        key="finish", action="finish", label=_("Finish with a result"), icon="check-lg", run=_finish,
        states=(S.PROCESSING,), fields=("outcome", "document_number", "document_date", "reason"), is_primary=True,
        has_next=True,
        help=_("The clock ends now, and the result waits for the applicant."), done=_("%(code)s is decided."),
    ),
    Act(
        key="supplement", action="supplement", label=_("Request a supplement"), icon="file-earmark-plus",
        run=_supplement, states=RUNNING, fields=("missing", "answer_by_date"), more_fields=_ground, has_next=True,
        help=_("The clock stands still until the papers arrive."), done=_("A supplement is requested for %(code)s."),
    ),
    Act(
        key="supplement-received", action="supplement", label=_("Supplement received"), icon="folder-plus",
        run=_with_note(dossiers.receive_supplement), states=(S.SUPPLEMENT,), fields=("note",), is_primary=True,
        help=_("The clock goes on from now."), done=_("The papers for %(code)s are recorded; its time goes on."),
    ),
    Act(
        key="payment", action="supplement", label=_("Request a payment"), icon="cash-coin",
        run=_with_reason(dossiers.request_payment), states=RUNNING, fields=("reason",),
        help=_("The clock stands still until the payment is recorded."), done=_("A payment is requested for %(code)s."),
    ),
    Act(
        key="payment-settled", action="supplement", label=_("Payment settled"), icon="cash-stack",
        run=_with_note(dossiers.settle_payment), states=(S.PAYMENT,), fields=("note",), is_primary=True,
        help=_("The clock goes on from now."), done=_("The payment for %(code)s is recorded; its time goes on."),
    ),
    Act(
        key="extend", action="extend", label=_("Extend with an apology"), icon="hourglass-split", run=_extend,
        states=RUNNING, fields=("new_due", "reason"),
        help=_("Once, and before the due time: the applicant gets an apology with the new appointment. "
               "Lateness stays judged on the due time by law."),
        done=_("%(code)s has a new appointment: let the applicant have the apology."),
    ),
    Act(
        key="assign", action="start", label=_("Give to somebody"), icon="person-check", run=_assign,
        states=HELD_STATES, is_there=_is_begun, fields=("responsible",), done=_("%(code)s has somebody responsible."),
    ),
    Act(
        key="withdraw", action="withdraw", label=_("Applicant withdraws"), icon="arrow-return-left",
        run=_with_reason(dossiers.request_withdrawal), states=(*RUNNING, S.SUPPLEMENT, S.PAYMENT), fields=("reason",),
        help=_("The clock stands still until the withdrawal is confirmed by stopping the dossier, or revoked."),
        done=_("The withdrawal of %(code)s is recorded."),
    ),
    Act(
        key="revoke", action="withdraw", label=_("Revoke the withdrawal"), icon="arrow-counterclockwise", run=_revoke,
        states=(S.WITHDRAWAL,), help=_("The dossier goes back into process, and its clock goes on."),
        done=_("%(code)s is in process again."),
    ),
    Act(
        key="stop", action="stop", label=_("Stop"), icon="stop-circle", run=_with_reason(dossiers.stop_dossier),
        states=STOPPABLE, fields=("reason",), is_danger=True,
        help=_("The dossier ends without a result. This cannot be undone."), done=_("%(code)s is stopped."),
    ),
    Act(
        key="reopen", action="reopen", label=_("Reopen"), icon="arrow-repeat",
        run=_with_reason(dossiers.reopen_dossier), states=(S.DECIDED, S.RETURNED), fields=("reason",), is_danger=True,
        help=_("For a wrong result: it stays visible as replaced, and a new one follows."),
        done=_("%(code)s is in process again."),
    ),
    Act(
        key="annul", action="annul", label=_("Annul"), icon="x-circle", run=_with_reason(dossiers.annul_dossier),
        states=tuple(S), fields=("reason",), is_danger=True,
        help=_("Only for an entry error: the code stays visible, no figure counts the dossier. "
               "After the day of receipt a second person confirms it."),
        done=_("The annulment of %(code)s is recorded."),
    ),
)  # fmt: skip


def _find(session: Session, key: int) -> Dossier:
    dossier = session.scalars(
        select(Dossier).where(Dossier.id == key).options(joinedload(Dossier.procedure), joinedload(Dossier.responsible))
    ).one_or_none()
    if dossier is None:
        abort(404)
    return dossier


def _prepare(session: Session, act: Act, dossier: Dossier, form: ActForm) -> None:
    """Fill the choices of the fields the act shows."""
    form.outcome.choices = [(kind.value, gettext(kind.label)) for kind in ResultKind]
    if "responsible" in act.fields:
        people = session.scalars(
            select(Staff)
            .where(Staff.department_id == (_turn_of(dossier, act) or dossier.department_id), Staff.is_active)
            .order_by(Staff.name_sort)
        ).all()
        form.responsible.choices = [(str(person.id), person.full_name) for person in people]
    if act.prepare is not None:
        act.prepare(session, dossier, form)


def _turn_of(dossier: Dossier, act: Act) -> int | None:
    """Return the department whose people can get the work: whoever has it, once it is in process."""
    return dossier.holder_id if act.key == "assign" else None


def _page(session: Session, act: Act, dossier: Dossier, form: ActForm, errors: tuple[str, ...] = ()) -> str:
    _prepare(session, act, dossier, form)
    fields = (*act.fields, *act.more_fields(session, dossier))
    return render_template(
        "work/act.html", act=act, fields=fields, dossier=dossier, form=form, errors=errors, now=request_time()
    )


def _view(act: Act) -> Callable[[int], ResponseReturnValue]:
    def view(id: int) -> ResponseReturnValue:  # noqa: A002 -- the argument of every verb's address
        session = database().session()
        dossier = _find(session, id)
        require(session, "dossier", act.action, dossier)
        if act.needs is not None:
            require(session, *act.needs)
        if request.method == "POST":
            return _do(session, act, dossier)
        today = {"row_version": dossier.row_version, "responsible": str(current_actor().staff_id or "")}
        return _page(session, act, dossier, act.form(data=today))

    return view


def _do(session: Session, act: Act, dossier: Dossier) -> ResponseReturnValue:
    form = act.form(request.form)
    if not form.validate():
        return _page(session, act, dossier, form), 422
    key = dossier.id
    try:
        act.run(session, dossier, form, request.form.get("row_version", type=int), request_time())
        session.commit()
    except UserError as error:
        session.rollback()
        form = act.form(request.form)
        dossier = _find(session, key)
        errors = _blame((*act.fields, *act.more_fields(session, dossier)), form, error)
        return _page(session, act, dossier, form, errors), error.status
    flash(gettext(act.done, code=dossier.code), "success")
    if request.form.get("then") == "next":
        return redirect(next_task_url(session), 303)
    if request.args.get("back") == "work":
        return redirect(url_for("work.show", heap=request.args.get("heap")), 303)
    return redirect(url_for("dossier.details_view", id=key), 303)


def _blame(fields: tuple[str, ...], form: ActForm, error: UserError) -> tuple[str, ...]:
    """Put the message of ``error`` beside the field it is about; return it where the page shows no such field."""
    message = gettext(error.message_id, **error.values)
    for name in _FIELDS_OF_ERROR.get(type(error), ()):
        if name in fields:
            form[name].errors = [message]
            return ()
    return (message,)


def next_task_url(session: Session) -> str:
    """Return the address of the actor's next task, what is due first; of the list of work where there is none."""
    key = find_next_task(session)
    if key is None:
        flash(gettext("Nothing of yours is left to do."), "success")
        return url_for("work.show", heap="mine")
    return url_for("dossier.details_view", id=key)


def add_act(blueprint: Blueprint, act: Act) -> None:
    """Give ``act`` its page under ``blueprint``."""
    blueprint.add_url_rule(
        f"/<int:id>/{act.key}",
        endpoint=act.key,
        view_func=permitted("dossier", act.action)(_view(act)),
        methods=["GET", "POST"],
    )


for _act in ACTS:
    add_act(bp, _act)


def _by_public_id(dossier: Dossier) -> dict[str, Any]:
    return {"public_id": dossier.public_id}


def _can_be_returned(dossier: Dossier) -> bool:
    return (
        dossier.annulled_at is None
        and dossier.state is S.DECIDED
        and dossier.delivery_state in (DeliveryState.READY, DeliveryState.IN_POST)
    )


def act_verb(act: Act, blueprint: str = "dossier_acts") -> Verb:
    """Return the button of ``act``."""

    def when(dossier: Dossier) -> bool:
        return act.fits(dossier) and (act.needs is None or may(database().session(), *act.needs))

    return Verb(
        action=act.action,
        label=act.label,
        endpoint=f"{blueprint}.{act.key}",
        icon=act.icon,
        is_primary=act.is_primary,
        is_danger=act.is_danger,
        when=when,
    )


offer(
    "dossier",
    Verb(
        action="return",
        label=_("Hand over"),
        endpoint="handover.show_dossier",
        icon="send",
        is_primary=True,
        when=_can_be_returned,
        arguments=_by_public_id,
    ),
    *(act_verb(act) for act in ACTS if not act.is_danger),
    Verb(
        action="read",
        label=_("Papers"),
        endpoint="papers.show_papers",
        icon="printer",
        arguments=_by_public_id,
    ),
    *(act_verb(act) for act in ACTS if act.is_danger),
)
