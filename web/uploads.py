"""Where files wait that were sent in, and files of a request read within their bounds."""

from collections.abc import Iterator
from pathlib import Path

from flask import current_app, request


def uploads_folder() -> Path:
    """Return the folder in which tables wait to be imported; made where it is missing, for its own user alone.

    Scans, which are kept, stand elsewhere (``services.pages.files``): what waits is thrown away after a day.
    """
    folder = instance_folder() / "incoming"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder


def instance_folder() -> Path:
    """Return the folder in which uploads and their drawn pages stand."""
    return Path(current_app.instance_path)


def sent_files(field: str, *, most_bytes: int) -> Iterator[tuple[str, bytes]]:
    """Yield name and content of each file of ``field``; of one that is too large a byte more than is allowed."""
    for upload in request.files.getlist(field):
        if upload.filename:
            yield upload.filename.rpartition("/")[2], upload.stream.read(most_bytes + 1)
