"""Migrations build the schema that the models declare, on both databases, and lose nothing that hangs on it."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.operations import Operations
from flask import Flask
from sqlalchemy import Column, Connection, Engine, Integer, inspect, text

from models import Base
from models.ddl import ATTACHED, create_attached, drop_attached
from services.database import make_engine, without_foreign_keys
from tests.conftest import running_app
from tests.support import databases

pytestmark = pytest.mark.filterwarnings(
    "ignore:autogenerate skipping metadata-specified expression-based index:UserWarning"
)


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of a database without any table."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'empty.db'}"
        return
    uri = request.getfixturevalue("postgres_uri")
    with databases.postgresql_database(uri) as name:
        yield databases.sqlalchemy_url(uri, name)


@pytest.fixture
def migrated(empty_url: str, tmp_path: Path) -> Iterator[tuple[Flask, Config]]:
    with running_app(empty_url, tmp_path) as app, app.app_context():
        config = app.extensions["migrate"].migrate.get_config()
        command.upgrade(config, "head")
        yield app, config


def attached_names(connection: Connection) -> set[str]:
    """Return every trigger, full-text table and trigram index that the database has."""
    if connection.dialect.name == "sqlite":
        rows = connection.execute(
            text(
                "SELECT name FROM sqlite_master "
                "WHERE type = 'trigger' OR (type = 'table' AND name LIKE '%\\_fts' ESCAPE '\\')"
            )
        )
    else:
        rows = connection.execute(
            text(
                "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal "
                "UNION SELECT indexname FROM pg_indexes WHERE indexname LIKE '%\\_trgm'"
            )
        )
    return {row[0] for row in rows}


def partial_indexes(connection: Connection) -> dict[str, str]:
    """Return the condition of every partial index, by name."""
    found = {}
    for table in Base.metadata.tables:
        for index in inspect(connection).get_indexes(table):
            condition = index.get("dialect_options", {}).get(f"{connection.dialect.name}_where")
            if condition is not None:
                found[str(index["name"])] = str(condition)
    return found


def declared(empty_url: str) -> tuple[set[str], dict[str, str]]:
    """Return what hangs on the tables of a database that the models themselves have made."""
    engine = make_engine(empty_url)
    with engine.connect() as connection:
        drop_attached(connection)
        Base.metadata.drop_all(connection)
        Base.metadata.create_all(connection)
        connection.commit()
        result = attached_names(connection), partial_indexes(connection)
    engine.dispose()
    return result


def test_migrations_give_what_the_models_declare(migrated: tuple[Flask, Config], empty_url: str) -> None:
    app, config = migrated
    command.check(config)
    with engine_of(app).connect() as connection:
        found = attached_names(connection), partial_indexes(connection)
    engine_of(app).dispose()

    assert found == declared(empty_url)
    assert len(ATTACHED) > 10
    assert found[1]


def test_the_way_down_is_the_way_up(migrated: tuple[Flask, Config]) -> None:
    app, config = migrated
    command.downgrade(config, "base")
    with engine_of(app).connect() as connection:
        left = set(inspect(connection).get_table_names())
    command.upgrade(config, "head")
    command.check(config)

    assert left == {"alembic_version"}


def test_a_rebuilt_table_keeps_its_children_and_all_that_hangs_on_it(migrated: tuple[Flask, Config]) -> None:
    app, _config = migrated
    engine = engine_of(app)
    with engine.connect() as connection:
        before = attached_names(connection), partial_indexes(connection)
        connection.execute(
            text("INSERT INTO role (id, code, name, row_version, search_text) VALUES (1, 'A', 'A', 1, ' a ')")
        )
        connection.execute(
            text(
                "INSERT INTO permission (id, role_id, entity, action, scope, level, row_version) "
                "VALUES (1, 1, 'site', 'read', 'ALL', 0, 1)"
            )
        )
        connection.commit()
    rebuild(engine)
    with engine.connect() as connection:
        after = attached_names(connection), partial_indexes(connection)
        children = connection.execute(text("SELECT count(*) FROM permission")).scalar()

    assert after == before
    assert children == 1


def rebuild(engine: Engine) -> None:
    """Do to ``role`` what a migration does that adds a column, in the surroundings that migrations/env.py makes."""
    with engine.connect() as connection, without_foreign_keys(connection):
        drop_attached(connection)
        operations = Operations(MigrationContext.configure(connection))
        recreate = "always" if connection.dialect.name == "sqlite" else "auto"
        with operations.batch_alter_table("role", recreate=recreate) as batch:
            batch.add_column(Column("added", Integer))
        create_attached(connection)
        connection.commit()


def engine_of(app: Flask) -> Engine:
    return app.extensions["sqlalchemy"].engine
