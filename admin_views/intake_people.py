"""Who an intake is for: the person of a number, of a scanned card, or one of those who may be the same."""

from collections.abc import Mapping

from flask import Blueprint, jsonify, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from admin_views.intake_form import IntakeForm
from models.applicant import Applicant
from models.states import ApplicantKind
from models.text import fold
from services.applicants import ApplicantFacts, find_applicant, find_duplicates, pick_applicant
from services.citizen_card import CitizenCard, read_card
from services.errors import UserError
from services.identity import normalise_id_number, normalise_tax_code, read_citizen_number
from services.localtime import local_date
from web.access import permitted
from web.clock import request_time
from web.database import database

bp = Blueprint("intake_people", __name__, url_prefix="/counter/intake")

DIGITS_SHOWN = 3


@bp.post("/applicant")
@permitted("dossier", "receive")
def show_applicant() -> ResponseReturnValue:
    """Give the known person of an exact number, or the one chosen; a POST, so that no number stands in an address.

    ``note`` says what the number tells about its holder, ``error`` what is wrong with it.
    """
    session = database().session()
    if "public_id" in request.form:
        applicant = pick_applicant(session, public_id=request.form["public_id"])
    else:
        applicant = find_applicant(session, number=request.form.get("number", ""))
    session.commit()
    said = _said_of_number() if "number" in request.form else {}
    return jsonify(found=applicant is not None, **said, **(_facts(applicant) if applicant else {}))


def _said_of_number() -> dict[str, str]:
    number = request.form["number"]
    try:
        if request.form.get("kind", ApplicantKind.CITIZEN) != ApplicantKind.CITIZEN:
            normalise_tax_code(number)
            return {}
        number = normalise_id_number(number, today=local_date(request_time()))
    except UserError as error:
        return {"error": gettext(error.message_id, **error.values)}
    return {"note": _holder(number)} if len(number) == 12 else {}


def _holder(number: str) -> str:
    citizen = read_citizen_number(number)
    sex = gettext("Female") if citizen.is_female else gettext("Male")
    return " · ".join([sex, str(citizen.birth_year), citizen.province or gettext("born abroad")])


@bp.post("/card")
@permitted("dossier", "receive")
def read_scanned_card() -> ResponseReturnValue:
    """Give the person of a scanned card: what the card says, and what is known of them beside it."""
    session = database().session()
    try:
        card = read_card(request.form.get("text", ""), at=request_time())
    except UserError as error:
        return jsonify(error=gettext(error.message_id, **error.values)), error.status
    known = find_applicant(session, number=card.number)
    if known is None and card.old_number:
        known = find_applicant(session, number=card.old_number)
        if known is not None and card.full_name and fold(known.full_name) != fold(card.full_name):
            known = None  # the old number had been somebody else's, or was typed wrongly once
    session.commit()
    facts = {**(_facts(known) if known else {}), **{name: text for name, text in _of_card(card).items() if text}}
    return jsonify(found=known is not None, note=_holder(card.number), is_partial=not card.full_name, **facts)


def _of_card(card: CitizenCard) -> dict[str, str]:
    return {
        "kind": ApplicantKind.CITIZEN.value,
        "id_number": card.number,
        "old_id_number": card.old_number,
        "full_name": card.full_name,
        "birth_date": card.birth_date.isoformat() if card.birth_date else "",
        "address": card.address,
    }


@bp.post("/duplicates")
@permitted("dossier", "receive")
def show_duplicates() -> ResponseReturnValue:
    """Give people who may be the one being typed in: no more of each than tells them apart."""
    session = database().session()
    form = IntakeForm(request.form)
    form.validate()
    found = find_duplicates(session, facts=_typed(form))
    session.commit()
    return jsonify(people=[{"public_id": row.public_id, "text": _apart(row)} for row in found])


def _typed(form: IntakeForm) -> ApplicantFacts:
    return ApplicantFacts(
        full_name=form.full_name.data or "",
        id_number=(form.id_number.data or "").strip(),
        old_id_number=(form.old_id_number.data or "").strip(),
        tax_code=(form.tax_code.data or "").strip(),
        phone=form.phone.data or "",
        birth_date=form.birth_date.data,
    )


def _apart(row: Applicant) -> str:
    """Return a name with the year of birth, the ends of number and telephone, and the place."""
    number, phone = row.id_number or row.tax_code or "", row.phone or ""
    parts = [
        row.full_name,
        str(row.birth_date.year) if row.birth_date else "",
        f"…{number[-DIGITS_SHOWN:]}" if number else "",
        f"☎ …{phone[-DIGITS_SHOWN:]}" if phone else "",
        (row.address or "").rpartition(",")[2].strip(),
    ]
    return " · ".join(part for part in parts if part)


def _facts(applicant: Applicant) -> Mapping[str, str]:
    return {
        "kind": applicant.kind.value,
        "id_number": applicant.id_number or "",
        "old_id_number": applicant.old_id_number or "",
        "tax_code": applicant.tax_code or "",
        "full_name": applicant.full_name,
        "birth_date": applicant.birth_date.isoformat() if applicant.birth_date else "",
        "phone": applicant.phone or "",
        "email": applicant.email or "",
        "address": applicant.address or "",
    }
