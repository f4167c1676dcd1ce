"""``flask --app app seed-demo``: an empty database becomes the demonstration centre."""

from datetime import UTC, datetime
from pathlib import Path

import click
from flask import current_app
from flask.cli import with_appcontext
from flask_babel import force_locale, gettext
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
from rich.progress import Progress as Bar

from extensions import db
from services.demo.seeding import DEFAULT_DOSSIERS, build_centre, describe_logins, is_empty, live_through
from services.errors import UserError
from services.localtime import parse_instant
from services.session import unscoped

LOGINS = "demo-logins.txt"


@click.command("seed-demo")
@click.option("--dossiers", type=click.IntRange(0, 1_000_000), default=DEFAULT_DOSSIERS, show_default=True)
@click.option("--at", "until", help="The instant the demonstration ends at (default: now).")
@click.option("--if-empty", is_flag=True, help="Do nothing where the database already holds a centre.")
@with_appcontext
def seed_demo(dossiers: int, until: str | None, *, if_empty: bool) -> None:
    """Put an invented centre with three months of life into an empty database.

    Everything goes through the same services as the screens. Logins with random passwords are written to
    instance/demo-logins.txt, which only its owner can read.
    """
    session = db.session()
    with unscoped(session, "seed-demo"):
        if if_empty and not is_empty(session):
            return
        try:
            at = parse_instant(until) if until else datetime.now(UTC)
            with force_locale("vi"):
                centre = build_centre(session, at=at, translate=gettext)
        except UserError as error:
            raise click.ClickException(str(error)) from error
        session.commit()
        path = Path(current_app.instance_path) / LOGINS
        base_url = current_app.config["SETTINGS"].base_url
        _write_privately(path, describe_logins(centre, base_url=base_url))
        with _bar() as bar:
            task = bar.add_task("", total=dossiers)
            for progress in live_through(session, centre, at=at, dossiers=dossiers):
                session.commit()
                session.expunge_all()
                bar.update(task, completed=progress.made)
    click.echo(f"The demonstration centre is ready; its logins are in {path}")


def _write_privately(path: Path, text: str) -> None:
    path.unlink(missing_ok=True)
    path.touch(mode=0o600)
    path.write_text(text, encoding="utf-8")


def _bar() -> Bar:
    columns = (TextColumn("dossiers"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    return Bar(*columns, console=Console(stderr=True), transient=True)


commands = [seed_demo]
