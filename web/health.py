"""Two addresses for whoever watches the installation: is the process there, and can it work."""

from flask import Blueprint, Response, jsonify, redirect, url_for
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.wrappers import Response as BaseResponse

from services.health import missing_guards
from web.access import public
from web.assets import asset
from web.database import database

bp = Blueprint("health", __name__)


@bp.get("/")
@public
def home() -> BaseResponse:
    """Lead to the start page, which asks whoever is not signed in to do so."""
    return redirect(url_for("admin.index"))


@bp.get("/favicon.ico")
@public
def show_icon() -> BaseResponse:
    """Lead to the emblem where a browser asks by itself, beside a PDF for instance."""
    return redirect(asset("img/emblem.svg"))


@bp.get("/healthz")
@public
def show_health() -> Response:
    """Answer that the process lives."""
    return jsonify(status="ok")


@bp.get("/readyz")
@public
def show_readiness() -> tuple[Response, int]:
    """Answer whether the database is there with every trigger and search index; 503 where it is not."""
    try:
        with database().engine.connect() as connection:
            missing = missing_guards(connection)
    except SQLAlchemyError:
        return jsonify(status="unavailable", database="no answer"), 503
    if missing:
        return jsonify(status="unavailable", database="run: flask --app app db upgrade", missing=missing), 503
    return jsonify(status="ok"), 200
