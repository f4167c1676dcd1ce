"""The tablet at a counter: pairing, what it shows, and what citizens did on it.

A device is known by a key in a cookie that no script reads. It is asked for nothing else, so a forged request from
another site is kept out by the cookie's SameSite and by a header that other sites cannot set.
"""

import hashlib
import json
from datetime import datetime
from typing import Any

from flask import Blueprint, Flask, Response, abort, jsonify, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import force_locale, gettext
from sqlalchemy import select
from sqlalchemy.orm import Session

from evaluation.wording import describe_scale, describe_servant, tablet_words
from extensions import csrf
from models.actor import Actor
from models.evaluation import Ask, AskState, RatingEventKind, Surface
from models.rating_scale import RatingScale
from models.tablet import Tablet
from services import asks, ratings, scales, tablets
from services.session import UserError, unscoped
from web import sessions
from web.access import device, public, use_device_loader
from web.clock import request_time
from web.database import database
from web.security import cookie_name, set_cookie

PURPOSE = "tablet"
KEY_DAYS = 400
LARGEST_BATCH = 100
APP_VERSION = "1"
ASK_STATES = {state.value: state for state in (AskState.SHOWN, AskState.TOUCHED, AskState.DECLINED)} | {
    "TIMED_OUT": AskState.TIMED_OUT,
    "VOIDED": AskState.VOIDED,
}

bp = Blueprint("tablet_page", __name__, url_prefix="/tablet")


@bp.get("/")
@public
def show_tablet() -> ResponseReturnValue:
    """Show the counter's page on a paired device, the pairing page on any other."""
    tablet = _find_tablet()
    if tablet is None:
        return render_template("evaluation/pair.html", error="")
    with force_locale("vi"):
        return render_template(
            "evaluation/tablet.html",
            number=tablet.counter.number,
            site=tablet.counter.site.name,
            version=APP_VERSION,
        )


@bp.post("/pair")
@public
def pair() -> ResponseReturnValue:
    """Bind this device to the counter whose one-time code was typed."""
    session = database().session()
    try:
        pairing = tablets.pair_tablet(session, code=request.form.get("code", ""), at=request_time())
    except tablets.PairingCodeError as error:
        session.rollback()
        return render_template("evaluation/pair.html", error=gettext(error.message_id)), error.status
    session.commit()
    response = redirect(url_for("tablet_page.show_tablet"), 303)
    set_cookie(make_response(response), sessions.settings(), PURPOSE, pairing.key, days=KEY_DAYS)
    return response


@bp.get("/state")
@device
def get_state() -> ResponseReturnValue:
    """Return what the tablet has to show now; 304 while that is what it shows already."""
    session = database().session()
    tablet = _tablet()
    with unscoped(session, "what a tablet shows"):
        scale_id = session.scalar(select(RatingScale.id).where(RatingScale.is_default))
        ask = asks.find_shown_ask(session, counter_id=tablet.counter_id, at=request_time())
    state = {
        "counter": {"number": tablet.counter.number, "site": tablet.counter.site.name},
        "scale": str(scale_id or ""),
        "ask": _describe_ask(session, ask) if ask is not None and scale_id is not None else None,
    }
    response = jsonify(state)
    response.set_etag(hashlib.sha256(json.dumps(state, sort_keys=True).encode()).hexdigest()[:20])
    response.headers["Cache-Control"] = "no-cache"
    response.headers["X-Motcua-Time"] = request_time().isoformat(timespec="milliseconds")
    return response.make_conditional(request)


def _describe_ask(session: Session, ask: Ask) -> dict[str, Any]:
    """Return the ask as the tablet reads it; nothing in it is about the citizen."""
    servant = ask.staff
    return {
        "token": ask.token,
        "servant": describe_servant(servant),
        "category": " · ".join(asks.list_fields(session, ask)),
        "training": ask.is_training,
    }


@bp.get("/questionnaire")
@device
def get_questionnaire() -> ResponseReturnValue:
    """Return the question, faces, reasons and all words of the tablet in three languages."""
    scale = scales.find_default_scale(database().session())
    if scale is None:
        abort(404)
    return jsonify(describe_scale(scale) | {"words": tablet_words()})


@bp.post("/events")
@csrf.exempt
@device
def record_events() -> ResponseReturnValue:
    """Take in a batch of events, in order, each exactly once, and say of each what became of it.

    All that are taken are committed together. 200 taken or known, 404 no such ask here, 409 answered by somebody
    else, 410 no longer open, 422 does not make sense: none of these is worth sending again.
    """
    events = _read_batch()
    session = database().session()
    tablet = _tablet()
    results = []
    for event in events:
        key = event.get("key") if isinstance(event, dict) else None
        try:
            with session.begin_nested():
                _record(session, tablet, event)
            status = 200
        except UserError as error:
            status = error.status
        except (KeyError, TypeError, ValueError):
            status = 422
        results.append({"key": key, "status": status})
    session.commit()
    return jsonify(results=results)


