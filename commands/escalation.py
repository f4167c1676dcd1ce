"""``flask --app app escalate``: tells people of deadlines; the worker does the same every minute."""

from datetime import UTC, datetime

import click
from flask.cli import with_appcontext
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from services.escalations import fire_next
from services.localtime import parse_instant
from web.database import database


def fire_all(engine: Engine, *, at: datetime) -> int:
    """Fire everything that is due at ``at``, chunk by chunk; return how often."""
    fired = 0
    while True:
        with Session(engine) as session:
            number = fire_next(session, at=at)
            session.commit()
        fired += number
        if not number:
            return fired


@click.command()
@click.option("--at", metavar="TIME", help="As if it were this time; default now.")
@with_appcontext
def escalate(at: str | None) -> None:
    """Tell people of due times that are near or past, each rung once; can be run again and beside itself."""
    instant = parse_instant(at) if at else datetime.now(UTC)
    click.echo(f"{fire_all(database().engine, at=instant)} escalations.")


commands: list[click.Command] = [escalate]
