"""The specialist's list of work: the department's open dossiers by due time."""

from dataclasses import dataclass

from flask import Blueprint, render_template, request, url_for
from flask_babel import gettext
from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from admin_views.navigation import MenuItem
from models.base import _
from models.describe import screen_of
from models.dossier import Dossier
from models.states import DossierState
from services.listing import COUNT_CAP, ListRequest, ListResult, list_rows
from services.session import scope_condition
from web.access import current_actor, permitted
from web.clock import request_time
from web.database import database

bp = Blueprint("work", __name__, url_prefix="/work")

MENU = [
    MenuItem(
        group=_("Work"), label=_("My work"), endpoint="work.show", icon="list-check", permission=("dossier", "start")
    )
]

PAGE_SIZE = 30


@dataclass(frozen=True, slots=True)
class Heap:
    """One tab: some states, or a quick view of the dossiers."""

    key: str
    label: str
    states: tuple[DossierState, ...] = ()
    quick: str = ""


S = DossierState

HEAPS = (
    Heap("open", _("All open"), quick="open"),
    Heap("new", _("To begin"), (S.ACCEPTED,)),
    Heap("mine", _("Mine in process"), (S.PROCESSING,), "mine"),
    Heap("process", _("In process"), (S.PROCESSING,)),
    Heap("late", _("Overdue"), quick="overdue"),
    Heap("waiting", _("Waiting for the applicant"), (S.SUPPLEMENT, S.PAYMENT, S.WITHDRAWAL)),
)


@dataclass(frozen=True, slots=True)
class HeapTab:
    """A tab as the page shows it."""

    label: str
    url: str
    count: str
    is_active: bool


@bp.get("/")
@permitted("dossier", "start")
def show() -> str:
    """Show one heap of work, what is due first on top."""
    session = database().session()
    heap = next((heap for heap in HEAPS if heap.key == request.args.get("heap")), HEAPS[0])
    page = _rows(session, heap, request.args.get("cursor", ""), PAGE_SIZE)
    return render_template(
        "work/list.html",
        tabs=[_tab(session, each, heap) for each in HEAPS],
        heap=heap,
        rows=page.rows,
        startable=_allowed(session, "start", [row.id for row in page.rows if row.state is S.ACCEPTED]),
        finishable=_allowed(session, "finish", [row.id for row in page.rows if row.state is S.PROCESSING]),
        next_url=url_for("work.show", heap=heap.key, cursor=page.next_cursor) if page.next_cursor else "",
        previous_url=url_for("work.show", heap=heap.key, cursor=page.previous_cursor) if page.previous_cursor else "",
        own_id=current_actor().staff_id,
        now=request_time(),
    )


def _rows(session: Session, heap: Heap, cursor: str, size: int) -> ListResult:
    wanted = ListRequest(
        filters={"state": [state.value for state in heap.states]} if heap.states else {},
        quick=heap.quick,
        order="due_sort_at",
        cursor=cursor,
        page_size=size,
    )
    return list_rows(session, Dossier, wanted, at=request_time())


def _allowed(session: Session, action: str, keys: list[int]) -> set[int]:
    """Return which of these dossiers the actor may apply ``action`` to, in one query."""
    actor = current_actor()
    condition = scope_condition(Dossier, actor, action)
    wanted = select(Dossier.id).where(Dossier.id.in_(keys))
    return set(session.scalars(wanted if condition is None else wanted.where(condition))) if keys else set()


def _tab(session: Session, heap: Heap, active: Heap) -> HeapTab:
    number = _count(session, heap)
    count = f"{COUNT_CAP}+" if number > COUNT_CAP else str(number)
    return HeapTab(gettext(heap.label), url_for("work.show", heap=heap.key), count, heap is active)


def _count(session: Session, heap: Heap) -> int:
    """Return how many dossiers lie on a heap, counted no further than one beyond the cap."""
    views = {view.name: view for view in screen_of(Dossier).quick}
    conditions: list[ColumnElement[bool]] = (
        [Dossier.state.in_(heap.states), Dossier.annulled_at.is_(None)] if heap.states else []
    )
    if heap.quick:
        conditions.append(views[heap.quick].where(Dossier, current_actor(), request_time()))
    found = select(Dossier.id).where(*conditions).limit(COUNT_CAP + 1).subquery()
    return session.scalar(select(func.count()).select_from(found)) or 0
