import re
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select

from extensions import db
from models.procedure import Procedure
from services.session import unscoped

SAMPLE = Path(__file__).parents[1] / "data" / "procedures.jsonl"


def figures(output: str) -> list[str]:
    """The numbers of the summary table: created, changed, unchanged, set aside, all."""
    (row,) = [line for line in output.splitlines() if re.match(r"^│\s+\d", line)]
    return re.findall(r"\d+", row)


def count(app: Flask) -> int:
    with app.app_context(), unscoped(db.session(), "test"):
        return db.session.scalar(select(func.count(Procedure.id)))


def test_import_prints_what_became_of_the_records(any_app: Flask) -> None:
    first = any_app.test_cli_runner().invoke(args=["import", "procedures", str(SAMPLE)])
    again = any_app.test_cli_runner().invoke(args=["import", "procedures", str(SAMPLE)])

    assert (first.exit_code, figures(first.stdout)) == (0, ["6", "0", "0", "6", "12"])
    assert first.stdout.split("Set aside:\n")[1].splitlines()[1:5:3] == [
        "  line 9 (1.900008-Xoa): “1.900008-Xoa” is no national procedure code; it should look like 1.004194.",
        "  line 12 (1.900011): name is missing.",
    ]
    assert (again.exit_code, figures(again.stdout)) == (0, ["0", "0", "6", "6", "12"])
    assert count(any_app) == 6


def test_dry_run_writes_nothing(app: Flask) -> None:
    result = app.test_cli_runner().invoke(args=["import", "procedures", "--dry-run", str(SAMPLE)])

    assert (result.exit_code, figures(result.stdout)) == (0, ["6", "0", "0", "6", "12"])
    assert "Dry run, nothing was written" in result.stdout
    assert count(app) == 0


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "Error: The file holds no records. Choose a file with one JSON record a line (.jsonl or .jsonl.gz).\n"),
        (
            b"code;name\n1;2\n",
            "Error: The file is not one JSON record a line. Choose a .jsonl or .jsonl.gz file of the national "
            "catalogue.\n",
        ),
        (b"\x1f\x8b\x08\x00broken", "Error: The compressed file is damaged or incomplete. Fetch it again.\n"),
    ],
)
def test_unusable_file_is_an_error_with_what_to_do(app: Flask, tmp_path: Path, content: bytes, message: str) -> None:
    path = tmp_path / "file.jsonl"
    path.write_bytes(content)

    result = app.test_cli_runner().invoke(args=["import", "procedures", str(path)])

    assert (result.exit_code, result.stderr) == (1, message)
