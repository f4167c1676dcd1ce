"""``flask --app app worker``: does batches in the background, and looks after deadlines."""

import logging
import os
import secrets
import signal
import socket
import threading
from datetime import UTC, datetime, timedelta
from typing import Any

import click
from flask.cli import with_appcontext
from sqlalchemy import Engine
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from commands.escalation import fire_all
from services.database import transaction_mode
from services.jobs import beat, has_work, retire
from web.batches import do_chunk
from web.database import database
from web.logs import log_event

BEAT_EVERY = timedelta(seconds=5)
ESCALATE_EVERY = timedelta(minutes=1)
PAUSE_SECONDS = 1.0


@click.command()
@click.option("--once", is_flag=True, help="End when nothing is left to do, instead of waiting for more.")
@with_appcontext
def worker(once: bool) -> None:
    """Do batches in the background: actions on many rows, imports, undoing.

    Any number may run beside the server, one on SQLite is enough. A signal ends it after the chunk it is at;
    one that is killed loses nothing, the next goes on where it was.
    """
    stop = threading.Event()
    before = {number: signal.signal(number, lambda *_args: stop.set()) for number in (signal.SIGTERM, signal.SIGINT)}
    engine = database().engine
    name = f"{socket.gethostname()[:40]}-{os.getpid()}-{secrets.token_hex(4)}"
    try:
        _work(engine, name, stop, once=once)
    finally:
        with Session(engine) as session:
            retire(session, name)
            session.commit()
        for number, handler in before.items():
            signal.signal(number, handler)


def _work(engine: Engine, name: str, stop: threading.Event, *, once: bool) -> None:
    next_beat = next_look = datetime.min.replace(tzinfo=UTC)
    while not stop.is_set():
        try:
            now = datetime.now(UTC)
            if now >= next_beat:
                _beat(engine, name, now)
                next_beat = now + BEAT_EVERY
            if now >= next_look:
                fire_all(engine, at=now)
                next_look = now + ESCALATE_EVERY
            if _step(engine):
                continue
        except OperationalError as error:  # the database is busy or away for a moment
            log_event("worker_waits", level=logging.WARNING, exc_info=error)
        else:
            if once:
                return
        stop.wait(PAUSE_SECONDS)


def _beat(engine: Engine, name: str, now: datetime) -> None:
    with Session(engine) as session:
        beat(session, name, at=now)
        session.commit()


def _step(engine: Engine) -> bool:
    """Do one chunk; looking whether there is one takes no turn from those who write."""
    with transaction_mode("read"), Session(engine) as session:
        if not has_work(session):
            return False
    with Session(engine) as session:
        return do_chunk(session, at=datetime.now(UTC))


commands: list[Any] = [worker]
