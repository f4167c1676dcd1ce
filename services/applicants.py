"""The master of applicants: one row per person or organisation, found by what identifies them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from models.applicant import Applicant
from models.base import _
from models.ids import public_id
from models.states import ApplicantKind
from models.text import fold, normalise
from services.audit import record_read
from services.errors import UserError
from services.identity import PhoneError, check_birth_date, normalise_id_number, normalise_phone, normalise_tax_code
from services.list_search import find_hits, search_terms
from services.localtime import local_date
from services.session import require, unscoped

DUPLICATES_SHOWN = 5
LOOKED_AT = 100
"""Of a name as frequent as some are, so many of the people known last are compared."""
NUMBERS_SHARED = 20
"""So many people at most are compared who name the same number as their earlier one."""
LEAST_NAME_WORDS = 2
"""One word alone is no name to find somebody by."""


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
    old_id_number: str = ""
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
    today = local_date(at)
    id_number = normalise_id_number(id_number, today=today) if id_number else ""
    check_birth_date(id_number, facts.birth_date)
    old_id_number = facts.old_id_number.strip() if id_number else ""
    return ApplicantFacts(
        kind=facts.kind,
        full_name=name,
        id_number=id_number,
        old_id_number=normalise_id_number(old_id_number, today=today) if old_id_number else "",
        tax_code=normalise_tax_code(facts.tax_code) if facts.tax_code.strip() else "",
        birth_date=facts.birth_date,
        phone=normalise_phone(facts.phone) if facts.phone.strip() else "",
        email=normalise(facts.email),
        address=normalise(facts.address),
        has_new_name=facts.has_new_name,
    )


def find_applicant(session: Session, *, number: str, reason: str = "intake") -> Applicant | None:
    """Return the applicant whose ID number, earlier ID number or tax code is exactly ``number``, or None; audited.

    Whoever may receive dossiers finds anybody by the exact number, because people go to any department.
    """
    require(session, "dossier", "receive")
    key = normalise(number).replace(" ", "").upper()
    if not key:
        return None
    columns = (Applicant.id_number, Applicant.tax_code, Applicant.old_id_number)
    with unscoped(session, "an applicant is found by the exact number"):
        known = select(Applicant).where(or_(*(column == key for column in columns)), Applicant.is_training.is_(False))
        found = session.scalars(known.limit(NUMBERS_SHARED)).all()
    # Whose number it is now comes before whose it was; of several who say it was theirs, the first known.
    applicant = min(found, key=lambda row: (row.old_id_number == key, row.id), default=None)
    if applicant is not None:
        record_read(session, applicant, reason)
    return applicant


def pick_applicant(session: Session, *, public_id: str) -> Applicant | None:
    """Return an applicant who was offered as perhaps the same person, and was chosen; the reading is audited."""
    require(session, "dossier", "receive")
    with unscoped(session, "an applicant who was offered is chosen"):
        applicant = session.scalar(select(Applicant).where(Applicant.public_id == public_id))
    if applicant is not None:
        record_read(session, applicant, "intake")
    return applicant


def find_or_create_applicant(
    session: Session, *, facts: ApplicantFacts, at: datetime, is_training: bool = False
) -> Applicant:
    """Return the applicant with these numbers, brought up to date with ``facts``, or a new one.

    Training changes nobody who is known, and whom it makes up is known to nobody until a real dossier comes.
    Raises: ApplicantMismatchError if the number is known under another name and ``has_new_name`` is not set.
    """
    facts = clean_applicant(facts, at=at)
    with unscoped(session, "an applicant is found by the exact number"):
        applicant = _find_by_numbers(session, facts) or _write_down(session, facts, at, is_training)
        if is_training and not applicant.is_training:
            return applicant
        elif applicant.is_training and not is_training:
            applicant.is_training = False
        elif fold(applicant.full_name) != fold(facts.full_name) and not facts.has_new_name:
            raise ApplicantMismatchError(number=facts.id_number or facts.tax_code, name=applicant.full_name)
        _update(applicant, facts)
        session.flush()  # the dossier refers to the row
    return applicant


def _write_down(session: Session, facts: ApplicantFacts, at: datetime, is_training: bool) -> Applicant:
    """Return a new row; the one of another counter where somebody writes the same person down this instant."""
    applicant = Applicant(public_id=public_id(at), created_at=at, is_training=is_training)
    _update(applicant, facts)
    try:
        with session.begin_nested():
            session.add(applicant)
    except IntegrityError:
        known = _find_by_numbers(session, facts)
        if known is None:
            raise
        return known
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
    return found[0] if found else _find_by_earlier_number(session, facts)


def _find_by_earlier_number(session: Session, facts: ApplicantFacts) -> Applicant | None:
    """Return whoever was known under the number of the card before, if it is the same name; they get the new number."""
    if not facts.old_id_number:
        return None
    row = session.scalar(select(Applicant).where(Applicant.id_number == facts.old_id_number))
    return row if row is not None and fold(row.full_name) == fold(facts.full_name) else None


def _update(applicant: Applicant, facts: ApplicantFacts) -> None:
    """Bring the row up to date; what is not told this time stays as it is known."""
    applicant.kind = facts.kind
    applicant.full_name = facts.full_name
    if facts.id_number and applicant.id_number and applicant.id_number != facts.id_number:
        applicant.old_id_number = applicant.id_number
    for name in ("id_number", "old_id_number", "tax_code", "birth_date", "phone", "email", "address"):
        value = getattr(facts, name)
        if value:
            setattr(applicant, name, value)


def find_duplicates(session: Session, *, facts: ApplicantFacts) -> list[Applicant]:
    """Return applicants that may be the one being typed in: same name without accents, telephone, or earlier number.

    Those with most in common come first; who has exactly the typed number is no duplicate but the person. Reading
    each is audited. Raises: DeniedError.
    """
    require(session, "dossier", "receive")
    with unscoped(session, "possible duplicates of an applicant"):
        found = {row.id: row for sign in _signs(session, facts) for row in _having(session, sign)}.values()
    taken = {number for number in (facts.id_number, facts.tax_code) if number}
    likely = [row for row in found if not {row.id_number, row.tax_code} & taken and _likeness(row, facts) > 0]
    likely.sort(key=lambda row: -_likeness(row, facts))
    for row in likely[:DUPLICATES_SHOWN]:
        record_read(session, row, "possible duplicate")
    return likely[:DUPLICATES_SHOWN]


def _having(session: Session, sign: ColumnElement[bool]) -> Sequence[Applicant]:
    known = select(Applicant).where(sign, Applicant.is_training.is_(False))
    return session.scalars(known.order_by(Applicant.id.desc()).limit(LOOKED_AT)).all()


def _signs(session: Session, facts: ApplicantFacts) -> list[ColumnElement[bool]]:
    signs: list[ColumnElement[bool]] = []
    phone = _phone(facts)
    if phone:
        signs.append(Applicant.phone == phone)
    if facts.old_id_number:
        signs.append(Applicant.id_number == facts.old_id_number)
    terms = search_terms(facts.full_name)
    if len(terms) >= LEAST_NAME_WORDS:
        signs.append(Applicant.id.in_(find_hits(session, Applicant, terms)[-LOOKED_AT:]))
    return signs


def _phone(facts: ApplicantFacts) -> str:
    """Return the telephone number, "" while it is still being typed or mended."""
    try:
        return normalise_phone(facts.phone) if facts.phone.strip() else ""
    except PhoneError:
        return ""


def _likeness(row: Applicant, facts: ApplicantFacts) -> int:
    """Return how much speaks for the same person: a number counts more than a telephone, that more than a name."""
    return (
        8 * (bool(facts.old_id_number) and row.id_number == facts.old_id_number)
        + 4 * (row.phone is not None and row.phone == _phone(facts))
        + 2 * (fold(row.full_name) == fold(facts.full_name))
        + (row.birth_date is not None and row.birth_date == facts.birth_date)
        - 4 * (row.birth_date is not None and facts.birth_date not in (None, row.birth_date))
    )
