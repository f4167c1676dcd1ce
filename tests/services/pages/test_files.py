"""Scanned files are known by their content, kept once, and only ever shown as pictures drawn here."""

from collections.abc import Iterator
from io import BytesIO

import pytest
from PIL import Image
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from models.scan import FileType, StoredFile
from services.database import make_engine
from services.pages import confined
from services.pages.files import (
    FileDamagedError,
    FileLockedError,
    FileTooLargeError,
    FileTypeError,
    page_picture,
    path_of,
    store_file,
)
from services.session import unscoped
from tests.support.scans import pdf, picture


def test_what_is_kept_and_how_it_looks(session, tmp_path, now):
    def kept(content: bytes) -> StoredFile:
        return store_file(session, content=content, name="Đơn.x", folder=tmp_path, at=now)

    form = pdf(2, script="app.alert('x')")
    file, again = kept(form), kept(form)
    lying = kept(picture("JPEG", turn=6))
    flat = kept(picture("PNG"))

    def shown(file: StoredFile, number: int = 1) -> Image.Image:
        path = page_picture(tmp_path, file, number)
        assert path is not None
        with Image.open(path) as page:
            return page.copy()

    pages = [shown(file, number) for number in (1, 2)]
    assert (file is again, session.scalar(select(func.count()).select_from(StoredFile))) == (True, 3)
    assert [row.file_type for row in (file, lying, flat)] == [FileType.PDF, FileType.JPEG, FileType.PNG]
    assert (file.page_count, [max(page.size) for page in pages]) == (2, [confined.LONG_SIDE] * 2)
    assert page_picture(tmp_path, file, 3) is page_picture(tmp_path, file, 0) is None
    upright = shown(lying)
    assert (upright.size, upright.getpixel((50, 5))[0] > 200 > upright.getpixel((50, 5))[1]) == ((60, 40), True)
    assert path_of(tmp_path, file.sha256).read_bytes() == form


def test_pages_are_drawn_anew_and_a_lost_file_is_told(session, tmp_path, now):
    file = store_file(session, content=picture(), name="a.png", folder=tmp_path, at=now)
    drawn = page_picture(tmp_path, file, 1)
    drawn.unlink()

    assert page_picture(tmp_path, file, 1).exists()
    drawn.unlink()
    path_of(tmp_path, file.sha256).unlink()
    with pytest.raises(FileDamagedError):
        page_picture(tmp_path, file, 1)
    assert store_file(session, content=picture(), name="a.png", folder=tmp_path, at=now) is file
    assert page_picture(tmp_path, file, 1).exists()


def _bomb() -> bytes:
    out = BytesIO()
    Image.new("1", (20_000, 20_000)).save(out, "PNG")
    return out.getvalue()


@pytest.mark.parametrize(
    ("content", "error"),
    [
        (b"", FileTypeError),
        (b"<html><script>alert(1)</script>", FileTypeError),
        (b"GIF89a" + bytes(100), FileTypeError),
        (b"%PDF-1.7\nnothing more", FileDamagedError),
        (b"\xff\xd8\xff\xe0" + bytes(100), FileDamagedError),
        (pdf(1, password="x"), FileLockedError),
        (pdf(confined.MOST_PAGES + 1), FileTooLargeError),
        (bytes(15 * 1024 * 1024 + 1), FileTooLargeError),
        (_bomb(), FileTooLargeError),
    ],
    ids=["empty", "html", "gif", "pdf", "jpeg", "locked", "pages", "bytes", "bomb"],
)
def test_what_is_refused_leaves_nothing(one_session, tmp_path, now, content, error):
    folder = tmp_path / "instance"

    with pytest.raises(error):
        store_file(one_session, content=content, name="x", folder=folder, at=now)

    assert [path for path in folder.rglob("*") if path.is_file()] == []


@pytest.fixture
def one_session(sqlite_url: str) -> Iterator[Session]:
    engine = make_engine(sqlite_url)
    with Session(engine) as session, unscoped(session, "test"):
        yield session
    engine.dispose()
