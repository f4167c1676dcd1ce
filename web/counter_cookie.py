"""Which counter this computer stands at, and the mark by which it is known as somebody's usual one."""

from flask import current_app, request
from itsdangerous import BadSignature, URLSafeSerializer
from sqlalchemy.orm import Session
from werkzeug import Response

from config import Settings
from models.ids import opaque_token
from models.organisation import Counter
from services.session import unscoped
from web.security import cookie_name, set_cookie

_KEPT_DAYS = 400  # browsers keep no cookie longer


def _serializer(purpose: str) -> URLSafeSerializer:
    return URLSafeSerializer(current_app.config["SECRET_KEY"], salt=f"cookie-{purpose}")


def _read(purpose: str) -> object:
    settings: Settings = current_app.config["SETTINGS"]
    try:
        return _serializer(purpose).loads(request.cookies.get(cookie_name(settings, purpose), ""))
    except BadSignature:
        return None


def _write(response: Response, purpose: str, value: object) -> None:
    settings: Settings = current_app.config["SETTINGS"]
    set_cookie(response, settings, purpose, str(_serializer(purpose).dumps(value)), days=_KEPT_DAYS)


def find_counter_of_computer(session: Session) -> Counter | None:
    """Return the counter in use at which this computer was last signed in, or None."""
    counter_id = _read("counter")
    if not isinstance(counter_id, int):
        return None
    with unscoped(session, "counter of this computer"):
        counter = session.get(Counter, counter_id)
    return counter if counter is not None and counter.is_active else None


def remember_counter(response: Response, counter_id: int) -> None:
    """Have this computer stand at a counter until another is chosen."""
    _write(response, "counter", counter_id)


def device_mark() -> str:
    """Return the mark of this browser, "" where nobody has signed in yet."""
    mark = _read("device")
    return mark if isinstance(mark, str) else ""


def new_device_mark() -> str:
    """Return the mark this browser has, or a new one."""
    return device_mark() or opaque_token()


def remember_device(response: Response, mark: str) -> None:
    """Keep the mark in the browser; it opens nothing, it only spares its owner the brake on others' guesses."""
    _write(response, "device", mark)
