"""Papers on their way between departments: a list is filled by scanning, sent, and scanned again where it arrives."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload

from models.base import _
from models.dossier import Dossier, DossierDocument
from models.handover_list import HandoverItem, HandoverList, HandoverState
from models.notice import NotificationKind
from models.organisation import Department
from models.states import EventKind
from services.codes import allocate_number
from services.consultations import needed_other
from services.dossier_moves import move
from services.errors import ConflictError, DeniedError, UserError
from services.localtime import local_date
from services.notices import News, heads_of, tell, users_of_staff
from services.scanned_codes import find_scanned
from services.session import actor_of, require, unscoped

PREFIX = "BG-"
MOST_ITEMS = 300


class CodeNotHereError(UserError):
    message = _("No dossier %(code)s is known here. Scan it again, or type the whole code.")


class AlreadyListedError(ConflictError):
    message = _("%(code)s is already on the list %(number)s.")


class NotListedError(UserError):
    message = _("%(code)s is not on this list. Put it aside and ask whoever sent it.")


class ListStateError(ConflictError):
    message = _("This list has gone on meanwhile. Look at it again.")


class ListEmptyError(UserError):
    message = _("Scan at least one dossier before you send the list.")


class ListFullError(UserError):
    message = _("A list holds at most %(most)s dossiers. Send it and begin another.")


def begin_list(
    session: Session, *, from_department: Department, to_department: Department | None, at: datetime
) -> HandoverList:
    """Begin a list of papers to another department. Raises: DeniedError, OtherDepartmentNeededError."""
    require(session, "handover_list", "carry")
    _check_side(session, from_department.id)
    target = needed_other(to_department, from_department.id, at)
    day = local_date(at)
    series = f"{PREFIX}{from_department.code}"
    number = allocate_number(session, series=series, local_date=day)
    handover = HandoverList(
        number=f"{series}-{day:%y%m%d}-{number:03d}",
        from_department_id=from_department.id,
        to_department_id=target.id,
        made_at=at,
    )
    session.add(handover)
    session.flush()
    return handover


def add_dossier(session: Session, handover: HandoverList, *, code: str, at: datetime) -> HandoverItem:
    """Put a scanned dossier on an open list.

    Raises: DeniedError, ListStateError, CodeNotHereError, AlreadyListedError, ListFullError.
    """
    _lock(session, handover, HandoverState.OPEN, handover.from_department_id)
    dossier = find_scanned(session, code)
    if dossier is None or dossier.annulled_at is not None:
        raise CodeNotHereError(code=code.strip()[:60])
    session.refresh(dossier, with_for_update={"of": Dossier})  # its papers go with one list at a time
    on = session.scalar(
        select(HandoverList.number)
        .join(HandoverItem, HandoverItem.handover_id == HandoverList.id)
        .where(HandoverItem.dossier_id == dossier.id, HandoverList.state != HandoverState.RECEIVED)
    )
    if on is not None:
        raise AlreadyListedError(code=dossier.code, number=on)
    if handover.item_count >= MOST_ITEMS:
        raise ListFullError(most=MOST_ITEMS)
    last = session.scalar(select(func.max(HandoverItem.position)).where(HandoverItem.handover_id == handover.id))
    papers = session.scalar(
        select(func.count()).select_from(DossierDocument).where(DossierDocument.dossier_id == dossier.id)
    )
    item = HandoverItem(
        handover_id=handover.id, dossier_id=dossier.id, position=(last or 0) + 1, paper_count=papers or 0, added_at=at
    )
    session.add(item)
    handover.item_count += 1
    session.flush()
    return item


def remove_dossier(session: Session, handover: HandoverList, *, dossier_id: int) -> None:
    """Take a dossier off an open list. Raises: DeniedError, ListStateError, NotListedError."""
    _lock(session, handover, HandoverState.OPEN, handover.from_department_id)
    item = _item(session, handover, dossier_id, code="–")
    session.delete(item)
    handover.item_count -= 1
    session.flush()


def send_list(session: Session, handover: HandoverList, *, at: datetime) -> HandoverList:
    """Send a list with its papers; each dossier remembers it. Raises: DeniedError, ListStateError, ListEmptyError."""
    _lock(session, handover, HandoverState.OPEN, handover.from_department_id)
    if not handover.item_count:
        raise ListEmptyError
    handover.state, handover.sent_at = HandoverState.SENT, at
    handover.sent_by_id = actor_of(session).staff_id
    for item in list_items(session, handover):
        _note(session, item.dossier, EventKind.PAPERS_SENT, handover, at)
    _tell(
        session, handover, heads_of(session, handover.to_department_id), _("Papers come to you: list %(number)s."), at
    )
    session.flush()
    return handover


def receive_dossier(
    session: Session, handover: HandoverList, *, code: str, at: datetime, remark: str | None = None
) -> HandoverItem:
    """Scan a dossier in where the list arrived; ``remark`` says what of its papers is missing. Twice is once.

    Raises: DeniedError, ListStateError, NotListedError.
    """
    _lock(session, handover, HandoverState.SENT, handover.to_department_id)
    with unscoped(session, "dossier on a hand-over list"):
        dossier = find_scanned(session, code)
    item = _item(session, handover, dossier.id if dossier is not None else None, code=code.strip()[:60])
    item.received_at = item.received_at or at
    item.remark = (remark or "").strip() or item.remark
    session.flush()
    return item


def finish_list(session: Session, handover: HandoverList, *, at: datetime) -> list[HandoverItem]:
    """Take a list over: what was not scanned, or came incomplete, is missing, and whoever sent it is told.

    Returns the missing. Raises: DeniedError, ListStateError.
    """
    _lock(session, handover, HandoverState.SENT, handover.to_department_id)
    handover.state, handover.received_at = HandoverState.RECEIVED, at
    handover.received_by_id = actor_of(session).staff_id
    missing = []
    for item in list_items(session, handover):
        is_missing = item.received_at is None or bool(item.remark)
        kind = EventKind.PAPERS_MISSING if is_missing else EventKind.PAPERS_RECEIVED
        _note(session, item.dossier, kind, handover, at, reason=item.remark)
        if is_missing:
            missing.append(item)
    handover.missing_count = len(missing)
    if missing:
        people = users_of_staff(session, {handover.sent_by_id}) or heads_of(session, handover.from_department_id)
        _tell(session, handover, people, _("Papers of the list %(number)s are missing: %(missing)s."), at, missing)
    session.flush()
    return missing


def _lock(session: Session, handover: HandoverList, state: HandoverState, department_id: int) -> None:
    require(session, "handover_list", "carry", handover)
    session.flush()
    session.refresh(handover, with_for_update={"of": HandoverList})
    if handover.state is not state:
        raise ListStateError
    _check_side(session, department_id)


def _check_side(session: Session, department_id: int) -> None:
    """Papers are given by who has them and taken by whom they are for."""
    actor = actor_of(session)
    if not actor.system and department_id not in actor.department_ids | actor.tree_ids:
        raise DeniedError("handover_list", "carry")


def list_items(session: Session, handover: HandoverList) -> Sequence[HandoverItem]:
    """Return what is on a list, in its order; for who may read the list."""
    return session.scalars(
        select(HandoverItem)
        .where(HandoverItem.handover_id == handover.id)
        .options(joinedload(HandoverItem.dossier).joinedload(Dossier.procedure))
        .order_by(HandoverItem.position)
    ).all()


def _item(session: Session, handover: HandoverList, dossier_id: int | None, code: str) -> HandoverItem:
    item = session.scalars(
        select(HandoverItem).where(HandoverItem.handover_id == handover.id, HandoverItem.dossier_id == dossier_id)
    ).one_or_none()
    if item is None:
        raise NotListedError(code=code)
    return item


def _note(
    session: Session, dossier: Dossier, kind: EventKind, handover: HandoverList, at: datetime, reason: str | None = None
) -> None:
    """Write the journey into the dossier's course; its state and turn stay."""
    session.refresh(dossier, with_for_update={"of": Dossier})
    move(session, dossier, kind=kind, to=dossier.state, at=at, reason=reason, handover=handover.number)


def _tell(
    session: Session,
    handover: HandoverList,
    people: list[int],
    message: str,
    at: datetime,
    missing: list[HandoverItem] | None = None,
) -> None:
    codes = ", ".join(item.dossier.code for item in missing or ())
    news = News(
        kind=NotificationKind.REQUEST,
        entity="handover_list",
        row_id=handover.id,
        message=message,
        key=f"handover:{handover.id}:{handover.state.value}",
        values={"number": handover.number, "missing": codes[:300]},
    )
    tell(session, people, news, at=at)
