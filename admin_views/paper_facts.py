"""What the papers of a dossier print, taken from the dossier; in Vietnamese whatever the reader's language is."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any

from flask import url_for
from flask_babel import force_locale, gettext
from sqlalchemy.orm import Session

from models.dossier import Dossier, DossierEvent
from models.organisation import PrinterPaper, Site
from models.states import EventKind, ReturnMethod
from services.clock import ClockMissingError, explain, get_clock, ledger_of
from services.dossier_legs import DossierLegs, list_legs
from services.errors import UserError
from services.explanations import Happening, Reason
from services.legs import Leg
from services.limits import Limit
from services.slips.control import ControlFacts, HandOver
from services.slips.notices import NoticeFacts
from services.slips.receipt import ReceiptDocument, ReceiptFacts
from services.slips.register import RegisterLine
from services.slips.typesetting import Form, Letterhead, Paper, joined
from web.durations import say_minutes, whole_minutes
from web.explanations import say, say_all
from web.formats import choice, money

PAPERS: dict[PrinterPaper, Paper] = {PrinterPaper.A4: "a4", PrinterPaper.A5: "a5", PrinterPaper.ROLL: "roll"}
"""How a paper is laid out for what a counter's printer holds."""

NOTICE_EVENTS: dict[Form, EventKind] = {
    Form.SUPPLEMENT: EventKind.SUPPLEMENT_ASKED,
    Form.REFUSAL: EventKind.REFUSED,
    Form.APOLOGY: EventKind.EXTENDED,
    Form.STOP: EventKind.STOPPED,
}
"""The event that each letter tells the applicant about."""


def forms_of(dossier: Dossier) -> list[Form]:
    """Return the papers that can be printed of ``dossier`` as it stands."""
    happened = {event.kind for event in dossier.events}
    notices = [form for form, kind in NOTICE_EVENTS.items() if kind in happened]
    if EventKind.RECEIVED not in happened:
        return notices
    return [Form.RECEIPT, *notices, Form.CONTROL]


def letterhead_values(site: Site) -> dict[str, Any]:
    """Return the part of a letterhead that tells who writes."""
    return {
        "site_name": site.name,
        "authority": site.authority or "",
        "place_name": site.place_name or "",
        "site_address": site.address or "",
        "site_phone": site.phone or "",
    }


def _letterhead_values(dossier: Dossier, copy_number: int) -> dict[str, Any]:
    return {
        **letterhead_values(dossier.site),
        "code": dossier.code,
        "slip_url": url_for("slip.show", token=dossier.slip_token, _external=True),
        "rule_set": dossier.rule_set.value,
        "copy_number": copy_number,
        "is_training": dossier.is_training,
    }


def receipt_facts(session: Session, dossier: Dossier, *, copy_number: int = 1) -> ReceiptFacts:
    """Return what form 01 prints for ``dossier``."""
    with force_locale("vi"):
        limit, reasons = _limit_and_reasons(session, dossier)
        return ReceiptFacts(
            **_letterhead_values(dossier, copy_number),
            counter_number=dossier.counter.number if dossier.counter else None,
            received_at=dossier.received_at,
            applicant_name=dossier.applicant_name,
            applicant_id_number=dossier.applicant_id_number or dossier.applicant_tax_code or "",
            applicant_address=dossier.applicant_address or "",
            applicant_phone=dossier.applicant_phone or "",
            applicant_email=dossier.applicant_email or "",
            submitter_name=dossier.submitter_name or "",
            procedure_name=dossier.procedure.name,
            procedure_code=dossier.procedure.code,
            case_name=(dossier.procedure_case.name or "") if dossier.procedure_case else "",
            department_name=dossier.department.name,
            channel=choice(dossier.channel),
            fees=money(dossier.fee_amount) if dossier.fee_amount else gettext("No fee"),
            documents=[
                ReceiptDocument(
                    name=paper.name,
                    originals=paper.original_count,
                    certified=paper.certified_count,
                    copies=paper.copy_count,
                )
                for paper in dossier.documents
            ],
            limit=limit,
            due_at=dossier.due_at,
            due_reasons=reasons,
            return_place=_return_place(dossier),
            servant_name=str(dossier.received_by or ""),
            servant_title=(dossier.received_by.job_title or "") if dossier.received_by else "",
            note=dossier.subject or "",
        )


def notice_facts(dossier: Dossier, form: Form, *, copy_number: int = 1) -> NoticeFacts:
    """Return what a letter about the last event of its kind says."""
    event = [event for event in dossier.events if event.kind is NOTICE_EVENTS[form]][-1]
    answer_by = event.facts.get("answer_by_date")
    lines = [line.strip(" -•\t") for line in (event.reason or "").splitlines() if line.strip()]
    with force_locale("vi"):
        return NoticeFacts(
            **_letterhead_values(dossier, copy_number),
            form=form,
            issued_at=event.occurred_at,
            applicant_name=dossier.applicant_name,
            applicant_address=dossier.applicant_address or "",
            applicant_contact=joined(", ", dossier.applicant_phone or "", dossier.applicant_email or ""),
            procedure_name=dossier.procedure.name,
            department_name=dossier.department.name,
            received_at=dossier.received_at if form is not Form.REFUSAL else None,
            items=lines if form is Form.SUPPLEMENT and len(lines) > 1 else (),
            reason=event.reason or "",
            answer_by=date.fromisoformat(answer_by) if answer_by else None,
            **_appointment_values(event),
            **_officer_values(event),
        )


