"""What the frame around every office page is given: the menu and the person in front of it.

``layouts/office.html`` reads ``menu: Sequence[MenuGroup]``, ``viewer: Viewer | None`` and ``search_url: str``
(the address the search box in the top bar asks with ``?q=``; empty where the person may search nothing).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import Flask, g, url_for
from flask_babel import gettext
from sqlalchemy import select

from models.access import Role
from services import delegations
from services.roles import ROLE_NAMES
from services.session import acting
from web import sessions
from web.clock import request_time
from web.database import database


@dataclass(frozen=True, slots=True)
class MenuEntry:
    label: str
    url: str
    icon: str
    active: bool = False


@dataclass(frozen=True, slots=True)
class MenuGroup:
    label: str
    entries: Sequence[MenuEntry]


@dataclass(frozen=True, kw_only=True, slots=True)
class Viewer:
    """The signed-in person; addresses that do not apply to them are empty, an open screen has a lock."""

    name: str
    roles: Sequence[str] = ()
    counter: str = ""
    sign_out_url: str
    account_url: str = ""
    counter_url: str = ""
    lock_url: str = ""
    idle_seconds: int = 0
    is_training: bool = False
    acting_for: str = ""
    acting_until: datetime | None = None
    acting_is_over: bool = False  # switched to a delegation that has ended meanwhile
    may_act_for: Sequence[tuple[int, str]] = ()  # delegations to choose from: key, whose rights


def find_viewer() -> Viewer | None:
    """Return the person of this request, None where nobody is signed in."""
    current = sessions.current()
    if not current.is_open or current.user is None or current.login is None:
        return None
    serves = current.actor.may("counter", "serve") and current.user.staff_id is not None
    counter = current.login.counter
    return Viewer(
        name=current.user.display_name,
        roles=_role_names(current.actor.roles),
        counter=gettext("Counter %(number)s", number=counter.number) if counter is not None else "",
        sign_out_url=url_for("access.sign_out"),
        account_url=url_for("account.show_account"),
        counter_url=url_for("counter_desk.choose_counter") if serves else "",
        lock_url=url_for("access.lock"),
        idle_seconds=int(sessions.limits().idle.total_seconds()),
        **_find_acting(current),
    )


def _find_acting(current: sessions.Current) -> dict[str, Any]:
    """Return what the frame says about acting for somebody else."""
    chosen, session = current.delegation, database().session()
    if chosen is not None:
        is_over = current.actor.acting_for_id is None
        return {
            "acting_for": chosen.from_user.display_name,
            "acting_until": chosen.until_at,
            "acting_is_over": is_over,
        }
    assert current.user is not None  # noqa: S101 -- a viewer is signed in
    with acting(session, sessions.system_actor("delegations of the viewer")):
        usable = delegations.list_usable(session, user=current.user, at=request_time())
    return {"may_act_for": [(delegation.id, delegation.from_user.display_name) for delegation in usable]}


def _role_names(codes: frozenset[str]) -> tuple[str, ...]:
    """Return the names of roles; only those that the office added itself have to be read."""
    names = {code: gettext(ROLE_NAMES[code][0]) for code in codes if code in ROLE_NAMES}
    added = codes - names.keys()
    if added:
        session = database().session()
        with acting(session, sessions.system_actor("names of roles")):
            for code, name in session.execute(select(Role.code, Role.name).where(Role.code.in_(added))):
                names[code] = name
    return tuple(names[code] for code in sorted(names))


def init_app(app: Flask) -> None:
    """Give every template ``viewer``."""

    @app.context_processor
    def _shell() -> dict[str, Any]:
        if "viewer" not in g:
            g.viewer = find_viewer()
        return {"viewer": g.viewer}
