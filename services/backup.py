"""Backup and restore: a consistent copy of the database and the files, with a manifest that says what must be in it.

SQLite is copied with its online backup, PostgreSQL with ``pg_dump`` and ``pg_restore``. A copy is only called good
after its rows were counted in the copy itself.
"""

import hashlib
import json
import os
import shutil
import sqlite3
import subprocess
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import Connection, create_engine, inspect, make_url, text
from sqlalchemy.engine import URL
from sqlalchemy.exc import SQLAlchemyError

MANIFEST = "manifest.json"
SQLITE_COPY = "motcua.db"
POSTGRESQL_COPY = "motcua.dump"
KEPT_FOLDERS = ("uploads",)
INTERNAL = ("alembic_version", "sqlite_sequence")


class BackupError(Exception):
    """Why there is no backup, or nothing was restored, and what to do."""


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a backup holds: rows by table, and the SHA-256 of the database copy and of each file."""

    made_at: str
    backend: str
    tables: dict[str, int]
    hashes: dict[str, str]

    @property
    def rows(self) -> int:
        """All rows together."""
        return sum(self.tables.values())

    @property
    def files(self) -> int:
        """Uploaded files; the database copy is not one of them."""
        return sum(1 for name in self.hashes if name not in (SQLITE_COPY, POSTGRESQL_COPY))


def back_up(database_url: str, instance: Path, folder: Path, *, at: datetime) -> Manifest:
    """Write a checked backup into ``folder`` and return its manifest, which is written last.

    Raises: BackupError if the folder holds something, or the copy is not what the database holds.
    """
    if folder.exists() and any(folder.iterdir()):
        raise BackupError(f"{folder} is not empty. Choose a new folder; a backup is never overwritten.")
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o700)
    url = make_url(database_url)
    if url.get_backend_name() == "sqlite":
        copy = _copy_sqlite(url, folder / SQLITE_COPY)
        tables = _count_rows(f"sqlite:///{copy}")
    else:
        tables, copy = _dump_postgresql(url, folder / POSTGRESQL_COPY)
    for name in KEPT_FOLDERS:
        if (instance / name).is_dir():
            shutil.copytree(instance / name, folder / name)
    manifest = Manifest(
        made_at=at.isoformat(), backend=url.get_backend_name(), tables=tables, hashes=_hash_files(folder)
    )
    (folder / MANIFEST).write_text(json.dumps(asdict(manifest), indent=1, sort_keys=True), encoding="utf-8")
    return manifest


def restore_backup(database_url: str, instance: Path, folder: Path) -> Manifest:
    """Put a backup in place of an empty database, count it there, and return its manifest.

    Raises: BackupError if the backup is damaged or of another kind of database, or the target holds anything.
    """
    manifest = read_manifest(folder)
    url = make_url(database_url)
    if manifest.backend != url.get_backend_name():
        raise BackupError(f"This backup is of {manifest.backend}; DATABASE_URL names {url.get_backend_name()}.")
    if _hash_files(folder) != manifest.hashes:
        raise BackupError(f"{folder} is damaged: its files are not those the backup wrote. Take another backup.")
    _require_empty(database_url, instance)
    if manifest.backend == "sqlite":
        _place_sqlite(folder / SQLITE_COPY, Path(url.database or ""))
    else:
        _run_postgresql(url, "pg_restore", "--no-owner", "--clean", "--if-exists", "--exit-on-error",
                        "--dbname", url.database or "", str(folder / POSTGRESQL_COPY))  # fmt: skip
    for name in KEPT_FOLDERS:
        if (folder / name).is_dir():
            shutil.copytree(folder / name, instance / name, dirs_exist_ok=True)
    if _count_rows(database_url) != manifest.tables:
        raise BackupError("The restored database does not hold what the backup says. Do not use it.")
    return manifest


def read_manifest(folder: Path) -> Manifest:
    """Return what the backup in ``folder`` says of itself. Raises: BackupError."""
    try:
        return Manifest(**json.loads((folder / MANIFEST).read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError) as error:
        raise BackupError(f"{folder} holds no complete backup: its {MANIFEST} is missing or unreadable.") from error


def _copy_sqlite(url: URL, target: Path) -> Path:
    if not url.database or not Path(url.database).is_file():
        raise BackupError(f"There is no database at {url.database}.")
    source = sqlite3.connect(f"file:{url.database}?mode=ro", uri=True)
    copy = sqlite3.connect(target)
    try:
        source.backup(copy)
        verdict = copy.execute("PRAGMA integrity_check").fetchone()[0]
        copy.execute("PRAGMA journal_mode=DELETE")
    finally:
        copy.close()
        source.close()
    if verdict != "ok":
        raise BackupError(f"The copy is not sound: {verdict}. Do not rely on it.")
    target.chmod(0o600)
    return target


def _place_sqlite(copy: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    for suffix in ("", "-wal", "-shm"):
        Path(f"{target}{suffix}").unlink(missing_ok=True)
    partial = target.with_name(f"{target.name}.partial")
    shutil.copyfile(copy, partial)
    partial.chmod(0o600)
    with partial.open("rb") as file:
        os.fsync(file.fileno())
    partial.replace(target)


def _dump_postgresql(url: URL, target: Path) -> tuple[dict[str, int], Path]:
    """Dump in the snapshot in which the rows are counted, so that both tell of the same instant."""
    engine = create_engine(url)
    try:
        with engine.connect().execution_options(isolation_level="REPEATABLE READ") as connection:
            connection.execute(text("SET TRANSACTION READ ONLY"))
            connection.execute(text("SET LOCAL idle_in_transaction_session_timeout = 0"))
            snapshot = connection.execute(text("SELECT pg_export_snapshot()")).scalar_one()
            tables = _count(connection)
            _run_postgresql(url, "pg_dump", "--format=custom", "--no-owner", f"--snapshot={snapshot}",
                            f"--file={target}", url.database or "")  # fmt: skip
    finally:
        engine.dispose()
    target.chmod(0o600)
    return tables, target


def _run_postgresql(url: URL, program: str, *arguments: str) -> None:
    """Run one of PostgreSQL's own programs; the password goes through the environment, where no list shows it."""
    found = shutil.which(program)
    if found is None:
        raise BackupError(
            f"{program} is missing. Install PostgreSQL's client programs (apt install postgresql-client)."
        )
    given = {
        "PGHOST": url.query.get("host") or url.host, "PGPORT": url.port,
        "PGUSER": url.username, "PGPASSWORD": url.password,
    }  # fmt: skip
    environment = {**os.environ, **{key: str(value) for key, value in given.items() if value}}
    done = subprocess.run(  # noqa: S603 -- a fixed program, arguments from the settings, no shell
        [found, *arguments], env=environment, capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        raise BackupError(f"{program} failed: {done.stderr.strip()[-500:]}")


def _require_empty(database_url: str, instance: Path) -> None:
    url = make_url(database_url)
    if url.get_backend_name() == "sqlite" and not Path(url.database or "").exists():
        tables: dict[str, int] = {}
    else:
        tables = _count_rows(database_url)
    held = [name for name, rows in tables.items() if rows]
    if held:
        raise BackupError(
            f"The database holds rows ({', '.join(held[:5])}). A backup is only put into an empty one: "
            "move the present database away first."
        )
    full = [name for name in KEPT_FOLDERS if (instance / name).is_dir() and any((instance / name).iterdir())]
    if full:
        raise BackupError(f"{instance / full[0]} holds files. Move them away first.")


def _count_rows(database_url: str) -> dict[str, int]:
    engine = create_engine(database_url)  # a bare one: ours would leave its lock file beside a copy
    try:
        with engine.connect() as connection:
            return _count(connection)
    except SQLAlchemyError as error:
        raise BackupError(f"The database cannot be read: {error}") from error
    finally:
        engine.dispose()


def _count(connection: Connection) -> dict[str, int]:
    names = _tables(inspect(connection).get_table_names())
    quote = connection.dialect.identifier_preparer.quote
    return {
        name: connection.execute(text(f"SELECT count(*) FROM {quote(name)}")).scalar_one()  # noqa: S608 -- own tables
        for name in names
    }


def _tables(names: Sequence[str]) -> list[str]:
    """Return the tables that hold data; the shadow tables of a search index follow from them."""
    shadows = tuple(f"{name}_" for name in names if name.endswith("_fts"))
    return sorted(
        name
        for name in names
        if name not in INTERNAL and not name.endswith("_fts") and not name.startswith(shadows or ("\0",))
    )


def _hash_files(folder: Path) -> dict[str, str]:
    """Return the SHA-256 of every file but the manifest, by its path inside ``folder``."""
    hashes = {}
    for path in sorted(folder.rglob("*")):
        if path.is_file() and path.name != MANIFEST:
            with path.open("rb") as file:
                hashes[path.relative_to(folder).as_posix()] = hashlib.file_digest(file, "sha256").hexdigest()
    return hashes