def _appointment_values(event: DossierEvent) -> dict[str, Any]:
    """Return the appointment before and after, and who signs for it, where the event moved one."""
    if event.kind is not EventKind.EXTENDED:
        return {}
    signer = event.staff
    return {
        "old_due_at": datetime.fromisoformat(event.facts["due_before_at"]),
        "new_due_at": datetime.fromisoformat(event.facts["due_at"]),
        "signer_name": signer.full_name if signer else "",
        "signer_title": (signer.job_title or "") if signer else "",
    }


def _officer_values(event: DossierEvent) -> dict[str, Any]:
    staff = event.staff
    if staff is None or event.kind is EventKind.EXTENDED:  # the leader who signs is no guide
        return {}
    return {
        "officer_name": staff.full_name,
        "officer_title": staff.job_title or "",
        "officer_phone": staff.phone or "",
    }


def control_facts(session: Session, dossier: Dossier, *, at: datetime, copy_number: int = 1) -> ControlFacts:
    """Return what the control sheet prints: a line per stretch of responsibility until ``at``."""
    with force_locale("vi"):
        return ControlFacts(
            **_letterhead_values(dossier, copy_number),
            issued_at=at,
            applicant_name=dossier.applicant_name,
            procedure_name=dossier.procedure.name,
            received_at=dossier.received_at,
            due_at=dossier.due_at,
            lines=_hand_overs(session, dossier, at),
        )


def _hand_overs(session: Session, dossier: Dossier, at: datetime) -> list[HandOver]:
    try:
        legs = list_legs(session, dossier, at=at)
    except UserError:
        return []  # a calendar that is missing today does not keep the sheet from going with the dossier
    giver = str(dossier.received_by or dossier.site.name)
    lines = []
    for leg in legs.table.legs:
        taker = _holder(legs, leg)
        lines.append(
            HandOver(
                from_name=giver,
                to_name=taker,
                at=leg.from_at,
                until=leg.to_at,
                used=say_minutes(_minutes(leg.used), is_worked=legs.table.is_worked),
                outcome=_outcome(legs, leg),
            )
        )
        giver = taker
    return lines


def _holder(legs: DossierLegs, leg: Leg) -> str:
    name = legs.departments.get(leg.holder.department_id or 0, "")
    return joined(" · ", name, leg.holder.step)


def _minutes(microseconds: Any) -> int:
    return whole_minutes([microseconds])[0]


def _outcome(legs: DossierLegs, leg: Leg) -> str:
    if leg.charged or leg.is_blamed:
        return f"Quá hạn {say_minutes(_minutes(leg.charged), is_worked=legs.table.is_worked)}"
    if leg.budget is None:
        return ""
    return "Trước hạn" if leg.used < leg.budget else "Đúng hạn"


def register_lines(dossiers: Iterable[Dossier]) -> list[RegisterLine]:
    """Return the register's lines of ``dossiers``."""
    with force_locale("vi"):
        return [
            RegisterLine(
                code=dossier.code,
                procedure_name=dossier.procedure.name,
                applicant_name=dossier.applicant_name,
                contact=joined(", ", dossier.applicant_address or "", dossier.applicant_phone or ""),
                department_name=dossier.department.name,
                received_at=dossier.received_at,
                due_at=dossier.due_at,
                returned_at=dossier.returned_at,
                handed_over=choice(dossier.return_method),
                state=gettext("Annulled") if dossier.annulled_at else choice(dossier.state),
            )
            for dossier in dossiers
        ]


def register_head(site: Site) -> Letterhead:
    """Return the letterhead of the register of ``site``."""
    return Letterhead(**letterhead_values(site))


def _limit_and_reasons(session: Session, dossier: Dossier) -> tuple[str, list[str]]:
    """Return the limit in words and why the due time is what it is; nothing of either without a clock."""
    try:
        limit = ledger_of(get_clock(session, dossier)).limit
        return _phrase(limit), _sentences(explain(session, dossier=dossier)) if limit else []
    except ClockMissingError:
        return "", []


def _sentences(course: Sequence[Happening]) -> list[str]:
    """Return the course of a clock as sentences; how it began is told by what follows from it."""
    start, *later = course
    return [*say_all(start.details), *(say(told) for step in later for told in (step.headline, *step.details))]


def _phrase(limit: Limit | None) -> str:
    return "" if limit is None else say(Reason(limit.phrase, {"quantity": limit.quantity}))


def _return_place(dossier: Dossier) -> str:
    if dossier.return_method is ReturnMethod.COUNTER:
        return f"{dossier.site.name}, {dossier.site.address}" if dossier.site.address else dossier.site.name
    if dossier.return_method is ReturnMethod.POST:
        return f"{choice(dossier.return_method)}: {dossier.applicant_address or ''}"
    return choice(dossier.return_method)
