"""Runs migrations on SQLite and PostgreSQL; triggers and search indexes are dropped before and made again after.

On SQLite foreign keys are off meanwhile: batch mode rebuilds tables, and dropping the old copy of a parent would
otherwise delete its children.
"""

from typing import Any, Literal

from alembic import context
from alembic.autogenerate.api import AutogenContext
from flask import current_app
from sqlalchemy import Connection
from sqlalchemy.types import TypeDecorator

from models import Base
from models.ddl import ATTACHED, create_attached, drop_attached
from services.database import without_foreign_keys

_ATTACHED_INDEXES = {f"ix_{item.table}_search_text_trgm" for item in ATTACHED.values()}


def is_ours(item: Any, name: str | None, kind: str, reflected: bool, compared: Any) -> bool:
    """Leave to ``models.ddl`` what hangs on tables: full-text tables with their shadows, trigram indexes."""
    if kind == "table" and reflected and name is not None:
        return not any(name == fts or name.startswith(f"{fts}_") for fts in ATTACHED if fts.endswith("_fts"))
    return not (kind == "index" and name in _ATTACHED_INDEXES)


def render(kind: str, item: Any, autogen: AutogenContext) -> str | Literal[False]:
    """Write our own types as plain ones, so that a migration does not change with the code it came from."""
    if kind == "type" and isinstance(item, TypeDecorator):
        return f"sa.{item.impl!r}"
    return False


def moves_schema(connection: Connection) -> bool:
    """Return whether this command goes to another revision; comparing and looking leave everything in place."""
    try:
        destination = context.get_revision_argument()
    except KeyError:
        return False
    return destination != context.get_context().get_current_revision()


def run(connection: Connection) -> None:
    """Migrate in one transaction, with everything attached out of the way."""
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        render_as_batch=True,
        transactional_ddl=True,
        compare_type=True,
        compare_server_default=True,
        include_object=is_ours,
        render_item=render,
    )
    moves = moves_schema(connection)
    with context.begin_transaction():
        if moves:
            drop_attached(connection)
        context.run_migrations()
        if moves:
            create_attached(connection)
    connection.commit()


with current_app.extensions["migrate"].db.engine.connect() as _connection, without_foreign_keys(_connection):
    run(_connection)
