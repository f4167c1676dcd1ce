"""The panels of a list: its filters, its columns, and the views that somebody keeps of it."""

from typing import Any, ClassVar

from flask import abort, flash, redirect, render_template, request, url_for
from flask_admin import expose
from flask_babel import gettext
from sqlalchemy import select
from werkzeug.datastructures import MultiDict

from admin_views import cells
from admin_views.ground import Ground
from admin_views.list_address import COMPACT, PAGE_SIZES, ListAddress
from admin_views.list_filters import filter_groups, is_filter
from admin_views.pages import ArrangePanel, FilterPanel, SavedViewForm
from models.access import Role
from models.saved_view import Audience, SavedView
from services.filters import MOST_GROUPS
from services.saved_views import can_change, delete_view, list_views, save_view
from services.session import may


class ArrangePages(Ground):
    """What a list shows and how: panels that open beside it, pages of their own without a script."""

    endpoints: ClassVar = {
        "filters_view": "read",
        "arrange_view": "read",
        "save_view": "read",
        "delete_saved_view": "read",
    }

    def list_address(self, args: MultiDict[str, str] | None = None) -> tuple[ListAddress, list[SavedView]]:
        """Return what the address of this request asks for, and the saved views its person sees."""
        views = list_views(self.database_session, self.entity)
        return ListAddress(self.model, self.actor, request.args if args is None else args, views), views

    @expose("/filters/")
    def filters_view(self) -> str:
        """Show the filters in force and those that can be added; ``more`` asks for one group more."""
        address, _views = self.list_address()
        groups = filter_groups(self.model, address.groups, address.shown, is_longer="more" in request.args)
        panel = FilterPanel(
            title=gettext(self.screen.title),
            url=url_for(".index_view"),
            panel_url=url_for(".filters_view"),
            clear_url=address.without(*(key for key in address.args if is_filter(key))),
            groups=groups,
            can_grow=len(groups) < MOST_GROUPS,
            hidden=address.kept(filters=False),
        )
        return render_template("admin/filters.html", panel=panel, is_part=_is_part())

    @expose("/arrange/")
    def arrange_view(self) -> str:
        """Show the columns that can be chosen, and what can be done with saved views."""
        address, _views = self.list_address()
        chosen = [key for key, _attribute in address.columns]
        labels = {key: gettext(attribute.field.label) for key, attribute in cells.listable(address.shown).items()}
        others = [key for key in labels if key not in chosen]
        can_share = may(self.database_session, "saved_view", "share")
        panel = ArrangePanel(
            title=gettext(self.screen.title),
            url=url_for(".index_view"),
            save_url=url_for(".save_view"),
            columns=[(key, labels[key], key in chosen) for key in [*chosen, *others]],
            sizes=[(size, size == address.page_size) for size in PAGE_SIZES],
            compact=COMPACT,
            is_compact=address.is_compact,
            hidden=address.kept(without=("cols", "size", "d")),
            view=self._form_of(address.view) if address.view is not None else None,
            roles=self._roles() if can_share else (),
            can_share=can_share,
        )
        return render_template("admin/arrange.html", panel=panel, is_part=_is_part())

    @expose("/views/save/", methods=("POST",))
    def save_view(self) -> Any:
        """Keep what the form says under a name, or as the view that is named by ``id``; or only show it."""
        address, _views = self.list_address(request.form)
        if request.form.get("act") == "show":
            return redirect(address.with_values())
        view = save_view(
            self.database_session,
            entity=self.entity,
            name=request.form.get("name", ""),
            parameters=address.parameters(),
            audience=_audience(request.form.get("audience", "")),
            role_id=_key(request.form.get("role", "")),
            is_default="is_default" in request.form,
            view_id=(_key(request.form["id"]) or 0) if request.form.get("id") else None,
        )
        self.database_session.commit()
        flash(gettext("%(name)s was saved.", name=view.name), "success")
        return redirect(url_for(".index_view", s=view.id))

    @expose("/views/delete/", methods=("POST",))
    def delete_saved_view(self) -> Any:
        """Delete a saved view."""
        name = delete_view(self.database_session, entity=self.entity, view_id=_key(request.form.get("id", "")) or 0)
        self.database_session.commit()
        flash(gettext("%(name)s was deleted.", name=name), "success")
        return redirect(url_for(".index_view"))

    def _form_of(self, view: SavedView) -> SavedViewForm:
        return SavedViewForm(
            id=view.id,
            name=view.name,
            audience=view.audience.value,
            role_id=view.role_id,
            is_default=view.is_default,
            delete_url=url_for(".delete_saved_view"),
            is_changeable=can_change(self.database_session, view),
        )

    def _roles(self) -> list[tuple[int, str]]:
        return [(role.id, role.name) for role in self.database_session.scalars(select(Role).order_by(Role.name))]


def _is_part() -> bool:
    """Return whether only the panel is asked for, to stand beside the list."""
    return request.headers.get("HX-Request") == "true"


def _audience(code: str) -> Audience:
    try:
        return Audience(code or Audience.OWN.value)
    except ValueError:
        abort(422)


def _key(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None
