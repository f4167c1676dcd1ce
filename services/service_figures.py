"""What applicants had to do and to bear: post, further papers, apologies, trips to the counter, waiting in the hall.

Source: design section 6, domain.md 2.7 and 3.3 (index 3), docs/adr/0024.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.visit import Visit
from services.session import actor_of
from services.settlement_counting import CountedSlice, add_up, count_slices
from services.settlement_figures import MEASURES, SERVICE_FIGURES
from services.settlement_query import Cut
from services.settlement_slices import Dimension

SERVICE_COLUMNS = (*SERVICE_FIGURES, *MEASURES)


@dataclass(frozen=True, kw_only=True, slots=True)
class HallWaiting:
    """How long people waited in the hall until they were called, over visits that came within the period.

    ``median`` and ``most`` (nine of ten waited no longer) are None where nobody was called.
    """

    called: int = 0
    not_called: int = 0
    median: timedelta | None = None
    most: timedelta | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class ServiceReport:
    """Per slice and in total: each of ``SERVICE_COLUMNS``; waiting is None for whoever may not read visits."""

    total: Mapping[str, int] = field(default_factory=dict)
    rows: Mapping[str, CountedSlice] = field(default_factory=dict)
    waiting: HallWaiting | None = None

    def of(self, key: str) -> Mapping[str, int]:
        """Return the values of a slice; nothing where none of its dossiers counts here."""
        return self.rows[key].values if key in self.rows else dict.fromkeys(SERVICE_COLUMNS, 0)


def summarise_service(session: Session, cut: Cut, *, by: Dimension) -> ServiceReport:
    """Return what applicants had to bear in ``cut``, over the dossiers the session's actor may read."""
    rows = count_slices(session, cut, by, SERVICE_COLUMNS)
    return ServiceReport(
        total=add_up(rows, SERVICE_COLUMNS),
        rows={row.key: row for row in rows},
        waiting=_waiting(session, cut) if actor_of(session).may("visit", "read") else None,
    )


def trips_per_dossier(values: Mapping[str, int]) -> Decimal | None:
    """Return how often an applicant came until the result was handed back, on average, with two decimals, half-up."""
    if not values["trips_known"]:
        return None
    return (Decimal(values["trips"]) / values["trips_known"]).quantize(Decimal("0.01"), ROUND_HALF_UP)


def service_to_json(values: Mapping[str, int]) -> dict[str, Any]:
    """Return one slice as other programs read it; the average as text, None on an empty denominator."""
    average = trips_per_dossier(values)
    return {**values, "trips_per_dossier": None if average is None else str(average)}


def _waiting(session: Session, cut: Cut) -> HallWaiting:
    """Return waiting as it stood at as-of; the hall keeps no second axis of time."""
    visits = session.execute(
        select(Visit.arrived_at, Visit.called_at).where(
            Visit.arrived_at >= cut.start_at,
            Visit.arrived_at < cut.end_at,
            Visit.arrived_at <= cut.as_of,
            Visit.is_training.is_(False),
        )
    ).all()
    waited = sorted(called - came for came, called in visits if called is not None and called <= cut.as_of)
    if not waited:
        return HallWaiting(not_called=len(visits))
    middle = len(waited) // 2
    median = waited[middle] if len(waited) % 2 else (waited[middle - 1] + waited[middle]) / 2
    return HallWaiting(
        called=len(waited),
        not_called=len(visits) - len(waited),
        median=median,
        most=waited[-(-9 * len(waited) // 10) - 1],
    )
