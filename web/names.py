"""Names that are data and yet translated: roles as they were seeded, and entities as rights name them."""

from functools import cache
from typing import Any

from flask import Flask
from flask_babel import force_locale, gettext

from models.access import Role
from services.roles import ROLE_NAMES, entity_label
from web.catalogues import STAFF_LANGUAGES


@cache
def _seeded_texts(code: str) -> dict[str, str]:
    """Return the message of each text, in any language, that a role of this code may have been seeded with."""
    known: dict[str, str] = {}
    for message in ROLE_NAMES.get(code, ()):
        known[message] = message
        for language in STAFF_LANGUAGES:
            with force_locale(language):
                known[gettext(message)] = message
    return known


def say_stored(row: Any, text: str | None) -> str | None:
    """Return a stored text of ``row`` in the reader's language where it is as it was seeded, else as typed."""
    if text is None or not isinstance(row, Role):
        return text
    message = _seeded_texts(row.code).get(text)
    return gettext(message) if message is not None else text


def name_of(row: Any) -> str:
    """Return what ``row`` is called, in the reader's language where the name is ours."""
    return say_stored(row, str(row)) or ""


def entity_name(entity: str) -> str:
    """Return what the rows of an entity are called in lists of rights."""
    return gettext(entity_label(entity))


def init_app(app: Flask) -> None:
    """Give templates ``name_of`` and ``entity_name`` as filters."""
    app.jinja_env.filters.update(name_of=name_of, entity_name=entity_name)
