"""``flask --app app due-time``, ``seed-calendar`` and ``recompute-due-times``."""

from datetime import datetime

import click
from flask.cli import with_appcontext
from flask_babel import force_locale, gettext
from sqlalchemy import select
from sqlalchemy.exc import OperationalError, ProgrammingError
from sqlalchemy.orm import Session

from extensions import db
from models.organisation import Site
from services.calendar import YEARS_AHEAD, builtin_calendar, load_calendar, seed_calendar, seeded_years
from services.duetime import DueTime
from services.duetime import due_time as compute_due_time
from services.errors import UserError
from services.limits import Limit
from services.localtime import local_date, parse_instant, to_local
from services.reprojection import reproject_clocks
from services.session import unscoped
from services.worktime import WorkCalendar
from web.clock import request_time
from web.explanations import say_all


@click.command("due-time")
@click.argument("received")
@click.argument("limit")
@click.option("--site", "site_code", help="Code of the site whose hours count; default: the first site.")
@click.option(
    "--lang", type=click.Choice(["vi", "en"]), default="vi", show_default=True, help="Language of the reasons."
)
@with_appcontext
def due_time(received: str, limit: str, site_code: str | None, lang: str) -> None:
    """Say when LIMIT ("3.5 working_day", "2 hour", "10 day", "1 month") from RECEIVED ("2017-05-25 16:30") is used up.

    The first line is the due time, the lines after it say why. Times without an offset are those of the centre.
    Without a database, or in an empty one, the default hours and the national holidays count.
    """
    with force_locale(lang):
        try:
            at = parse_instant(received)
            due = compute_due_time(at, Limit.parse(limit), _calendar(at, site_code))
        except UserError as error:
            raise click.ClickException(gettext(error.message_id, **error.values)) from None
        _print(due)


def _print(due: DueTime) -> None:
    local = to_local(due.at)
    click.echo(f"{local:%Y-%m-%d %H:%M}" + (f":{local:%S.%f}".rstrip("0").rstrip(".") if local.second else ""))
    for sentence in say_all(due.reasons):
        click.echo(f"- {sentence}")


def _calendar(at: datetime, site_code: str | None) -> WorkCalendar:
    """Return the calendar of a site, or the built-in one where there is no site to ask about."""
    session = db.session()
    with unscoped(session, "due-time"):
        try:
            site = _find_site(session, site_code)
        except (OperationalError, ProgrammingError):  # no database, or one without tables
            session.rollback()
            site = None
        if site is not None:
            return load_calendar(session, site, at)
    if site_code is not None:
        raise click.ClickException(gettext("There is no site %(code)s.", code=site_code))
    year = local_date(at).year
    return builtin_calendar(range(year, year + YEARS_AHEAD + 1))


def _find_site(session: Session, code: str | None) -> Site | None:
    statement = select(Site).order_by(Site.id).limit(1)
    return session.scalars(statement if code is None else statement.where(Site.code == code)).first()


@click.command("seed-calendar")
@click.option("--from-year", type=int, help="First year; default 2010.")
@click.option("--to-year", type=int, help="Last year; default six years ahead.")
@with_appcontext
def seed_calendar_command(from_year: int | None, to_year: int | None) -> None:
    """Enter the national holidays, days in lieu and swapped working days; edited days stay as they are."""
    now = request_time()
    usual = seeded_years(now)
    years = range(from_year or usual.start, (to_year or usual[-1]) + 1)
    session = db.session()
    with unscoped(session, "seed-calendar"):
        report = seed_calendar(session, years, now)
        session.commit()
    counts = f"{report.added} added, {report.corrected} corrected, {report.withdrawn} withdrawn, {report.kept} kept"
    click.echo(f"{years.start} to {years.stop - 1}: {counts}")


@click.command("recompute-due-times")
@click.option("--reason", required=True, help="What changed, such as the decision on a swapped working day.")
@with_appcontext
def recompute_due_times(reason: str) -> None:
    """Compute the due times of running dossiers again after the calendar or the hours changed."""
    now = request_time()
    session = db.session()
    with unscoped(session, "recompute-due-times"):
        moved = 0
        last_id: int | None = 0
        while last_id is not None:
            done = reproject_clocks(session, at=now, reason=reason, after_id=last_id)
            session.commit()  # a chunk at a time, so that a long run does not hold up the counters
            moved, last_id = moved + done.moved, done.last_id
    click.echo(f"due times moved: {moved}")


commands = [due_time, seed_calendar_command, recompute_due_times]
