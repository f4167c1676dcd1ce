"""What happened while the line was down: entered afterwards with its true time, seen and confirmed by somebody else."""

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from sqlalchemy import select
from sqlalchemy.orm import Session
from wtforms import SelectField, StringField
from wtforms.validators import Length

from admin_views.counter import own_counter
from admin_views.handover import sees_personal
from admin_views.handover_form import ReturnForm, choices
from admin_views.navigation import MenuItem
from admin_views.verbs import ListVerb, Verb, offer
from models.base import _
from models.late_entry import LateEntry, LateKind, LateState
from models.organisation import Counter
from models.procedure import Procedure
from services import late_entries
from services.collectors import Collector
from services.dossier_intake import Intake
from services.dossier_moves import ReasonMissingError
from services.emergency_receipts import EmergencyNumberError, EmergencyUsedError
from services.errors import UserError
from services.localtime import LOCAL_ZONE
from services.session import may
from web.access import current_actor, permitted
from web.clock import request_time
from web.database import database
from web.formats import choice
from web.forms import LocalDateTimeField, Required, clean
from web.texts import lazy_gettext as _l

bp = Blueprint("late", __name__, url_prefix="/counter/late")

MENU = [
    MenuItem(
        group=_("Work"), label=_("Enter late"), endpoint="late.begin", icon="clock-history",
        permission=("late_entry", "enter_late"),
    )
]  # fmt: skip

_FIELD_OF_ERROR: Mapping[type[UserError], str] = {
    late_entries.TrueTimeAheadError: "happened_at",
    late_entries.TrueTimeTooOldError: "happened_at",
    late_entries.LateDossierError: "code",
    late_entries.LateTrainingError: "code",
    EmergencyNumberError: "receipt",
    EmergencyUsedError: "receipt",
    ReasonMissingError: "why_late",
}


class LateForm(ReturnForm):
    """What happened, when really, and why it comes late; what it was about follows from its kind."""

    kind = SelectField(_l("What happened"), default=LateKind.INTAKE.value)
    happened_at = LocalDateTimeField(_l("True time"), [Required()])
    why_late = StringField(_l("Why late"), [Length(max=500)], render_kw={"autocomplete": "off"})
    receipt = StringField(_l("Number of the emergency receipt"), [Length(max=60)], render_kw={"autocomplete": "off"})
    code = StringField(_l("Code of the dossier"), [Length(max=60)], render_kw={"autocomplete": "off"})
    brought = StringField(_l("What was brought"), [Length(max=1000)], render_kw={"autocomplete": "off"})

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.kind.choices = choices(LateKind)

    def blame(self, error: UserError) -> tuple[str, ...]:
        """Put the message of ``error`` beside the field it is about; return it where it is about none."""
        name = _FIELD_OF_ERROR.get(type(error))
        if name is None:
            return super().blame(error)
        self[name].errors = [gettext(error.message_id, **error.values)]
        return ()


@bp.get("/")
@permitted("late_entry", "enter_late")
def begin() -> str:
    """Ask what happened and when, and show what waits at this counter."""
    return _page(LateForm())


def _page(form: LateForm, errors: tuple[str, ...] = ()) -> str:
    session = database().session()
    counter = own_counter(session)
    return render_template(
        "counter/late_new.html",
        counter=counter,
        form=form,
        errors=errors,
        waiting=late_entries.list_undecided(session, counter),
        own_id=current_actor().user_id,
        draft=LateState.DRAFT,
    )


@bp.post("/")
@permitted("late_entry", "enter_late")
def enter() -> ResponseReturnValue:
    """Keep what was entered; what was received goes on in the intake form."""
    session, form = database().session(), LateForm(request.form)
    if not form.validate():
        return _page(form), 422
    try:
        entry = _enter(session, form, own_counter(session))
        session.commit()
    except UserError as error:
        session.rollback()
        form = LateForm(request.form)
        form.validate()
        errors = form.blame(error)
        return _page(form, errors), error.status
    if entry.state is LateState.DRAFT:
        return redirect(url_for("intake.show_form", late=entry.public_id), 303)
    flash(gettext("The entry waits for a second person, who confirms it with a sign-in of their own."), "success")
    return redirect(url_for(".show", public_id=entry.public_id), 303)


def _enter(session: Session, form: LateForm, counter: Counter) -> LateEntry:
    typed = form.happened_at.data
    assert typed is not None  # noqa: S101 -- the form asks for it
    told: dict[str, Any] = {
        "counter": counter,
        "happened_at": typed.replace(tzinfo=LOCAL_ZONE),
        "reason": clean(form.why_late.data) or "",
        "at": request_time(),
    }
    kind, code = LateKind(form.kind.data), clean(form.code.data) or ""
    if kind is LateKind.INTAKE:
        return late_entries.begin_intake(session, **told, receipt_number=clean(form.receipt.data) or "")
    if kind is LateKind.SUPPLEMENT:
        return late_entries.enter_supplement(session, **told, code=code, note=clean(form.brought.data) or "")
    return late_entries.enter_return(session, **told, code=code, collector=form.collector())


