"""``flask --app app backup DIR`` and ``restore DIR``."""

from datetime import UTC, datetime
from pathlib import Path

import click
from flask import current_app
from flask.cli import with_appcontext

from services.backup import BackupError, Manifest, back_up, restore_backup

FOLDER = click.Path(file_okay=False, path_type=Path)


@click.command()
@click.argument("folder", type=FOLDER, metavar="DIR")
@with_appcontext
def backup(folder: Path) -> None:
    """Copy database and uploaded files into DIR, which must be new or empty, and check the copy.

    The centre may go on working meanwhile.
    """
    settings = current_app.config["SETTINGS"]
    try:
        manifest = back_up(settings.database_url, Path(settings.instance_path), folder, at=datetime.now(UTC))
    except BackupError as error:
        raise click.ClickException(str(error)) from error
    click.echo(
        f"{manifest.rows} rows of {len(manifest.tables)} tables and {manifest.files} files are in {folder}, checked."
    )


@click.command()
@click.argument("folder", type=FOLDER, metavar="DIR")
@with_appcontext
def restore(folder: Path) -> None:
    """Put the backup in DIR in place of an empty database; refuses to overwrite one that holds anything.

    Stop the centre first.
    """
    settings = current_app.config["SETTINGS"]
    try:
        manifest = restore_backup(settings.database_url, Path(settings.instance_path), folder)
    except BackupError as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"{_told(manifest)} are back, checked.")


def _told(manifest: Manifest) -> str:
    return f"{manifest.rows} rows of {len(manifest.tables)} tables and {manifest.files} files"


commands = [backup, restore]
