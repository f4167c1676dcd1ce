"""Language and theme of a person, or of a browser where nobody is signed in."""

from flask import Blueprint, Flask, redirect, request
from flask import session as form_session
from flask.typing import ResponseReturnValue
from sqlalchemy import update
from sqlalchemy.orm import Session

from models.access import User
from web import sessions
from web.access import public
from web.catalogues import CITIZEN_LANGUAGES, STAFF_LANGUAGES
from web.database import database
from web.redirects import find_own_path

_YEAR_SECONDS = 365 * 86_400
THEMES = ("light", "dark", "system")

bp = Blueprint("preferences", __name__)


@bp.post("/preferences")
@public
def save_preferences() -> ResponseReturnValue:
    """Keep the chosen language or theme and go back to the page; what is not offered is left out."""
    response = redirect(find_own_path(request.form.get("next")) or "/", 303)
    chosen = {"language": request.form.get("language"), "theme": request.form.get("theme")}
    offered = {"language": CITIZEN_LANGUAGES, "theme": THEMES}
    for name, value in chosen.items():
        if value in offered[name]:
            # Readable by the theme script; it holds nothing but the choice.
            response.set_cookie(
                name, value or "", max_age=_YEAR_SECONDS, samesite="Lax", secure=sessions.settings().is_https
            )
    language = chosen["language"]
    if language in STAFF_LANGUAGES:
        current = sessions.current()
        if current.is_open and current.user is not None:
            session = database().session()
            _store_language(session, current.user, language)
            session.commit()
        else:
            form_session["language"] = language
    return response


def keep_chosen_language(session: Session, user: User) -> None:
    """Keep for ``user``, who signs in, the language chosen on the sign-in page just before."""
    language = form_session.get("language")
    if language in STAFF_LANGUAGES:
        _store_language(session, user, language)


def _store_language(session: Session, user: User, language: str) -> None:
    # Not by attribute: a preference is no change of a user that an auditor wants to read about.
    session.execute(update(User).where(User.id == user.id).values(language=language))


def init_app(app: Flask) -> None:
    """Add the route."""
    app.register_blueprint(bp)