def _find(session: Session, public_id: str) -> LateEntry:
    entry = session.scalars(select(LateEntry).where(LateEntry.public_id == public_id)).one_or_none()
    if entry is None:
        abort(404)
    return entry


@bp.get("/<public_id>")
@permitted("late_entry", "read")
def show(public_id: str) -> str:
    """Show an entry with everything that was typed, for whoever confirms it."""
    return _show(_find(database().session(), public_id))


def _show(entry: LateEntry, error: str = "") -> str:
    session = database().session()
    is_own = entry.entered_by_id == current_actor().user_id
    waits = entry.state is LateState.PENDING
    return render_template(
        "counter/late.html",
        entry=entry,
        facts=_facts(session, entry),
        error=error,
        is_own=is_own,
        goes_on=is_own and entry.state is LateState.DRAFT,
        can_confirm=waits and not is_own and may(session, "late_entry", "confirm_late", entry),
        can_give_up=is_own and entry.state in (LateState.DRAFT, LateState.PENDING),
        now=request_time(),
    )


def _facts(session: Session, entry: LateEntry) -> list[tuple[str, str]]:
    """Return what was typed as labels and texts; nothing once the entry is decided."""
    content = late_entries.content_of(session, entry)
    if not content or not sees_personal():
        return []
    if entry.kind is LateKind.SUPPLEMENT:
        return [(gettext("What was brought"), content.get("note") or "–")]
    if entry.kind is LateKind.RETURN:
        return _facts_of_collector(late_entries.collector_of(session, entry))
    return _facts_of_intake(session, late_entries.intake_of(session, entry))


def _facts_of_collector(collector: Collector) -> list[tuple[str, str]]:
    proof = f"{choice(collector.proof_kind)} {collector.proof_number}" if collector.proof_kind else ""
    told = [
        (gettext("Collected by"), f"{collector.name} · {choice(collector.kind)}"),
        (gettext("ID number"), collector.id_number),
        (gettext("Proof"), proof),
        (gettext("Receipt lost"), collector.lost_note),
    ]
    return [(label, text) for label, text in told if text]


def _facts_of_intake(session: Session, intake: Intake) -> list[tuple[str, str]]:
    person = intake.applicant
    procedure = session.get(Procedure, intake.procedure_id) if intake.procedure_id else None
    told = [
        (gettext("Procedure"), str(procedure or "")),
        (gettext("Applicant"), person.full_name),
        (gettext("ID number"), person.id_number or person.tax_code),
        (gettext("Telephone"), person.phone),
        (gettext("Address"), person.address),
        (gettext("Handed in by"), intake.submitter_name),
        (gettext("Papers handed in"), "; ".join(paper.name for paper in intake.papers if paper.is_handed_in)),
        (gettext("Return of the result"), choice(intake.return_method)),
        (gettext("Note"), intake.note),
    ]
    return [(label, text) for label, text in told if text]


@bp.post("/<public_id>/confirm")
@permitted("late_entry", "confirm_late")
def confirm(public_id: str) -> ResponseReturnValue:
    """Confirm somebody else's entry: it takes effect from its true time."""
    session = database().session()
    entry = _find(session, public_id)
    try:
        dossier = late_entries.confirm_late_entry(session, entry, at=request_time())
        session.commit()
    except UserError as error:
        session.rollback()
        return _show(_find(session, public_id), gettext(error.message_id, **error.values)), error.status
    flash(gettext("%(code)s is entered as of its true time.", code=dossier.code), "success")
    return redirect(url_for(".show", public_id=public_id), 303)


@bp.post("/<public_id>/refuse")
@permitted("late_entry", "read")
def refuse(public_id: str) -> ResponseReturnValue:
    """Refuse an entry with a reason, or give one's own up."""
    session = database().session()
    entry = _find(session, public_id)
    try:
        reason = clean(request.form.get("reason")) or ""
        late_entries.refuse_late_entry(session, entry, reason=reason, at=request_time())
        session.commit()
    except UserError as error:
        session.rollback()
        return _show(_find(session, public_id), gettext(error.message_id, **error.values)), error.status
    flash(gettext("The entry is refused; it has no effect."), "success")
    return redirect(url_for(".show", public_id=public_id), 303)


def _by_public_id(entry: LateEntry) -> dict[str, str]:
    return {"public_id": entry.public_id}


offer(
    "late_entry",
    ListVerb(action="enter_late", label=_("Enter late"), endpoint="late.begin", icon="plus-lg", is_primary=True),
    Verb(
        action="read",
        label=_("Look and decide"),
        endpoint="late.show",
        icon="check-lg",
        is_primary=True,
        arguments=_by_public_id,
    ),
)
