"""``flask --app app audit verify``: walk the audit chain."""

import click
from flask.cli import with_appcontext

from extensions import db
from services.audit import verify_chain
from services.session import unscoped


@click.group()
def audit() -> None:
    """Check the audit trail."""


@audit.command()
@with_appcontext
def verify() -> None:
    """Walk the whole chain; exit 1 and name the first bad link where it was tampered with."""
    with unscoped(db.session(), "audit verify"):
        result = verify_chain(db.session())
    if not result.is_intact:
        raise click.ClickException(f"the chain holds for {result.links} links, then breaks: {result.fault}")
    click.echo(f"{result.links} links, intact")


commands = [audit]
