"""Commands of the evaluation: what citizens are asked, asks that are over, ratings checked against their events."""

import click
from flask.cli import with_appcontext

from services.asks import expire_asks as close_expired
from services.ratings import verify_standings
from services.scales import seed_rating_scales as store_presets
from services.session import unscoped
from web.clock import request_time
from web.database import database


@click.command("seed-rating-scales")
@with_appcontext
def seed_rating_scales() -> None:
    """Add the scales of five, four and three levels where they are missing; five is shown where none is."""
    session = database().session()
    with unscoped(session, "command seed-rating-scales"):
        store_presets(session, at=request_time())
        session.commit()
    click.echo("The scales of five, four and three levels are there.")


@click.command("expire-asks")
@with_appcontext
def expire_asks() -> None:
    """Close every ask whose seven days are over; for the nightly timer."""
    session = database().session()
    with unscoped(session, "command expire-asks"):
        closed = close_expired(session, at=request_time())
        session.commit()
    click.echo(f"{closed} asks closed.")


@click.command("check-ratings")
@with_appcontext
def check_ratings() -> None:
    """Compare what every rating counts as with its append-only events; exit 1 and name those that differ."""
    session = database().session()
    with unscoped(session, "command check-ratings"):
        wrong = verify_standings(session)
    if wrong:
        raise click.ClickException(f"not what their events say: ratings {', '.join(map(str, wrong))}")
    click.echo("Every rating is what its events say.")


commands: list[click.Command] = [seed_rating_scales, expire_asks, check_ratings]
