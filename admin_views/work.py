"""The specialist's list of work: open dossiers by due time, in heaps, of a person or a department."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, render_template, request, url_for
from flask_babel import gettext
from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from admin_views.navigation import MenuItem
from models.actor import ScopeLevel
from models.base import _
from models.describe import screen_of
from models.dossier import Dossier
from models.organisation import Department
from models.process import ProcessStep, ProcessTransition, TransitionKind
from models.staff import Staff
from models.states import DossierState
from services.listing import COUNT_CAP, ListRequest, ListResult, list_rows
from services.session import scope_condition
from web.access import current_actor, permitted
from web.clock import request_time
from web.database import database

bp = Blueprint("work", __name__, url_prefix="/work")

MENU = [
    MenuItem(group=_("Work"), label=label, endpoint=endpoint, icon=icon, permission=("dossier", "start"))
    for label, endpoint, icon in (
        (_("My work"), "work.show", "list-check"),
        (_("Who has how much"), "many.show_loads", "people"),
    )
]

PAGE_SIZE = 30
PEOPLE_SHOWN = 300


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
    Heap("take", _("To take"), quick="to_take"),
    Heap("mine", _("Assigned to me"), quick="my_tasks"),
    Heap("process", _("In process"), (S.PROCESSING,)),
    Heap("soon", _("Due soon"), quick="due_soon"),
    Heap("late", _("Overdue"), quick="overdue"),
    Heap("waiting", _("Waiting for the applicant"), (S.SUPPLEMENT, S.PAYMENT, S.WITHDRAWAL)),
)


MANY = (
    ("approve", _("Approve"), "check-lg"),
    ("pass", _("Pass on"), "arrow-right"),
    ("take", _("Take the work"), "person-check"),
    ("assign", _("Give to somebody"), "people"),
    ("release", _("Give back"), "inbox"),
)
"""What the list offers to do to many dossiers at once (services.many)."""


@dataclass(frozen=True, slots=True)
class HeapTab:
    """A tab as the page shows it."""

    label: str
    url: str
    count: str
    is_active: bool


@dataclass(frozen=True, slots=True)
class Narrowing:
    """Whose work is shown: everybody's, unless a person or a department (by key, as text) was chosen."""

    person: str = ""
    department: str = ""

    @classmethod
    def asked(cls) -> "Narrowing":
        """Return what the address asks for; anything but a key asks for everybody."""
        person, department = (_key(request.args.get(name)) for name in ("person", "department"))
        return cls(person, department)

    @property
    def filters(self) -> dict[str, list[str]]:
        chosen = {"responsible": self.person, "holder": self.department}
        return {name: [key] for name, key in chosen.items() if key}

    @property
    def arguments(self) -> dict[str, Any]:
        """The same as arguments of the page's address."""
        return {name: key for name, key in (("person", self.person), ("department", self.department)) if key}

    def conditions(self) -> list[ColumnElement[bool]]:
        found = []
        if self.person:
            found.append(Dossier.responsible_id == int(self.person))
        if self.department:
            found.append(Dossier.holder_id == int(self.department))
        return found


def _key(text: str | None) -> str:
    return text if text and text.isascii() and text.isdigit() and len(text) < 19 else ""


@bp.get("/")
@permitted("dossier", "start")
def show() -> str:
    """Show one heap of work, what is due first on top."""
    session = database().session()
    heap = next((heap for heap in HEAPS if heap.key == request.args.get("heap")), HEAPS[0])
    chosen = Narrowing.asked()
    page = _rows(session, heap, chosen, request.args.get("cursor", ""), PAGE_SIZE)
    _load_places(session, page.rows)
    processed = [row for row in page.rows if row.state is S.PROCESSING]
    finishable = _allowed(session, "finish", [row.id for row in processed])
    ending = _steps_with_result(session, {row.step_id for row in processed if row.step_id is not None})
    here: dict[str, Any] = {"heap": heap.key, **chosen.arguments}
    return render_template(
        "work/list.html",
        tabs=[_tab(session, each, heap, chosen) for each in HEAPS],
        heap=heap,
        rows=page.rows,
        startable=_allowed(session, "start", [row.id for row in page.rows if row.state is S.ACCEPTED]),
        finishable={row.id for row in processed if row.id in finishable and _ends(row, ending)},
        passable={row.id for row in processed if row.step_id is not None and _is_ours(row)},
        next_url=url_for("work.show", **here, cursor=page.next_cursor) if page.next_cursor else "",
        previous_url=url_for("work.show", **here, cursor=page.previous_cursor) if page.previous_cursor else "",
        people=_people(session),
        departments=_departments(session),
        chosen=chosen,
        own_id=current_actor().staff_id,
        acts=_acts(),
        now=request_time(),
    )


