"""The menu: every generated screen and every screen of our own that the person may open, in groups."""

from collections.abc import Sequence
from dataclasses import dataclass

from flask import request, url_for
from flask_babel import gettext

from models import screens
from models.actor import Actor
from models.base import _
from models.describe import screen_of
from web.shell import MenuEntry, MenuGroup

GROUPS = (
    _("Work"),
    _("Dossiers"),
    _("Procedures"),
    _("Evaluation"),
    _("Figures"),
    _("Organisation"),
    _("Access"),
)
"""The groups in their order; one that is named by a screen only comes after these."""


@dataclass(frozen=True, kw_only=True, slots=True)
class MenuItem:
    """A screen of our own in the menu: shown to whoever holds the permission (entity, action)."""

    group: str
    label: str
    endpoint: str
    icon: str
    permission: tuple[str, str]


def find_work_page(actor: Actor, *, at_counter: bool) -> str:
    """Return the address where somebody's work waits: the counter, the heap of dossiers, or the start page."""
    if at_counter and actor.may("dossier", "receive"):
        return url_for("hall.desk")
    return url_for("work.show" if actor.may("dossier", "start") else "admin.index")


def build_menu(actor: Actor, items: Sequence[MenuItem]) -> list[MenuGroup]:
    """Return the menu of ``actor``, groups in their order, entries as declared."""
    entries: dict[str, list[MenuEntry]] = {group: [] for group in GROUPS}
    for item in items:
        if actor.may(*item.permission):
            active = request.endpoint == item.endpoint
            entries.setdefault(item.group, []).append(
                MenuEntry(gettext(item.label), url_for(item.endpoint), item.icon, active)
            )
    for model in screens():
        screen = screen_of(model)
        if screen.menu and actor.may(model.__tablename__, "read"):
            active = request.blueprint == model.__tablename__
            entries.setdefault(screen.group, []).append(
                MenuEntry(gettext(screen.title), url_for(f"{model.__tablename__}.index_view"), screen.icon, active)
            )
    return [MenuGroup(gettext(group), found) for group, found in entries.items() if found]
