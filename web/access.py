"""Who may call which endpoint: a rule on each view, and a guard that denies whatever has none.

``@public``, ``@signed_in``, ``@permitted("dossier", "receive")`` and ``@device`` set ``view.access_rule``; a class
of generated views answers ``access_rule_for(name)``. The census in the tests reads the same through ``rule_of``.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal, TypeVar

from flask import Flask, abort, current_app, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from models.actor import Actor
from services.errors import DeniedError
from services.login_sessions import SessionState
from web import held, password_pages, sessions
from web.logs import log_event
from web.redirects import current_page

View = TypeVar("View", bound=Callable[..., Any])
DeviceLoader = Callable[[], Actor | None]


@dataclass(frozen=True, slots=True)
class AccessRule:
    """Who may call an endpoint: anybody, a paired device, whoever is signed in, or holds a permission."""

    kind: Literal["public", "device", "signed_in", "permitted"]
    entity: str = ""
    action: str = ""
    with_one_time_password: bool = False


PUBLIC = AccessRule("public")
SIGNED_IN = AccessRule("signed_in")
DEVICE = AccessRule("device")


def permission_rule(entity: str, action: str) -> AccessRule:
    """Return the rule of endpoints that need a permission; views that make their own rules use it."""
    return AccessRule("permitted", entity, action)


def _ruled(rule: AccessRule) -> Callable[[View], View]:
    def _set(view: View) -> View:
        view.access_rule = rule  # type: ignore[attr-defined]
        return view

    return _set


def public(view: View) -> View:
    """Let anybody call ``view``."""
    return _ruled(PUBLIC)(view)


def signed_in(view: View) -> View:
    """Let everybody who is signed in call ``view``, whatever their roles."""
    return _ruled(SIGNED_IN)(view)


def signed_in_at_first(view: View) -> View:
    """Like ``signed_in``, and open also to whoever still has to replace a one-time password."""
    return _ruled(AccessRule("signed_in", with_one_time_password=True))(view)


def permitted(entity: str, action: str) -> Callable[[View], View]:
    """Let whoever holds the permission on some row call the view; which rows is for the view to ask."""
    return _ruled(permission_rule(entity, action))


def device(view: View) -> View:
    """Let a paired device call ``view``; what recognises it was given to ``use_device_loader``."""
    return _ruled(DEVICE)(view)


def use_device_loader(app: Flask, loader: DeviceLoader) -> None:
    """Have ``loader`` say which device sends a request: its actor, or None for no known device."""
    app.extensions["motcua_device_loader"] = loader


def rule_of(app: Flask, endpoint: str) -> AccessRule | None:
    """Return the rule of ``endpoint``, None where nobody stated one: then nobody gets in."""
    if endpoint == "static":
        return PUBLIC
    view = app.view_functions[endpoint]
    rule: AccessRule | None = getattr(view, "access_rule", None)
    generated = getattr(getattr(view, "__self__", None), "access_rule_for", None)
    if rule is None and generated is not None:
        return generated(endpoint.rpartition(".")[2])
    return rule


def current_actor() -> Actor:
    """Return on whose behalf this request is answered; somebody unknown has no permission at all."""
    return sessions.current().actor


def guard() -> ResponseReturnValue | None:
    """Deny the request unless the rule of its endpoint lets it pass."""
    if request.endpoint is None:
        return None  # no such page, or no such method on it: the answer says so
    rule = rule_of(current_app, request.endpoint)
    if rule is None:
        return _refuse("no rule")
    if rule.kind == "device":
        return _admit_device()
    if request.endpoint == "static":
        return None
    current = sessions.load()
    if rule.kind == "public":
        return None
    if current.state is not SessionState.OPEN:
        return _ask_to_sign_in(current)
    assert current.user is not None  # noqa: S101 -- an open session has one
    if current.user.must_change_password and not rule.with_one_time_password:
        return redirect(url_for("account.change_password", next=current_page()), 303)
    if rule.kind == "permitted" and not current.actor.may(rule.entity, rule.action):
        raise DeniedError(rule.entity, rule.action)
    return None


def _refuse(reason: str) -> ResponseReturnValue:
    log_event("access_refused", reason=reason, endpoint=request.endpoint)
    abort(403)


def _admit_device() -> ResponseReturnValue | None:
    loader: DeviceLoader | None = current_app.extensions.get("motcua_device_loader")
    actor = loader() if loader is not None else None
    if actor is None:
        log_event("access_refused", reason="unknown device", endpoint=request.endpoint)
        abort(401, gettext("This device is not paired with a counter."))
    sessions.act_for(actor)
    return None


def _ask_to_sign_in(current: sessions.Current) -> ResponseReturnValue:
    is_locked = current.state is SessionState.LOCKED
    log_event("sign_in_needed", state=current.state.value, endpoint=request.endpoint)
    endpoint = "access.unlock" if is_locked else "access.sign_in"
    is_reading = request.method in ("GET", "HEAD")
    if request.headers.get("HX-Request") == "true":
        return _answer_htmx(endpoint, is_locked=is_locked, is_reading=is_reading)
    if is_reading:
        why: dict[str, Any] = {} if is_locked or current.state is SessionState.NONE else {"why": current.state.value}
        return redirect(url_for(endpoint, next=current_page(), **why), 303)
    kept = held.hold_form(current.user.id if current.user is not None else None)
    page = password_pages.render_unlock(held=kept) if is_locked else password_pages.render_sign_in(held=kept)
    return page, 401


def _answer_htmx(endpoint: str, *, is_locked: bool, is_reading: bool) -> ResponseReturnValue:
    """Answer 401; a locked form stays on the screen under the lock dialog, everything else moves to sign-in."""
    if is_locked and not is_reading:
        return "", 401, {"HX-Reswap": "none", "HX-Trigger": "motcua:locked"}
    return "", 401, {"HX-Redirect": url_for(endpoint, next=current_page())}


def init_app(app: Flask) -> None:
    """Put the guard before every request."""
    app.before_request(guard)
