"""Dossiers received and carried through five steps by several workers on PostgreSQL, beside the same statements alone.

The acts go through the services, each in its transaction. Their statements are recorded from one worker on a copy of
the database, then every worker sends them through the driver to a copy of its own, where the same keys are given.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from multiprocessing import get_context
from typing import Any

import psycopg
from sqlalchemy import Engine, event, select
from sqlalchemy.orm import Session

from models import Base
from models.access import User
from models.dossier import Dossier
from models.organisation import Counter
from models.states import ResultKind
from services import dossiers
from services.database import make_engine
from services.dossier_intake import Intake
from services.roles import build_actor
from services.session import acting, unscoped
from tests.support.centre import Centre
from tests.support.databases import postgresql_database, sqlalchemy_url

WORKERS = 4
BEGUN = datetime(2026, 4, 1, 1, tzinfo=UTC)
STEPS = ("receive", "start", "ask payment", "settle payment", "decide")
RECORDED = 50
"""So many dossiers are recorded and sent through the driver by each worker."""

Statements = list[tuple[str, Any]]
COMMIT = ("", None)


@dataclass(frozen=True, kw_only=True, slots=True)
class Carrying:
    """Dossiers a second and the 95th percentile of one act, in milliseconds: through the services, and alone."""

    dossiers: int
    rate: float
    p95: float
    driver_rate: float
    driver_p95: float


@dataclass(frozen=True, slots=True)
class Plan:
    """What a worker needs to know of the centre: keys only, because it is another process."""

    url: str
    clerk_id: int
    officer_id: int
    counter_id: int
    intake: Intake


def measure_carrying(uri: str, number: int) -> Carrying:
    """Carry ``number`` dossiers on the server at ``uri``, ``WORKERS`` at once; every database made is dropped."""
    share = number // WORKERS
    with ExitStack() as stack:
        first = stack.enter_context(postgresql_database(uri))
        plan = _make_centre(sqlalchemy_url(uri, first))
        recorded = stack.enter_context(_copy(uri, first))
        copies = [stack.enter_context(_copy(uri, first)) for _ in range(WORKERS)]
        statements = _record(replace(plan, url=sqlalchemy_url(uri, recorded)))
        seconds, times = _run([(_carry, (plan, share, worker)) for worker in range(WORKERS)])
        alone, waits = _run([(_replay, (_address(uri, copy), statements)) for copy in copies])
    return Carrying(
        dossiers=share * WORKERS,
        rate=share * WORKERS / seconds,
        p95=_p95(times),
        driver_rate=RECORDED * WORKERS / alone,
        driver_p95=_p95(waits),
    )


def _make_centre(url: str) -> Plan:
    engine = make_engine(url)
    Base.metadata.create_all(engine)
    with Session(engine) as session, unscoped(session, "benchmark"):
        centre = Centre(session, BEGUN)
        plan = Plan(url, centre.clerk.id, centre.officer.id, centre.counter.id, centre.intake())
        session.commit()
    engine.dispose()
    return plan


@contextmanager
def _copy(uri: str, name: str) -> Iterator[str]:
    """Make a copy of a database that nobody is connected to; drop it at the end."""
    with postgresql_database(uri) as copy, psycopg.connect(uri, autocommit=True) as connection:
        connection.execute(f"DROP DATABASE {copy}")  # pyright: ignore[reportCallIssue, reportArgumentType] -- our name
        connection.execute(f"CREATE DATABASE {copy} TEMPLATE {name}")  # pyright: ignore[reportCallIssue, reportArgumentType]
        yield copy


def _address(uri: str, name: str) -> str:
    return sqlalchemy_url(uri, name).replace("postgresql+psycopg://", "postgresql://")


def _run(jobs: list[tuple[Callable[..., list[float]], tuple[Any, ...]]]) -> tuple[float, list[float]]:
    """Do ``jobs`` at the same time; return how long all took, and the times each of them gives."""
    with get_context("spawn").Pool(len(jobs)) as pool:
        pool.map(_warm, range(len(jobs)))
        began = time.perf_counter()
        waiting = [pool.apply_async(job, arguments) for job, arguments in jobs]
        times = [length for one in waiting for length in one.get()]
        return time.perf_counter() - began, times


def _warm(number: int) -> int:
    """Have a worker's process started and its modules loaded before anything is measured."""
    time.sleep(0.5)
    return number


def _carry(plan: Plan, number: int, worker: int) -> list[float]:
    """Carry dossiers one after the other; return how long each act took, its commit included."""
    engine = make_engine(plan.url)
    times: list[float] = []
    person = replace(plan.intake.applicant, id_number=f"0751900{worker:05d}", phone="")  # known from the second time on
    plan = replace(plan, intake=replace(plan.intake, applicant=person))
    for place in range(number):
        _carry_one(engine, plan, BEGUN + timedelta(seconds=place * WORKERS + worker), times)
    engine.dispose()
    return times


def _carry_one(engine: Engine, plan: Plan, at: datetime, times: list[float]) -> None:
    key = 0
    for step, name in enumerate(STEPS):
        began = time.perf_counter()
        with Session(engine) as session:
            is_receipt = name == "receive"
            with unscoped(session, "benchmark"):
                user = session.get_one(User, plan.clerk_id if is_receipt else plan.officer_id)
                actor = build_actor(session, user, plan.counter_id if is_receipt else None)
            now = at + timedelta(minutes=10 * step)
            with acting(session, actor, at=now):
                key = _act(session, plan, name, key, now)
                session.commit()
        times.append(time.perf_counter() - began)


def _act(session: Session, plan: Plan, name: str, key: int, at: datetime) -> int:
    if name == "receive":
        counter = session.get_one(Counter, plan.counter_id)
        return dossiers.receive_dossier(session, intake=plan.intake, counter=counter, at=at).id
    dossier = session.scalars(select(Dossier).where(Dossier.id == key)).one()
    if name == "start":
        dossiers.start_work(session, dossier, at=at)
    elif name == "ask payment":
        dossiers.request_payment(session, dossier, reason="Lệ phí", at=at)
    elif name == "settle payment":
        dossiers.settle_payment(session, dossier, at=at)
    else:
        dossiers.finish_dossier(session, dossier, kind=ResultKind.GRANTED, at=at)
    return key


def _record(plan: Plan) -> Statements:
    """Carry some dossiers alone; return every statement with its values, and where transactions ended."""
    engine = make_engine(plan.url)
    seen: Statements = []

    @event.listens_for(engine, "before_cursor_execute")
    def _statement(_c: Any, _u: Any, statement: str, values: Any, *_more: Any) -> None:
        seen.append((statement, values))

    @event.listens_for(engine, "commit")
    def _commit(_connection: Any) -> None:
        seen.append(COMMIT)

    for place in range(RECORDED):
        _carry_one(engine, plan, BEGUN + timedelta(seconds=place), [])
    engine.dispose()
    return seen


def _replay(address: str, statements: Statements) -> list[float]:
    """Send ``statements`` through the driver; return how long each transaction took."""
    times: list[float] = []
    with psycopg.connect(address) as connection:
        cursor, began = connection.cursor(), time.perf_counter()
        for one in statements:
            if one == COMMIT:
                connection.commit()
                times.append(time.perf_counter() - began)
                began = time.perf_counter()
            else:
                statement, values = one
                (cursor.executemany if isinstance(values, list) else cursor.execute)(statement, values)  # pyright: ignore[reportArgumentType]
    return times


def _p95(times: list[float]) -> float:
    return sorted(times)[int(len(times) * 0.95)] * 1000
