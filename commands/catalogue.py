"""``flask --app app import procedures``: the national catalogue of procedures, from a file."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import click
from flask.cli import with_appcontext
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn
from rich.table import Table
from sqlalchemy.orm import Session

from extensions import db
from models.batch import Batch, BatchRow, BatchState, RowOutcome
from services.procedure_import.batch import ImportEndedError, import_chunk, list_refused, rehearse, start_import
from services.procedure_import.reading import FileUnusableError, SourceFile, inspect_file
from services.session import unscoped

Refusal = tuple[int, str | None, str]
"""Line number, code as far as it can be told, and the reason."""


@click.group(name="import")
def import_group() -> None:
    """Take data in from files."""


@import_group.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--dry-run", is_flag=True, help="Say what would happen, and write nothing.")
@with_appcontext
def procedures(file: Path, *, dry_run: bool) -> None:
    """Import national catalogue records from FILE (.jsonl or .jsonl.gz), one JSON record a line.

    Run again with the same file, it changes nothing; interrupted, it goes on where it stopped. Records that cannot
    be taken are listed with their line and reason. Exits with 1 if the file as a whole is unusable.
    """
    try:
        source = inspect_file(file)
    except FileUnusableError as error:
        raise click.ClickException(str(error)) from None
    session = db.session()
    with unscoped(session, "import procedures"):
        if dry_run:
            counts, refusals = _rehearse(session, source)
        else:
            counts, refusals = _import(session, source, file.name)
    print_summary("Import of procedures", counts, refusals, is_rehearsal=dry_run)


def _rehearse(session: Session, source: SourceFile) -> tuple[Counter[RowOutcome], list[Refusal]]:
    counts: Counter[RowOutcome] = Counter()
    refusals: list[Refusal] = []
    with show_progress(source.records) as advance:
        for item in rehearse(session, source):
            counts[item.outcome] += 1
            if item.error is not None:
                refusals.append((item.line.number, item.code, str(item.error)))
            advance(1)
    return counts, refusals


def _import(session: Session, source: SourceFile, name: str) -> tuple[Counter[RowOutcome], list[Refusal]]:
    batch = start_import(session, source, file_name=name, at=datetime.now(UTC))
    session.commit()
    if batch.done_count:
        click.echo(f"Going on after line {batch.last_line}, where an earlier run stopped.", err=True)
    with show_progress(source.records, done=batch.done_count) as advance:
        while batch.state is BatchState.RUNNING:
            try:
                taken = import_chunk(session, batch, source, at=datetime.now(UTC))
            except ImportEndedError:
                raise click.ClickException("The import was stopped by somebody; what is in stays in.") from None
            session.commit()
            advance(taken)
    return counts_of(batch), refusals_of(list_refused(session, batch))


def counts_of(batch: Batch) -> Counter[RowOutcome]:
    """Return how many records of ``batch`` had which outcome."""
    return Counter(
        {
            RowOutcome.CREATED: batch.created_count,
            RowOutcome.UPDATED: batch.updated_count,
            RowOutcome.UNCHANGED: batch.unchanged_count,
            RowOutcome.REFUSED: batch.refused_count,
        }
    )


def refusals_of(rows: Iterable[BatchRow]) -> list[Refusal]:
    """Return line, code and reason of rows that were set aside."""
    return [(row.line_number, row.code, (row.reason or "") % (row.reason_values or {})) for row in rows]


@contextmanager
def show_progress(total: int, done: int = 0) -> Iterator[Callable[[int], None]]:
    """Give a function that moves a progress bar on standard error; without a terminal nothing is drawn."""
    columns = (TextColumn("Importing"), BarColumn(), MofNCompleteColumn(), TaskProgressColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True)) as progress:
        task = progress.add_task("import", total=total, completed=done)

        def advance(steps: int) -> None:
            progress.advance(task, steps)

        yield advance


def print_summary(title: str, counts: Counter[RowOutcome], refusals: list[Refusal], *, is_rehearsal: bool) -> None:
    """Print how many records had which outcome, and why each was set aside that was."""
    console = Console()
    table = Table(title="Dry run, nothing was written" if is_rehearsal else title, title_justify="left")
    for outcome in RowOutcome:
        table.add_column(outcome.label, justify="right")
    table.add_column("Records", justify="right")
    table.add_row(*(f"{counts[outcome]:,}" for outcome in RowOutcome), f"{counts.total():,}")
    console.print(table)
    if refusals:
        console.print("Set aside:", style="bold")
    for line, code, reason in refusals:
        text = f"  line {line}{f' ({code})' if code else ''}: {reason}"
        console.print(text, markup=False, highlight=False, soft_wrap=True)  # one record, one line, also in a pipe


commands = [import_group]
