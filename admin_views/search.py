"""The search box of the top bar: the first hits of every entity that one may read, each leading to its list."""

from dataclasses import dataclass
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from admin_views import cells
from admin_views.pages import Column, Row
from models import screens
from models.actor import Actor
from models.base import Base
from models.describe import screen_of
from services.audit import record_act
from services.listing import COUNT_CAP, ListRequest, list_rows, search_terms
from web.access import current_actor, signed_in
from web.clock import request_time
from web.database import database

bp = Blueprint("search", __name__)

SHOWN = 5
FIRST = ("dossier", "procedure", "applicant", "staff")
"""What people look for most stands first; the others follow in the order of their tables."""


@dataclass(frozen=True, slots=True)
class Hits:
    """The first hits of one entity."""

    title: str
    icon: str
    count: str
    columns: list[Column]
    rows: list[Row]
    more_url: str


@bp.get("/search")
@signed_in
def show_hits() -> str | Response:
    """Show what matches ``q``; a single hit is opened at once, as a scanned code expects."""
    typed, actor = request.args.get("q", ""), current_actor()
    found = (
        [hits for model in _searchable(actor) if (hits := _hits(model, typed, actor))] if search_terms(typed) else []
    )
    record_act(database().session(), "search", "", "search", text=typed[:200], hits=len(found))
    if len(found) == 1 and len(found[0].rows) == 1 and found[0].rows[0].url:
        return redirect(found[0].rows[0].url)
    return render_template("admin/search.html", found=found, query=typed)


def _searchable(actor: Actor) -> list[type[Base]]:
    models: list[Any] = [m for m in screens() if hasattr(m, "search_text") and screen_of(m).menu]
    allowed = [model for model in models if actor.may(model.__tablename__, "read")]
    order = {entity: place for place, entity in enumerate(FIRST)}
    return sorted(allowed, key=lambda model: order.get(model.__tablename__, len(FIRST)))


def _hits(model: type[Base], typed: str, actor: Actor) -> Hits | None:
    page = list_rows(database().session(), model, ListRequest(search=typed, page_size=SHOWN), at=request_time())
    if not page.rows:
        return None
    screen, listed = screen_of(model), cells.columns(cells.readable(model, actor))[:4]
    return Hits(
        title=gettext(screen.title),
        icon=screen.icon,
        count=f"{COUNT_CAP:,}+".replace(",", ".") if page.is_count_capped else str(page.count),
        columns=[Column(key, gettext(attribute.field.label), attribute.field.format) for key, attribute in listed],
        rows=cells.table_rows(page.rows, listed, actor),
        more_url=url_for(f"{model.__tablename__}.index_view", q=typed) if page.next_cursor else "",
    )
