"""One act on many dossiers: each row stands for itself, and a preview does it all and takes it back."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.base import _
from models.dossier import Dossier
from models.staff import Staff
from models.states import DossierState, ResultKind
from services.dossier_work import assign_dossier, finish_dossier, start_work
from services.errors import DeniedError, UserError
from services.session import require
from services.work import release_task, take_way

MOST_ROWS = 200


class TooManyError(UserError):
    message = _("Choose at most %(most)s dossiers at a time.")


class NothingChosenError(UserError):
    message = _("Choose the dossiers first.")


class ForeignRowError(UserError):
    """The message of a row that the actor may see but not act on."""

    message = _("You may not do this with this dossier.")


@dataclass(frozen=True, kw_only=True, slots=True)
class Wish:
    """What is to be done: the act, and what it needs. Acts: take, assign, release, pass, approve."""

    act: str
    way: str = ""
    reason: str | None = None
    assignee: Staff | None = None


@dataclass(frozen=True, slots=True)
class RowResult:
    """What became (or would become) of one dossier; ``error`` is None where it worked.

    ``step`` is where it lies then; ``row_version`` is what the person saw, for the request that follows a preview.
    """

    dossier: Dossier
    row_version: int
    step: str
    error: UserError | None


def do_many(
    session: Session,
    wish: Wish,
    seen: Mapping[int, int | None],
    *,
    at: datetime,
    is_preview: bool = False,
) -> Sequence[RowResult]:
    """Do ``wish`` with each dossier of ``seen`` (key: the version the person saw, None for the one of now).

    Each row has a savepoint of its own: one that is refused leaves the others alone. Rows the actor may not see are
    left out as if they did not exist. A preview takes every row back.
    Raises: DeniedError, NothingChosenError, TooManyError.
    """
    require(session, "dossier", "finish" if wish.act == "approve" else "start")
    if not seen:
        raise NothingChosenError
    if len(seen) > MOST_ROWS:
        raise TooManyError(most=MOST_ROWS)
    rows = session.scalars(select(Dossier).where(Dossier.id.in_(seen)).order_by(Dossier.due_sort_at, Dossier.id)).all()
    return [_do(session, wish, dossier, seen[dossier.id], at, is_preview) for dossier in rows]


def _do(
    session: Session, wish: Wish, dossier: Dossier, version: int | None, at: datetime, is_preview: bool
) -> RowResult:
    seen = dossier.row_version if version is None else version
    error: UserError | None = None
    step = ""
    savepoint = session.begin_nested()
    try:
        _ACTS[wish.act](session, dossier, wish, seen, at)
        session.flush()
        session.refresh(dossier, ["step"])
        step = dossier.step.name if dossier.step is not None else ""
    except UserError as refused:
        error = refused
    except DeniedError:
        error = ForeignRowError()
    if error is not None or is_preview:
        savepoint.rollback()
    else:
        savepoint.commit()
    return RowResult(dossier, seen, step, error)


def _take(session: Session, dossier: Dossier, wish: Wish, version: int, at: datetime) -> None:
    """Begin what is accepted; claim what is in process."""
    act = start_work if dossier.state is DossierState.ACCEPTED else assign_dossier
    act(session, dossier, responsible=wish.assignee, row_version=version, at=at)


def _release(session: Session, dossier: Dossier, wish: Wish, version: int, at: datetime) -> None:
    release_task(session, dossier, row_version=version, at=at)


def _pass(session: Session, dossier: Dossier, wish: Wish, version: int, at: datetime) -> None:
    take_way(session, dossier, code=wish.way, reason=wish.reason, assignee=wish.assignee, row_version=version, at=at)


def _approve(session: Session, dossier: Dossier, wish: Wish, version: int, at: datetime) -> None:
    finish_dossier(session, dossier, kind=ResultKind.GRANTED, reason=wish.reason, row_version=version, at=at)


_ACTS: Mapping[str, Callable[[Session, Dossier, Wish, int, datetime], Any]] = {
    "take": _take,
    "assign": _take,
    "release": _release,
    "pass": _pass,
    "approve": _approve,
}
ACTS = tuple(_ACTS)
