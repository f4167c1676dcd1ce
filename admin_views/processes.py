"""What is done with a process beyond editing it: see its faults, publish it, begin the next version."""

from dataclasses import dataclass

from flask import Blueprint, abort, flash, redirect, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from admin_views.verbs import Verb, offer, show_below
from models.base import _
from models.process import ProcessState, ProcessTransition, ProcessVersion
from services import processes
from services.processes import ProcessFaultyError
from services.session import may
from web.access import permitted
from web.clock import request_time
from web.database import database

bp = Blueprint("processes", __name__, url_prefix="/processes")

show_below("process_version", "work/process.html")


@dataclass(frozen=True, slots=True)
class StepLine:
    """A step as the course of a process shows it: its ways on, each with the name of the step it leads to."""

    name: str
    kind: str
    holder: str
    role: str
    budget: str
    ways: tuple[tuple[ProcessTransition, str], ...]
    edit_url: str


@bp.app_template_global()
def process_faults(version: ProcessVersion) -> list[str]:
    """Return in words why a draft cannot be published; nothing for what is published."""
    if version.state is not ProcessState.DRAFT:
        return []
    problems = processes.find_problems(database().session(), version, at=request_time())
    return [gettext(problem.message, **problem.values) for problem in problems]


@bp.app_template_global()
def process_course(version: ProcessVersion) -> list[StepLine]:
    """Return the steps of a version in their order."""
    names = {step.code: step.name for step in version.steps}
    is_draft = version.state is ProcessState.DRAFT and may(database().session(), "process_step", "edit")
    return [
        StepLine(
            name=step.name,
            kind=gettext(step.kind.label),
            holder=step.department.name if step.department is not None else gettext(step.place.label),
            role=step.role.name if step.role is not None else "",
            budget=f"{step.budget_quantity:f}".rstrip("0").rstrip(".") + " " + gettext(step.budget_unit.label)
            if step.budget_quantity is not None and step.budget_unit is not None
            else "",
            ways=tuple(
                (way, names.get(way.to_code, way.to_code)) for way in version.transitions if way.from_code == step.code
            ),
            edit_url=url_for("process_step.edit_view", id=step.id) if is_draft else "",
        )
        for step in version.steps
    ]


def _find(key: int) -> ProcessVersion:
    version = database().session().get(ProcessVersion, key) if key < 2**63 else None
    if version is None:
        abort(404)
    return version


@bp.post("/<int:id>/publish")
@permitted("process_version", "publish")
def publish(id: int) -> ResponseReturnValue:  # noqa: A002 -- the argument of every verb's address
    """Put a draft in force; where it has faults they are shown on its page."""
    session, version = database().session(), _find(id)
    try:
        processes.publish_process(session, version, at=request_time())
        session.commit()
    except ProcessFaultyError as error:
        session.rollback()
        flash(gettext(error.message_id), "error")
        return redirect(url_for("process_version.details_view", id=id), 303)
    flash(gettext("%(name)s is in force for every dossier received from now on.", name=str(version)), "success")
    return redirect(url_for("process_version.details_view", id=id), 303)


@bp.post("/<int:id>/draft")
@permitted("process_version", "create")
def begin_draft(id: int) -> ResponseReturnValue:  # noqa: A002 -- the argument of every verb's address
    """Copy a version into a new draft and show it."""
    session, version = database().session(), _find(id)
    draft = processes.draft_from(session, version)
    session.commit()
    flash(gettext("%(name)s is a draft; dossiers go on by the version in force.", name=str(draft)), "success")
    return redirect(url_for("process_version.details_view", id=draft.id), 303)


offer(
    "process_version",
    Verb(
        action="publish",
        label=_("Publish"),
        endpoint="processes.publish",
        icon="check-circle",
        method="post",
        is_primary=True,
        confirm=_("Every dossier received from now on is carried by it, and it can no longer be changed. Publish?"),
        when=lambda version: version.state is ProcessState.DRAFT,
    ),
    Verb(
        action="edit",
        label=_("Add a step"),
        endpoint="process_step.create_view",
        icon="plus-lg",
        when=lambda version: version.state is ProcessState.DRAFT,
        arguments=lambda version: {"version": version.id},
    ),
    Verb(
        action="edit",
        label=_("Add a way"),
        endpoint="process_transition.create_view",
        icon="arrow-right",
        when=lambda version: version.state is ProcessState.DRAFT,
        arguments=lambda version: {"version": version.id},
    ),
    Verb(
        action="create",
        label=_("New version"),
        endpoint="processes.begin_draft",
        icon="copy",
        method="post",
        when=lambda version: version.state is not ProcessState.DRAFT,
    ),
)
