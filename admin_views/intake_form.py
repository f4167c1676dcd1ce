"""The intake form: what a clerk types, read without losing a letter, and errors put beside their fields."""

import re
from collections.abc import Mapping
from typing import Any

from flask import url_for
from flask_babel import gettext
from werkzeug.datastructures import MultiDict
from wtforms import BooleanField, DateField, HiddenField, SelectField, StringField, TextAreaField
from wtforms.validators import Length, Optional

from models.base import Choice
from models.procedure import Procedure
from models.states import ApplicantKind, Channel, ProofKind, ReturnMethod
from services.applicants import (
    ApplicantFacts,
    ApplicantIdentityMissingError,
    ApplicantMismatchError,
    ApplicantNameMissingError,
)
from services.dossier_intake import (
    AddressMissingError,
    Intake,
    Paper,
    PapersMissingError,
    ProofMissingError,
    ProofNumberMissingError,
    SubmitterIdNumberError,
    SubmitterNameMissingError,
)
from services.dossier_moves import ReasonMissingError
from services.errors import UserError
from services.identity import IdBirthDateError, IdNumberError, PhoneError, TaxCodeError
from services.intake_fees import Charge
from services.intake_quote import (
    ForeignCounterError,
    ProcedureElsewhereError,
    ProcedureNotInForceError,
    ProcedureUnknownError,
    Quote,
)
from web.database import database
from web.forms import Form, LookupField, clean
from web.texts import lazy_gettext as _l

MOST_PAPERS = 99
OTHER_PAPERS = 3

_FIELD_OF_ERROR: Mapping[type[UserError], str] = {
    ProcedureUnknownError: "procedure",
    ProcedureNotInForceError: "procedure",
    ProcedureElsewhereError: "procedure",
    ForeignCounterError: "procedure",
    ApplicantNameMissingError: "full_name",
    ApplicantIdentityMissingError: "id_number",
    ApplicantMismatchError: "full_name",
    IdNumberError: "id_number",
    IdBirthDateError: "birth_date",
    TaxCodeError: "tax_code",
    PhoneError: "phone",
    AddressMissingError: "address",
    SubmitterIdNumberError: "submitter_id_number",
    SubmitterNameMissingError: "submitter_name",
    ProofMissingError: "submitter_proof",
    ProofNumberMissingError: "submitter_proof_number",
    PapersMissingError: "accepts_missing_papers",
    ReasonMissingError: "reason",
}


def _choices(choice: type[Choice]) -> list[tuple[str, str]]:
    return [(member.value, gettext(member.label)) for member in choice]


def _find_procedure(key: int) -> Procedure | None:
    return database().session().get(Procedure, key)


