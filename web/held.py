"""A form that met a locked or ended sign-in: kept in the page that asks for the password, sent when they agree.

What was typed travels signed and packed, bound to the person who typed it; files have to be chosen again.
"""

from dataclasses import dataclass

from flask import current_app, request
from itsdangerous import BadSignature, URLSafeTimedSerializer

_LASTS_SECONDS = 12 * 3600
_LARGEST_CHARACTERS = 200_000


@dataclass(frozen=True, slots=True)
class HeldForm:
    """A form waiting: where it goes, what was typed, and whether files were chosen that have to be chosen again."""

    path: str
    fields: tuple[tuple[str, str], ...]
    has_files: bool


def _serializer() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(current_app.config["SECRET_KEY"], salt="held-form")


def read_form() -> HeldForm | None:
    """Return the form of this request, None if it is none or too long to be kept in a page."""
    fields = tuple((name, value) for name, value in request.form.items(multi=True) if name != "csrf_token")
    too_long = sum(len(name) + len(value) for name, value in fields) > _LARGEST_CHARACTERS
    if too_long or request.method != "POST":
        return None
    has_files = any(file.filename for file in request.files.values())
    path = request.full_path if request.query_string else request.path
    return HeldForm(path=path, fields=fields, has_files=has_files)


def hold_form(user_id: int | None) -> str:
    """Return the form of this request packed for the page that asks for the password; "" if it cannot be kept.

    The token against forged requests was checked before: a form of another site never gets here.
    """
    form = read_form()
    if user_id is None or form is None:
        return ""
    return str(_serializer().dumps([user_id, form.path, form.fields, form.has_files]))


def release_form(packed: str, user_id: int) -> HeldForm | None:
    """Return the form that ``user_id`` had typed, None if there is none, or it is another person's or too old."""
    if not packed:
        return None
    try:
        owner_id, path, fields, has_files = _serializer().loads(packed, max_age=_LASTS_SECONDS)
    except BadSignature:
        return None
    if owner_id != user_id:
        return None
    return HeldForm(path=path, fields=tuple((name, value) for name, value in fields), has_files=has_files)
