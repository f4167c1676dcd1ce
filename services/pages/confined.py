"""Draws the pages of one file in a process of its own (``python -m services.pages.confined``), memory and time bounded.

A PDF may hold scripts, links and files, and a few kilobytes of it can ask for gigabytes. Its pages are drawn without
running anything in it, and only the drawn pixels leave this process: what a browser shows was made here.
"""

import resource
import sys
from collections.abc import Iterator
from pathlib import Path

import pypdfium2
from PIL import Image, ImageOps, UnidentifiedImageError

MOST_MEMORY = 1536 << 20
MOST_SECONDS = 60
MOST_OUTPUT = 64 << 20
MOST_PAGES = 120
MOST_PIXELS = 60_000_000
LONG_SIDE = 1900
"""Pixels of a page's longer side: small print can be read at twice its size."""
QUALITY = 80

LOCKED, DAMAGED, TOO_LARGE = 3, 4, 5
_PDF_LOCKED = 4  # FPDF_ERR_PASSWORD


class TooManyPagesError(Exception):
    """More pages than one scan may have."""


def main(source: Path, target: Path) -> int:
    """Draw the pages of ``source`` into the folder ``target`` as 1.jpg, 2.jpg …; return 0 or what is wrong."""
    resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (MOST_SECONDS, MOST_SECONDS))
    resource.setrlimit(resource.RLIMIT_FSIZE, (MOST_OUTPUT, MOST_OUTPUT))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    Image.MAX_IMAGE_PIXELS = MOST_PIXELS
    try:
        for number, page in enumerate(_pages(source), 1):
            page.convert("RGB").save(target / f"{number}.jpg", "JPEG", quality=QUALITY)
    except pypdfium2.PdfiumError as error:
        return LOCKED if error.err_code == _PDF_LOCKED else DAMAGED
    except (MemoryError, Image.DecompressionBombError, TooManyPagesError):
        return TOO_LARGE
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError):
        return DAMAGED
    return 0


def _pages(source: Path) -> Iterator[Image.Image]:
    with source.open("rb") as stream:
        is_pdf = b"%PDF-" in stream.read(1024)
    if is_pdf:
        yield from _drawn(source)
        return
    Image.init()
    with Image.open(source, formats=["JPEG", "PNG"]) as picture:
        if picture.width * picture.height > MOST_PIXELS:
            raise Image.DecompressionBombError
        picture.thumbnail((LONG_SIDE, LONG_SIDE))
        upright = ImageOps.exif_transpose(picture)
        yield _on_white(upright)


def _drawn(source: Path) -> Iterator[Image.Image]:
    document = pypdfium2.PdfDocument(source)
    if not 0 < len(document) <= MOST_PAGES:
        raise TooManyPagesError
    for page in document:
        scale = LONG_SIDE / max(*page.get_size(), 1)
        yield page.render(scale=scale, may_draw_forms=False).to_pil()
        page.close()


def _on_white(picture: Image.Image) -> Image.Image:
    """Return a picture without transparency, as it would come out of a printer."""
    if picture.mode not in ("RGBA", "LA", "P"):
        return picture
    layer = picture.convert("RGBA")
    paper = Image.new("RGBA", layer.size, "white")
    paper.alpha_composite(layer)
    return paper


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), Path(sys.argv[2])))
