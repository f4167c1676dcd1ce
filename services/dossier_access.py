"""Which departments have to do with a dossier; what scoped lists are read from."""

from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from models.dossier import Dossier, DossierAccess
from models.organisation import Department
from services.session import including_deleted, unscoped

DEEPEST_LEVEL = 20


def departments_above(session: Session, department_id: int) -> list[int]:
    """Return the departments above one, nearest first; a loop in the tree ends the walk."""
    above: list[int] = []
    with unscoped(session, "departments above one"), including_deleted(session):
        current = session.scalar(select(Department.parent_id).where(Department.id == department_id))
        while current is not None and current not in above and len(above) < DEEPEST_LEVEL:
            above.append(current)
            current = session.scalar(select(Department.parent_id).where(Department.id == current))
    return above


def access_rows(dossier: Dossier, reach: Mapping[int, bool]) -> list[dict[str, Any]]:
    """Return the rows that let departments find ``dossier``; ``reach`` says of each whether it is direct."""
    return [
        {
            "dossier_id": dossier.id,
            "department_id": department_id,
            "received_at": dossier.received_at,
            "due_sort_at": dossier.due_sort_at,
            "code": dossier.code,
            "is_direct": is_direct,
        }
        for department_id, is_direct in sorted(reach.items())
    ]


def grant_access(session: Session, dossier: Dossier, department_ids: Iterable[int]) -> None:
    """Let these departments, and those above them, find ``dossier`` in their lists.

    The rows follow from the dossier and the tree and carry nothing of their own, so they are not audited one by one.
    """
    direct = set(department_ids)
    reach = {department_id: False for leaf in direct for department_id in departments_above(session, leaf)}
    reach |= dict.fromkeys(direct, True)
    rows = access_rows(dossier, reach)
    dialect = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
    statement = dialect.insert(DossierAccess)
    session.execute(
        statement.on_conflict_do_update(
            index_elements=["dossier_id", "department_id"],
            set_={"is_direct": DossierAccess.is_direct | statement.excluded.is_direct},
        ),
        rows,
    )
