"""Where files that were sent in are kept until they are read."""

from pathlib import Path

from flask import current_app


def uploads_folder() -> Path:
    """Return the folder of the application that answers; made where it is missing, for its own user alone."""
    folder = Path(current_app.instance_path) / "uploads"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder
