"""The letter that goes out with the figures of a period: what people wrote around them, every version kept.

Saving is adding a version; the figures are those of a freeze and cannot be written. Source: docs/adr/0028.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.access import User
from models.base import _
from models.frozen_figures import FrozenFigures, LetterVersion, ReportLetter
from models.organisation import Department, DepartmentKind, Site
from models.text import normalise
from services.errors import ConflictError
from services.localtime import local_date
from services.session import actor_of, require, unscoped

LINES = ("document_number", "place", "authority", "agency", "signer_title", "signer_name")
TEXTS = ("recipients", "opening", "assessment", "difficulties", "plans", "copies")
LONGEST_LINE, LONGEST_TEXT = 300, 20_000
LENGTHS = {"document_number": 60, "place": 100, "signer_title": 200, "signer_name": 120}


class LetterSavedMeanwhileError(ConflictError):
    """Somebody else saved the letter since the page was opened."""

    message = _(
        "Version %(number)s was saved meanwhile. What you wrote is still here: look at that version, then save again."
    )


@dataclass(frozen=True, kw_only=True, slots=True)
class LetterText:
    """What a person writes of a letter: the head, the paragraphs around the figures, the signature."""

    document_number: str = ""
    letter_date: date | None = None
    place: str = ""
    authority: str = ""
    agency: str = ""
    recipients: str = ""
    opening: str = ""
    assessment: str = ""
    difficulties: str = ""
    plans: str = ""
    copies: str = ""
    signer_title: str = ""
    signer_name: str = ""


def find_letter(session: Session, frozen: FrozenFigures) -> ReportLetter | None:
    """Return the letter of the period that was frozen; None before it is begun."""
    return session.scalars(select(ReportLetter).where(ReportLetter.period_id == frozen.period_id)).one_or_none()


def begin_letter(session: Session, frozen: FrozenFigures, *, at: datetime) -> ReportLetter:
    """Return the letter of the period that was frozen, begun with the usual words where there is none yet.

    Raises: DeniedError.
    """
    require(session, "report_letter", "write")
    session.refresh(frozen.period, with_for_update=True)  # one begins it
    letter = find_letter(session, frozen)
    if letter is None:
        letter = ReportLetter(period_id=frozen.period_id, begun_at=at)
        session.add(letter)
        session.flush()
        _add_version(session, letter, usual_text(session, frozen, at=at), frozen, at)
    return letter


def save_letter(
    session: Session, letter: ReportLetter, text: LetterText, *, seen_number: int, frozen: FrozenFigures, at: datetime
) -> LetterVersion:
    """Keep ``text`` as the next version around the figures of ``frozen``; the same again adds none.

    ``seen_number`` is the version the person began from.
    Raises: DeniedError, LetterSavedMeanwhileError.
    """
    require(session, "report_letter", "write", letter)
    session.refresh(letter, with_for_update={"of": ReportLetter})
    last = get_version(session, letter, letter.last_number)
    if text_of(last) == text and last.frozen_id == frozen.id:
        return last
    if seen_number != letter.last_number:
        raise LetterSavedMeanwhileError(number=letter.last_number)
    return _add_version(session, letter, text, frozen, at)


def get_version(session: Session, letter: ReportLetter, number: int) -> LetterVersion:
    """Return one version. Raises: sqlalchemy.exc.NoResultFound."""
    return session.scalars(
        select(LetterVersion).where(LetterVersion.letter_id == letter.id, LetterVersion.number == number)
    ).one()


def list_versions(session: Session, letter: ReportLetter) -> Sequence[LetterVersion]:
    """Return every version, newest first."""
    return session.scalars(
        select(LetterVersion).where(LetterVersion.letter_id == letter.id).order_by(LetterVersion.number.desc())
    ).all()


def list_freezes(session: Session, letter: ReportLetter) -> Sequence[FrozenFigures]:
    """Return the freezes of the letter's period whose figures it may carry, newest first."""
    return session.scalars(
        select(FrozenFigures).where(FrozenFigures.period_id == letter.period_id).order_by(FrozenFigures.version.desc())
    ).all()


def text_of(version: LetterVersion) -> LetterText:
    """Return what a person wrote of ``version``."""
    return LetterText(**{name: getattr(version, name) for name in LetterText.__dataclass_fields__})


def read_text(typed: Mapping[str, str]) -> LetterText:
    """Return typed text as it is kept: NFC, within its length. Raises: ValueError for a date that is none."""
    lines = {name: " ".join(_clean(typed, name).split())[: LENGTHS.get(name, LONGEST_LINE)] for name in LINES}
    texts = {name: _clean(typed, name)[:LONGEST_TEXT] for name in TEXTS}
    day = typed.get("letter_date", "").strip()
    return LetterText(letter_date=date.fromisoformat(day) if day else None, **lines, **texts)


def usual_text(session: Session, frozen: FrozenFigures, *, at: datetime) -> LetterText:
    """Return the words a letter begins with: who writes to whom about which period."""
    with unscoped(session, "head of the letter of a period"):
        site = session.scalars(select(Site).order_by(Site.id).limit(1)).one_or_none()
        centre = session.scalars(
            select(Department).where(Department.kind == DepartmentKind.CENTRE).order_by(Department.id).limit(1)
        ).one_or_none()
        user = session.get(User, actor_of(session).user_id) if actor_of(session).user_id else None
        writer = user.staff if user is not None else None
    agency = centre.name if centre else site.name if site else ""
    authority = (site.authority or "") if site else ""
    days = f"từ ngày {frozen.since_date:%d/%m/%Y} đến ngày {frozen.until_date:%d/%m/%Y}"
    return LetterText(
        document_number="/BC-TTPVHCC",
        letter_date=local_date(at),
        place=(site.place_name or "") if site else "",
        authority=authority,
        agency=agency,
        recipients=authority,
        opening=f"Thực hiện chế độ báo cáo định kỳ về tình hình tiếp nhận, giải quyết thủ tục hành chính, {agency} "
        f"báo cáo kết quả {_lower(frozen.period.name)} ({days}) như sau:",
        copies="Như trên;\nLưu: VT.",
        signer_title="GIÁM ĐỐC",
        signer_name=writer.full_name if writer is not None and "DIRECTOR" in actor_of(session).roles else "",
    )


def _add_version(
    session: Session, letter: ReportLetter, text: LetterText, frozen: FrozenFigures, at: datetime
) -> LetterVersion:
    letter.last_number += 1
    version = LetterVersion(
        letter=letter,
        number=letter.last_number,
        frozen=frozen,
        saved_at=at,
        saved_by_id=actor_of(session).user_id,
        **{name: getattr(text, name) for name in LetterText.__dataclass_fields__},
    )
    session.add(version)
    session.flush()  # of two who save at once, the unique number stops one
    return version


def _clean(typed: Mapping[str, str], name: str) -> str:
    """Return typed text in NFC without control characters; its lines stay."""
    return "\n".join(normalise(line) for line in typed.get(name, "").splitlines()).strip()


def _lower(name: str) -> str:
    return name[:1].lower() + name[1:]
