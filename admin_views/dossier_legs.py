"""Below the page of a dossier: what interrupted or lengthened its time, and who used it, with a small picture."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from flask_babel import gettext
from sqlalchemy.orm import Session

from admin_views.verbs import show_below
from models.dossier import Dossier
from services.clock import ClockMissingError
from services.dossier_legs import DossierLegs, list_legs
from services.errors import UserError
from services.extensions import list_apologies
from services.legs import Leg, LegTable
from services.supplements import list_supplements
from services.worktime import Worked
from web.clock import request_time
from web.database import database
from web.durations import say_minutes, whole_minutes

PICTURE_WIDTH = 1000


@dataclass(frozen=True, kw_only=True, slots=True)
class LegRow:
    """One leg as the page shows it; texts are empty where there is nothing to say."""

    department: str
    step: str
    from_at: datetime
    to_at: datetime | None
    used: str
    budget: str
    forgone: str
    waited: str
    charged: str
    is_blamed: bool


@dataclass(frozen=True, slots=True)
class Block:
    """A stretch of the picture, in thousandths of its width: a leg's time within the limit, or late."""

    x: float
    width: float
    kind: str  # "even", "odd" or "late"
    label: str


def legs_of(dossier: Dossier) -> dict[str, Any]:
    """Return what ``clock/legs.html`` shows of a dossier; without a clock there is nothing."""
    try:
        return _shown(list_legs(_session(), dossier, at=request_time()))
    except ClockMissingError:
        return {"rows": []}
    except UserError as error:
        return {"rows": [], "error": gettext(error.message_id, **error.values)}


def requests_of(dossier: Dossier) -> dict[str, Any]:
    """Return what ``clock/requests.html`` shows of a dossier: requests for papers, and extensions."""
    session = _session()
    return {"supplements": list_supplements(session, dossier), "apologies": list_apologies(session, dossier)}


def _session() -> Session:
    return database().session()


def _shown(found: DossierLegs) -> dict[str, Any]:
    table = found.table
    names = found.departments
    return {
        "rows": _rows(table, names),
        "blocks": _blocks(table, names),
        "total": {
            "used": _say([table.used], table)[0],
            "budget": "" if table.budget is None else _say([table.budget], table)[0],
            "waited": _say_wait(sum((leg.waited for leg in table.legs), timedelta(0))),
            "late": _say([table.late], table)[0] if table.late else "",
        },
        "is_late": table.is_late,
        "is_running": table.is_running,
        "is_worked": table.is_worked,
        "has_forgone": any(leg.forgone for leg in table.legs),
    }


def _rows(table: LegTable, names: dict[int, str]) -> list[LegRow]:
    legs = table.legs
    columns = zip(
        legs,
        _say([leg.used for leg in legs], table),
        _say([leg.forgone for leg in legs], table),
        _say([leg.charged for leg in legs], table),
        strict=True,
    )
    return [
        LegRow(
            department=_name(leg, names),
            step=leg.holder.step,
            from_at=leg.from_at,
            to_at=None if table.is_running and leg is legs[-1] else leg.to_at,
            used=used,
            budget="" if leg.budget is None else _say([leg.budget], table)[0],
            forgone=forgone if leg.forgone else "",
            waited=_say_wait(leg.waited),
            charged=charged if leg.charged else "",
            is_blamed=leg.is_blamed,
        )
        for leg, used, forgone, charged in columns
    ]


def _blocks(table: LegTable, names: dict[int, str]) -> list[Block]:
    """Return the counted time one leg after the other; what is charged to a leg stands out at its end."""
    if not table.used:
        return []
    scale = PICTURE_WIDTH / float(table.used)
    blocks, x = [], 0.0
    for index, leg in enumerate(table.legs):
        late = float(min(leg.charged, leg.used)) * scale
        for width, kind in ((float(leg.used) * scale - late, ("even", "odd")[index % 2]), (late, "late")):
            if width > 0:
                blocks.append(Block(x, width, kind, _name(leg, names)))
                x += width
    return blocks


def _name(leg: Leg, names: dict[int, str]) -> str:
    return names.get(leg.holder.department_id or 0, "–")


def _say(values: Sequence[Worked], table: LegTable) -> list[str]:
    return [say_minutes(minutes, is_worked=table.is_worked) for minutes in whole_minutes(values)]


def _say_wait(waited: timedelta) -> str:
    return say_minutes(round(waited.total_seconds() / 60)) if waited else ""


show_below("dossier", "clock/requests.html", requests_of)
show_below("dossier", "clock/legs.html", legs_of)
