"""Whether the installation can work: its database answers and everything that guards it is in place."""

from sqlalchemy import Connection, text

from models.ddl import ATTACHED


def missing_guards(connection: Connection) -> list[str]:
    """Return the names of triggers and search indexes that the models declare and the database lacks."""
    if connection.dialect.name == "sqlite":
        rows = connection.execute(text("SELECT name FROM sqlite_master WHERE type IN ('trigger', 'table')"))
    else:
        rows = connection.execute(
            text(
                "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal "
                "UNION SELECT indexname FROM pg_indexes WHERE schemaname = current_schema()"
            )
        )
    present = {row[0] for row in rows}
    return sorted(
        name for item in ATTACHED.values() for name in item.names(connection.dialect.name) if name not in present
    )
