"""Taking a dossier in, or refusing it at once: both get a code, and both count."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from models.applicant import Applicant
from models.base import _
from models.dossier import Dossier, DossierDocument
from models.ids import opaque_token, public_id
from models.organisation import Counter
from models.states import Channel, DossierState, EventKind, ProofKind, ReturnMethod
from models.text import normalise
from services.applicants import ApplicantFacts, find_or_create_applicant
from services.clock import start_clock
from services.codes import allocate_code
from services.dossier_access import grant_access
from services.dossier_events import record_event
from services.dossier_moves import needed_reason
from services.errors import DeniedError, UserError
from services.idempotency import once, record_answer
from services.identity import IdNumberError, normalise_id_number
from services.intake_fees import Charge, add_fees, charges_total
from services.intake_quote import Quote, quote_intake
from services.localtime import local_date
from services.record_time import written_at
from services.rule_sets import find_rule_terms, rule_set_on
from services.session import actor_of, require
from services.steps import first_change


class PapersMissingError(UserError):
    message = _("Still missing: %(papers)s. Tick what was handed in, or confirm that you take the dossier without it.")


class AddressMissingError(UserError):
    message = _("Enter the address the post shall bring the result to.")


class SubmitterIdNumberError(UserError):
    message = _("Check the ID number of the person who hands it in: 12 or 9 digits, or a passport number.")


class ProofMissingError(UserError):
    message = _("Choose what shows that %(name)s may act for the applicant, or that they only bring the dossier.")


class ProofNumberMissingError(UserError):
    message = _("Enter the number of the document that %(name)s has shown.")


class SubmitterNameMissingError(UserError):
    message = _("Enter the name of the person who hands the dossier in, or clear what was entered about them.")


@dataclass(frozen=True, kw_only=True, slots=True)
class Paper:
    """One paper handed in, with its numbers of originals, certified copies and plain copies."""

    name: str
    required_document_id: int | None = None
    original_count: int = 0
    certified_count: int = 0
    copy_count: int = 0
    note: str = ""

    @property
    def is_handed_in(self) -> bool:
        """Whether there is anything of it."""
        return self.original_count + self.certified_count + self.copy_count > 0


@dataclass(frozen=True, kw_only=True, slots=True)
class Intake:
    """Everything a clerk enters when a dossier comes in."""

    procedure_id: int | None
    applicant: ApplicantFacts
    case_id: int | None = None
    method_id: int | None = None
    channel: Channel = Channel.COUNTER
    return_method: ReturnMethod = ReturnMethod.COUNTER
    papers: Sequence[Paper] = ()
    charges: Sequence[Charge] = ()
    submitter_name: str = ""
    submitter_id_number: str = ""
    submitter_proof: ProofKind | None = None
    submitter_proof_number: str = ""
    subject: str = ""
    note: str = ""
    accepts_missing_papers: bool = False


def receive_dossier(
    session: Session,
    *,
    intake: Intake,
    counter: Counter,
    at: datetime,
    nonce: str | None = None,
    is_training: bool = False,
) -> Dossier:
    """Take a dossier in at ``counter``: code, checklist, snapshot of the applicant, clock.

    ``at`` is the server's time: a dossier is received when it is entered, or by a late entry when that says. The
    same ``nonce`` with the same content gives the dossier of the first time.
    Raises: DeniedError, KeyReusedError, PapersMissingError, AddressMissingError, and what ``quote_intake`` and
    ``find_or_create_applicant`` raise.
    """
    return _take_in(session, intake, counter, at, nonce, is_training, reason=None)


def refuse_at_intake(
    session: Session,
    *,
    intake: Intake,
    reason: str,
    counter: Counter,
    at: datetime,
    nonce: str | None = None,
    is_training: bool = False,
) -> Dossier:
    """Refuse a dossier at the counter with a reason: it gets a code, ends in state 3, and has no due time.

    Raises: DeniedError, KeyReusedError, ReasonMissingError, and what ``receive_dossier`` raises.
    """
    return _take_in(session, intake, counter, at, nonce, is_training, reason=needed_reason(reason))


def _take_in(
    session: Session,
    intake: Intake,
    counter: Counter,
    at: datetime,
    nonce: str | None,
    is_training: bool,
    reason: str | None,
) -> Dossier:
    action = "receive" if reason is None else "refuse"
    _require_at_counter(session, action, counter)
    if nonce:
        body = {"intake": repr(intake), "counter": counter.id, "reason": reason, "training": is_training}
        answer = once(session, scope=f"dossier.{action}", key=nonce, body=body, at=at)
        if answer is not None:
            return session.get_one(Dossier, answer["dossier_id"])
    quote = quote_intake(
        session,
        procedure_id=intake.procedure_id,
        case_id=intake.case_id,
        method_id=intake.method_id,
        counter=counter,
        channel=intake.channel,
        at=at,
    )
    if reason is None:
        _check_papers(intake, quote)
    applicant = find_or_create_applicant(session, facts=intake.applicant, at=at, is_training=is_training)
    _check_address(intake, applicant)
    if reason is None:
        _check_submitter(intake)
    dossier = _new_dossier(session, intake, quote, applicant, counter, at, is_training)
    dossier.state = DossierState.ACCEPTED if reason is None else DossierState.REFUSED
    session.add(dossier)
    session.flush()  # papers, access rows and the clock refer to the row
    _add_papers(session, dossier, intake.papers, at)
    add_fees(session, dossier, quote, intake.charges)
    grant_access(session, dossier, {quote.department_id, counter.department_id})
    if reason is None:
        clock = start_clock(
            session, dossier=dossier, limit=quote.limit, site=counter.site, at=at, cause=EventKind.RECEIVED
        )
        facts = {"due_at": clock.due_at, "statutory_due_at": clock.statutory_due_at, "channel": intake.channel}
        task = first_change(session, dossier, at=at, assignee_id=actor_of(session).staff_id)
        record_event(session, dossier, kind=EventKind.RECEIVED, to=dossier.state, at=at, facts=facts, task=task)
    else:
        facts = {"channel": intake.channel}
        record_event(session, dossier, kind=EventKind.REFUSED, to=dossier.state, at=at, reason=reason, facts=facts)
    require(session, "dossier", action, dossier)
    if nonce:
        record_answer(session, scope=f"dossier.{action}", key=nonce, answer={"dossier_id": dossier.id})
    return dossier


def _require_at_counter(session: Session, action: str, counter: Counter) -> None:
    """A dossier comes in at the counter the actor has taken, never at a colleague's."""
    require(session, "dossier", action)
    actor = actor_of(session)
    if not actor.system and actor.counter_id != counter.id:
        raise DeniedError("dossier", action)


