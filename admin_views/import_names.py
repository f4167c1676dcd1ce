"""What attributes and choices are called in every language of the office, for files written in any of them."""

from functools import cache

from flask_babel import force_locale, gettext

from models.base import Base
from models.describe import attributes
from services.imports.drafts import Names
from web.catalogues import STAFF_LANGUAGES


def _in_all_languages(message: str) -> list[str]:
    said = []
    for language in STAFF_LANGUAGES:
        with force_locale(language):
            said.append(gettext(message))
    return list(dict.fromkeys([*said, message]))


@cache
def names_of(model: type[Base]) -> Names:
    """Return by attribute what a file may call it: its labels, its key, and that of its column."""
    return {
        key: [*_in_all_languages(a.field.label), key, *([a.column.key] if a.column is not None else [])]
        for key, a in attributes(model).items()
    }


@cache
def labels_of(model: type[Base]) -> dict[str, Names]:
    """Return by attribute and code what a file may call a choice."""
    return {
        key: {member.value: _in_all_languages(member.label) for member in a.choices}
        for key, a in attributes(model).items()
        if a.choices is not None
    }
