"""The default roles in the databases of tests: seeded in earnest once a process, copied from then on."""

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.access import Role, SeededGrant
from models.base import Base
from services.roles import seed_roles

_ROLE, _PERMISSION, _SEEDED = (Base.metadata.tables[name] for name in ("role", "permission", "seeded_grant"))
_kept: dict[Any, list[dict[str, Any]]] = {}


def have_roles(session: Session) -> None:
    """Let the database hold the default roles; a copy leaves no audit trail."""
    if session.scalar(select(Role.id).limit(1)) is not None:
        if session.scalar(select(SeededGrant.entity).limit(1)) is None:
            seed_roles(session)  # beside roles that a test has made
    elif _kept:
        _copy(session)
    else:
        seed_roles(session)
        _kept.update({table: _rows(session, table) for table in (_ROLE, _PERMISSION, _SEEDED)})


def _rows(session: Session, table: Any) -> list[dict[str, Any]]:
    return [dict(row) for row in session.connection().execute(select(table).order_by(*table.primary_key)).mappings()]


def _copy(session: Session) -> None:
    connection = session.connection()
    codes = {row["id"]: row["code"] for row in _kept[_ROLE]}
    connection.execute(_ROLE.insert(), [_new(row) for row in _kept[_ROLE]])
    ids = {code: key for key, code in connection.execute(select(_ROLE.c.id, _ROLE.c.code))}
    permissions = [_new(row) | {"role_id": ids[codes[row["role_id"]]]} for row in _kept[_PERMISSION]]
    connection.execute(_PERMISSION.insert(), permissions)
    connection.execute(_SEEDED.insert(), [_new(row) for row in _kept[_SEEDED]])


def _new(row: dict[str, Any]) -> dict[str, Any]:
    """Return a row without its key, which the database gives anew: its sequences go on from there."""
    return {name: value for name, value in row.items() if name != "id"}
