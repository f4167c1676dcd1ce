"""What the receipt of a dossier prints, taken from the dossier."""

from collections.abc import Sequence

from flask import url_for
from flask_babel import force_locale, gettext
from sqlalchemy.orm import Session

from models.dossier import Dossier
from models.states import ReturnMethod
from services.clock import ClockMissingError, explain, get_clock, ledger_of
from services.explanations import Happening, Reason
from services.limits import Limit
from services.slips import ReceiptDocument, ReceiptFacts
from web.explanations import say, say_all
from web.formats import choice, money


def receipt_facts(session: Session, dossier: Dossier) -> ReceiptFacts:
    """Return what form 01 prints for ``dossier``; in Vietnamese whatever the reader's language is, as the rules ask."""
    with force_locale("vi"):
        limit, reasons = _limit_and_reasons(session, dossier)
        return ReceiptFacts(
            code=dossier.code,
            slip_url=url_for("slip.show", token=dossier.slip_token, _external=True),
            site_name=dossier.site.name,
            site_address=dossier.site.address or "",
            site_phone=dossier.site.phone or "",
            counter_number=dossier.counter.number if dossier.counter else None,
            received_at=dossier.received_at,
            rule_set=dossier.rule_set.value,
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
                ReceiptDocument(name=paper.name, originals=paper.original_count, copies=paper.copy_count)
                for paper in dossier.documents
            ],
            limit=limit,
            due_at=dossier.due_at,
            due_reasons=reasons,
            return_place=_return_place(dossier),
            servant_name=str(dossier.received_by or ""),
            servant_title=(dossier.received_by.job_title or "") if dossier.received_by else "",
            note=dossier.subject or "",
            is_training=dossier.is_training,
        )


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
