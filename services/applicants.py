"""The master of applicants: one row per person or organisation, found by what identifies them."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from models.applicant import Applicant
from models.base import _
from models.ids import public_id
from models.states import ApplicantKind
from models.text import fold, normalise
from services.audit import record_read
from services.errors import UserError
from services.identity import normalise_id_number, normalise_phone, normalise_tax_code
from services.localtime import local_date
from services.session import require, unscoped

DUPLICATES_SHOWN = 5


class ApplicantNameMissingError(UserError):
    message = _("Enter the applicant's name.")


class ApplicantIdentityMissingError(UserError):
    message = _("Enter the applicant's ID number; for an enterprise or organisation its tax code.")


class ApplicantMismatchError(UserError):
    """A known number with another name: most often a slip of the finger in one of the two."""

    message = _("%(number)s belongs to %(name)s. Correct the number, or confirm that the name has changed.")


@dataclass(frozen=True, kw_only=True, slots=True)
class ApplicantFacts:
    """What is known of an applicant at the counter, as typed."""

    kind: ApplicantKind = ApplicantKind.CITIZEN
    full_name: str = ""
    id_number: str = ""
    tax_code: str = ""
    birth_date: date | None = None
    phone: str = ""
    email: str = ""
    address: str = ""
    has_new_name: bool = False


def clean_applicant(facts: ApplicantFacts, *, at: datetime) -> ApplicantFacts:
    """Return ``facts`` checked and written one way; numbers without blanks, text in NFC.

    Raises: ApplicantNameMissingError, ApplicantIdentityMissingError, IdNumberError, TaxCodeError, PhoneError.
    """
    name = normalise(facts.full_name)
    if not name:
        raise ApplicantNameMissingError
    is_citizen = facts.kind is ApplicantKind.CITIZEN
    id_number = facts.id_number.strip() if is_citizen else ""  # that of a representative identifies nobody but them
    if not (id_number or facts.tax_code.strip()):
        raise ApplicantIdentityMissingError
    return ApplicantFacts(
        kind=facts.kind,
        full_name=name,
        id_number=normalise_id_number(id_number, today=local_date(at)) if id_number else "",
        tax_code=normalise_tax_code(facts.tax_code) if facts.tax_code.strip() else "",
        birth_date=facts.birth_date,
        phone=normalise_phone(facts.phone) if facts.phone.strip() else "",
        email=normalise(facts.email),
        address=normalise(facts.address),
        has_new_name=facts.has_new_name,
    )


def find_applicant(session: Session, *, number: str, reason: str = "intake") -> Applicant | None:
    """Return the applicant whose ID number or tax code is exactly ``number``, or None; the reading is audited.

    Whoever may receive dossiers finds anybody by the exact number, because people go to any department.
    """
    require(session, "dossier", "receive")
    key = normalise(number).replace(" ", "").upper()
    if not key:
        return None
    with unscoped(session, "an applicant is found by the exact number"):
        applicant = session.scalar(
            select(Applicant).where(or_(Applicant.id_number == key, Applicant.tax_code == key)).limit(1)
        )
    if applicant is not None:
        record_read(session, applicant, reason)
    return applicant


def find_or_create_applicant(session: Session, *, facts: ApplicantFacts, at: datetime) -> Applicant:
    """Return the applicant with these numbers, brought up to date with ``facts``, or a new one.

    Raises: ApplicantMismatchError if the number is known under another name and ``has_new_name`` is not set.
    """
    facts = clean_applicant(facts, at=at)
    with unscoped(session, "an applicant is found by the exact number"):
        applicant = _find_by_numbers(session, facts)
        if applicant is None:
            applicant = Applicant(public_id=public_id(at), created_at=at)
            session.add(applicant)
        elif fold(applicant.full_name) != fold(facts.full_name) and not facts.has_new_name:
            raise ApplicantMismatchError(number=facts.id_number or facts.tax_code, name=applicant.full_name)
        _update(applicant, facts)
        session.flush()  # the dossier refers to the row
    return applicant


def _find_by_numbers(session: Session, facts: ApplicantFacts) -> Applicant | None:
    """Return the row of the number that identifies this kind of applicant, else of the other number.

    Raises: ApplicantMismatchError where the two numbers belong to two rows.
    """
    numbers = [(Applicant.id_number, facts.id_number), (Applicant.tax_code, facts.tax_code)]
    found = [
        row for column, number in numbers if number
        for row in session.scalars(select(Applicant).where(column == number))
    ]  # fmt: skip
    if len({row.id for row in found}) > 1:
        raise ApplicantMismatchError(number=facts.tax_code, name=found[1].full_name)
    return found[0] if found else None


def _update(applicant: Applicant, facts: ApplicantFacts) -> None:
    """Bring the row up to date; what is not told this time stays as it is known."""
    applicant.kind = facts.kind
    applicant.full_name = facts.full_name
    for name in ("id_number", "tax_code", "birth_date", "phone", "email", "address"):
        value = getattr(facts, name)
        if value:
            setattr(applicant, name, value)


def find_duplicates(session: Session, *, facts: ApplicantFacts) -> list[Applicant]:
    """Return applicants that may be the same person under another number: equal name and telephone or birth date."""
    require(session, "dossier", "receive")
    signs = []
    if facts.phone.strip():
        signs.append(Applicant.phone == normalise_phone(facts.phone))
    if facts.birth_date is not None:
        signs.append(Applicant.birth_date == facts.birth_date)
    name = fold(facts.full_name)
    if not name or not signs:
        return []
    with unscoped(session, "possible duplicates of an applicant"):
        found = session.scalars(select(Applicant).where(or_(*signs)).limit(50)).all()
    matching = [row for row in found if fold(row.full_name) == name and row.id_number != (facts.id_number or None)]
    for row in matching[:DUPLICATES_SHOWN]:
        record_read(session, row, "possible duplicate")
    return matching[:DUPLICATES_SHOWN]
