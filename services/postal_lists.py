"""Results handed to the post with a numbered list: filled by scanning, sent, and settled one by one."""

from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload

from models.base import _
from models.dossier import Dossier
from models.organisation import Counter
from models.postal_list import PostagePayer, PostalItem, PostalList, PostalState
from models.result import Return
from models.states import DeliveryState, DossierState, ReturnMethod
from services.codes import allocate_number
from services.dossier_moves import IllegalMoveError
from services.dossier_return import AlreadyInPostError, Parcel, WaybillMissingError, post_result
from services.errors import ConflictError, UserError
from services.localtime import local_date
from services.scanned_codes import find_scanned
from services.session import actor_of, require

MOST_ITEMS = 200
MOST_POSTAGE = 100_000_000


class CarrierMissingError(UserError):
    message = _("Enter who carries the results.")


class ResultNotHereError(UserError):
    message = _("No dossier %(code)s is known here. Scan it again, or type the whole code.")


class TrainingNotPostedError(UserError):
    message = _("%(code)s is a training dossier: it goes on no real list.")


class OnPostalListError(ConflictError):
    message = _("%(code)s is already on the list %(number)s.")


class WaybillUsedError(UserError):
    message = _("The waybill %(waybill)s is already used for %(code)s. Scan the one on this letter.")


class PostageError(UserError):
    message = _("Enter the postage in whole đồng, at most 100,000,000.")


class PostalListGoneError(ConflictError):
    message = _("This list has gone on meanwhile. Look at it again.")


class PostalListEmptyError(UserError):
    message = _("Scan at least one result before you hand the list over.")


class PostalListFullError(UserError):
    message = _("A list holds at most %(most)s results. Hand it over and begin another.")


class WaybillUnknownError(UserError):
    message = _("No result with the waybill or code %(waybill)s is on its way by post.")


def begin_postal_list(session: Session, *, counter: Counter, carrier: str, at: datetime) -> PostalList:
    """Begin a list at the site of ``counter``; the number is gapless per site and day.

    Raises: DeniedError, CarrierMissingError.
    """
    require(session, "postal_list", "post")
    name = carrier.strip()
    if not name:
        raise CarrierMissingError
    day = local_date(at)
    series = f"BD-{counter.site.code}"
    number = allocate_number(session, series=series, local_date=day)
    postal = PostalList(
        number=f"{series}-{day:%y%m%d}-{number:03d}",
        carrier=name,
        site_id=counter.site_id,
        department_id=counter.department_id,
        made_at=at,
    )
    session.add(postal)
    session.flush()
    return postal


def add_to_postal_list(session: Session, postal: PostalList, *, code: str, parcel: Parcel, at: datetime) -> PostalItem:
    """Put a result that waits on an open list, with its waybill.

    Raises: DeniedError, PostalListGoneError, PostalListFullError, ResultNotHereError, TrainingNotPostedError,
    IllegalMoveError, AlreadyInPostError, OnPostalListError, WaybillMissingError, WaybillUsedError, PostageError.
    """
    _lock(session, postal)
    dossier = find_scanned(session, code)
    if dossier is None or dossier.annulled_at is not None:
        raise ResultNotHereError(code=code.strip()[:60])
    require(session, "dossier", "return", dossier)
    _check_waits(session, dossier)
    waybill = _free_waybill(session, parcel.waybill)
    if not 0 <= parcel.postage_amount <= MOST_POSTAGE:
        raise PostageError
    if postal.item_count >= MOST_ITEMS:
        raise PostalListFullError(most=MOST_ITEMS)
    last = session.scalar(select(func.max(PostalItem.position)).where(PostalItem.postal_list_id == postal.id))
    item = PostalItem(
        postal_list_id=postal.id,
        position=(last or 0) + 1,
        dossier_id=dossier.id,
        waybill=waybill,
        postage_amount=parcel.postage_amount,
        postage_payer=parcel.postage_payer,
        added_at=at,
    )
    session.add(item)
    postal.item_count += 1
    session.flush()
    return item


