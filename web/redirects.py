"""Where a person may be sent afterwards: pages of our own, and nowhere else."""

from urllib.parse import urlsplit

from flask import current_app, request
from werkzeug.exceptions import HTTPException
from werkzeug.routing import RequestRedirect

_LONGEST = 2000


def find_own_path(target: str | None) -> str | None:
    """Return ``target`` if it is the path of a page of ours that can be opened, else None.

    Refused: other hosts in any spelling, other schemes, backslashes, control characters, what has no page.
    """
    if not target or len(target) > _LONGEST or not target.startswith("/") or target.startswith("//"):
        return None
    if "\\" in target or any(ord(char) < 33 or ord(char) == 127 for char in target):
        return None
    try:
        parts = urlsplit(target)
    except ValueError:
        return None
    if parts.scheme or parts.netloc or parts.path.startswith("//"):
        return None
    return target if _is_page(parts.path) else None


def _is_page(path: str) -> bool:
    adapter = current_app.url_map.bind("localhost")
    try:
        endpoint, _values = adapter.match(path, method="GET")
    except RequestRedirect:
        return True  # the page's address with its slash
    except HTTPException:
        return False
    return endpoint not in ("static", "access.sign_in")


def current_page() -> str:
    """Return the page the person is on: of an htmx request the one that sent it, else the one asked for."""
    shown = request.headers.get("HX-Current-URL")
    if shown:
        parts = urlsplit(shown)
        path = f"{parts.path}?{parts.query}" if parts.query else parts.path
    else:
        path = request.full_path if request.query_string else request.path
    return find_own_path(path) or "/"
