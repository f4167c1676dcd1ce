"""A dossier's tasks as its events tell them: the same few lines change the rows and rebuild them.

An event that concerns the open task carries ``facts["task"]``: the whole task after it (times as ISO 8601), or
``is_ended`` where the dossier needs nobody any more. Another ``number`` ends the task before.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.dossier import Dossier, DossierEvent
from models.process import StepTask
from services.dossier_access import grant_access


class HasTask(Protocol):
    """The part of a task that the events of its dossier decide."""

    number: Any
    step_id: Any
    department_id: Any
    assignee_id: Any
    since_at: Any
    claimed_at: Any
    due_at: Any
    paused_at: Any
    ended_at: Any
    ended_by_id: Any
    outcome: Any


@dataclass(kw_only=True, slots=True)
class TaskFacts:
    """A task as the events of its dossier tell it."""

    number: int
    step_id: int
    department_id: int
    since_at: datetime
    assignee_id: int | None = None
    claimed_at: datetime | None = None
    due_at: datetime | None = None
    paused_at: datetime | None = None
    ended_at: datetime | None = None
    ended_by_id: int | None = None
    outcome: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class TaskChange:
    """What an act does to the open task: the task after it, and by which way the one before ended."""

    number: int
    step_id: int
    department_id: int
    assignee_id: int | None = None
    due_at: datetime | None = None
    paused_at: datetime | None = None
    outcome: str | None = None
    is_ended: bool = False
    step_name: str = ""
    step_budget: str | None = None

    def told(self) -> dict[str, Any]:
        """Return what the table of legs reads: who has the dossier, on which step, and how long that may take."""
        if self.is_ended:
            return {}
        step = {"step": self.step_name, "step_budget": self.step_budget} if self.step_name else {}
        return {"holder_id": self.department_id, **step}

    def facts(self) -> dict[str, Any]:
        """Return the change as an event keeps it."""
        times = {
            name: at.isoformat() if at else None
            for name, at in (("due_at", self.due_at), ("paused_at", self.paused_at))
        }
        return {
            "number": self.number,
            "step_id": self.step_id,
            "department_id": self.department_id,
            "assignee_id": self.assignee_id,
            "outcome": self.outcome,
            "is_ended": self.is_ended,
            **times,
        }


def is_new(change: Mapping[str, Any], last: HasTask | None) -> bool:
    """Return whether the change begins another task than ``last``."""
    return not change["is_ended"] and (last is None or change["number"] != last.number)


def end_task(task: HasTask, change: Mapping[str, Any], event: DossierEvent) -> None:
    """End ``task`` by ``event``."""
    task.ended_at, task.ended_by_id, task.outcome = event.occurred_at, event.staff_id, change["outcome"]
    task.paused_at = None


def shape_task(task: HasTask, change: Mapping[str, Any], event: DossierEvent) -> None:
    """Give an open task what the change says."""
    task.department_id, task.assignee_id = change["department_id"], change["assignee_id"]
    task.due_at, task.paused_at = _instant(change["due_at"]), _instant(change["paused_at"])
    if task.assignee_id is not None and task.claimed_at is None:
        task.claimed_at = event.occurred_at


def rebuild_tasks(events: Iterable[DossierEvent]) -> list[TaskFacts]:
    """Return the tasks that ``events`` (in order of ``sequence``) amount to."""
    tasks: list[TaskFacts] = []
    for event in events:
        change = event.facts.get("task")
        if change is None:
            continue
        last = tasks[-1] if tasks else None
        begins = is_new(change, last)
        if last is not None and last.ended_at is None and (begins or change["is_ended"]):
            end_task(last, change, event)
        if begins:
            tasks.append(
                TaskFacts(
                    number=change["number"],
                    step_id=change["step_id"],
                    department_id=change["department_id"],
                    since_at=event.occurred_at,
                )
            )
        if not change["is_ended"]:
            shape_task(tasks[-1], change, event)
    return tasks


def _instant(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)


def apply_task(session: Session, dossier: Dossier, event: DossierEvent) -> None:
    """Change the rows of a dossier's tasks by what ``event`` says, and let the department that has it find it."""
    change = event.facts["task"]
    task = session.scalars(
        select(StepTask).where(StepTask.dossier_id == dossier.id, StepTask.ended_at.is_(None))
    ).one_or_none()
    begins = is_new(change, task)
    if task is not None and (begins or change["is_ended"]):
        end_task(task, change, event)
        session.flush()  # one task of a dossier is open, so the earlier one ends first
    if change["is_ended"]:
        return
    before = None if task is None else task.department_id
    if task is None or begins:
        task = StepTask(
            dossier_id=dossier.id, number=change["number"], step_id=change["step_id"], since_at=event.occurred_at
        )
        session.add(task)
    shape_task(task, change, event)
    if task.department_id not in (before, dossier.department_id):
        grant_access(session, dossier, {task.department_id})
