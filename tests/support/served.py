"""What the server of a browser test runs: the application as it is, with a clock that the test can turn."""

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

from flask import Flask

from app import create_app
from tests.support.server import CLOCK_FILE


def create() -> Flask:
    """Return the application of the environment; the file named there holds the clock's lead in seconds."""
    app = create_app()
    clock_file = os.environ.get(CLOCK_FILE)
    if clock_file:
        path = Path(clock_file)
        app.config["CLOCK"] = lambda: datetime.now(UTC) + timedelta(seconds=float(path.read_text()))
    return app