def _read_batch() -> list[Any]:
    _require_own_page()
    body = request.get_json(silent=True)
    events = body.get("events") if isinstance(body, dict) else None
    if not isinstance(events, list) or len(events) > LARGEST_BATCH:
        abort(422)
    return events


def _record(session: Session, tablet: Tablet, event: dict[str, Any]) -> None:
    at, occurred_at = request_time(), _instant(event["at"])
    ask = asks.get_ask(session, token=str(event["ask"]), tablet=tablet)
    kind = event["kind"]
    if kind in ASK_STATES:
        asks.record_ask_event(
            session,
            ask=ask,
            state=ASK_STATES[kind],
            surface=Surface.TABLET,
            tablet_id=tablet.id,
            occurred_at=occurred_at,
            at=at,
        )
        return
    ratings.record_rating_event(
        session,
        ask=ask,
        event=_citizen_event(event, occurred_at),
        surface=Surface.TABLET,
        tablet_id=tablet.id,
        at=at,
    )


def _citizen_event(event: dict[str, Any], occurred_at: datetime) -> ratings.CitizenEvent:
    """Return what the tablet told as a typed event. Raises: KeyError, TypeError, ValueError for what it is not."""
    level = event.get("level")
    return ratings.CitizenEvent(
        key=_text(event["key"]),
        rating_key=_text(event["rating"]),
        kind=RatingEventKind(event["kind"]),
        sequence=_integer(event["sequence"]),
        occurred_at=occurred_at,
        scale_id=_integer(event["scale"]),
        level=None if level is None else _integer(level),
        level_order=tuple(_integer(value) for value in event.get("order", [])),
        reasons=tuple(_text(code) for code in event.get("reasons", [])),
        text=_text(event.get("text", "")),
        language=_text(event.get("language", "vi")),
    )


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError(f"{value!r} is no text")
    return value


def _integer(value: Any) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or abs(value) >= 2**53:
        raise TypeError(f"{value!r} is no number that a device writes")
    return value


def _instant(value: Any) -> datetime:
    instant = datetime.fromisoformat(_text(value))
    if instant.tzinfo is None or not 2000 <= instant.year <= 2200:
        raise ValueError(f"{value} is no instant")
    return instant


@bp.post("/heartbeat")
@csrf.exempt
@device
def record_heartbeat() -> ResponseReturnValue:
    """Store what the tablet says about its own health."""
    _require_own_page()
    body = request.get_json(silent=True)
    if not isinstance(body, dict):
        abort(422)
    try:
        health = _health(body)
    except (TypeError, ValueError):
        abort(422)
    session = database().session()
    tablets.record_heartbeat(session, tablet_id=_tablet().id, health=health, at=request_time())
    session.commit()
    return Response(status=204)


def _health(body: dict[str, Any]) -> tablets.Health:
    battery, plugged, oldest = body.get("battery"), body.get("plugged"), body.get("oldest")
    if plugged is not None and not isinstance(plugged, bool):
        raise TypeError("plugged is true, false or null")
    return tablets.Health(
        app_version=_text(body.get("version", ""))[:40],
        scale_version=_text(body.get("scale", ""))[:40],
        queue_length=_integer(body.get("queue", 0)),
        oldest_unsent_at=None if oldest is None else _instant(oldest),
        battery_percent=None if battery is None else _integer(battery),
        is_plugged=plugged,
        clock_skew_ms=_integer(body.get("skew", 0)),
    )


def _require_own_page() -> None:
    if request.headers.get("X-Motcua-Device") != "1":
        abort(400)


def _find_tablet() -> Tablet | None:
    key = request.cookies.get(cookie_name(sessions.settings(), PURPOSE), "")
    return tablets.find_tablet_by_key(database().session(), key=key) if key else None


def _tablet() -> Tablet:
    """Return the device of this request, which the guard has let in and found already."""
    session = database().session()
    tablet: Tablet = session.info["tablet"]
    return tablet


def _load_device() -> Actor | None:
    """Return the device that sends this request as an actor; what ``@device`` asks."""
    session = database().session()
    session.info.update(actor=sessions.system_actor("a device"), at=request_time(), scope_options=None)
    tablet = _find_tablet()
    session.info["tablet"] = tablet
    return tablets.tablet_actor(tablet) if tablet is not None else None


def init_app(app: Flask) -> None:
    """Add the tablet's pages and have ``@device`` know paired tablets."""
    app.register_blueprint(bp)
    use_device_loader(app, _load_device)
