"""Texts of what is made before any request, such as the labels of forms: translated whenever they are shown."""

from typing import cast

from flask_babel import lazy_gettext as make_lazy


def lazy_gettext(message: str) -> str:
    """Return ``message``, translated each time that it is turned into text.

    It is typed as what WTForms, Flask-Admin and templates take it for.
    """
    return cast(str, make_lazy(message))
