"""The start page: what waits for the person who signed in, as numbers that open their rows."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import render_template, url_for
from flask_admin import Admin, AdminIndexView, expose
from flask_babel import gettext

from models import screens
from models.actor import Actor
from models.base import QuickView
from models.describe import screen_of
from services.listing import COUNT_CAP, ListRequest, list_rows
from services.localtime import local_date
from services.session import actor_of
from web.access import SIGNED_IN, AccessRule
from web.clock import request_time
from web.database import database

_TONES = {"overdue": "danger", "due_soon": "warning"}


@dataclass(frozen=True, slots=True)
class Card:
    """One number of the start page, the screen it belongs to and where its rows are."""

    group: str
    label: str
    value: str
    url: str
    tone: str = "plain"


class StartView(AdminIndexView):
    """The start page at /admin/, open to whoever is signed in; Flask-Admin's bundled files are not served."""

    def create_blueprint(self, admin: Admin) -> Any:
        self.static_folder = None
        return super().create_blueprint(admin)

    def access_rule_for(self, endpoint: str) -> AccessRule | None:
        """Let everybody who is signed in see the start page, and nobody anything else of Flask-Admin's."""
        return SIGNED_IN if endpoint == "index" else None

    def _handle_view(self, name: str, **kwargs: Any) -> None:
        """Leave it to the guard."""

    @expose("/")
    def index(self) -> str:
        """Greet the person and show what waits."""
        actor = actor_of(database().session())
        return render_template(
            "admin/index.html",
            greeting=gettext("Hello, %(name)s", name=actor.name) if actor.name else "",
            today=local_date(request_time()),
            cards=_cards(actor, request_time()),
        )


def _cards(actor: Actor, at: datetime) -> list[Card]:
    cards = []
    for model in screens():
        if screen_of(model).start and actor.may(model.__tablename__, "read"):
            cards += [_card(model, view, at) for view in screen_of(model).quick]
    return cards


def _card(model: Any, view: QuickView, at: datetime) -> Card:
    found = list_rows(database().session(), model, ListRequest(quick=view.name, page_size=1), at=at)
    value = f"{COUNT_CAP:,}+".replace(",", ".") if found.is_count_capped else str(found.count)
    address = url_for(f"{model.__tablename__}.index_view", v=view.name)
    tone = _TONES.get(view.name, "plain") if found.count else "plain"
    return Card(gettext(screen_of(model).title), gettext(view.label), value, address, tone)
