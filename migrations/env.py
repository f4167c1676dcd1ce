"""Runs migrations on SQLite and PostgreSQL; triggers and search indexes are dropped before and made again after.

On SQLite foreign keys are off meanwhile: batch mode rebuilds tables, and dropping the old copy of a parent would
otherwise delete its children.
"""

from typing import Any, Literal

from alembic import context
from alembic.autogenerate.api import AutogenContext
from flask import current_app
from sqlalchemy import Connection

from models import Base
from models.base import UtcDateTime
from models.ddl import ATTACHED, create_attached, drop_attached

_ATTACHED_INDEXES = {f"ix_{item.table}_search_text_trgm" for item in ATTACHED.values()}


def is_ours(item: Any, name: str | None, kind: str, reflected: bool, compared: Any) -> bool:
    """Leave to ``models.ddl`` what hangs on tables: full-text tables with their shadows, trigram indexes."""
    if kind == "table" and reflected and name is not None:
        return not any(name == fts or name.startswith(f"{fts}_") for fts in ATTACHED if fts.endswith("_fts"))
    return not (kind == "index" and name in _ATTACHED_INDEXES)


def render(kind: str, item: Any, autogen: AutogenContext) -> str | Literal[False]:
    """Write our own types as plain ones, so that a migration does not change with the code it came from."""
    if kind == "type" and isinstance(item, UtcDateTime):
        return "sa.DateTime(timezone=True)"
    return False


def run(connection: Connection) -> None:
    """Migrate in one transaction, with everything attached out of the way."""
    is_sqlite = connection.dialect.name == "sqlite"
    if is_sqlite:
        connection.exec_driver_sql("PRAGMA foreign_keys=OFF")
        connection.commit()
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        render_as_batch=is_sqlite,
        compare_type=True,
        compare_server_default=True,
        include_object=is_ours,
        render_item=render,
    )
    is_check = bool(getattr(context.config.cmd_opts, "autogenerate", False)) or context.config.attributes.get("check")
    with context.begin_transaction():
        if not is_check:
            drop_attached(connection)
        context.run_migrations()
        if not is_check:
            create_attached(connection)
    if is_sqlite:
        broken = connection.exec_driver_sql("PRAGMA foreign_key_check").fetchall()
        if broken:
            raise RuntimeError(f"the migration left references to rows that are not there: {broken[:5]}")


with current_app.extensions["migrate"].db.engine.connect() as _connection:
    run(_connection)
