"""Commands of access: the first administrator, forgotten passwords, roles."""

from collections.abc import Iterator
from contextlib import contextmanager

import click
from flask.cli import with_appcontext
from flask_babel import force_locale, gettext
from sqlalchemy.orm import Session

from models.access import User
from services.errors import UserError
from services.roles import seed_roles as store_default_roles
from services.rule_sets import seed_rule_sets
from services.session import unscoped
from services.users import OneTimePassword, get_user_by_name
from services.users import create_user as make_user
from services.users import reset_password as give_one_time_password
from web.clock import request_time
from web.database import database

OFFICE_LANGUAGE = "vi"


@contextmanager
def _at_work(reason: str) -> Iterator[Session]:
    """Give the session of a command, committed at the end; what a person can mend is told without a trace."""
    session = database().session()
    with unscoped(session, reason):
        try:
            yield session
            session.commit()
        except UserError as error:
            session.rollback()
            raise click.ClickException(error.message_id % error.values) from error


def _seed(session: Session) -> int:
    seed_rule_sets(session)
    with force_locale(OFFICE_LANGUAGE):
        return store_default_roles(session, translate=gettext)


def _tell(given: OneTimePassword) -> None:
    user: User = given.user
    click.echo(f"User name:          {user.user_name}")
    click.echo(f"One-time password:  {given.password}")
    click.echo(f"Works once, until {given.expires_at:%Y-%m-%d %H:%M} UTC; a password of one's own is chosen then.")


@click.command("create-user")
@click.argument("name")
@click.option("--role", "roles", multiple=True, required=True, help="Code of a role, such as ADMIN; may be repeated.")
@click.option("--display-name", default="", help="The person's name; the user name unless given.")
@with_appcontext
def create_user(name: str, roles: tuple[str, ...], display_name: str) -> None:
    """Make a user and show a one-time password; this is also how the first administrator is made."""
    with _at_work("command create-user") as session:
        _seed(session)
        given = make_user(session, user_name=name, roles=roles, display_name=display_name, at=request_time())
        session.commit()
        _tell(given)


@click.command("reset-password")
@click.argument("name")
@with_appcontext
def reset_password(name: str) -> None:
    """Show a one-time password for a user who has forgotten theirs; their sessions end."""
    with _at_work("command reset-password") as session:
        given = give_one_time_password(session, user=get_user_by_name(session, name), at=request_time())
        session.commit()
        _tell(given)


@click.command("seed-roles")
@with_appcontext
def seed_roles() -> None:
    """Add default roles and permissions that are new in this version; what was edited stays as it is."""
    with _at_work("command seed-roles") as session:
        added = _seed(session)
    click.echo(f"{added} permissions added.")


commands: list[click.Command] = [create_user, reset_password, seed_roles]
