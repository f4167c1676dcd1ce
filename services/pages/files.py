"""Scanned files: checked by their content, kept once under their hash, shown as pictures of their pages.

``folder`` is the installation's: files stand under ``uploads/`` in it, which is backed up; their drawn pages under
``pages/``, which are drawn anew where they are missing.
"""

import hashlib
import os
import shutil
import subprocess
import sys
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from models.base import _
from models.scan import FileType, StoredFile
from services.errors import UserError
from services.pages import confined

MOST_BYTES = 15 << 20
_ROOT = Path(__file__).resolve().parents[2]
_SECONDS = 90
_SIGNATURES = ((b"\xff\xd8\xff", FileType.JPEG), (b"\x89PNG\r\n\x1a\n", FileType.PNG))


class FileTypeError(UserError):
    message = _("%(name)s is no PDF, JPEG or PNG. Scan the paper again as one of these.")


class FileTooLargeError(UserError):
    message = _("%(name)s is too large: at most %(megabytes)s MB and %(pages)s pages. Scan it with a lower resolution.")


class FileLockedError(UserError):
    message = _("%(name)s is locked with a password. Ask for a copy without one.")


class FileDamagedError(UserError):
    message = _("%(name)s is damaged and cannot be shown. Scan the paper again.")


def store_file(session: Session, *, content: bytes, name: str, folder: Path, at: datetime) -> StoredFile:
    """Keep a file and the pictures of its pages; the same content is kept once.

    Raises: FileTypeError, FileTooLargeError, FileLockedError, FileDamagedError; then nothing is kept.
    """
    if len(content) > MOST_BYTES:
        raise _too_large(name)
    file_type = _type_of(content)
    if file_type is None:
        raise FileTypeError(name=name)
    sha256 = hashlib.sha256(content).hexdigest()
    known = session.get(StoredFile, sha256)
    if known is not None and path_of(folder, sha256).exists():
        return known
    with TemporaryDirectory(dir=_made(folder / "uploads")) as work:
        source = Path(work) / "file"
        source.write_bytes(content)
        page_count = _draw(source, folder, sha256, name)
        _made(path_of(folder, sha256).parent)
        os.replace(source, path_of(folder, sha256))
    return _keep_row(session, sha256, file_type, len(content), page_count, at)


def path_of(folder: Path, sha256: str) -> Path:
    """Return where the file with this hash stands."""
    return folder / "uploads" / sha256[:2] / sha256


def page_picture(folder: Path, file: StoredFile, number: int) -> Path | None:
    """Return the picture of page ``number`` (from 1), drawn anew if it is gone; None where there is no such page.

    Raises: FileDamagedError where the file itself is gone.
    """
    if not 1 <= number <= file.page_count:
        return None
    picture = _pages_of(folder, file.sha256) / f"{number}.jpg"
    if not picture.exists():
        source = path_of(folder, file.sha256)
        if not source.exists():
            raise FileDamagedError(name=file.sha256[:8])
        _draw(source, folder, file.sha256, file.sha256[:8])
    return picture


def _pages_of(folder: Path, sha256: str) -> Path:
    return folder / "pages" / sha256[:2] / sha256


def _made(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _type_of(content: bytes) -> FileType | None:
    """Return what a file is by how it begins; a PDF may have some bytes before its mark."""
    if b"%PDF-" in content[:1024]:
        return FileType.PDF
    return next((kind for mark, kind in _SIGNATURES if content.startswith(mark)), None)


def _too_large(name: str) -> FileTooLargeError:
    return FileTooLargeError(name=name, megabytes=MOST_BYTES >> 20, pages=confined.MOST_PAGES)


def _draw(source: Path, folder: Path, sha256: str, name: str) -> int:
    """Draw the pages of ``source``, put them in their place at once, and return how many they are."""
    target = _pages_of(folder, sha256)
    with TemporaryDirectory(dir=_made(target.parent)) as work:
        command = [sys.executable, "-m", "services.pages.confined", str(source.resolve()), str(Path(work).resolve())]
        try:
            ended = subprocess.run(  # noqa: S603 -- our own module, our own paths
                command, cwd=_ROOT, capture_output=True, timeout=_SECONDS, check=False, env={}
            )
        except subprocess.TimeoutExpired:
            raise _too_large(name) from None
        if ended.returncode == confined.LOCKED:
            raise FileLockedError(name=name)
        if ended.returncode in (confined.DAMAGED, 1):
            raise FileDamagedError(name=name)
        if ended.returncode != 0:
            raise _too_large(name)  # stopped at one of its bounds
        page_count = len(os.listdir(work))
        drawn = Path(f"{work}.drawn")
        shutil.copytree(work, drawn)
    shutil.rmtree(target, ignore_errors=True)
    os.replace(drawn, target)
    return page_count


def _keep_row(
    session: Session, sha256: str, file_type: FileType, size_bytes: int, page_count: int, at: datetime
) -> StoredFile:
    """Write the row unless somebody has just stored the same file."""
    insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    values = {"sha256": sha256, "file_type": file_type, "size_bytes": size_bytes, "page_count": page_count}
    session.execute(insert(StoredFile).values(**values, stored_at=at).on_conflict_do_nothing())
    return session.get_one(StoredFile, sha256)
