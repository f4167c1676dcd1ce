"""The form at the hand-over: who takes which results, by what right, or by which post."""

import json
from typing import Any

from flask_babel import gettext
from wtforms import BooleanField, HiddenField, IntegerField, SelectField, StringField
from wtforms.validators import Length, NumberRange, Optional

from models.base import Choice
from models.collection import CollectorKind, SignatureKind
from models.dossier import Dossier
from models.postal_list import PostagePayer
from models.states import ProofKind, ReturnMethod
from services.collectors import (
    PROOFS,
    Collector,
    CollectorIdMissingError,
    CollectorIdNumberError,
    CollectorMissingError,
    CollectorOtherError,
    CollectorProofError,
    DeclarationMissingError,
    SignatureMissingError,
    read_strokes,
    usual_collector,
)
from services.dossier_return import EarlierResultOutError, Parcel, WaybillMissingError
from services.errors import UserError
from services.postal_lists import MOST_POSTAGE
from web.forms import Form, clean
from web.texts import lazy_gettext as _l

TYPED = {"autocomplete": "off"}

_FIELD_OF_ERROR: dict[type[UserError], str] = {
    CollectorMissingError: "collected_by_name",
    CollectorOtherError: "collected_by_name",
    CollectorIdNumberError: "collected_by_id_number",
    CollectorIdMissingError: "collected_by_id_number",
    CollectorProofError: "proof_number",
    DeclarationMissingError: "lost_note",
    SignatureMissingError: "signature",
    EarlierResultOutError: "not_back_reason",
    WaybillMissingError: "waybill",
}


class CarrierForm(Form):
    """What the post takes."""

    waybill = StringField(_l("Waybill"), [Length(max=60)], render_kw=TYPED)
    carrier = StringField(_l("Carrier"), [Length(max=200)], render_kw=TYPED)
    postage_amount = IntegerField(_l("Postage"), [Optional(), NumberRange(min=0, max=MOST_POSTAGE)])
    postage_payer = SelectField(_l("Postage paid by"), default=PostagePayer.APPLICANT_ON_DELIVERY.value)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.postage_payer.choices = choices(PostagePayer)

    def parcel(self) -> Parcel:
        """Return what was entered."""
        return Parcel(
            waybill=clean(self.waybill.data) or "",
            carrier=clean(self.carrier.data) or "",
            postage_amount=self.postage_amount.data or 0,
            postage_payer=PostagePayer(self.postage_payer.data),
        )


class ReturnForm(CarrierForm):
    """Who gets the results, and how."""

    nonce = HiddenField()
    method = SelectField(_l("Handed over"), default=ReturnMethod.COUNTER.value)
    collector_kind = SelectField(_l("Who collects"), default=CollectorKind.APPLICANT.value)
    collected_by_name = StringField(_l("Collected by"), [Length(max=300)], render_kw=TYPED)
    collected_by_id_number = StringField(_l("ID number"), [Length(max=1000)], render_kw=TYPED)
    proof_kind = SelectField(_l("Proof"), default="")
    proof_number = StringField(_l("Number and date of the proof"), [Length(max=100)], render_kw=TYPED)
    has_lost_receipt = BooleanField(_l("The receipt is lost"))
    lost_note = StringField(_l("What the person declares"), [Length(max=1000)], render_kw=TYPED)
    brings_earlier = BooleanField(_l("The wrong result is taken back"))
    not_back_reason = StringField(_l("If not: why"), [Length(max=500)], render_kw=TYPED)
    signature = SelectField(_l("Signature"), default=SignatureKind.PAPER.value)
    strokes = HiddenField()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.method.choices = choices(ReturnMethod)
        self.collector_kind.choices = choices(CollectorKind)
        self.proof_kind.choices = [("", ""), *((kind.value, gettext(kind.label)) for kind in PROOFS)]
        self.signature.choices = choices(SignatureKind)

    def collector(self) -> Collector:
        """Return who collects, as entered."""
        return Collector(
            name=clean(self.collected_by_name.data) or "",
            id_number=clean(self.collected_by_id_number.data) or "",
            kind=CollectorKind(self.collector_kind.data),
            proof_kind=ProofKind(self.proof_kind.data) if self.proof_kind.data else None,
            proof_number=clean(self.proof_number.data) or "",
            signature=SignatureKind(self.signature.data),
            strokes=read_strokes(_json(self.strokes.data)),
            has_lost_receipt=self.has_lost_receipt.data,
            lost_note=clean(self.lost_note.data) or "",
            brings_earlier=self.brings_earlier.data,
            not_back_reason=clean(self.not_back_reason.data) or "",
        )

    def blame(self, error: UserError) -> tuple[str, ...]:
        """Put the message of ``error`` beside the field it is about; return it where it is about none."""
        message = gettext(error.message_id, **error.values)
        name = _FIELD_OF_ERROR.get(type(error))
        if name is None:
            return (message,)
        self[name].errors = [message]
        return ()


def choices(choice: type[Choice]) -> list[tuple[str, str]]:
    """Return the options of a closed list."""
    return [(member.value, gettext(member.label)) for member in choice]


def _json(text: str | None) -> object:
    try:
        return json.loads(text or "[]")
    except (ValueError, RecursionError):
        return None


def first_values(dossier: Dossier, nonce: str) -> dict[str, Any]:
    """Return what the form holds before anybody typed: whoever is expected to come."""
    expected = usual_collector(dossier)
    return {
        "nonce": nonce,
        "method": dossier.return_method.value,
        "collector_kind": expected.kind.value,
        "collected_by_name": expected.name,
        "collected_by_id_number": expected.id_number,
    }
