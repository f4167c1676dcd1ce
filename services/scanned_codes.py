"""What a scanner gun types: the number or the address on a slip, the code of an identity card, or what a hand types."""

import re
from dataclasses import dataclass

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session

from models.dossier import Dossier

_CARD = re.compile(r"(?P<number>\d{12})\|(?P<old>\d{9})?\|")
_NUMBER = re.compile(r"\d{12}|\d{9}|\d{10}(-\d{3})?|[A-Z]{1,2}\d{6,8}")
_ADDRESS = re.compile(r"https?://\S+/slip/(?P<token>[\w-]{1,100})/?", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Scan:
    """What was read: the ``code`` or token of a dossier; ``number`` where it may be a person's or organisation's."""

    code: str
    number: str = ""

    def condition(self) -> ColumnElement[bool]:
        """Return what finds the one dossier that was scanned."""
        return or_(Dossier.code == self.code.upper(), Dossier.legacy_code == self.code, Dossier.slip_token == self.code)


def read_scan(text: str) -> Scan:
    """Return what ``text`` says; the code on an identity card begins with its number and a bar."""
    written = text.strip()
    if card := _CARD.match(written):
        return Scan(code="", number=card["number"])
    if _NUMBER.fullmatch(written.upper()):
        return Scan(code=written, number=written.upper())
    if address := _ADDRESS.fullmatch(written):
        return Scan(code=address["token"])
    return Scan(code=written)


def find_scanned(session: Session, text: str) -> Dossier | None:
    """Return the dossier that was scanned, as the actor may see it; its own code goes before an earlier system's."""
    scan = read_scan(text)
    found = session.scalars(select(Dossier).where(scan.condition()).limit(5)).all()
    return min(found, key=lambda dossier: (dossier.code != scan.code.upper(), dossier.id), default=None)
