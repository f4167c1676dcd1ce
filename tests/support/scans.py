"""Files as scanners and attackers make them, for tests of scans."""

from io import BytesIO

from PIL import Image
from pypdf import PdfWriter
from pypdf.generic import DictionaryObject, NameObject, TextStringObject


def picture(kind: str = "PNG", *, size: tuple[int, int] = (40, 60), colour: str = "white", turn: int = 1) -> bytes:
    """Return a picture with a red upper left corner; ``turn`` is the EXIF orientation a telephone writes."""
    image = Image.new("RGB", size, colour)
    image.paste("red", (0, 0, size[0] // 2, size[1] // 2))
    exif = Image.Exif()
    exif[0x0112] = turn
    out = BytesIO()
    image.save(out, kind, exif=exif)
    return out.getvalue()


def pdf(pages: int = 2, *, script: str = "", password: str = "") -> bytes:
    """Return a PDF with blank A4 pages; with a script that runs when it is opened, or locked, where asked."""
    writer = PdfWriter()
    for _ in range(pages):
        writer.add_blank_page(width=595, height=842)
    if script:
        action = {NameObject("/S"): NameObject("/JavaScript"), NameObject("/JS"): TextStringObject(script)}
        writer.root_object[NameObject("/OpenAction")] = DictionaryObject(action)
    if password:
        writer.encrypt(password, algorithm="RC4-128")
    out = BytesIO()
    writer.write(out)
    return out.getvalue()
