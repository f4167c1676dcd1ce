"""The dossiers behind a difference: which ones a frozen figure counted and today's does not, or the other way round."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.dossier import Dossier
from models.frozen_figures import FrozenFigures
from models.procedure import Procedure
from services.freezing import cut_of
from services.session import including_deleted
from services.settlement_figures import EVERY_FIGURE
from services.settlement_query import Cut, classified
from services.settlement_slices import Dimension, key_of


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a dossier stood: what the report judges it by."""

    state: str
    received_at: datetime
    due_at: datetime | None
    ended_at: datetime | None


@dataclass(frozen=True, kw_only=True, slots=True)
class ChangedDossier:
    """One dossier that a figure gained or lost since it was frozen; a standing is None where it counts nowhere."""

    dossier_id: int
    code: str
    procedure_name: str
    is_gained: bool
    frozen: Standing | None
    today: Standing | None


def list_changes(
    session: Session,
    frozen: FrozenFigures,
    *,
    figure: str,
    at: datetime,
    by: Dimension | None = None,
    key: str = "",
    after_id: int = 0,
    limit: int = 50,
) -> list[ChangedDossier]:
    """Return what a figure gained and lost between the freeze and ``at``, in the order of the dossiers' ids.

    Only dossiers that the session's actor may read are among them. Raises: ValueError for an unknown figure.
    """
    if figure not in EVERY_FIGURE:
        raise ValueError(f"no figure {figure!r}")
    before, now = (cut_of(frozen, at=at, is_frozen=is_frozen) for is_frozen in (True, False))
    counted, counts = (_counted(session, cut, figure, by, key) for cut in (before, now))
    changed = sorted(key for key in counted ^ counts if key > after_id)[:limit]
    then, today = (_standings(session, cut, changed) for cut in (before, now))
    with including_deleted(session):  # an import that was undone is one of the changes
        found = session.execute(
            select(Dossier.id, Dossier.code, Procedure.name)
            .join(Procedure, Procedure.id == Dossier.procedure_id)
            .where(Dossier.id.in_(changed))
            .order_by(Dossier.id)
        ).all()
    return [
        ChangedDossier(
            dossier_id=dossier_id,
            code=code,
            procedure_name=name,
            is_gained=dossier_id in counts,
            frozen=then.get(dossier_id),
            today=today.get(dossier_id),
        )
        for dossier_id, code, name in found
    ]


def _counted(session: Session, cut: Cut, figure: str, by: Dimension | None, key: str) -> set[int]:
    counted = classified(cut, by, (figure,)).subquery()
    found = select(counted.c.dossier_id).where(counted.c[figure] == 1)
    if by is not None:
        found = found.where(counted.c.key.is_not_distinct_from(key_of(by, key)))
    return set(session.scalars(found))


def _standings(session: Session, cut: Cut, keys: Collection[int]) -> dict[int, Standing]:
    counted: Any = classified(cut, None, ()).subquery().c
    found = session.execute(
        select(counted.dossier_id, counted.state, counted.intake_at, counted.due_at, counted.ended_at).where(
            counted.dossier_id.in_(keys)
        )
    )
    return {row.dossier_id: Standing(row.state, row.intake_at, row.due_at, row.ended_at) for row in found}
