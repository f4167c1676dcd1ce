"""Codes of dossiers and procedures: how they are written, and numbers without a gap.

Source: domain.md 2.5, design decision 4.
"""

import re
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import case
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from models.base import _
from models.procedure_terms import PROCEDURE_CODE as PROCEDURE_CODE_PATTERN
from models.system import CodeCounter
from services.errors import UserError
from services.localtime import local_date

__all__ = [
    "CODE_PATTERN",
    "PROCEDURE_CODE_PATTERN",
    "TRAINING_CODE_PATTERN",
    "CodeInvalidError",
    "DossierCode",
    "SeriesExhaustedError",
    "UnitCodeInvalidError",
    "allocate_code",
    "allocate_number",
    "note_imported_code",
    "parse_code",
]

UNIT_CODE = r"(?:[0-9]{3}\.[0-9]{2}\.[0-9]{2}\.[A-Z][0-9]{2}|[A-Z][0-9]{2}(?:\.[0-9]{2}){0,3})"
CODE_PATTERN = re.compile(rf"(?P<unit>{UNIT_CODE})-(?P<day>[0-9]{{6}}|[0-9]{{8}})-(?P<number>[0-9]{{4,7}})")
"""A dossier code; use ``fullmatch``. Eight digits of the day are how one vendor writes it: read, never written."""

TRAINING_PREFIX = "T-"
TRAINING_CODE_PATTERN = re.compile(rf"T-{UNIT_CODE}-[0-9]{{6}}-[0-9]{{4,7}}")

_UNIT_PATTERN = re.compile(UNIT_CODE)
_LAST_NUMBER = 9_999_999


class CodeInvalidError(UserError):
    """A code does not have the national form."""

    message = _("%(code)s is not a dossier code: it looks like H19.07-170515-0001.")


class UnitCodeInvalidError(UserError):
    """The code of a one-stop unit cannot begin a dossier code."""

    message = _("%(unit)s cannot begin a dossier code: give the site a unit code such as H19.07.")


class SeriesExhaustedError(UserError):
    """A day's numbers are used up."""

    message = _("%(series)s has no number left on %(day)s.")


@dataclass(frozen=True, slots=True)
class DossierCode:
    """The parts of a dossier code; ``is_ours`` says that it is written as this system writes codes."""

    unit: str
    local_date: date
    number: int
    is_ours: bool


def parse_code(code: str) -> DossierCode:
    """Return the parts of a dossier code in either of the two national spellings.

    Raises: CodeInvalidError, also for a day that no calendar has.
    """
    match = CODE_PATTERN.fullmatch(code)
    if match is None:
        raise CodeInvalidError(code=code)
    digits = match["day"] if len(match["day"]) == 8 else f"20{match['day']}"
    try:
        day = date(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
    except ValueError:
        raise CodeInvalidError(code=code) from None
    number = int(match["number"])
    return DossierCode(match["unit"], day, number, code == _write(match["unit"], day, number))


def allocate_code(session: Session, *, unit_code: str, at: datetime, is_training: bool = False) -> str:
    """Return the next dossier code of a one-stop unit on the local day of ``at``, without gap or duplicate.

    The number is taken in the caller's transaction: rolled back with it, and no other transaction gets one of the
    same unit and day before it ends. Training has a series of its own, which no dossier code can be mistaken for.
    Raises: UnitCodeInvalidError, SeriesExhaustedError.
    """
    if not _UNIT_PATTERN.fullmatch(unit_code):
        raise UnitCodeInvalidError(unit=unit_code)
    prefix = TRAINING_PREFIX if is_training else ""
    day = local_date(at)
    return prefix + _write(unit_code, day, allocate_number(session, series=prefix + unit_code, local_date=day))


def allocate_number(session: Session, *, series: str, local_date: date) -> int:
    """Return the next number of a series on a local day, from 1, without gap or duplicate.

    Raises: SeriesExhaustedError.
    """
    number = _advance(session, series, local_date, None)
    if number > _LAST_NUMBER:
        raise SeriesExhaustedError(series=series, day=f"{local_date:%d/%m/%Y}")
    return number


def note_imported_code(session: Session, code: str) -> None:
    """Move the counter past an imported code, so that no code is given twice.

    A code in another spelling can never equal one of ours and moves nothing; its number may run far ahead.
    Raises: CodeInvalidError.
    """
    parts = parse_code(code)
    if parts.is_ours:
        _advance(session, parts.unit, parts.local_date, parts.number)


def _write(unit: str, day: date, number: int) -> str:
    return f"{unit}-{day:%y%m%d}-{number:04d}"


def _advance(session: Session, series: str, day: date, reached: int | None) -> int:
    """Add one to the counter, or lift it to ``reached``, in one statement, and return it; the row stays locked."""
    insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    last = CodeCounter.last_number
    lifted = last + 1 if reached is None else case((last < reached, reached), else_=last)
    statement = (
        insert(CodeCounter)
        .values(series=series, local_date=day, last_number=1 if reached is None else reached)
        .on_conflict_do_update(
            index_elements=[CodeCounter.series, CodeCounter.local_date], set_={CodeCounter.last_number: lifted}
        )
        .returning(CodeCounter.last_number)
    )
    return session.scalars(statement, execution_options={"populate_existing": True}).one()