def _acts() -> list[tuple[str, str, str]]:
    """Return what may be done to many at once: its name, label and picture."""
    actor = current_actor()
    return [
        (name, gettext(label), picture)
        for name, label, picture in MANY
        if actor.may("dossier", "finish" if name == "approve" else "start")
    ]


def _rows(session: Session, heap: Heap, chosen: Narrowing, cursor: str, size: int) -> ListResult:
    states = {"state": [state.value for state in heap.states]} if heap.states else {}
    wanted = ListRequest(
        filters={**states, **chosen.filters},
        quick=heap.quick,
        order="due_sort_at",
        cursor=cursor,
        page_size=size,
    )
    return list_rows(session, Dossier, wanted, at=request_time())


def _load_places(session: Session, rows: Sequence[Dossier]) -> None:
    """Fetch the steps and departments of the rows in two queries, however many rows there are."""
    steps = {row.step_id for row in rows} - {None}
    holders = {row.holder_id for row in rows} - {None}
    if steps:
        session.scalars(select(ProcessStep).where(ProcessStep.id.in_(steps))).all()
    if holders:
        session.scalars(select(Department).where(Department.id.in_(holders))).all()


def _ends(dossier: Dossier, ending: set[int]) -> bool:
    """Return whether a result can come from where the dossier lies, and it is the actor's turn."""
    return dossier.step_id is None or (dossier.step_id in ending and _is_ours(dossier))


def _is_ours(dossier: Dossier) -> bool:
    actor = current_actor()
    permit = actor.permit("dossier", "start")
    everywhere = permit is not None and permit.scope is ScopeLevel.ALL
    return everywhere or dossier.holder_id in actor.department_ids | actor.tree_ids


def _steps_with_result(session: Session, step_ids: set[int]) -> set[int]:
    """Return those of the steps that a way to the result leads on from, in one query."""
    if not step_ids:
        return set()
    return set(
        session.scalars(
            select(ProcessStep.id)
            .join(
                ProcessTransition,
                (ProcessTransition.version_id == ProcessStep.version_id)
                & (ProcessTransition.from_code == ProcessStep.code),
            )
            .where(ProcessStep.id.in_(step_ids), ProcessTransition.kind == TransitionKind.FINISH)
        )
    )


def _allowed(session: Session, action: str, keys: list[int]) -> set[int]:
    """Return which of these dossiers the actor may apply ``action`` to, in one query."""
    actor = current_actor()
    condition = scope_condition(Dossier, actor, action)
    wanted = select(Dossier.id).where(Dossier.id.in_(keys))
    return set(session.scalars(wanted if condition is None else wanted.where(condition))) if keys else set()


def _people(session: Session) -> list[Any]:
    """Return the colleagues whose work one may look at alone: those of the departments one's right reaches."""
    actor = current_actor()
    statement = select(Staff.id, Staff.full_name).where(Staff.is_active).order_by(Staff.name_sort).limit(PEOPLE_SHOWN)
    within = actor.department_ids | actor.tree_ids
    return list(session.execute(statement.where(Staff.department_id.in_(within)) if within else statement))


def _departments(session: Session) -> list[Any]:
    """Return the departments to choose from, where there is more than one."""
    actor = current_actor()
    within = actor.department_ids | actor.tree_ids
    if len(within) == 1:
        return []
    statement = select(Department.id, Department.name).order_by(Department.name_sort).limit(PEOPLE_SHOWN)
    return list(session.execute(statement.where(Department.id.in_(within)) if within else statement))


def _tab(session: Session, heap: Heap, active: Heap, chosen: Narrowing) -> HeapTab:
    number = _count(session, heap, chosen)
    count = f"{COUNT_CAP}+" if number > COUNT_CAP else str(number)
    url = url_for("work.show", heap=heap.key, **chosen.arguments)
    return HeapTab(gettext(heap.label), url, count, heap is active)


def _count(session: Session, heap: Heap, chosen: Narrowing) -> int:
    """Return how many dossiers lie on a heap, counted no further than one beyond the cap."""
    views = {view.name: view for view in screen_of(Dossier).quick}
    conditions = chosen.conditions()
    if heap.states:
        conditions += [Dossier.state.in_(heap.states), Dossier.annulled_at.is_(None)]
    if heap.quick:
        conditions.append(views[heap.quick].where(Dossier, current_actor(), request_time()))
    found = select(Dossier.id).where(*conditions).limit(COUNT_CAP + 1).subquery()
    return session.scalar(select(func.count()).select_from(found)) or 0
