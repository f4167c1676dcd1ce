"""``import dossiers`` and ``import dossier-events``: the permit log as a trial, and what the commands say."""

import json
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select

from extensions import db
from models.dossier import Dossier, DossierEvent
from models.states import EventKind
from services.session import unscoped
from tests.support.legacy import write_table

ROOT = Path(__file__).parents[2]
LOG = ROOT.parent / "shared" / "data" / "permit-receipt-log.csv.gz"
MAPPING = ROOT / "docs" / "examples" / "permit-receipt-log.toml"
AS_OF = "2012-01-23T15:42:54+01:00"


@pytest.mark.data
@pytest.mark.skipif(not LOG.exists(), reason="the shared permit log is missing")
def test_permit_log_gives_the_published_figures_and_a_second_run_adds_nothing(any_app):
    dossiers = ("import", "dossiers", str(LOG), "--create-missing", "--mapping", str(MAPPING))
    events = ("import", "dossier-events", str(LOG), "--mapping", str(MAPPING))

    assert figures(run(any_app, *dossiers)) == [1434, 0, 7143, 0, 8577]
    assert figures(run(any_app, *events)) == [8577, 0, 0, 0, 8577]
    total = report(any_app)
    assert figures(run(any_app, *dossiers)) == [0, 0, 8577, 0, 8577]
    assert figures(run(any_app, *events)) == [0, 0, 8577, 0, 8577]

    assert [total[name] for name in ("received", "on_time", "late", "undue", "overdue")] == [1434, 952, 377, 66, 39]
    assert (total["on_time_rate"], total["closed_on_time_rate"], total["national_on_time_rate"]) == (
        "69.59", "71.63", "70.99",
    )  # fmt: skip
    assert report(any_app) == total
    with any_app.app_context(), unscoped(db.session(), "test"):
        steps = select(func.count()).select_from(DossierEvent).where(DossierEvent.kind == EventKind.IMPORTED)
        assert db.session.scalar(steps) == 8577
        assert db.session.scalar(steps.where(DossierEvent.is_after_end)) == 180
        marked = db.session.scalar(
            select(func.count(func.distinct(DossierEvent.dossier_id))).where(DossierEvent.is_after_end)
        )
        assert marked == 145
        assert db.session.scalar(select(func.count()).select_from(Dossier)) == 1434


def test_dry_run_says_what_would_happen_and_what_is_not_read(app: Flask, tmp_path):
    rows = [
        {"procedure_code": "1.004194", "received_at": "04/04/2016", "department_code": "H19.08", "Màu": "xanh"},
        {"procedure_code": "1.004194", "received_at": "hôm qua", "department_code": "H19.08", "Màu": ""},
    ]
    file = write_table(tmp_path / "a.csv", rows)

    said = run(app, "import", "dossiers", str(file), "--dry-run", "--create-missing")

    assert figures(said) == [1, 0, 0, 1, 2]
    assert "Dry run, nothing was written" in said
    assert "Columns that are not read: Màu" in said
    assert "line 3: hôm qua is not a date with a time." in said
    with app.app_context(), unscoped(db.session(), "test"):
        assert db.session.scalar(select(func.count()).select_from(Dossier)) == 0


@pytest.mark.parametrize(
    ("text", "mapping", "message"),
    [
        ("a,b\n1,2\n", None, "The file has no column for: procedure_code, received_at."),
        ("", None, "The file holds no rows."),
        ("procedure_code,received_at\n1,2\n", "[x]", "The mapping file cannot be read: x: no such name."),
    ],
)
def test_file_that_cannot_be_read_at_all_is_explained(app, tmp_path, text, mapping, message):
    file = tmp_path / "a.csv"
    file.write_text(text)
    options = []
    if mapping is not None:
        (tmp_path / "m.toml").write_text(mapping)
        options = ["--mapping", str(tmp_path / "m.toml")]

    result = app.test_cli_runner().invoke(args=["import", "dossiers", str(file), *options])

    assert result.exit_code == 1
    assert message in result.output


def report(app: Flask) -> dict[str, object]:
    period = ("--from", "2010-10-01", "--to", "2012-01-23", "--as-of", AS_OF, "--format", "json")
    return json.loads(run(app, "report", "settlement", *period))["total"]


def figures(said: str) -> list[int]:
    """Return the figures of the table that a command prints: created, changed, unchanged, set aside, records."""
    line = next(line for line in said.splitlines() if line.startswith("│"))
    return [int(cell.replace(",", "")) for cell in line.strip("│").split("│")]


def run(app: Flask, *arguments: str) -> str:
    result = app.test_cli_runner().invoke(args=list(arguments))
    assert result.exit_code == 0, result.output
    return result.output
