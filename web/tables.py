"""Cells of long tables, written here instead of in a template: a list of fifty rows has four hundred of them.

They say as little as they can: names of columns on cards, roles and the open row are put in by ``static/js/cards.js``
and ``rows.js``. What a value looks like elsewhere is in ``templates/components/cell.html``.
"""

from collections.abc import Sequence
from typing import Any

from flask import Flask
from flask_babel import gettext
from jinja2.ext import Extension
from markupsafe import Markup, escape

from web.formats import as_text, choice, highlight, local_date, local_datetime, money, number

FIGURES = ("money", "number", "limit")
_CODES = ("code", "phone", "date", "datetime")
_WORDS = ("", "text", "markdown", "link")
CLAMPED_LENGTH = 40
"""A text that is no longer than this fills two lines of no column."""
SHOWN_LENGTH = 160
"""A cell shows two lines; whoever wants the rest looks at the row."""
SHORT_TEXT, LONG_TEXT = 10, 30
"""A column whose texts are longer than this on average keeps some room, or gets the most of it."""


def table_cells(row: Any, query: str = "") -> Markup:
    """Return the ``<td>`` elements of a row; its first cell leads to the row's own page."""
    parts = []
    for place, cell in enumerate(row.cells):
        is_link = place == 0 and bool(row.url)
        inner = _inner(cell, query, is_plain=is_link)
        if is_link:
            inner = f'<a class="row-link" href="{escape(row.url)}">{inner or escape(row.title)}</a>'
        name = _class(cell, is_first=place == 0)
        parts.append(f'<td class="{name}">{inner}</td>' if name and inner else f"<td>{inner}</td>")
    return Markup("".join(parts))  # noqa: S704 -- every value was escaped below


def _class(cell: Any, *, is_first: bool) -> str:
    if cell.format in FIGURES:
        return "code" if is_first else "figure code"
    return "code" if cell.format in _CODES else ""


def _inner(cell: Any, query: str, *, is_plain: bool) -> str:
    """Return what stands in a cell as HTML; ``is_plain`` for one that stands inside a link."""
    value = cell.value
    if value is None or value == "":
        return ""
    drawn = _DRAWN.get(cell.format)
    if drawn is not None and not (is_plain and cell.format in ("links", "phone")):
        return drawn(cell)
    if cell.url and not is_plain:
        return _anchor(_shortened(_written(cell)), cell.url)
    if cell.format in FIGURES or cell.format in _CODES or not isinstance(value, str | list | tuple):
        return str(escape(_written(cell)))
    text = highlight(_shortened(as_text(value)), query)
    is_one = len(text) <= CLAMPED_LENGTH and "<mark>" not in text  # marks and words are one thing on a card
    return str(text) if is_one else f'<span class="clamp">{text}</span>'


def _written(cell: Any) -> str:
    writer = _WRITERS.get(cell.format)
    return as_text(cell.value) if writer is None or isinstance(cell.value, str) else writer(cell.value)


def _shortened(text: str) -> str:
    return text if len(text) <= SHOWN_LENGTH else f"{text[: SHOWN_LENGTH - 1].rstrip()}…"


def _anchor(text: str, url: str) -> str:
    return f'<a href="{escape(url)}">{escape(text)}</a>' if url else str(escape(text))


def _boolean(cell: Any) -> str:
    if cell.value:
        return f'<span class="tag tag--success tag--yes">{escape(gettext("Yes"))}</span>'
    return f'<span class="tag">{escape(gettext("No"))}</span>'


def _choice(cell: Any) -> str:
    text = escape(choice(cell.value))
    return f'<span class="tag tag--{escape(cell.tone)}">{text}</span>' if cell.tone else str(text)


def _links(cell: Any) -> str:
    return f'<span class="links">{"".join(_anchor(text, url) for text, url in cell.value)}</span>' if cell.value else ""


def _image(cell: Any) -> str:
    return f'<img class="portrait" src="{escape(cell.url or cell.value)}" alt="" width="48" height="48" loading="lazy">'


def _color(cell: Any) -> str:
    value = escape(cell.value)
    rectangle = f'<rect width="1" height="1" fill="{value}" />'
    return (
        f'<svg class="swatch" viewBox="0 0 1 1" aria-hidden="true">{rectangle}</svg> <span class="code">{value}</span>'
    )


def _phone(cell: Any) -> str:
    return _anchor(cell.value, f"tel:{cell.value.replace(' ', '')}")


_DRAWN = {
    "boolean": _boolean,
    "choice": _choice,
    "links": _links,
    "image": _image,
    "color": _color,
    "phone": _phone,
}
_WRITERS = {"money": money, "number": number, "date": local_date, "datetime": local_datetime}


def column_classes(columns: Sequence[Any], rows: Sequence[Any]) -> list[str]:
    """Return a class per column: figures stand to the right, words keep room, the longest texts get the most."""
    longest, most = -1, LONG_TEXT * len(rows)
    classes = []
    for place, column in enumerate(columns):
        cells = [row.cells[place] for row in rows]
        length = sum(len(cell.value) for cell in cells if isinstance(cell.value, str) and cell.format in _WORDS)
        if length > most:
            longest, most = place, length
        is_figure = column.format in FIGURES and place > 0
        classes.append("figure-column" if is_figure else "words" if length > SHORT_TEXT * len(rows) else "")
    if longest >= 0:
        classes[longest] = "longest"
    return classes


class Unindented(Extension):
    """Takes the indentation out of templates when they are compiled: it is for those who read the source.

    The line breaks stay, so that words do not run together and faults are found at their line.
    """

    def preprocess(self, source: str, name: str | None, filename: str | None = None) -> str:
        return "\n".join(line.strip() for line in source.split("\n"))


def register(app: Flask) -> None:
    """Give every template of ``app`` the filters of tables, and take their indentation out."""
    app.jinja_env.filters.update(table_cells=table_cells)
    app.jinja_env.globals.update(column_classes=column_classes)
    app.jinja_env.add_extension(Unindented)
