"""What the settlement report can be sliced by, and what people call each slice."""

from collections.abc import Iterable
from enum import StrEnum
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.base import _
from models.organisation import Department, Site
from models.procedure import Procedure, ProcedureField
from models.staff import Staff
from models.states import Channel
from services.session import including_deleted, unscoped

NOBODY = "none"
"""The key of the slice that has no value: a dossier that no officer has received or worked on."""


class Dimension(StrEnum):
    """What the report can be sliced by.

    The officer is who was responsible at as-of, and until somebody is, who received the dossier.
    """

    DEPARTMENT = "department"
    FIELD = "field"
    PROCEDURE = "procedure"
    CHANNEL = "channel"
    SITE = "site"
    OFFICER = "officer"


_NAMED: dict[Dimension, Any] = {
    Dimension.DEPARTMENT: (Department, Department.code, Department.name),
    Dimension.FIELD: (ProcedureField, ProcedureField.code, ProcedureField.name),
    Dimension.PROCEDURE: (Procedure, Procedure.code, Procedure.name),
    Dimension.SITE: (Site, Site.code, Site.name),
    Dimension.OFFICER: (Staff, Staff.badge_number, Staff.full_name),
}


def key_of(by: Dimension, text: str) -> Any:
    """Return the value that the key of a slice stands for; None for ``NOBODY``. Raises: ValueError."""
    if text == NOBODY:
        return None
    if by is Dimension.CHANNEL:
        return Channel(text)
    number = int(text)
    if not 0 < number < 2**63:
        raise ValueError(text)
    return number


def name_slices(session: Session, by: Dimension, keys: Iterable[Any]) -> dict[Any, tuple[str, str]]:
    """Return code and name of each slice.

    Whoever may read a dossier may read whose it is, so the names are no question of the reader's other rights.
    """
    if by is Dimension.CHANNEL:
        return {channel: (channel.value.lower(), channel.label) for channel in Channel}
    model, code, name = _NAMED[by]
    wanted = [key for key in keys if key is not None]
    with unscoped(session, "names of the slices of a report"), including_deleted(session):
        found = {key: (code, name) for key, code, name in session.execute(
            select(model.id, code, name).where(model.id.in_(wanted))
        )}  # fmt: skip
    return found | {None: (NOBODY, _("Nobody yet"))}
