"""Screens of the back office, generated from the models, and the few that are our own."""

from importlib import import_module
from pkgutil import iter_modules
from typing import Any

from flask import Flask, url_for
from flask_admin import Admin
from flask_admin.theme import Theme
from flask_sqlalchemy import SQLAlchemy

from admin_views.navigation import MenuItem, build_menu
from admin_views.start import StartView
from admin_views.view import GeneratedView, build_view
from models import screens
from models.faults import check_models
from services.session import NoActorError, actor_of
from web.database import database


def generated_views(app: Flask) -> list[GeneratedView]:
    """Return the generated screens of ``app``."""
    return [view for view in app.extensions["admin"][0]._views if isinstance(view, GeneratedView)]


def init_app(app: Flask, db: SQLAlchemy) -> None:
    """Add every generated screen and every screen of our own to ``app``.

    Raises: ModelFaultError with all faults of all models at once.
    """
    models = screens()
    check_models(models)
    admin = Admin(
        app,
        name="Motcua",
        theme=Theme(folder="motcua", base_template="layouts/office.html"),
        index_view=StartView(),
    )
    for model in models:
        admin.add_view(build_view(model, db))
    items: list[MenuItem] = []
    for name in sorted(module.name for module in iter_modules(__path__)):
        module = import_module(f"{__name__}.{name}")
        if hasattr(module, "bp"):
            app.register_blueprint(module.bp)
        items += getattr(module, "MENU", [])

    @app.context_processor
    def _frame() -> dict[str, Any]:
        try:
            actor = actor_of(database().session())
        except NoActorError:
            return {}
        search_url = url_for("search.show_hits") if actor.permits else ""
        return {"menu": build_menu(actor, items), "search_url": search_url}
