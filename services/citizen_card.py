"""The square code on a citizen card: one line of text that a scanner types, and what it says about the holder."""

import re
from dataclasses import dataclass
from datetime import date, datetime

from models.base import _
from models.text import normalise
from services.errors import UserError
from services.identity import check_birth_date, normalise_id_number, read_citizen_number
from services.localtime import local_date

_FEMALE, _MALE = "nữ", "nam"


class CardUnreadableError(UserError):
    message = _("This is not the square code of a citizen card. Scan it again, or type the number.")


class CardSexError(UserError):
    message = _("The number and the sex on the card contradict each other. Compare the card, and type the number.")


@dataclass(frozen=True, kw_only=True, slots=True)
class CitizenCard:
    """What a card says. ``old_number`` is that of the earlier card, empty where there was none.

    A name or address that came without its letters is left empty: many scanners send "?" for Vietnamese letters.
    """

    number: str
    old_number: str = ""
    full_name: str = ""
    birth_date: date | None = None
    is_female: bool | None = None
    address: str = ""
    issued_date: date | None = None


def read_card(text: str, *, at: datetime) -> CitizenCard:
    """Return what the code of a citizen card says: number, old number, name, birth, sex, address, date of issue.

    The number is checked by itself and against sex and date of birth. Cards since 2024 append further parts.
    Raises: CardUnreadableError, CardSexError, IdNumberError. Source: Circular 06/2021/TT-BCA.
    """
    parts = [normalise(part) for part in text[:1000].split("|")]
    if len(parts) < 6 or not re.fullmatch(r"[0-9]{12}", parts[0]):
        raise CardUnreadableError
    parts += [""] * (7 - len(parts))
    number, old_number, name, born, sex, address, issued = parts[:7]
    number = normalise_id_number(number, today=local_date(at))
    birth_date = _date(born)
    check_birth_date(number, birth_date)
    return CitizenCard(
        number=number,
        old_number=old_number if re.fullmatch(r"[0-9]{9}", old_number) else "",
        full_name=_legible(name),
        birth_date=birth_date,
        is_female=_sex(number, sex),
        address=_legible(address),
        issued_date=_date(issued),
    )


def _date(text: str) -> date | None:
    """Return ``ddmmyyyy`` as a date; None where it is none, as for somebody whose day of birth is unknown."""
    try:
        return datetime.strptime(text, "%d%m%Y").date() if re.fullmatch(r"[0-9]{8}", text) else None  # noqa: DTZ007 -- a date, no instant
    except ValueError:
        return None


def _sex(number: str, word: str) -> bool | None:
    if word.casefold() not in (_FEMALE, _MALE):
        return None
    is_female = word.casefold() == _FEMALE
    if is_female is not read_citizen_number(number).is_female:
        raise CardSexError
    return is_female


def _legible(text: str) -> str:
    return "" if re.search(r"[?\N{REPLACEMENT CHARACTER}]", text) else text
