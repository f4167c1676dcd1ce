"""Many writers at once lose nothing and see no lock error; a killed process loses nothing it acknowledged."""

import multiprocessing
import os
import signal
import threading
import time
from multiprocessing.connection import Connection

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from models.organisation import Department, DepartmentKind
from services.audit import verify_chain
from services.database import Gate, make_engine, transaction_mode
from services.session import unscoped

WRITERS = 50
ROUNDS = 4
FORK = multiprocessing.get_context("fork")


def add_department(session: Session, code: str) -> None:
    """One transaction that reads before it writes, as real ones do."""
    with unscoped(session, "test"):
        session.scalar(select(func.count()).select_from(Department))
        session.add(Department(code=code, name=f"Sở {code}", kind=DepartmentKind.DEPARTMENT))
        session.commit()


def write_in_process(url: str, writer: int, answers: Connection) -> None:
    engine = make_engine(url)
    errors = []
    for number in range(ROUNDS):
        try:
            with Session(engine) as session:
                add_department(session, f"{writer}-{number}")
        except Exception as error:
            errors.append(repr(error))
    answers.send(errors)
    os._exit(0)


@pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")
def test_fifty_processes_lose_nothing_and_see_no_lock(database_url: str) -> None:
    pipes = []
    for writer in range(WRITERS):
        receiver, sender = FORK.Pipe(duplex=False)
        process = FORK.Process(target=write_in_process, args=(database_url, writer, sender))
        process.start()
        pipes.append((process, receiver, sender))
    errors = [error for _process, receiver, _sender in pipes for error in receiver.recv()]
    for process, receiver, sender in pipes:
        process.join()
        receiver.close()
        sender.close()

    assert errors == []
    assert_all_written(database_url, WRITERS * ROUNDS)


def test_fifty_threads_lose_nothing_and_see_no_lock(database_url: str) -> None:
    engine = make_engine(database_url, pool_size=10, max_overflow=40)
    errors: list[str] = []
    barrier = threading.Barrier(WRITERS)

    def write(writer: int) -> None:
        barrier.wait()
        for number in range(ROUNDS):
            try:
                with Session(engine) as session:
                    add_department(session, f"{writer}-{number}")
            except Exception as error:
                errors.append(repr(error))

    threads = [threading.Thread(target=write, args=(writer,)) for writer in range(WRITERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    engine.dispose()

    assert errors == []
    assert_all_written(database_url, WRITERS * ROUNDS)


def assert_all_written(url: str, expected: int) -> None:
    engine = make_engine(url)
    with Session(engine) as session, unscoped(session, "test"):
        assert session.scalar(select(func.count()).select_from(Department)) == expected
        verification = verify_chain(session)
    engine.dispose()
    assert (verification.links, verification.fault) == (expected, "")


def write_until_killed(url: str, answers: Connection) -> None:
    engine = make_engine(url)
    for number in range(1_000_000):
        with Session(engine) as session:
            add_department(session, f"K{number}")
        answers.send(f"K{number}")  # the acknowledgement: only after the commit


@pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")
def test_a_killed_writer_loses_nothing_it_acknowledged(database_url: str) -> None:
    receiver, sender = FORK.Pipe(duplex=False)
    process = FORK.Process(target=write_until_killed, args=(database_url, sender))
    process.start()
    sender.close()
    acknowledged = {receiver.recv() for _ in range(20)}
    os.kill(process.pid or 0, signal.SIGKILL)
    process.join()
    try:
        while True:
            acknowledged.add(receiver.recv())
    except (EOFError, OSError):
        receiver.close()

    engine = make_engine(database_url)
    with Session(engine) as session, unscoped(session, "test"):
        stored = set(session.scalars(select(Department.code)))
        verification = verify_chain(session)
        add_department(session, "AFTER")  # the dead writer's lock went with it
    engine.dispose()
    assert acknowledged <= stored
    assert len(stored - acknowledged) <= 1  # at most the one whose acknowledgement was on its way
    assert verification.fault == ""


def test_a_reading_transaction_cannot_write(database_url: str) -> None:
    engine = make_engine(database_url)
    with transaction_mode("read"), Session(engine) as session, pytest.raises(Exception, match=r"(?i)read-?only"):
        add_department(session, "R1")
    with Session(engine) as session:
        add_department(session, "R1")
    engine.dispose()


def test_the_gate_lets_writers_pass_in_order_and_gives_up_in_time() -> None:
    gate = Gate(None)
    gate.enter()
    order: list[int] = []

    def wait(number: int) -> None:
        gate.enter()
        order.append(number)
        gate.leave()

    threads = []
    for number in range(5):
        threads.append(threading.Thread(target=wait, args=(number,)))
        threads[-1].start()
        time.sleep(0.02)
    with pytest.raises(TimeoutError):
        gate.enter(timeout_seconds=0.05)
    gate.leave()
    for thread in threads:
        thread.join()

    assert order == [0, 1, 2, 3, 4]
