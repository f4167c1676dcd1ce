"""``flask --app app import dossiers`` and ``import dossier-events``: what earlier systems knew."""

from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import click
from flask.cli import with_appcontext
from sqlalchemy.orm import Session

from commands.catalogue import Refusal, counts_of, print_summary, refusals_of, show_progress
from extensions import db
from models.batch import BatchKind, BatchState, RowOutcome
from services.errors import UserError
from services.legacy.batches import ImportEndedError, import_chunk, list_refused, rehearse, start_import
from services.legacy.mapping import ColumnMapping, parse_mapping
from services.legacy.source import Source, open_source
from services.session import unscoped

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.group(name="import")
def import_group() -> None:
    """Take data in from files."""


@import_group.command()
@click.argument("file", type=FILE)
@click.option("--dry-run", is_flag=True, help="Say what would happen, and write nothing.")
@click.option("--create-missing", is_flag=True, help="Make departments, sites, procedures and people that are unknown.")
@click.option("--mapping", type=FILE, help="Which column of the file is which of ours (TOML).")
@with_appcontext
def dossiers(file: Path, *, dry_run: bool, create_missing: bool, mapping: Path | None) -> None:
    """Import legacy dossiers from FILE (CSV, XLSX, XLS; packed with gzip or not), one dossier a line.

    Run again with the same file, it adds nothing; interrupted, it goes on where it stopped. Lines that cannot be
    taken are listed with their reason. docs/importing-dossiers.md says what the columns mean.
    """
    _run(file, BatchKind.DOSSIERS, mapping, creates=create_missing, dry_run=dry_run)


@import_group.command(name="dossier-events")
@click.argument("file", type=FILE)
@click.option("--dry-run", is_flag=True, help="Say what would happen, and write nothing.")
@click.option("--mapping", type=FILE, help="Which column of the file is which of ours (TOML).")
@with_appcontext
def dossier_events(file: Path, *, dry_run: bool, mapping: Path | None) -> None:
    """Import the history of legacy dossiers from FILE, one event a line; the dossiers have to be there.

    Run again with the same file, it adds nothing. The history changes no state and no figure.
    """
    _run(file, BatchKind.DOSSIER_EVENTS, mapping, creates=False, dry_run=dry_run)


def _run(file: Path, kind: BatchKind, mapping: Path | None, *, creates: bool, dry_run: bool) -> None:
    with TemporaryDirectory() as folder:
        try:
            chosen = parse_mapping(mapping.read_text("utf-8"), kind) if mapping else ColumnMapping()
            source = open_source(file, Path(folder) / "spool", kind=kind, mapping=chosen)
        except UserError as error:
            raise click.ClickException(str(error)) from None
        except UnicodeDecodeError:
            raise click.ClickException(f"{mapping} is not UTF-8 text.") from None
        _say_what_is_left_out(source)
        session = db.session()
        with unscoped(session, f"import {kind.value.lower()}"):
            act = _rehearse if dry_run else _import
            counts, refusals = act(session, source, kind, creates)
    title = "Import of dossiers" if kind is BatchKind.DOSSIERS else "Import of the history of dossiers"
    print_summary(title, counts, refusals, is_rehearsal=dry_run)


def _say_what_is_left_out(source: Source) -> None:
    if source.left_out:
        click.echo(f"Columns that are not read: {', '.join(source.left_out)}", err=True)
    if source.other_sheets:
        click.echo(f"Sheets that are not read: {', '.join(source.other_sheets)}", err=True)


def _rehearse(
    session: Session, source: Source, kind: BatchKind, creates: bool
) -> tuple[Counter[RowOutcome], list[Refusal]]:
    counts: Counter[RowOutcome] = Counter()
    refusals: list[Refusal] = []
    with show_progress(source.count()) as advance:
        for item in rehearse(session, source, kind=kind, creates=creates, at=datetime.now(UTC)):
            counts[item.outcome] += 1
            if item.error is not None:
                refusals.append((item.record.line, item.code, str(item.error)))
            advance(1)
    session.rollback()
    return counts, refusals


def _import(
    session: Session, source: Source, kind: BatchKind, creates: bool
) -> tuple[Counter[RowOutcome], list[Refusal]]:
    batch = start_import(session, source, kind=kind, at=datetime.now(UTC), creates=creates)
    session.commit()
    if batch.done_count:
        click.echo(f"Going on after line {batch.last_line}, where an earlier run stopped.", err=True)
    with show_progress(batch.total_count, done=batch.done_count) as advance:
        while batch.state is BatchState.RUNNING:
            try:
                taken = import_chunk(session, batch, source, at=datetime.now(UTC))
            except ImportEndedError:
                raise click.ClickException("The import was stopped by somebody; what is in stays in.") from None
            session.commit()
            advance(taken)
    return counts_of(batch), refusals_of(list_refused(session, batch))


commands = [import_group]