class IntakeForm(Form):
    """Everything but the checklist, whose rows depend on the procedure."""

    nonce = HiddenField()
    procedure = LookupField(_l("Procedure"), find=_find_procedure, address=lambda: url_for("intake.find_procedures"))
    channel = SelectField(_l("Channel"))
    kind = SelectField(_l("Kind of applicant"))
    id_number = StringField(
        _l("ID number"),
        [Length(max=40)],
        render_kw={
            "autocomplete": "off",
            "maxlength": 500,
        },  # the code on a citizen card holds much more than the number
    )
    old_id_number = StringField(_l("Earlier ID number"), [Length(max=40)], render_kw={"autocomplete": "off"})
    tax_code = StringField(_l("Tax code"), [Length(max=40)], render_kw={"inputmode": "numeric", "autocomplete": "off"})
    full_name = StringField(_l("Full name"), [Length(max=300)], render_kw={"autocomplete": "off"})
    has_new_name = BooleanField(_l("The name has changed; the number is right"))
    birth_date = DateField(_l("Date of birth"), [Optional()])
    phone = StringField(_l("Telephone"), [Length(max=40)], render_kw={"inputmode": "tel", "autocomplete": "off"})
    email = StringField(_l("E-mail"), [Length(max=200)], render_kw={"inputmode": "email", "autocomplete": "off"})
    address = StringField(_l("Address"), [Length(max=400)], render_kw={"autocomplete": "off"})
    submitter_name = StringField(_l("Handed in by"), [Length(max=300)], render_kw={"autocomplete": "off"})
    submitter_id_number = StringField(
        _l("ID number of that person"), [Length(max=40)], render_kw={"autocomplete": "off"}
    )
    submitter_proof = SelectField(_l("What shows that they may"), default="")
    submitter_proof_number = StringField(_l("Number of the proof"), [Length(max=60)], render_kw={"autocomplete": "off"})
    return_method = SelectField(_l("Return of the result"))
    subject = StringField(_l("Content"), [Length(max=1000)], render_kw={"autocomplete": "off"})
    note = StringField(_l("Note"), [Length(max=1000)], render_kw={"autocomplete": "off"})
    accepts_missing_papers = BooleanField(_l("Take it although papers are missing"))
    missing = TextAreaField(_l("What is missing, a line each"), [Length(max=2000)])
    reason = TextAreaField(_l("Reason of the refusal"), [Length(max=2000)])

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.channel.choices = _choices(Channel)
        self.kind.choices = _choices(ApplicantKind)
        self.return_method.choices = _choices(ReturnMethod)
        self.submitter_proof.choices = [("", ""), *_choices(ProofKind)]

    def intake(self, quote: Quote | None, values: MultiDict[str, str]) -> Intake:
        """Return what was typed; the checklist and fees are read for the procedure of ``quote``."""
        return Intake(
            procedure_id=self.procedure.data.id if self.procedure.data else None,
            case_id=quote.case.id if quote and quote.case else None,
            method_id=quote.method.id if quote and quote.method else None,
            applicant=ApplicantFacts(
                kind=ApplicantKind(self.kind.data),
                full_name=clean(self.full_name.data) or "",
                id_number=clean(self.id_number.data) or "",
                old_id_number=clean(self.old_id_number.data) or "",
                tax_code=clean(self.tax_code.data) or "",
                birth_date=self.birth_date.data,
                phone=clean(self.phone.data) or "",
                email=clean(self.email.data) or "",
                address=clean(self.address.data) or "",
                has_new_name=self.has_new_name.data,
            ),
            channel=Channel(self.channel.data),
            return_method=ReturnMethod(self.return_method.data),
            papers=tuple(_papers(quote, values)),
            charges=tuple(_charges(quote, values)),
            submitter_name=clean(self.submitter_name.data) or "",
            submitter_id_number=clean(self.submitter_id_number.data) or "",
            submitter_proof=ProofKind(self.submitter_proof.data) if self.submitter_proof.data else None,
            submitter_proof_number=clean(self.submitter_proof_number.data) or "",
            subject=clean(self.subject.data) or "",
            note=clean(self.note.data) or "",
            accepts_missing_papers=self.accepts_missing_papers.data,
        )

    def blame(self, error: UserError, act: str = "") -> list[str]:
        """Put the message of ``error`` beside the field it is about; return it where it is about none."""
        message = gettext(error.message_id, **error.values)
        name = next((_FIELD_OF_ERROR[kind] for kind in type(error).__mro__ if kind in _FIELD_OF_ERROR), None)
        if isinstance(error, ApplicantIdentityMissingError) and self.kind.data != ApplicantKind.CITIZEN:
            name = "tax_code"
        if name == "reason" and act == "supplement":
            name = "missing"
        if name is None:
            return [message]
        self[name].errors = [*self[name].errors, message]
        return []


def _charges(quote: Quote | None, values: MultiDict[str, str]) -> list[Charge]:
    return [
        Charge(
            fee_id=fee.id,
            quantity=max(values.get(f"fee-times-{fee.id}", default=1, type=int), 1),
            amount_vnd=_amount(values.get(f"fee-amount-{fee.id}", "")),
        )
        for fee in (quote.fees if quote else ())
        if f"fee-{fee.id}" in values
    ]


def _amount(text: str) -> int | None:
    """Return an amount as it is typed, with or without dots between its groups; None where there is none."""
    digits = re.sub(r"[\s.,đ]", "", text)
    return int(digits) if re.fullmatch(r"[0-9]{1,12}", digits) else None


def _papers(quote: Quote | None, values: MultiDict[str, str]) -> list[Paper]:
    papers = [
        Paper(
            name=str(document),
            required_document_id=document.id,
            original_count=_count(values, f"original-{document.id}"),
            certified_count=_count(values, f"certified-{document.id}"),
            copy_count=_count(values, f"copy-{document.id}"),
        )
        for document in (quote.documents if quote else ())
        if f"paper-{document.id}" in values
    ]
    for number in range(1, OTHER_PAPERS + 1):
        name = clean(values.get(f"other-{number}"))
        if name:
            kinds = ("original", "certified", "copy")
            originals, certified, copies = (_count(values, f"other-{kind}-{number}") for kind in kinds)
            originals = originals or int(not (certified or copies))
            papers.append(Paper(name=name, original_count=originals, certified_count=certified, copy_count=copies))
    return papers


def _count(values: MultiDict[str, str], name: str) -> int:
    number = values.get(name, default=0, type=int)
    return min(max(number, 0), MOST_PAPERS)
