"""Processes for tests, written in one line a step and a way."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

from sqlalchemy.orm import Session

from models.procedure import Procedure
from models.procedure_terms import LimitUnit
from models.process import (
    ProcessState,
    ProcessStep,
    ProcessTransition,
    ProcessVersion,
    StepKind,
    StepPlace,
    TransitionKind,
)
from services.processes import publish_process


def make_process(
    session: Session,
    procedure: Procedure | None,
    steps: Sequence[str],
    ways: Sequence[str],
    *,
    departments: dict[str, int] | None = None,
    case_name: str = "",
) -> ProcessVersion:
    """Return a draft; a step is "code KIND [quantity UNIT]", a way "from KIND to".

    ``departments`` says by the code of a step that a certain department's turn it is.
    """
    places = departments or {}
    title = procedure.name if procedure else "Chung"
    version = ProcessVersion(title=title, procedure_id=procedure.id if procedure else None, case_name=case_name)
    session.add(version)
    for number, line in enumerate(steps, start=1):
        code, kind, *budget = line.split()
        own = StepPlace.RECEIVING if kind in ("RECEIVE", "RETURN") else StepPlace.DECIDING
        version.steps.append(
            ProcessStep(
                position=number,
                code=code,
                name=code.capitalize(),
                kind=StepKind(kind),
                place=StepPlace.NAMED if code in places else own,
                department_id=places.get(code),
                budget_quantity=Decimal(budget[0]) if budget else None,
                budget_unit=LimitUnit(budget[1]) if budget else None,
            )
        )
    for number, line in enumerate(ways, start=1):
        source, kind, target = line.split()
        version.transitions.append(
            ProcessTransition(
                position=number,
                code=f"{source}-{target}",
                name=f"{source} {target}",
                kind=TransitionKind(kind),
                from_code=source,
                to_code=target,
            )
        )
    session.flush()
    session.refresh(version)
    return version


def put_in_force(session: Session, version: ProcessVersion, at: datetime) -> ProcessVersion:
    """Publish ``version`` and return it."""
    published = publish_process(session, version, at=at)
    assert published.state is ProcessState.PUBLISHED
    return published


PLAIN_STEPS = ("receive RECEIVE", "work WORK 1 WORKING_DAY", "sign DECIDE 4 HOUR", "return RETURN")
PLAIN_WAYS = ("receive FORWARD work", "work FORWARD sign", "sign BACK work", "sign FINISH return")
"""Three steps and the return: work, then somebody signs, or gives it back."""
