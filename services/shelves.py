"""Where results lie until they are handed over: numbers unique among the living of a site, used again when freed."""

from datetime import datetime

from sqlalchemy import and_, exists, func, select
from sqlalchemy.orm import Session, aliased

from models.base import _
from models.dossier import Dossier
from models.organisation import Site
from models.states import DeliveryState, DossierState, EventKind
from services.dossier_moves import IllegalMoveError, begin, move
from services.errors import ConflictError
from services.session import including_deleted, unscoped


class OnShelfError(ConflictError):
    message = _("The result of %(code)s lies on shelf %(shelf)s already.")


class AwayError(ConflictError):
    message = _("The result of %(code)s is on its way by post. Record what became of it first.")


def shelve_result(session: Session, dossier: Dossier, *, at: datetime, row_version: int | None = None) -> int:
    """Give a result that has come to the counter its place, and return the number.

    Raises: DeniedError, ConflictError, IllegalMoveError, OnShelfError, AwayError.
    """
    begin(session, dossier, "return", row_version=row_version)
    if dossier.state is not DossierState.DECIDED:
        raise IllegalMoveError(dossier.state)
    if dossier.delivery_state is not DeliveryState.READY:
        raise AwayError(code=dossier.code)
    if dossier.shelf_number is not None:
        raise OnShelfError(code=dossier.code, shelf=dossier.shelf_number)
    number = free_shelf(session, dossier.site_id)
    move(session, dossier, kind=EventKind.SHELVED, to=DossierState.DECIDED, at=at, shelf_number=number)
    return number


def free_shelf(session: Session, site_id: int) -> int:
    """Return the lowest number where nothing lies at a site; nobody else gets it before this transaction ends."""
    with unscoped(session, "which shelves are free"), including_deleted(session):
        session.execute(select(Site.id).where(Site.id == site_id).with_for_update(key_share=True))
        taken, next_one = aliased(Dossier), aliased(Dossier)
        first = session.scalar(select(taken.id).where(taken.site_id == site_id, taken.shelf_number == 1))
        if first is None:
            return 1
        follows = and_(next_one.site_id == site_id, next_one.shelf_number == taken.shelf_number + 1)
        last = session.scalar(
            select(func.min(taken.shelf_number)).where(
                taken.site_id == site_id, taken.shelf_number.is_not(None), ~exists().where(follows)
            )
        )
    return (last or 0) + 1
