"""Triggers and full-text tables that belong to the schema, declared beside the tables they serve.

Alembic's batch mode rebuilds a SQLite table and silently drops what hangs on it, so a migration drops all of
these first and creates them again last (``migrations/env.py``); a test compares the database with this list.
"""

from dataclasses import dataclass

from sqlalchemy import Connection, MetaData, event

from models.base import Base


@dataclass(frozen=True, slots=True)
class Attached:
    """One object that hangs on a table: what creates it and what drops it, per dialect."""

    name: str
    table: str
    create: dict[str, tuple[str, ...]]
    drop: dict[str, tuple[str, ...]]

    def names(self, dialect: str) -> list[str]:
        """Return the names of the objects in a database of ``dialect``, as ``drop`` says them."""
        return [statement.split(" IF EXISTS ")[1].split()[0] for statement in self.drop[dialect]]


ATTACHED: dict[str, Attached] = {}


def _attach(item: Attached) -> None:
    ATTACHED[item.name] = item


def append_only(model: type[Base]) -> None:
    """Have the database refuse UPDATE and DELETE on the rows of ``model``, whoever asks (design decision 7)."""
    table = model.__tablename__
    name = f"{table}_append_only"
    refuse = f"{table} is append-only"
    sqlite_create, sqlite_drop = [], []
    for verb in ("UPDATE", "DELETE"):
        trigger = f"{name}_{verb.lower()}"
        sqlite_create.append(
            f"CREATE TRIGGER IF NOT EXISTS {trigger} BEFORE {verb} ON {table} "
            f"BEGIN SELECT RAISE(ABORT, '{refuse}'); END"
        )
        sqlite_drop.append(f"DROP TRIGGER IF EXISTS {trigger}")
    _attach(
        Attached(
            name=name,
            table=table,
            create={
                "sqlite": tuple(sqlite_create),
                "postgresql": (
                    "CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS "
                    "$$ BEGIN RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = '23000'; END $$",
                    f"DROP TRIGGER IF EXISTS {name} ON {table}",
                    f"CREATE TRIGGER {name} BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
                    "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()",
                ),
            },
            drop={
                "sqlite": tuple(sqlite_drop),
                "postgresql": (f"DROP TRIGGER IF EXISTS {name} ON {table}",),
            },
        )
    )


def in_order(model: type[Base]) -> None:
    """Have the database refuse an event of a person that lies before the one of its dossier that came before it.

    What an import brings (a batch, or nobody's act) may tell the past.
    """
    table = model.__tablename__
    name = f"{table}_in_order"
    refuse = f"{table} lies before what is recorded already"
    applies = "NEW.sequence > 1 AND NEW.staff_id IS NOT NULL AND NEW.batch_id IS NULL AND NEW.kind <> 'IMPORTED'"
    later = (
        f"SELECT 1 FROM {table} e WHERE e.dossier_id = NEW.dossier_id "
        "AND e.sequence = NEW.sequence - 1 AND e.occurred_at > NEW.occurred_at"
    )
    _attach(
        Attached(
            name=name,
            table=table,
            create={
                "sqlite": (
                    f"CREATE TRIGGER IF NOT EXISTS {name} BEFORE INSERT ON {table} "
                    f"WHEN {applies} AND EXISTS ({later}) BEGIN SELECT RAISE(ABORT, '{refuse}'); END",
                ),
                "postgresql": (
                    f"CREATE OR REPLACE FUNCTION refuse_{name}() RETURNS trigger LANGUAGE plpgsql AS "
                    f"$$ BEGIN IF EXISTS ({later}) THEN RAISE EXCEPTION '{refuse}' USING ERRCODE = '23000'; END IF; "
                    "RETURN NEW; END $$",
                    f"DROP TRIGGER IF EXISTS {name} ON {table}",
                    f"CREATE TRIGGER {name} BEFORE INSERT ON {table} FOR EACH ROW WHEN ({applies}) "
                    f"EXECUTE FUNCTION refuse_{name}()",
                ),
            },
            drop={
                "sqlite": (f"DROP TRIGGER IF EXISTS {name}",),
                "postgresql": (f"DROP TRIGGER IF EXISTS {name} ON {table}",),
            },
        )
    )


def searchable(model: type[Base], column: str = "search_text") -> None:
    """Index ``column`` by trigrams: FTS5 on SQLite, pg_trgm on PostgreSQL (design decision 12)."""
    table = model.__tablename__
    fts = f"{table}_fts"
    index = f"ix_{table}_{column}_trgm"
    insert = f"INSERT INTO {fts}(rowid, {column}) VALUES (new.id, new.{column});"
    remove = f"INSERT INTO {fts}({fts}, rowid, {column}) VALUES ('delete', old.id, old.{column});"
    _attach(
        Attached(
            name=fts,
            table=table,
            create={
                "sqlite": (
                    f"CREATE VIRTUAL TABLE IF NOT EXISTS {fts} USING fts5({column}, content='{table}', "
                    "content_rowid='id', tokenize='trigram')",
                    f"CREATE TRIGGER IF NOT EXISTS {fts}_insert AFTER INSERT ON {table} BEGIN {insert} END",
                    f"CREATE TRIGGER IF NOT EXISTS {fts}_delete AFTER DELETE ON {table} BEGIN {remove} END",
                    f"CREATE TRIGGER IF NOT EXISTS {fts}_update AFTER UPDATE OF {column} ON {table} "
                    f"WHEN old.{column} IS NOT new.{column} BEGIN {remove} {insert} END",
                    f"INSERT INTO {fts}({fts}) VALUES ('rebuild')",
                ),
                "postgresql": (
                    "CREATE EXTENSION IF NOT EXISTS pg_trgm",
                    f"CREATE INDEX IF NOT EXISTS {index} ON {table} USING gin ({column} gin_trgm_ops)",
                ),
            },
            drop={
                "sqlite": (
                    *(f"DROP TRIGGER IF EXISTS {fts}_{verb}" for verb in ("insert", "delete", "update")),
                    f"DROP TABLE IF EXISTS {fts}",
                ),
                "postgresql": (f"DROP INDEX IF EXISTS {index}",),
            },
        )
    )


def create_attached(connection: Connection) -> None:
    """Create every trigger and search index on tables that exist."""
    _run(connection, "create")


def drop_attached(connection: Connection) -> None:
    """Drop every trigger and search index, before tables are rebuilt."""
    _run(connection, "drop")


def _run(connection: Connection, what: str) -> None:
    present = set(connection.dialect.get_table_names(connection))
    for item in ATTACHED.values():
        if item.table in present:
            for statement in getattr(item, what)[connection.dialect.name]:
                connection.exec_driver_sql(statement.replace("%", "%%") if _percent(connection) else statement)


def _percent(connection: Connection) -> bool:
    return connection.dialect.name == "postgresql"


def install(metadata: MetaData) -> None:
    """Create the attached objects whenever ``metadata.create_all`` has made the tables."""

    @event.listens_for(metadata, "after_create")
    def _after_create(target: MetaData, connection: Connection, **_: object) -> None:
        create_attached(connection)


__all__ = ["ATTACHED", "append_only", "create_attached", "drop_attached", "in_order", "install", "searchable"]
