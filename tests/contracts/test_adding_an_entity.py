"""docs/adding-an-entity.md, followed to the letter in a copy of the repository, on each database."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support import databases

ROOT = Path(__file__).parents[2]
PARTS = (
    "admin_views", "commands", "docs/adding-an-entity.md", "evaluation", "migrations", "models", "portal", "services",
    "static", "templates", "tests", "translations", "web", "app.py", "cli.py", "config.py", "extensions.py",
)  # fmt: skip


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of a database without anything in it."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'new.db'}"
    else:
        uri = request.getfixturevalue("postgres_uri")
        with databases.postgresql_database(uri) as name:
            yield databases.sqlalchemy_url(uri, name)


def test_the_document_leads_to_a_screen_with_everything(empty_url: str, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    for part in PARTS:
        source, target = ROOT / part, copy / part
        target.parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__", "e2e", "golden"))
        else:
            shutil.copyfile(source, target)
    environment = {**os.environ, "DATABASE_URL": empty_url, "PYTHONPATH": str(copy), "PYTHONWARNINGS": "ignore"}

    for step in ("answer", "use"):
        done = subprocess.run(
            [sys.executable, "-m", "tests.support.adding", step],
            cwd=copy, env=environment, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-4000:]
        assert json.loads(done.stdout.strip().splitlines()[-1]) == [], step
