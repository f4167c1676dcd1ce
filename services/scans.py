"""Scans of papers: taken with the intake form or later, looked at, and kept with their dossier."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import delete, select
from sqlalchemy.orm import Session, joinedload

from models.base import _
from models.dossier import Dossier, DossierDocument
from models.ids import public_id
from models.procedure_content import RequiredDocument
from models.scan import Scan
from models.text import normalise
from services.audit import record_act
from services.errors import ConflictError, UserError
from services.pages.files import store_file
from services.session import actor_of, may, require

FORGOTTEN_AFTER = timedelta(days=2)
"""An intake form left open so long is not coming back."""
MOST_SCANS = 60


class TooManyScansError(UserError):
    message = _("A dossier takes at most %(count)s scans. Put several papers into one file.")


class ScanAttachedError(ConflictError):
    message = _("This scan belongs to a received dossier and stays with it.")


def add_intake_scan(
    session: Session,
    *,
    intake_key: str,
    content: bytes,
    name: str,
    folder: Path,
    at: datetime,
    required_document_id: int | None = None,
) -> Scan:
    """Keep a scan for the intake form ``intake_key`` that the actor is filling in.

    Raises: DeniedError, TooManyScansError, and what ``store_file`` raises.
    """
    require(session, "dossier", "receive")
    _forget_old(session, at)
    if len(list_intake_scans(session, intake_key)) >= MOST_SCANS:
        raise TooManyScansError(count=MOST_SCANS)
    document = session.get(RequiredDocument, required_document_id) if required_document_id else None
    scan = _new_scan(session, content=content, name=name, folder=folder, at=at)
    scan.intake_key, scan.required_document_id = intake_key, document.id if document else None
    session.flush()  # the list that is shown next selects it
    return scan


def add_dossier_scan(
    session: Session,
    dossier: Dossier,
    *,
    content: bytes,
    name: str,
    folder: Path,
    at: datetime,
    document_id: int | None = None,
) -> Scan:
    """Keep a scan with a dossier that was received already.

    Raises: DeniedError, TooManyScansError, and what ``store_file`` raises.
    """
    require(session, "dossier", "edit", dossier)
    if len(list_dossier_scans(session, dossier)) >= MOST_SCANS:
        raise TooManyScansError(count=MOST_SCANS)
    document = session.get(DossierDocument, document_id) if document_id else None
    scan = _new_scan(session, content=content, name=name, folder=folder, at=at)
    scan.dossier_id = dossier.id
    scan.dossier_document_id = document.id if document is not None and document.dossier_id == dossier.id else None
    session.flush()  # the list that is shown next selects it
    return scan


def _new_scan(session: Session, *, content: bytes, name: str, folder: Path, at: datetime) -> Scan:
    shown = normalise(name)[-200:] or "scan"
    file = store_file(session, content=content, name=shown, folder=folder, at=at)
    user_id = actor_of(session).user_id
    scan = Scan(public_id=public_id(at), sha256=file.sha256, name=shown, uploaded_by_id=user_id, uploaded_at=at)
    session.add(scan)
    return scan


def list_intake_scans(session: Session, intake_key: str) -> Sequence[Scan]:
    """Return the scans of an intake form of the actor, oldest first."""
    return session.scalars(
        select(Scan)
        .where(Scan.uploaded_by_id == actor_of(session).user_id, Scan.intake_key == intake_key)
        .where(Scan.dossier_id.is_(None))
        .order_by(Scan.id)
    ).all()


def list_dossier_scans(session: Session, dossier: Dossier) -> Sequence[Scan]:
    """Return the scans of a dossier, oldest first."""
    return session.scalars(
        select(Scan).where(Scan.dossier_id == dossier.id).options(joinedload(Scan.dossier_document)).order_by(Scan.id)
    ).all()


def attach_scans(session: Session, dossier: Dossier, *, intake_key: str) -> None:
    """Give the scans of an intake form to the dossier that came of it, each to the paper it was made of."""
    papers = {paper.required_document_id: paper.id for paper in dossier.documents if paper.required_document_id}
    for scan in list_intake_scans(session, intake_key):
        scan.dossier_id = dossier.id
        paper_id = scan.required_document_id
        scan.dossier_document_id = papers.get(paper_id) if paper_id is not None else None
    session.flush()  # a page of the dossier shows them


def find_scan(session: Session, *, scan_id: str) -> Scan | None:
    """Return a scan the actor may see: of a dossier whose personal data they read, or of their own intake form.

    Anything else answers like one that does not exist.
    """
    scan = session.scalars(select(Scan).where(Scan.public_id == scan_id)).one_or_none()
    if scan is None:
        return None
    actor = actor_of(session)
    if scan.dossier_id is None:
        return scan if scan.uploaded_by_id == actor.user_id else None
    permit = actor.permit(Dossier.__tablename__, "read")
    if permit is None or permit.level < 1:
        return None
    seen = session.scalars(select(Dossier.id).where(Dossier.id == scan.dossier_id)).one_or_none()
    return scan if seen is not None else None


def record_page_seen(session: Session, scan: Scan, number: int) -> None:
    """Record that the actor was shown a page of a scan, which is personal data of its dossier."""
    entity, key = ("dossier", scan.dossier_id) if scan.dossier_id else ("scan", scan.id)
    record_act(session, entity, key, "read", reason="scan", scan=scan.public_id, page=number)


def check_scan(session: Session, scan: Scan, *, is_checked: bool, at: datetime) -> None:
    """Record that the actor has looked at a scan and found it right, or take that back. Raises: DeniedError."""
    _require_change(session, scan)
    scan.checked_at = at if is_checked else None
    scan.checked_by_id = actor_of(session).user_id if is_checked else None


def remove_scan(session: Session, scan: Scan) -> None:
    """Take a scan back that was attached to the intake form by mistake. Raises: ScanAttachedError."""
    if scan.dossier_id is not None:
        raise ScanAttachedError
    session.delete(scan)
    session.flush()  # the list that is shown next lacks it


def may_change(session: Session, dossier: Dossier) -> bool:
    """Return whether the actor may add and check scans of ``dossier``."""
    return may(session, "dossier", "edit", dossier)


def _require_change(session: Session, scan: Scan) -> None:
    if scan.dossier is not None:
        require(session, "dossier", "edit", scan.dossier)


def _forget_old(session: Session, at: datetime) -> None:
    """Drop what the actor scanned for forms that were never sent."""
    session.execute(
        delete(Scan).where(
            Scan.uploaded_by_id == actor_of(session).user_id,
            Scan.dossier_id.is_(None),
            Scan.uploaded_at < at - FORGOTTEN_AFTER,
        )
    )
