"""``flask --app app report settlement``: the settlement report of a period as table, JSON or CSV."""

import sys
from datetime import UTC, datetime

import click
from flask.cli import with_appcontext
from rich.console import Console
from rich.table import Table

from extensions import db
from services.errors import UserError
from services.localtime import LOCAL_ZONE, parse_instant
from services.session import unscoped
from services.settlement import RATES, Dimension, SettlementReport, make_cut, summarise_settlement
from services.settlement_export import slices_of, to_csv, to_json, to_xlsx
from services.settlement_figures import FIGURES

STYLES = ("table", "json", "csv", "xlsx")
DAY = click.DateTime(["%Y-%m-%d"])


@click.group()
def report() -> None:
    """Print reports."""


@report.command()
@click.option("--from", "since", type=DAY, required=True, help="First day of the period, YYYY-MM-DD.")
@click.option("--to", "until", type=DAY, required=True, help="Last day of the period, included.")
@click.option("--as-of", help="Cut when things happened (default: end of the period, or now).")
@click.option("--known-at", help="Cut when things were written down (default: now).")
@click.option("--by", type=click.Choice([dimension.value for dimension in Dimension]), help="Slices beside the total.")
@click.option("--format", "style", type=click.Choice(list(STYLES)), default="table", show_default=True)
@with_appcontext
def settlement(
    since: datetime, until: datetime, as_of: str | None, known_at: str | None, by: str | None, style: str
) -> None:
    """Print what was received, carried over, finished and left open in a period, and how much on time.

    Times without an offset are those of Hồ Chí Minh City.
    """
    try:
        cut = make_cut(
            since=since.date(),
            until=until.date(),
            now=datetime.now(UTC),
            as_of=parse_instant(as_of) if as_of else None,
            known_at=parse_instant(known_at) if known_at else None,
        )
        with unscoped(db.session(), "report settlement"):
            result = summarise_settlement(db.session(), cut, by=Dimension(by) if by else None)
    except UserError as error:
        raise click.ClickException(str(error)) from error
    {"table": print_table, "json": print_json, "csv": print_csv, "xlsx": print_xlsx}[style](result)


def print_json(result: SettlementReport) -> None:
    """Print the report as one JSON document."""
    click.echo(to_json(result))


def print_csv(result: SettlementReport) -> None:
    """Print a line per slice and one for the total."""
    click.echo(to_csv(result), nl=False)


def print_xlsx(result: SettlementReport) -> None:
    """Write a workbook to the standard output, for a file: ``... --format xlsx > report.xlsx``.

    Raises: click.ClickException on a terminal, which a workbook would only confuse.
    """
    if sys.stdout.isatty():
        raise click.ClickException("A workbook cannot be shown here. Write it to a file: > report.xlsx")
    click.echo(to_xlsx(result), nl=False)


def print_table(result: SettlementReport) -> None:
    """Print the report for people: a column per slice, and each rate with what it was made of."""
    as_of = result.as_of.astimezone(LOCAL_ZONE)
    click.echo(f"Settlement {result.since_date:%d/%m/%Y} to {result.until_date:%d/%m/%Y}, as of {as_of:%d/%m/%Y %H:%M}")
    table = Table()
    slices = list(slices_of(result))
    table.add_column(str(result.dimension or ""))
    for code, name, _ in slices:
        table.add_column(f"{code}\n{name}".strip(), justify="right", overflow="fold", max_width=24)
    for figure in FIGURES:
        table.add_row(figure.replace("_", " "), *(str(getattr(counts, figure)) for _, _, counts in slices))
    for name in RATES:
        rates = [getattr(counts, name) for _, _, counts in slices]
        table.add_row(
            f"{name.replace('_', ' ')} %", *(f"{rate} = {rate.numerator}/{rate.denominator}" for rate in rates)
        )
    Console(width=30 + 28 * len(slices)).print(table)


commands = [report]