def _check_papers(intake: Intake, quote: Quote) -> None:
    given = {paper.required_document_id for paper in intake.papers if paper.is_handed_in}
    missing = [str(document) for document in quote.documents if document.is_required and document.id not in given]
    if missing and not intake.accepts_missing_papers:
        raise PapersMissingError(papers="; ".join(missing))


def _check_submitter(intake: Intake) -> None:
    """A dossier that somebody else hands in says by what right; a number alone names nobody."""
    name = normalise(intake.submitter_name)
    proof, number = intake.submitter_proof, normalise(intake.submitter_proof_number)
    if not name:
        if intake.submitter_id_number.strip() or number:
            raise SubmitterNameMissingError
        return
    if proof is None:
        raise ProofMissingError(name=name)
    if proof.has_number and not number:
        raise ProofNumberMissingError(name=name)


def _check_address(intake: Intake, applicant: Applicant) -> None:
    if intake.return_method is ReturnMethod.POST and not applicant.address:
        raise AddressMissingError


def _new_dossier(
    session: Session,
    intake: Intake,
    quote: Quote,
    applicant: Applicant,
    counter: Counter,
    at: datetime,
    is_training: bool,
) -> Dossier:
    terms = find_rule_terms(session, local_date(at))
    return Dossier(
        code=allocate_code(session, unit_code=counter.site.unit_code, at=at, is_training=is_training),
        public_id=public_id(at),
        slip_token=opaque_token(),
        procedure_id=quote.procedure.id,
        procedure_version_id=quote.version.id,
        procedure_case_id=quote.case.id if quote.case else None,
        execution_method_id=quote.method.id if quote.method else None,
        rule_set=terms.code if terms else rule_set_on(local_date(at)),
        rule_terms_id=terms.id if terms else None,
        subject=intake.subject.strip() or None,
        applicant_id=applicant.id,
        applicant_kind=applicant.kind,
        applicant_name=applicant.full_name,
        applicant_id_number=applicant.id_number,
        applicant_tax_code=applicant.tax_code,
        applicant_phone=applicant.phone,
        applicant_email=applicant.email,
        applicant_address=applicant.address,
        submitter_name=normalise(intake.submitter_name) or None,
        submitter_id_number=_submitter_id_number(intake, at),
        submitter_proof=intake.submitter_proof if normalise(intake.submitter_name) else None,
        submitter_proof_number=normalise(intake.submitter_proof_number) or None,
        department_id=quote.department_id,
        site_id=counter.site_id,
        counter_id=counter.id,
        channel=intake.channel,
        return_method=intake.return_method,
        received_by_id=actor_of(session).staff_id,
        fee_amount=charges_total(quote, intake.charges),
        received_at=at,
        recorded_at=written_at(session, at),
        note=intake.note.strip() or None,
        is_training=is_training,
    )


def _submitter_id_number(intake: Intake, at: datetime) -> str | None:
    if not intake.submitter_id_number.strip():
        return None
    try:
        return normalise_id_number(intake.submitter_id_number, today=local_date(at))
    except IdNumberError as error:
        raise SubmitterIdNumberError from error


def _add_papers(session: Session, dossier: Dossier, papers: Sequence[Paper], at: datetime) -> None:
    handed_in = [paper for paper in papers if paper.is_handed_in]
    for position, paper in enumerate(handed_in, start=1):
        session.add(
            DossierDocument(
                dossier_id=dossier.id,
                required_document_id=paper.required_document_id,
                position=position,
                name=normalise(paper.name),
                original_count=paper.original_count,
                certified_count=paper.certified_count,
                copy_count=paper.copy_count,
                received_at=at,
                note=paper.note.strip() or None,
            )
        )
