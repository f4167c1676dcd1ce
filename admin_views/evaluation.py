"""What is done with tablets and scales on their generated screens, and the reviews in the menu."""

from flask import Blueprint, abort, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from sqlalchemy import select

from admin_views.navigation import MenuItem
from admin_views.verbs import Verb, offer, show_below
from models.base import _
from models.rating_scale import RatingScale, ScaleState
from models.tablet import Tablet
from services.scales import create_scale_version, publish_scale
from services.tablets import PAIRING_MINUTES, can_revoke, create_pairing_code, revoke_tablet
from web.access import permitted
from web.clock import request_time
from web.database import database

bp = Blueprint("evaluation_desk", __name__)

MENU = [
    MenuItem(
        group="Evaluation",
        label=_("Reviews"),
        endpoint="review.show_overview",
        icon="clipboard-data",
        permission=("review", "read"),
    )
]

offer(
    "tablet",
    Verb(
        action="pair",
        label=_("Pairing code"),
        endpoint="evaluation_desk.make_pairing_code",
        icon="link-45deg",
        method="post",
        is_primary=True,
    ),
    Verb(
        action="revoke",
        label=_("Revoke"),
        endpoint="evaluation_desk.revoke",
        icon="slash-circle",
        method="post",
        is_danger=True,
        confirm=_("The device is cut off at its next call and shows nothing more. Revoke it?"),
        bulk=lambda session, tablet, at: revoke_tablet(session, tablet=tablet, at=at),
        when=can_revoke,
    ),
)
show_below("tablet", "evaluation/health.html")
offer(
    "rating_scale",
    Verb(
        action="create",
        label=_("New version"),
        endpoint="evaluation_desk.make_version",
        icon="copy",
        method="post",
    ),
    Verb(
        action="publish",
        label=_("Show on the tablets"),
        endpoint="evaluation_desk.publish",
        icon="tablet",
        method="post",
        is_primary=True,
        confirm=_("From now on all tablets and phones ask with this version. Go on?"),
        when=lambda scale: scale.state is not ScaleState.RETIRED and not scale.is_default,
    ),
)


def _get_tablet(key: int) -> Tablet:
    tablet = database().session().scalar(select(Tablet).where(Tablet.id == key))
    return tablet if tablet is not None else abort(404)


def _get_scale(key: int) -> RatingScale:
    scale = database().session().scalar(select(RatingScale).where(RatingScale.id == key))
    return scale if scale is not None else abort(404)


@bp.post("/admin/tablet/<int:id>/pairing-code")
@permitted("tablet", "pair")
def make_pairing_code(id: int) -> ResponseReturnValue:  # noqa: A002 -- what the registry of verbs calls it
    """Make a one-time code and show it this once."""
    tablet = _get_tablet(id)
    code = create_pairing_code(database().session(), tablet=tablet, at=request_time())
    database().session().commit()
    return render_template("evaluation/pairing_code.html", tablet=tablet, code=code, minutes=PAIRING_MINUTES)


@bp.post("/admin/tablet/<int:id>/revoke")
@permitted("tablet", "revoke")
def revoke(id: int) -> ResponseReturnValue:  # noqa: A002 -- what the registry of verbs calls it
    """Cut a device off."""
    revoke_tablet(database().session(), tablet=_get_tablet(id), at=request_time())
    database().session().commit()
    flash(gettext("The device is cut off. A new pairing code brings it, or another one, back."), "success")
    return redirect(url_for("tablet.details_view", id=id), 303)


@bp.post("/admin/rating_scale/<int:id>/new-version")
@permitted("rating_scale", "create")
def make_version(id: int) -> ResponseReturnValue:  # noqa: A002 -- what the registry of verbs calls it
    """Copy a scale into a draft that can be edited."""
    draft = create_scale_version(database().session(), scale=_get_scale(id))
    database().session().commit()
    flash(gettext("A draft was made. Edit its levels and reasons, then show it on the tablets."), "success")
    return redirect(url_for("rating_scale.details_view", id=draft.id), 303)


@bp.post("/admin/rating_scale/<int:id>/publish")
@permitted("rating_scale", "publish")
def publish(id: int) -> ResponseReturnValue:  # noqa: A002 -- what the registry of verbs calls it
    """Have all tablets ask with a version."""
    publish_scale(database().session(), scale=_get_scale(id), at=request_time())
    database().session().commit()
    flash(gettext("All tablets and phones ask with this version from now on."), "success")
    return redirect(url_for("rating_scale.details_view", id=id), 303)
