"""Handing results over: to a person, to the post, electronically."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.base import _
from models.collection import Collection, CollectionSignature
from models.dossier import Dossier, DossierEvent
from models.ids import public_id
from models.organisation import Counter, Site
from models.postal_list import PostagePayer, PostalItem, PostalList
from models.result import Result, Return
from models.states import DeliveryState, DossierState, EventKind, ReturnMethod
from services.codes import allocate_number
from services.collectors import Collector, clean_collector
from services.dossier_moves import begin, check_move, move, needed_reason
from services.dossier_work import current_result
from services.errors import ConflictError, UserError
from services.localtime import local_date
from services.many import NothingChosenError
from services.record_time import written_at
from services.session import actor_of
from services.shelves import free_shelf

S = DossierState


class WaybillMissingError(UserError):
    message = _("Enter the waybill number the post gave you.")


class ResultMissingError(ConflictError):
    """A dossier that another system decided may have come without its result."""

    message = _("No result is recorded for this dossier. Ask the department that decided it to record one.")


class NotInPostError(ConflictError):
    message = _("No result of this dossier is on its way by post. Look at the dossier again.")


class AlreadyInPostError(ConflictError):
    message = _("The result is on its way by post. Record the delivery, or that it failed, before you hand it over.")


class TrainingMixedError(UserError):
    message = _("Hand training results over by themselves, not together with real ones.")


class EarlierResultOutError(UserError):
    """A wrong result was handed over before; two results of one dossier must not be about."""

    message = _(
        "An earlier, wrong result of %(code)s was handed over. Take it back and tick that, or write down why "
        "that cannot be."
    )


@dataclass(frozen=True, kw_only=True, slots=True)
class Parcel:
    """What the post takes: its number, who carries it, what it costs (VND) and who pays."""

    waybill: str
    carrier: str = ""
    postage_amount: int = 0
    postage_payer: PostagePayer = PostagePayer.APPLICANT_ON_DELIVERY


@dataclass(frozen=True, slots=True)
class Chosen:
    """One result to hand over, as the clerk saw it."""

    dossier: Dossier
    row_version: int | None = None


def collect_results(session: Session, chosen: Sequence[Chosen], *, collector: Collector, at: datetime) -> Collection:
    """Hand one or more results to a person in one act: all of them or none. They are returned at once.

    Raises: DeniedError, ConflictError, IllegalMoveError, AlreadyInPostError, ResultMissingError,
    NothingChosenError, TrainingMixedError, EarlierResultOutError, and what ``clean_collector`` raises.
    """
    if not chosen:
        raise NothingChosenError
    for each in sorted(chosen, key=lambda each: each.dossier.id):  # so that two counters wait, and never for each other
        _begin_return(session, each.dossier, each.row_version)
    dossiers = [each.dossier for each in chosen]
    if len({dossier.is_training for dossier in dossiers}) > 1:
        raise TrainingMixedError
    known = clean_collector(collector, dossiers, at=at)
    collection = _record_collection(session, dossiers[0], known, at)
    for dossier in dossiers:
        _settle_earlier(session, dossier, known, at)
        handed = _add_return(session, dossier, ReturnMethod.COUNTER, at, collection_id=collection.id, delivered_at=at)
        _move_returned(session, dossier, handed, at)
    return collection


def send_result(session: Session, dossier: Dossier, *, at: datetime, row_version: int | None = None) -> Return:
    """Send an electronic result: the dossier is returned at once. Raises as ``collect_results``."""
    _begin_return(session, dossier, row_version)
    handed = _add_return(session, dossier, ReturnMethod.ONLINE, at, delivered_at=at)
    _move_returned(session, dossier, handed, at)
    return handed


def post_result(
    session: Session, dossier: Dossier, *, parcel: Parcel, at: datetime, row_version: int | None = None
) -> Return:
    """Give a result to the post: it is on its way, and returned only when the delivery is confirmed.

    Raises as ``collect_results``, and WaybillMissingError.
    """
    _begin_return(session, dossier, row_version)
    waybill = parcel.waybill.strip()
    if not waybill:
        raise WaybillMissingError
    handed = _add_return(
        session, dossier, ReturnMethod.POST, at,
        waybill=waybill, carrier=parcel.carrier.strip() or None,
        postage_amount=parcel.postage_amount, postage_payer=parcel.postage_payer,
    )  # fmt: skip
    move(
        session, dossier, kind=EventKind.POSTED, to=S.DECIDED, at=at,
        return_id=handed.id, method=ReturnMethod.POST, waybill=waybill,
    )  # fmt: skip
    return handed


def confirm_delivery(session: Session, dossier: Dossier, *, at: datetime, row_version: int | None = None) -> Return:
    """Record that the post delivered the result: now the dossier is returned. Raises: NotInPostError."""
    begin(session, dossier, "return", row_version=row_version)
    handed = _in_post(session, dossier)
    check_move(dossier, S.RETURNED, S.DECIDED)
    handed.delivered_at = at
    _settle(session, handed)
    _move_returned(session, dossier, handed, at)
    return handed


def fail_delivery(
    session: Session, dossier: Dossier, *, reason: str, at: datetime, row_version: int | None = None
) -> Return:
    """Record that the post brought the result back: it lies on a shelf at the counter again.

    Raises: NotInPostError, ReasonMissingError.
    """
    begin(session, dossier, "return", row_version=row_version)
    handed = _in_post(session, dossier)
    text = needed_reason(reason)
    handed.failed_at = at
    _settle(session, handed)
    shelf = free_shelf(session, dossier.site_id)
    move(
        session, dossier, kind=EventKind.POST_FAILED, to=S.DECIDED, at=at, reason=text,
        return_id=handed.id, shelf_number=shelf,
    )  # fmt: skip
    return handed


def _begin_return(session: Session, dossier: Dossier, row_version: int | None) -> None:
    begin(session, dossier, "return", row_version=row_version)
    check_move(dossier, S.RETURNED, S.DECIDED)
    if dossier.delivery_state is DeliveryState.IN_POST:
        raise AlreadyInPostError


def _add_return(session: Session, dossier: Dossier, method: ReturnMethod, at: datetime, **values: object) -> Return:
    handed = Return(
        result_id=_needed_result(session, dossier).id,
        dossier_id=dossier.id,
        method=method,
        handed_at=at,
        recorded_at=written_at(session, at),
        staff_id=actor_of(session).staff_id,
        **values,
    )
    session.add(handed)
    session.flush()  # the event names the return
    return handed


def _move_returned(session: Session, dossier: Dossier, handed: Return, at: datetime) -> None:
    move(
        session, dossier, kind=EventKind.RETURNED, to=S.RETURNED, at=at,
        return_id=handed.id, method=handed.method,
    )  # fmt: skip


def _record_collection(session: Session, first: Dossier, collector: Collector, at: datetime) -> Collection:
    actor = actor_of(session)
    counter = session.get(Counter, actor.counter_id) if actor.counter_id is not None else None
    site = counter.site if counter is not None else session.get_one(Site, first.site_id)
    collection = Collection(
        public_id=public_id(at),
        number=_next_number(session, site, at, is_training=first.is_training),
        collected_at=at,
        recorded_at=written_at(session, at),
        collector_kind=collector.kind,
        name=collector.name,
        id_number=collector.id_number or None,
        proof_kind=collector.proof_kind,
        proof_number=collector.proof_number or None,
        signature_kind=collector.signature,
        has_lost_receipt=collector.has_lost_receipt,
        lost_note=collector.lost_note or None,
        site_id=site.id,
        counter_id=counter.id if counter is not None else None,
        department_id=counter.department_id if counter is not None else first.department_id,
        staff_id=actor.staff_id,
        is_training=first.is_training,
    )
    session.add(collection)
    session.flush()  # the returns and the signature refer to it
    if collector.strokes:
        strokes = [[list(point) for point in line] for line in collector.strokes]
        session.add(CollectionSignature(collection_id=collection.id, strokes=strokes))
    return collection


def _next_number(session: Session, site: Site, at: datetime, *, is_training: bool) -> str:
    series = f"{'T-' if is_training else ''}TKQ-{site.code}"
    day = local_date(at)
    return f"{series}-{day:%y%m%d}-{allocate_number(session, series=series, local_date=day):04d}"


def results_still_out(session: Session, dossiers: Iterable[Dossier]) -> Sequence[Result]:
    """Return results that were replaced after they had been handed over, of which nobody knows where they are."""
    keys = [dossier.id for dossier in dossiers]
    return (
        session.scalars(
            select(Result)
            .join(Return, Return.result_id == Result.id)
            .where(
                Result.dossier_id.in_(keys),
                Return.delivered_at.is_not(None),
                Result.replaced_at.is_not(None),
                Result.taken_back_at.is_(None),
                Result.not_back_reason.is_(None),
            )
            .order_by(Result.id)
        )
        .unique()
        .all()
    )


def _settle_earlier(session: Session, dossier: Dossier, collector: Collector, at: datetime) -> None:
    """Write down what became of wrong results handed over before. Raises: EarlierResultOutError."""
    for result in results_still_out(session, [dossier]):
        if collector.brings_earlier:
            result.taken_back_at = at
            move(session, dossier, kind=EventKind.TAKEN_BACK, to=S.DECIDED, at=at, result_id=result.id)
        elif collector.not_back_reason:
            result.not_back_reason = collector.not_back_reason
            move(
                session, dossier, kind=EventKind.NOT_TAKEN_BACK, to=S.DECIDED, at=at,
                reason=collector.not_back_reason, result_id=result.id,
            )  # fmt: skip
        else:
            raise EarlierResultOutError(code=dossier.code)


def rebuild_returns(events: Iterable[DossierEvent]) -> list[dict[str, Any]]:
    """Return the ways to the applicant that ``events`` (in order) amount to, by the names of the columns."""
    rebuilt: dict[Any, dict[str, Any]] = {}
    for event in events:
        key = event.facts.get("return_id")
        if event.kind is EventKind.POST_FAILED:
            rebuilt[key]["failed_at"] = event.occurred_at
        elif event.kind in (EventKind.POSTED, EventKind.RETURNED) and key is not None:
            fresh = {"id": key, "handed_at": event.occurred_at, "delivered_at": None, "failed_at": None}
            row = rebuilt.setdefault(key, fresh | {"method": ReturnMethod(event.facts["method"])})
            row["delivered_at"] = event.occurred_at if event.kind is EventKind.RETURNED else None
    return list(rebuilt.values())


def _needed_result(session: Session, dossier: Dossier) -> Result:
    result = current_result(session, dossier)
    if result is None:
        raise ResultMissingError
    return result


def find_in_post(session: Session, dossier: Dossier) -> Return | None:
    """Return the way on which the result in force is now by post, None where it is on none."""
    return session.scalar(
        select(Return)
        .join(Result)
        .where(
            Return.dossier_id == dossier.id,
            Return.method == ReturnMethod.POST,
            Return.delivered_at.is_(None),
            Return.failed_at.is_(None),
            Result.replaced_at.is_(None),
        )
    )


def _in_post(session: Session, dossier: Dossier) -> Return:
    handed = find_in_post(session, dossier)
    if handed is None:
        raise NotInPostError
    return handed


def _settle(session: Session, handed: Return) -> None:
    """Count on the postal list that the outcome of one of its results is known."""
    listed = session.scalar(
        select(PostalList)
        .join(PostalItem, PostalItem.postal_list_id == PostalList.id)
        .where(PostalItem.return_id == handed.id)
        .with_for_update(of=PostalList)
    )
    if listed is not None:
        listed.settled_count += 1
    session.flush()
