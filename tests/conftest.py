"""Fixtures shared by all tests: two real databases, sessions, the application and its clients."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
from flask import Flask
from hypothesis import settings
from sqlalchemy import Engine, event
from sqlalchemy.orm import Session

from app import create_app
from services.database import make_engine
from services.passwords import Hashing, configure_hashing
from services.session import unscoped
from tests.support import databases
from tests.support.missing import miss

DIALECTS = ("sqlite", "postgresql")

settings.register_profile("motcua", deadline=None)  # how loaded the machine is is none of our doing
settings.load_profile("motcua")


@pytest.fixture(scope="session", autouse=True)
def cheap_hashing() -> None:
    """Hash passwords with the least cost argon2 allows; what hashing costs in earnest has its own test."""
    cheap = Hashing(time_cost=1, memory_kib=8, parallelism=1)
    configure_hashing(passwords=cheap, pins=cheap)


@pytest.fixture(scope="session")
def postgres_uri() -> str:
    """The address of a PostgreSQL server; skips loudly where none can be had, and fails where ``CI`` is set."""
    uri, reason = databases.start_postgresql()
    if not uri:
        miss(reason)
    return uri


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("template") / "template.db"
    databases.create_schema(f"sqlite:///{path}")
    return path


@pytest.fixture(scope="session")
def postgres_schema(postgres_uri: str) -> Iterator[str]:
    """The address of one PostgreSQL database with the schema, for all tests of this process in turn."""
    with databases.postgresql_database(postgres_uri) as name:
        url = databases.sqlalchemy_url(postgres_uri, name)
        databases.create_schema(url)
        yield url


@pytest.fixture
def sqlite_url(sqlite_template: Path, tmp_path: Path) -> str:
    """The address of an empty SQLite database with the schema, for this test alone."""
    return databases.copy_sqlite(sqlite_template, tmp_path / "test.db")


@pytest.fixture(scope="session")
def postgres_shape(postgres_schema: str) -> set[str]:
    """What the schema consists of, before any test has touched it."""
    return databases.shape(postgres_schema)


@pytest.fixture
def postgres_url(postgres_schema: str, postgres_shape: set[str]) -> Iterator[str]:
    """The address of an empty PostgreSQL database with the schema; emptied again after the test."""
    yield postgres_schema
    databases.wipe(postgres_schema)
    changed = databases.shape(postgres_schema) ^ postgres_shape
    assert not changed, f"the tests after this one use the same schema; put back as they were: {changed}"


@pytest.fixture(params=DIALECTS)
def database_url(request: pytest.FixtureRequest) -> str:
    """An empty database of each kind in turn."""
    return request.getfixturevalue(f"{'sqlite' if request.param == 'sqlite' else 'postgres'}_url")


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    """An engine on an empty database of each kind in turn."""
    engine = make_engine(database_url)
    yield engine
    engine.dispose()


@pytest.fixture
def session(engine: Engine) -> Iterator[Session]:
    """A session of a system actor on an empty database of each kind in turn."""
    with Session(engine) as session, unscoped(session, "test"):
        yield session
        session.rollback()


@pytest.fixture
def now() -> datetime:
    """Wednesday 17 May 2017, 09:00 in Vietnam: a working moment."""
    return datetime(2017, 5, 17, 2, 0, tzinfo=UTC)


@pytest.fixture(scope="session")
def sqlite_app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """One application for all tests of this process that use SQLite: what it compiles is compiled once."""
    folder = tmp_path_factory.mktemp("app")
    with running_app(f"sqlite:///{folder / 'app.db'}", folder) as app:
        yield app


@pytest.fixture(scope="session")
def postgres_app(postgres_schema: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """One application for all tests of this process that use PostgreSQL."""
    with running_app(postgres_schema, tmp_path_factory.mktemp("app")) as app:
        yield app


@pytest.fixture
def app(sqlite_app: Flask, sqlite_template: Path) -> Iterator[Flask]:
    """The application on an empty SQLite database; its settings are as they were after the test."""
    path = Path(sqlite_app.config["SQLALCHEMY_DATABASE_URI"].removeprefix("sqlite:///"))
    dispose(sqlite_app)
    for leftover in path.parent.glob(f"{path.name}*"):
        leftover.unlink()
    databases.copy_sqlite(sqlite_template, path)
    settings = dict(sqlite_app.config)
    yield sqlite_app
    sqlite_app.config.clear()
    sqlite_app.config.update(settings)
    dispose(sqlite_app)


@pytest.fixture
def app_on_postgresql(postgres_app: Flask, postgres_url: str) -> Iterator[Flask]:
    """The application on an empty PostgreSQL database; its settings are as they were after the test."""
    settings = dict(postgres_app.config)
    yield postgres_app
    postgres_app.config.clear()
    postgres_app.config.update(settings)
    dispose(postgres_app)


@pytest.fixture
def fresh_app(sqlite_url: str, tmp_path: Path) -> Iterator[Flask]:
    """An application for this test alone, which may add routes and hooks to it."""
    with running_app(sqlite_url, tmp_path) as app:
        yield app


@pytest.fixture(params=DIALECTS)
def any_app(request: pytest.FixtureRequest) -> Flask:
    """The application on an empty database of each kind in turn."""
    return request.getfixturevalue("app" if request.param == "sqlite" else "app_on_postgresql")


def dispose(app: Flask) -> None:
    """Close every connection of the application."""
    with app.app_context():
        app.extensions["sqlalchemy"].engine.dispose()


@contextmanager
def running_app(url: str, folder: Path) -> Iterator[Flask]:
    """Give an application on ``url`` whose connections are closed at the end."""
    app = create_app({"TESTING": True, "DATABASE_URL": url, "INSTANCE_PATH": str(folder), "SECRET_KEY": "t" * 40})
    yield app
    dispose(app)


@pytest.fixture
def count_queries() -> Callable[[Engine], AbstractContextManager[list[str]]]:
    """Give a context manager that lists the statements an engine runs."""

    @contextmanager
    def counting(engine: Engine) -> Iterator[list[str]]:
        seen: list[str] = []

        def _seen(connection: object, cursor: object, statement: str, *_: object) -> None:
            seen.append(statement)

        event.listen(engine, "before_cursor_execute", _seen)
        try:
            yield seen
        finally:
            event.remove(engine, "before_cursor_execute", _seen)

    return counting
