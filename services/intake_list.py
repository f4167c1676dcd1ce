"""Many dossiers alike: people pasted as lines, each read by what its parts look like, whatever their order."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from sqlalchemy.orm import Session

from models.base import _
from models.dossier import Dossier
from models.organisation import Counter
from models.states import ApplicantKind
from models.text import fold, normalise
from services.applicants import ApplicantFacts, clean_applicant, find_applicant
from services.citizen_card import read_card
from services.dossier_intake import Intake, receive_dossier
from services.errors import UserError
from services.identity import PhoneError, normalise_phone

MOST_LINES = 100
_SEPARATOR = re.compile(r"\t|;")
_NUMBER = re.compile(r"[0-9]{12}|[0-9]{9}|[A-Za-z]{1,2}[0-9]{6,8}")
_TAX_CODE = re.compile(r"[0-9]{10}(-[0-9]{3})?")
_HEADINGS = frozenset({"ho ten", "ho va ten", "ten", "stt", "so dinh danh", "cccd", "so cccd", "full name", "name"})


class TooManyLinesError(UserError):
    message = _("At most %(count)s people at once. Take the list in parts.")


class ListEmptyError(UserError):
    message = _("Paste one person a line: name, ID number, telephone.")


class RepeatedPersonError(UserError):
    message = _("The same number stands in line %(line)s already.")


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the list: as pasted, what it says, and what is wrong with it (None where nothing is)."""

    number: int
    text: str
    facts: ApplicantFacts
    error: UserError | None = None


def read_people(session: Session, text: str, *, kind: ApplicantKind, at: datetime) -> list[Line]:
    """Return the people of a pasted list; who is known by number alone gets the rest from what is known.

    Raises: ListEmptyError, TooManyLinesError.
    """
    lines = [(number, line.strip()) for number, line in enumerate(text.splitlines(), start=1) if line.strip()]
    lines = [(number, line) for number, line in lines if not _is_heading(line)]
    if not lines:
        raise ListEmptyError
    if len(lines) > MOST_LINES:
        raise TooManyLinesError(count=MOST_LINES)
    people: list[Line] = []
    seen: dict[str, int] = {}
    for number, line in lines:
        person = _read(session, number, line, kind, at)
        key = person.facts.id_number or person.facts.tax_code
        if person.error is None and key in seen:
            person = replace(person, error=RepeatedPersonError(line=seen[key]))
        seen.setdefault(key, number)
        people.append(person)
    return people


def _is_heading(line: str) -> bool:
    return any(fold(part) in _HEADINGS for part in _SEPARATOR.split(line)) and not re.search(r"[0-9]{6}", line)


def _read(session: Session, number: int, line: str, kind: ApplicantKind, at: datetime) -> Line:
    facts = ApplicantFacts(kind=kind)
    try:
        facts = _facts_of_card(line, at) if line.count("|") >= 5 else _facts_of_parts(line, kind)
        known = find_applicant(session, number=facts.id_number or facts.tax_code, reason="intake list")
        if known is not None:
            facts = replace(
                facts,
                full_name=facts.full_name or known.full_name,
                phone=facts.phone or known.phone or "",
                address=facts.address or known.address or "",
            )
        return Line(number, line, clean_applicant(facts, at=at))
    except UserError as error:
        return Line(number, line, facts, error)


def _facts_of_card(line: str, at: datetime) -> ApplicantFacts:
    card = read_card(line, at=at)
    return ApplicantFacts(
        full_name=card.full_name,
        id_number=card.number,
        old_id_number=card.old_number,
        birth_date=card.birth_date,
        address=card.address,
    )


def _facts_of_parts(line: str, kind: ApplicantKind) -> ApplicantFacts:
    """Return what the parts of a line say: what has a form of its own, then the name, then the address."""
    found: dict[str, str] = {}
    birth_date: date | None = None
    for part in (normalise(part) for part in _SEPARATOR.split(line)):
        digits = re.sub(r"[\s.]", "", part)
        if not part or re.fullmatch(r"[0-9]{1,3}", digits):
            continue  # the running number of the list
        day = _date(part)
        if day is not None:
            birth_date = day
        elif kind is not ApplicantKind.CITIZEN and _TAX_CODE.fullmatch(digits):
            found.setdefault("tax_code", digits)
        elif _is_phone(part):
            found.setdefault("phone", part)
        elif _NUMBER.fullmatch(digits):
            found.setdefault("id_number" if kind is ApplicantKind.CITIZEN else "note", digits)
        elif re.fullmatch(r"[^@\s]+@[^@\s]+", part):
            found.setdefault("email", part)
        elif "full_name" not in found and not digits.isdigit():
            found["full_name"] = part
        elif digits.isdigit():
            found.setdefault("id_number" if kind is ApplicantKind.CITIZEN else "tax_code", digits)
        else:
            found["address"] = ", ".join(text for text in (found.get("address", ""), part) if text)
    found.pop("note", None)
    return ApplicantFacts(kind=kind, birth_date=birth_date, **found)  # type: ignore[arg-type] -- texts by their names


def _date(text: str) -> date | None:
    match = re.fullmatch(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})", text)
    try:
        return date(int(match[3]), int(match[2]), int(match[1])) if match else None
    except ValueError:
        return None


def _is_phone(text: str) -> bool:
    try:
        number = normalise_phone(text)
    except PhoneError:
        return False
    return len(number) in (10, 11) or number.startswith("+")


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a line: the dossier, or why there is none."""

    line: Line
    dossier: Dossier | None = None
    error: UserError | None = None


def receive_people(
    session: Session,
    lines: Sequence[Line],
    *,
    common: Intake,
    counter: Counter,
    at: datetime,
    nonce: str,
    is_training: bool = False,
) -> list[Outcome]:
    """Take in one dossier a line, all with the procedure, papers and fees of ``common``; each stands for itself.

    The same list sent again gives the dossiers of the first time, and takes in only what was mended since.
    """
    outcomes = []
    for line in lines:
        if line.error is not None:
            outcomes.append(Outcome(line, error=line.error))
            continue
        key = f"{nonce}:{line.facts.id_number or line.facts.tax_code}"
        try:
            with session.begin_nested():
                dossier = receive_dossier(
                    session,
                    intake=replace(common, applicant=line.facts),
                    counter=counter,
                    at=at,
                    nonce=key,
                    is_training=is_training,
                )
            outcomes.append(Outcome(line, dossier=dossier))
        except UserError as error:
            outcomes.append(Outcome(line, error=error))
    return outcomes
