"""A worker killed in the middle of an act on a thousand rows: the next goes on, nothing is done twice or lost."""

import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from models.audit import AuditEvent
from models.batch import Batch, BatchState
from models.organisation import Counter, Department, Site
from services.audit import verify_chain
from services.bulk import Act, Selection, begin, newest_id
from services.database import make_engine
from services.roles import build_actor
from services.session import acting, unscoped
from tests.support.people import make_user, seed_hall
from tests.support.server import ROOT, environment_of
from web.batches import do_chunk

pytestmark = pytest.mark.timeout(300)
ROWS = 1000


def start_worker(url: str, folder: Path) -> "subprocess.Popen[bytes]":
    """Start ``flask worker`` as a process of its own."""
    command = [sys.executable, "-m", "flask", "--app", "app", "worker"]
    return subprocess.Popen(command, cwd=ROOT, env=environment_of(url, folder), stderr=subprocess.DEVNULL)


def begin_renaming(session: Session) -> int:
    now = datetime.now(UTC)
    seed_hall(session)
    user = make_user(session, "admin", "ADMIN", at=now)
    site, department = session.scalars(select(Site)).first(), session.scalars(select(Department)).first()
    rows = [Counter(number=n, name="Cũ", site=site, department=department) for n in range(10, ROWS + 7)]
    session.add_all(rows)
    session.flush()
    with acting(session, build_actor(session, user)):
        selection = Selection(at=now, until_id=newest_id(session, Counter))
        act = Act(name="set", key="name", value="Mới")
        return begin(session, Counter, selection, act, title="Quầy: đặt “Tên”", at=now).id


def test_a_killed_worker_is_taken_over_and_nothing_is_done_twice(database_url: str, tmp_path: Path) -> None:
    engine = make_engine(database_url)
    with Session(engine) as session, unscoped(session, "test"):
        key = begin_renaming(session)
        session.commit()
    done = select(Batch.done_count).where(Batch.id == key)

    first = start_worker(database_url, tmp_path)
    deadline, seen = time.monotonic() + 60, 0
    while not 0 < seen < ROWS and time.monotonic() < deadline:
        with Session(engine) as session, unscoped(session, "test"):
            seen = session.scalar(done) or 0
        time.sleep(0.02)
    first.kill()
    first.wait(10)

    with Session(engine) as session, unscoped(session, "test"):
        while do_chunk(session, at=datetime.now(UTC)):  # what the next worker does
            pass
        batch = session.get_one(Batch, key)
        changes = select(func.count()).select_from(AuditEvent).where(AuditEvent.batch_id == key)
        counted = (batch.state, batch.done_count, batch.updated_count, session.scalar(changes))
        assert counted == (BatchState.FINISHED, ROWS, ROWS, ROWS)
        assert session.scalar(select(func.count(Counter.id)).where(Counter.name == "Mới")) == ROWS
        assert verify_chain(session).fault == ""
    assert 0 < seen < ROWS, "it was killed in the middle"
    engine.dispose()
