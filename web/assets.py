"""Addresses of our own front-end files, and the icons: one sprite, one element per picture."""

import hashlib
from functools import cache, lru_cache
from pathlib import Path

from flask import Flask, Response, current_app, g, request, url_for
from markupsafe import Markup

ICON_SPRITE = "vendor/icons/icons.svg"
YEAR_SECONDS = 31_536_000
MONTH_SECONDS = 2_592_000


@cache
def _fingerprint(path: Path, changed_ns: int) -> str:
    """Return a short hash of a file; ``changed_ns`` makes an edited file hash anew."""
    return hashlib.sha256(path.read_bytes()).hexdigest()[:10]


def asset(name: str) -> str:
    """Return the address of a static file with its fingerprint, so that a browser may keep it for good.

    Raises: FileNotFoundError where there is no such file, so that a misspelt name fails in every test.
    """
    known: dict[str, str] = g.setdefault("assets", {})  # a page has fifty icons of one sprite
    if name not in known:
        path = Path(current_app.static_folder or "static") / name
        known[name] = url_for("static", filename=name, v=_fingerprint(path, path.stat().st_mtime_ns))
    return known[name]


def icon(name: str, label: str = "") -> Markup:
    """Return an icon of the sprite: decoration, or with ``label`` a picture that says so to a screen reader."""
    return _icon(asset(ICON_SPRITE), name, label)


@lru_cache(maxsize=1000)
def _icon(sprite: str, name: str, label: str) -> Markup:
    meaning = Markup('role="img" aria-label="{}"').format(label) if label else Markup('aria-hidden="true"')
    return Markup('<svg class="icon" {}><use href="{}#{}"/></svg>').format(meaning, sprite, name)


def register(app: Flask) -> None:
    """Give every template of ``app`` ``asset(name)`` and ``icon(name)``; let browsers keep what has a fingerprint."""
    app.jinja_env.globals.update(asset=asset, icon=icon)

    @app.after_request
    def _keep(response: Response) -> Response:
        if request.endpoint == "static" and response.status_code in (200, 304):
            if "v" in request.args:
                response.headers["Cache-Control"] = f"public, max-age={YEAR_SECONDS}, immutable"
            elif request.path.endswith(".woff2"):  # named by the style sheet, which cannot carry a fingerprint
                response.headers["Cache-Control"] = f"public, max-age={MONTH_SECONDS}"
        return response
