"""The languages of a request and the catalogues behind them."""

import os
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from flask import g, has_request_context, request

STAFF_LANGUAGES = ("vi", "en")
CITIZEN_LANGUAGES = ("vi", "en", "zh")


def domains(folder: Path) -> list[str]:
    """Return the catalogue names, one per area, in a fixed order."""
    return sorted({path.stem for path in folder.glob("*/LC_MESSAGES/*.po")}) or ["messages"]


def compile_catalogues(folder: Path) -> None:
    """Write each ``.mo`` whose ``.po`` is newer, so that no build step can be forgotten."""
    for source in folder.glob("*/LC_MESSAGES/*.po"):
        target = source.with_suffix(".mo")
        if target.exists() and target.stat().st_mtime >= source.stat().st_mtime:
            continue
        with source.open("rb") as text:
            catalogue = read_po(text, locale=source.parts[-3])
        partial = target.with_suffix(f".{os.getpid()}.partial")  # several processes may start at once
        with partial.open("wb") as binary:
            write_mo(binary, catalogue)
        partial.replace(target)


def select_locale() -> str:
    """Return the language of this request: the person's choice, then the cookie, then Vietnamese."""
    if not has_request_context():
        return "vi"
    chosen = getattr(g, "language", None) or request.cookies.get("language")
    return chosen if chosen in CITIZEN_LANGUAGES else "vi"