def _check_waits(session: Session, dossier: Dossier) -> None:
    if dossier.is_training:
        raise TrainingNotPostedError(code=dossier.code)
    if dossier.state is not DossierState.DECIDED:
        raise IllegalMoveError(dossier.state)
    if dossier.delivery_state is DeliveryState.IN_POST:
        raise AlreadyInPostError
    on = session.scalar(
        select(PostalList.number)
        .join(PostalItem, PostalItem.postal_list_id == PostalList.id)
        .where(PostalItem.dossier_id == dossier.id, PostalItem.return_id.is_(None))
    )
    if on is not None:
        raise OnPostalListError(code=dossier.code, number=on)


def _free_waybill(session: Session, text: str) -> str:
    waybill = text.strip().upper()
    if not waybill:
        raise WaybillMissingError
    waits = (
        select(Dossier.code)
        .join(PostalItem, PostalItem.dossier_id == Dossier.id)
        .where(PostalItem.waybill == waybill, PostalItem.return_id.is_(None))
    )
    used = session.scalar(waits) or session.scalar(
        select(Dossier.code).join(Return, Return.dossier_id == Dossier.id).where(Return.waybill == waybill).limit(1)
    )
    if used is not None:
        raise WaybillUsedError(waybill=waybill, code=used)
    return waybill


def remove_from_postal_list(session: Session, postal: PostalList, *, item_id: int) -> None:
    """Take a result off an open list; no such one changes nothing. Raises: DeniedError, PostalListGoneError."""
    _lock(session, postal)
    item = session.scalars(
        select(PostalItem).where(PostalItem.id == item_id, PostalItem.postal_list_id == postal.id)
    ).one_or_none()
    if item is not None:
        session.delete(item)
        postal.item_count -= 1
        session.flush()


def send_postal_list(session: Session, postal: PostalList, *, at: datetime) -> PostalList:
    """Hand a list to the carrier: every result on it is on its way, all of them or none.

    Raises: DeniedError, PostalListGoneError, PostalListEmptyError, and what ``post_result`` raises for a result
    that was handed over or taken back meanwhile.
    """
    _lock(session, postal)
    items = list_items(session, postal)
    if not items:
        raise PostalListEmptyError
    for item in sorted(items, key=lambda each: each.dossier_id):
        parcel = Parcel(
            waybill=item.waybill,
            carrier=postal.carrier,
            postage_amount=item.postage_amount,
            postage_payer=item.postage_payer,
        )
        item.return_id = post_result(session, item.dossier, parcel=parcel, at=at).id
    postal.state, postal.sent_at = PostalState.SENT, at
    postal.sent_by_id = actor_of(session).staff_id
    session.flush()
    return postal


def list_items(session: Session, postal: PostalList) -> list[PostalItem]:
    """Return what is on a list, in its order."""
    return list(
        session.scalars(
            select(PostalItem)
            .where(PostalItem.postal_list_id == postal.id)
            .options(joinedload(PostalItem.dossier), joinedload(PostalItem.handed))
            .order_by(PostalItem.position)
        )
    )


def find_by_waybill(session: Session, text: str) -> Dossier:
    """Return the dossier that is on its way under a waybill, or by its own code. Raises: WaybillUnknownError."""
    wanted = text.strip().upper()
    found = session.scalar(
        select(Dossier)
        .join(Return, Return.dossier_id == Dossier.id)
        .where(
            Return.waybill == wanted,
            Return.method == ReturnMethod.POST,
            Return.delivered_at.is_(None),
            Return.failed_at.is_(None),
        )
        .limit(1)
    ) or find_scanned(session, text)
    if found is None or found.delivery_state is not DeliveryState.IN_POST:
        raise WaybillUnknownError(waybill=wanted[:60])
    return found


def total_postage(items: list[PostalItem], payer: PostagePayer) -> int:
    """Return what one of the payers owes for a list, in đồng."""
    return sum(item.postage_amount for item in items if item.postage_payer is payer)


def _lock(session: Session, postal: PostalList) -> None:
    require(session, "postal_list", "post", postal)
    session.flush()
    session.refresh(postal, with_for_update={"of": PostalList})
    if postal.state is not PostalState.OPEN:
        raise PostalListGoneError
