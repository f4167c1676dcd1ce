"""A hand-over of results afterwards: what was given to whom, its slip and signature; the form for a lost receipt."""

from flask import Blueprint, Response, abort, render_template
from flask.typing import ResponseReturnValue
from flask_babel import force_locale
from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload, selectinload

from admin_views.counter import read_desk
from admin_views.handover import find_dossier, sees_personal
from admin_views.paper_facts import letterhead_values
from admin_views.papers import pdf_answer
from admin_views.verbs import Verb, offer
from models.base import _
from models.collection import Collection, CollectionSignature
from models.dossier import Dossier
from models.result import Return
from services.audit import record_act, record_read
from services.collectors import signature_svg
from services.prints import record_print
from services.session import DeniedError
from services.slips.handing_over import (
    CollectionFacts,
    HandedResult,
    LostReceiptFacts,
    render_collection,
    render_lost_receipt,
)
from services.slips.typesetting import Form, joined
from web.access import current_actor, permitted
from web.clock import request_time
from web.database import database
from web.formats import choice

bp = Blueprint("collections", __name__, url_prefix="/counter/collections")


def _find(session: Session, public_id: str) -> Collection:
    collection = session.scalars(
        select(Collection)
        .where(Collection.public_id == public_id)
        .options(
            joinedload(Collection.site),
            joinedload(Collection.staff),
            selectinload(Collection.returns).joinedload(Return.dossier).joinedload(Dossier.procedure),
            selectinload(Collection.returns).joinedload(Return.result),
        )
    ).one_or_none()
    if collection is None:
        abort(404)
    return collection


def _signature(session: Session, collection: Collection) -> str:
    kept = session.get(CollectionSignature, collection.id)
    return signature_svg(kept.strokes) if kept is not None else ""


def _sees_numbers() -> bool:
    permit = current_actor().permit("result_collection", "read")
    return permit is not None and permit.level >= 1


@bp.get("/<public_id>")
@permitted("result_collection", "read")
def show(public_id: str) -> str:
    """Show what was just handed over, with what a clerk does next."""
    session = database().session()
    collection = _find(session, public_id)
    record_read(session, collection, "hand-over")
    return render_template(
        "counter/collection.html",
        collection=collection,
        desk=read_desk(session) if current_actor().counter_id is not None else None,
        has_signature=session.get(CollectionSignature, collection.id) is not None,
        sees_numbers=_sees_numbers(),
        now=request_time(),
    )


@bp.get("/<public_id>/signature.svg")
@permitted("result_collection", "read")
def show_signature(public_id: str) -> Response:
    """Give the signature as a picture."""
    session = database().session()
    svg = _signature(session, _find(session, public_id)) if _sees_numbers() else ""
    if not svg:
        abort(404)
    return Response(svg, mimetype="image/svg+xml", headers={"Cache-Control": "no-store"})


@bp.get("/<public_id>/slip.pdf")
@permitted("result_collection", "read")
def print_slip(public_id: str) -> ResponseReturnValue:
    """Give the slip as PDF; the print is recorded, for it shows personal data."""
    session = database().session()
    collection = _find(session, public_id)
    if not _sees_numbers():
        raise DeniedError("result_collection", "read")
    record_act(session, "result_collection", collection.id, "print")
    return pdf_answer(render_collection(_facts(session, collection)), f"{collection.number}.pdf")


def _facts(session: Session, collection: Collection) -> CollectionFacts:
    with force_locale("vi"):
        proof = choice(collection.proof_kind) if collection.proof_kind else ""
        return CollectionFacts(
            **letterhead_values(collection.site),
            code=collection.number,
            is_training=collection.is_training,
            collected_at=collection.collected_at,
            collector_name=collection.name,
            collector_number=collection.id_number or "",
            capacity=choice(collection.collector_kind),
            proof=joined(" ", proof, collection.proof_number or ""),
            lost_note=collection.lost_note or "",
            officer_name=collection.staff.full_name if collection.staff else "",
            officer_title=(collection.staff.job_title or "") if collection.staff else "",
            signature_svg=_signature(session, collection),
            results=[
                HandedResult(
                    code=each.dossier.code,
                    procedure_name=each.dossier.procedure.name,
                    applicant_name=each.dossier.applicant_name,
                    outcome=choice(each.result.kind),
                    document=each.result.document_number or "",
                )
                for each in collection.returns
            ],
        )


@bp.get("/lost-receipt/<public_id>.pdf")
@permitted("dossier", "return")
def print_lost_receipt(public_id: str) -> ResponseReturnValue:
    """Give the declaration to be signed by whoever lost the receipt of a dossier; the print is recorded."""
    session = database().session()
    dossier = find_dossier(session, public_id)
    if not sees_personal():
        raise DeniedError("dossier", "read")
    facts = LostReceiptFacts(
        **letterhead_values(dossier.site),
        code=dossier.code,
        is_training=dossier.is_training,
        issued_at=request_time(),
        applicant_name=dossier.applicant_name,
        applicant_number=dossier.applicant_id_number or dossier.applicant_tax_code or "",
        applicant_address=dossier.applicant_address or "",
        applicant_phone=dossier.applicant_phone or "",
        procedure_name=dossier.procedure.name,
        received_at=dossier.received_at,
        copy_number=record_print(session, dossier, Form.LOST_RECEIPT, key=dossier.id),
    )
    return pdf_answer(render_lost_receipt(facts), f"{dossier.code}-{Form.LOST_RECEIPT.value}.pdf")


def _by_public_id(collection: Collection) -> dict[str, str]:
    return {"public_id": collection.public_id}


offer(
    "result_collection",
    Verb(
        action="read",
        label=_("Print the slip"),
        endpoint="collections.print_slip",
        icon="printer",
        is_primary=True,
        arguments=_by_public_id,
    ),
    Verb(action="read", label=_("Signature"), endpoint="collections.show", icon="pen", arguments=_by_public_id),
)
