"""Who may take a result: the applicant, whoever handed the dossier in, or somebody with a proof."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from models.base import _
from models.collection import CollectorKind, SignatureKind
from models.dossier import Dossier
from models.states import ApplicantKind, ProofKind
from models.text import fold, normalise
from services.citizen_card import CardSexError, CardUnreadableError, read_card
from services.errors import UserError
from services.identity import IdNumberError, normalise_id_number
from services.localtime import local_date

Stroke = Sequence[Sequence[int]]
"""One line of a signature: points (x, y)."""

PROOFS = tuple(kind for kind in ProofKind if kind.has_number)
"""What lets somebody collect for another: to have brought a dossier is not enough."""

SIGNATURE_WIDTH, SIGNATURE_HEIGHT = 1000, 400
MOST_POINTS = 8000


class CollectorMissingError(UserError):
    message = _("Enter who collects the result.")


class CollectorIdNumberError(UserError):
    message = _("Check the ID number of whoever collects: 12 or 9 digits, or a passport number.")


class CollectorIdMissingError(UserError):
    message = _("Enter the ID number of whoever collects: they do not collect for themselves.")


class CollectorOtherError(UserError):
    """Neither name nor number are those of the person the dossier names."""

    message = _(
        "%(name)s is not the person that %(code)s names. Correct the name, or choose “Somebody authorised” "
        "and enter the proof."
    )


class CollectorProofError(UserError):
    message = _("Enter what shows that this person may collect: the kind of proof and its number.")


class DeclarationMissingError(UserError):
    message = _("The receipt is lost: write down what the person declares about it.")


class SignatureMissingError(UserError):
    message = _("Nothing was drawn. Have the person sign in the box, or tick that they signed on paper.")


@dataclass(frozen=True, kw_only=True, slots=True)
class Collector:
    """Whoever collects, as entered at the counter.

    strokes          what was drawn, empty where the signature is on paper
    lost_note        what was declared about a lost receipt
    brings_earlier   whether wrong results handed over before were brought back; ``not_back_reason`` why not
    """

    name: str
    id_number: str = ""
    kind: CollectorKind = CollectorKind.APPLICANT
    proof_kind: ProofKind | None = None
    proof_number: str = ""
    signature: SignatureKind = SignatureKind.PAPER
    strokes: Sequence[Stroke] = ()
    has_lost_receipt: bool = False
    lost_note: str = ""
    brings_earlier: bool = False
    not_back_reason: str = ""


def clean_collector(collector: Collector, dossiers: Iterable[Dossier], *, at: datetime) -> Collector:
    """Return ``collector`` checked against the dossiers and written one way.

    Raises: CollectorMissingError, CollectorIdNumberError, CollectorIdMissingError, CollectorOtherError,
    CollectorProofError, DeclarationMissingError, SignatureMissingError.
    """
    name, number = _clean_person(collector, at)
    is_proxy = collector.kind is CollectorKind.PROXY
    if is_proxy:
        _check_proof(collector, number)
    else:
        for dossier in dossiers:
            if not _is_named(dossier, collector.kind, name, number):
                raise CollectorOtherError(name=name, code=dossier.code)
    if collector.has_lost_receipt and not collector.lost_note.strip():
        raise DeclarationMissingError
    is_drawn = collector.signature is SignatureKind.DRAWN
    if is_drawn and not collector.strokes:
        raise SignatureMissingError
    return Collector(
        name=name,
        id_number=number,
        kind=collector.kind,
        proof_kind=collector.proof_kind if is_proxy else None,
        proof_number=normalise(collector.proof_number) if is_proxy else "",
        signature=collector.signature,
        strokes=collector.strokes if is_drawn else (),
        has_lost_receipt=collector.has_lost_receipt,
        lost_note=collector.lost_note.strip() if collector.has_lost_receipt else "",
        brings_earlier=collector.brings_earlier,
        not_back_reason=collector.not_back_reason.strip(),
    )


def _clean_person(collector: Collector, at: datetime) -> tuple[str, str]:
    """Return name and number; the square code of a citizen card in the field of the number says both."""
    name, number = normalise(collector.name), collector.id_number.strip()
    try:
        if "|" in number:
            card = read_card(number, at=at)
            name, number = card.full_name or name, card.number
        elif number:
            number = normalise_id_number(number, today=local_date(at))
    except (IdNumberError, CardUnreadableError, CardSexError) as error:
        raise CollectorIdNumberError from error
    if not name:
        raise CollectorMissingError
    return name, number


def _check_proof(collector: Collector, number: str) -> None:
    if not number:
        raise CollectorIdMissingError
    if collector.proof_kind not in PROOFS or not collector.proof_number.strip():
        raise CollectorProofError


def _is_named(dossier: Dossier, kind: CollectorKind, name: str, number: str) -> bool:
    """Return whether the dossier names this person; an organisation comes through whoever represents it."""
    if _is_same(name, number, dossier.applicant_name, dossier.applicant_id_number):
        return True
    if kind is CollectorKind.SUBMITTER:
        return _is_same(name, number, dossier.submitter_name, dossier.submitter_id_number)
    return dossier.applicant_kind is not ApplicantKind.CITIZEN


def _is_same(name: str, number: str, known_name: str | None, known_number: str | None) -> bool:
    """Return whether two people are one: by their numbers where both have one, else by their names."""
    if not known_name:
        return False
    if number and known_number:
        return number == known_number
    return fold(name) == fold(known_name)


def usual_collector(dossier: Dossier) -> Collector:
    """Return who is expected to come for a dossier: whoever handed it in, else the applicant."""
    if dossier.submitter_name:
        return Collector(
            name=dossier.submitter_name,
            id_number=dossier.submitter_id_number or "",
            kind=CollectorKind.SUBMITTER,
        )
    return Collector(name=dossier.applicant_name, id_number=dossier.applicant_id_number or "")


def read_strokes(value: object) -> tuple[Stroke, ...]:
    """Return drawn lines from untrusted JSON; empty where it holds anything but points of the box."""
    if not isinstance(value, list):
        return ()
    strokes = tuple(_stroke(line) for line in value)
    points = sum(len(line) for line in strokes)
    return strokes if all(strokes) and 4 <= points <= MOST_POINTS else ()


def _stroke(line: object) -> Stroke:
    if not isinstance(line, list):
        return ()
    points = [tuple(point) for point in line if isinstance(point, list) and len(point) == 2]
    is_drawn = len(points) == len(line) and all(
        type(x) is int and type(y) is int and 0 <= x <= SIGNATURE_WIDTH and 0 <= y <= SIGNATURE_HEIGHT
        for x, y in points
    )
    return points if is_drawn else ()


def signature_svg(strokes: Iterable[Stroke]) -> str:
    """Return drawn lines as an SVG document."""
    paths = "".join(
        f'<path d="M{" L".join(f"{x} {y}" for x, y in line)}"/>' if len(line) > 1 else _dot(line[0]) for line in strokes
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {SIGNATURE_WIDTH} {SIGNATURE_HEIGHT}" fill="none" '
        f'stroke="#1a2a5e" stroke-width="6" stroke-linecap="round" stroke-linejoin="round">{paths}</svg>'
    )


def _dot(point: Sequence[int]) -> str:
    return f'<circle cx="{point[0]}" cy="{point[1]}" r="3"/>'
