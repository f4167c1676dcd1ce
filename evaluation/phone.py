"""The same ask on anybody's own phone, from the code on the slip: plain forms that work without a script.

Whoever holds the slip may answer, once, for seven days. The key of the rating that this phone made is kept in its
session, so that nobody else can add to it or take it back.
"""

from secrets import token_urlsafe
from typing import Any

from flask import Blueprint, Flask, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from evaluation.wording import REASON_ICONS, describe_servant
from models.base import _
from models.evaluation import ENDED, Ask, AskState, Rating, RatingEventKind, Surface
from models.rating_scale import Polarity
from services import asks, ratings, scales
from services.session import ConflictError, UserError
from web.access import public
from web.clock import request_time
from web.database import database
from web.formats import page_language

LONGEST_TEXT = 1000

bp = Blueprint("phone", __name__, url_prefix="/rate")


class TakenBackLateError(UserError):
    """More than eight seconds have passed."""

    message = _("The eight seconds to change a rating are over. It stands as you gave it.")


class ChoiceMissingError(UserError):
    """The form came without what it is for."""

    message = _("Choose one of the faces.")


@bp.get("/<token>")
@public
def show_ask(token: str) -> ResponseReturnValue:
    """Show the step that this phone is at: the faces, the reasons, or thanks."""
    ask = asks.get_ask(database().session(), token=token)
    rating = _own_rating(ask)
    if rating is not None and rating.standing.level_id is not None:
        return _follow_up(ask, rating)
    if _memory(ask).get("wrong") and ask.state is AskState.VOIDED:
        return _page(ask, "wrong")
    if rating is None:
        if ask.state is AskState.RATED:
            raise ratings.AskAlreadyRatedError
        asks.check_answerable(ask, surface=Surface.PHONE, occurred_at=request_time())
    return _page(ask, "faces")


def _follow_up(ask: Ask, rating: Rating) -> ResponseReturnValue:
    is_bad = rating.standing.polarity is Polarity.NEGATIVE
    step = "reasons" if is_bad and not _memory(ask).get("done") else "thanks"
    return _page(ask, step, can_change=ratings.can_take_back(rating, at=request_time()), rating=rating)


def _page(ask: Ask, step: str, **facts: object) -> ResponseReturnValue:
    scale = scales.find_default_scale(database().session())
    if scale is None:
        raise asks.AskUnknownError
    return render_template(
        "evaluation/rate.html",
        ask=ask,
        step=step,
        servant=describe_servant(ask.staff),
        fields=asks.list_fields(database().session(), ask),
        scale=scale,
        icons=REASON_ICONS,
        language=page_language(),
        key=token_urlsafe(16),
        longest_text=LONGEST_TEXT,
        **facts,
    )


@bp.post("/<token>")
@public
def record_answer(token: str) -> ResponseReturnValue:
    """Record one act of the citizen and show what comes next."""
    db_session = database().session()
    ask = asks.get_ask(db_session, token=token)
    act = _ACTS.get(request.form.get("act", ""))
    if act is None:
        raise ChoiceMissingError
    try:
        act(ask)
    except ConflictError:
        if _own_rating(ask) is None:
            raise
        db_session.rollback()  # the same form twice: what it says is in already
    db_session.commit()
    return redirect(url_for("phone.show_ask", token=token), 303)


def _score(ask: Ask) -> None:
    level = request.form.get("level", "")
    scale = scales.find_default_scale(database().session())
    if scale is None or not level.isascii() or not level.isdigit():
        raise ChoiceMissingError
    memory = _memory(ask)
    memory.setdefault("rating", token_urlsafe(16))
    memory["done"] = False
    order = tuple(each.value for each in scale.levels)
    _record(ask, RatingEventKind.SCORE, scale_id=scale.id, level=int(level[:3]), level_order=order)
    session.modified = True


def _reasons(ask: Ask) -> None:
    rating = _require_own_rating(ask)
    reasons = tuple(sorted(set(request.form.getlist("reason"))))
    text = request.form.get("text", "").strip()[:LONGEST_TEXT]
    if reasons:
        _record(ask, RatingEventKind.REASONS, scale_id=rating.scale_id, reasons=reasons)
    if text:
        _record(ask, RatingEventKind.TEXT, scale_id=rating.scale_id, text=text)
    _memory(ask)["done"] = True
    session.modified = True


def _change(ask: Ask) -> None:
    rating = _require_own_rating(ask)
    if not ratings.can_take_back(rating, at=request_time()):
        raise TakenBackLateError
    _record(ask, RatingEventKind.WITHDRAW, scale_id=rating.scale_id)


def _wrong_person(ask: Ask) -> None:
    asks.check_answerable(ask, surface=Surface.PHONE, occurred_at=request_time())
    if ask.state not in ENDED:
        at = request_time()
        asks.record_ask_event(
            database().session(), ask=ask, state=AskState.VOIDED, surface=Surface.PHONE, occurred_at=at, at=at
        )
    _memory(ask)["wrong"] = True
    session.modified = True


_ACTS = {"score": _score, "reasons": _reasons, "change": _change, "wrong": _wrong_person}


def _record(ask: Ask, kind: RatingEventKind, *, scale_id: int, **facts: Any) -> None:
    ratings.record_phone_event(
        database().session(),
        ask=ask,
        key=f"{request.form.get('key', '')[:40]}-{kind.value}",
        rating_key=str(_memory(ask)["rating"]),
        kind=kind,
        scale_id=scale_id,
        at=request_time(),
        language=page_language(),
        **facts,
    )


def _memory(ask: Ask) -> dict[str, Any]:
    """Return what this phone remembers of ``ask``."""
    memory: dict[str, Any] = session.setdefault(f"rate-{ask.public_id}", {})
    return memory


def _own_rating(ask: Ask) -> Rating | None:
    key = session.get(f"rate-{ask.public_id}", {}).get("rating")
    return ratings.find_rating(database().session(), ask=ask, rating_key=key) if key else None


def _require_own_rating(ask: Ask) -> Rating:
    rating = _own_rating(ask)
    if rating is None:
        raise ratings.AskAlreadyRatedError if ask.state is AskState.RATED else ChoiceMissingError
    return rating


@bp.errorhandler(UserError)
def _explain(error: UserError) -> ResponseReturnValue:
    """Say in the citizen's words why there is nothing to rate here."""
    database().session().rollback()
    message = gettext(error.message_id, **error.values)
    return render_template("evaluation/rate_closed.html", message=message), error.status


def init_app(app: Flask) -> None:
    """Add the route."""
    app.register_blueprint(bp)
