"""Engines as Motcua needs them: SQLite with one fair gate for writers, PostgreSQL with time limits.

Source: design section 7. On SQLite a writing transaction begins with BEGIN IMMEDIATE behind a gate, because
the busy handler alone starves writers; a reading one can never turn into a writing one.
"""

import fcntl
import os
import sqlite3
import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, Literal

from sqlalchemy import Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import OperationalError

Mode = Literal["read", "write"]
_mode: ContextVar[Mode] = ContextVar("transaction_mode", default="write")

BUSY_SECONDS = 10.0


@contextmanager
def transaction_mode(mode: Mode) -> Iterator[None]:
    """Have transactions that begin inside be reading ones (any write fails) or writing ones (the default)."""
    token = _mode.set(mode)
    try:
        yield
    finally:
        _mode.reset(token)


def set_transaction_mode(mode: Mode) -> None:
    """Set the mode for the rest of this context; for request hooks, which have no block to wrap."""
    _mode.set(mode)


class Gate:
    """Lets one writer at a time pass, in the order of arrival: threads by a queue, processes by a file lock."""

    def __init__(self, path: str | None) -> None:
        self._path = path
        self._mutex = threading.Lock()
        self._queue: deque[threading.Event] = deque()
        self._file: int | None = None
        self._process = 0

    def enter(self, timeout_seconds: float = BUSY_SECONDS) -> None:
        """Wait for the turn; raise TimeoutError after ``timeout_seconds`` behind writers of this process."""
        turn = threading.Event()
        with self._mutex:
            self._queue.append(turn)
            if len(self._queue) == 1:
                turn.set()
        if not turn.wait(timeout_seconds):
            self._give_up(turn)
            raise TimeoutError
        if self._path is not None:
            fcntl.flock(self._descriptor(self._path), fcntl.LOCK_EX)

    def _descriptor(self, path: str) -> int:
        if self._file is None or self._process != os.getpid():  # a lock inherited by fork would not exclude
            self._file, self._process = os.open(path, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600), os.getpid()
        return self._file

    def _give_up(self, turn: threading.Event) -> None:
        with self._mutex:
            was_first = self._queue[0] is turn
            self._queue.remove(turn)
            if was_first and self._queue:
                self._queue[0].set()

    def leave(self) -> None:
        """Let the next writer pass."""
        if self._file is not None:
            fcntl.flock(self._file, fcntl.LOCK_UN)
        with self._mutex:
            self._queue.popleft()
            if self._queue:
                self._queue[0].set()

    def close(self) -> None:
        """Close the lock file; the next writer opens it again."""
        if self._file is not None:
            os.close(self._file)
            self._file = None


class GatedConnection(sqlite3.Connection):
    """A SQLite connection that leaves the gate when its transaction ends, however it ends."""

    gate: Gate | None = None
    is_inside: bool = False

    def enter(self) -> None:
        if self.gate is not None and not self.is_inside:
            self.gate.enter()
            self.is_inside = True

    def leave(self) -> None:
        if self.gate is not None and self.is_inside:
            self.is_inside = False
            self.gate.leave()

    def commit(self) -> None:
        super().commit()
        self.leave()

    def rollback(self) -> None:
        try:
            super().rollback()
        finally:
            self.leave()

    def close(self) -> None:
        try:
            super().close()
        finally:
            self.leave()


def make_engine(url: str, **options: Any) -> Engine:
    """Return an engine for ``url`` with everything this project asks of a database."""
    if make_url(url).get_backend_name() == "sqlite":
        return _make_sqlite_engine(url, **options)
    return _make_postgresql_engine(url, **options)


def _make_postgresql_engine(url: str, **options: Any) -> Engine:
    settings = (
        "-c timezone=UTC -c statement_timeout=30000 -c lock_timeout=10000 -c idle_in_transaction_session_timeout=60000"
    )
    connect_args = {"options": settings, **options.pop("connect_args", {})}
    engine = create_engine(url, connect_args=connect_args, pool_pre_ping=True, **options)

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        if _mode.get() == "read":
            connection.exec_driver_sql("SET TRANSACTION READ ONLY")

    return engine


def _make_sqlite_engine(url: str, **options: Any) -> Engine:
    database = make_url(url).database
    in_memory = not database or database == ":memory:"
    gate = None if in_memory else Gate(f"{database}.lock")
    connect_args = {"factory": GatedConnection, "timeout": BUSY_SECONDS, **options.pop("connect_args", {})}
    engine = create_engine(url, connect_args=connect_args, **options)

    @event.listens_for(engine, "connect")
    def _connect(connection: GatedConnection, record: object) -> None:
        connection.isolation_level = None  # transactions are begun by us, below
        connection.gate = gate
        for pragma in (
            "journal_mode=WAL",
            "synchronous=FULL",
            "foreign_keys=ON",
            "mmap_size=268435456",
            "cache_size=-32000",
        ):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        driver: GatedConnection = connection.connection.dbapi_connection  # type: ignore[assignment]
        if _mode.get() == "read":
            driver.execute("PRAGMA query_only=ON")
            driver.execute("BEGIN")
            return
        try:
            driver.enter()
        except TimeoutError as error:
            raise OperationalError("BEGIN IMMEDIATE", {}, error) from error
        try:
            driver.execute("PRAGMA query_only=OFF")
            driver.execute("BEGIN IMMEDIATE")
        except sqlite3.Error:
            driver.leave()
            raise

    @event.listens_for(engine, "engine_disposed")
    def _close_gate(_: Engine) -> None:
        if gate is not None:
            gate.close()

    return engine


@contextmanager
def without_foreign_keys(connection: Connection) -> Iterator[None]:
    """Switch SQLite's foreign keys off while tables are rebuilt: dropping the old copy would delete its children.

    The switch has no effect inside a transaction, so none may be open when this begins or ends; checks at the
    end that every reference holds. PostgreSQL rebuilds nothing and needs none of this.

    Raises: RuntimeError naming the first references that lead nowhere.
    """
    if connection.dialect.name != "sqlite":
        yield
        return
    driver: Any = connection.connection.dbapi_connection
    driver.execute("PRAGMA foreign_keys=OFF")
    try:
        yield
        broken = driver.execute("PRAGMA foreign_key_check").fetchmany(5)
        if broken:
            raise RuntimeError(f"references lead to rows that are not there: {broken}")
    finally:
        driver.execute("PRAGMA foreign_keys=ON")
