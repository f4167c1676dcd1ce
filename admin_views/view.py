"""The generated screen of one model: every kind of page, each with rights, locking and audit."""

from typing import Any

from flask_admin.contrib.sqla import ModelView
from flask_sqlalchemy import SQLAlchemy

from admin_views import cells
from admin_views.bin_pages import BinPages
from admin_views.bulk_pages import BulkPages
from admin_views.export_pages import ExportPages
from admin_views.forms import GeneratedForm, build_form
from admin_views.import_pages import ImportPages
from admin_views.list_pages import ListPages
from admin_views.look_pages import LookPages
from admin_views.revert_pages import RevertPages
from models.actions import is_offered
from models.base import Base
from models.describe import attributes, screen_of
from web.access import AccessRule, permission_rule
from web.texts import lazy_gettext as _


class GeneratedView(ListPages, LookPages, BinPages, BulkPages, RevertPages, ExportPages, ImportPages, ModelView):
    """Screens of ``model`` from what the model says about itself; another kind of page is another class in this list.

    Flask-Admin gives routes, menu and form handling.
    """

    model: type[Any]

    # Roads of Flask-Admin that this product does not take: they would bypass field rights.
    action_view = export = ajax_lookup = ajax_update = None

    def __init__(self, model: type[Base], db: SQLAlchemy) -> None:
        screen = screen_of(model)
        self.screen = screen
        self.entity = model.__tablename__
        self.can_create, self.can_edit, self.can_delete = screen.create, screen.edit, screen.delete
        self.column_list = [key for key, _attribute in cells.columns(attributes(model))]
        super().__init__(model, db, name=_(screen.title), category=screen.group, endpoint=self.entity)

    def scaffold_form(self) -> type[GeneratedForm]:
        """Return the form class built from the model; Flask-Admin asks for it once, at start."""
        return build_form(self.model)

    def scaffold_list_columns(self) -> list[Any]:
        return []

    def scaffold_sortable_columns(self) -> dict[Any, Any]:
        return {}

    def init_search(self) -> bool:
        return False

    def access_rule_for(self, endpoint: str) -> AccessRule | None:
        """Return who may use ``endpoint``: who holds the entity's right; nobody, where the model excludes it."""
        action = next(
            (pages.endpoints[endpoint] for pages in type(self).__mro__ if endpoint in getattr(pages, "endpoints", {})),
            None,
        )
        if action is None or not is_offered(self.screen, action):
            return None
        return permission_rule(self.entity, action)

    def _handle_view(self, name: str, **kwargs: Any) -> None:
        """Leave it to the guard, which has asked ``access_rule_for`` before Flask-Admin is reached."""

    def _run_view(self, fn: Any, *args: Any, **kwargs: Any) -> Any:
        return fn(self, *args, **kwargs)  # Flask-Admin retries on TypeError, which hides faults


def build_view(model: type[Base], db: SQLAlchemy) -> GeneratedView:
    """Return the generated screen of ``model``."""
    return type(f"{model.__name__}View", (GeneratedView,), {})(model, db)
