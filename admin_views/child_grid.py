"""Children edited in the form of their parent: up to fifty rows as a grid, saved with it in one transaction.

Each row is a form of the child's own screen, with the rights, rules and version of that screen: what its reader may
not add, change or delete there is not added, changed or deleted here either.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from flask import url_for
from flask_babel import gettext
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import StaleDataError
from werkzeug.datastructures import MultiDict

from admin_views import cells
from admin_views.forms import HIDDEN, GeneratedForm, build_form
from models.base import Base, _
from models.describe import Attribute, attributes, form_attributes, screen_of
from services.deletion import put_away
from services.errors import UserError
from services.session import actor_of, may

MOST_ROWS = 50


class GridRow:
    """One child in the grid: its form, the row it stands for (None for a new one) and what is wrong with it."""

    def __init__(self, form: GeneratedForm, row: Any, *, index: str, is_removed: bool = False) -> None:
        self.form = form
        self.row = row
        self.index = index
        self.is_removed = is_removed
        self.may_remove = row is None
        self.texts: Mapping[str, Any] = {}
        self.errors: list[str] = []

    @property
    def version(self) -> str:
        """The state of the row that the form was made from."""
        return "" if self.row is None else str(getattr(self.row, "row_version", ""))

    @property
    def is_blank(self) -> bool:
        """Whether somebody added the row and left it as it was: nothing is saved of it."""
        fields = (field for name, field in self.form._fields.items() if name not in HIDDEN)
        return self.row is None and not any(_is_filled(field) for field in fields)

    @property
    def problems(self) -> list[str]:
        """Everything that is wrong with the row, each with its field."""
        named = [f"{field.label.text}: {error}" for field in self.form for error in field.errors]
        return [*self.errors, *named]


def _is_filled(field: Any) -> bool:
    if field.type in ("BooleanField", "SelectField", "ChoiceField"):
        return False
    return any(str(value).strip() for value in field.raw_data or ())


class ChildGrid:
    """The rows of one relation of ``parent``; ``sent`` is what the form brought back, None where it is shown first."""

    def __init__(
        self, session: Session, model: type[Base], key: str, parent: Any, *, sent: MultiDict[str, str] | None
    ) -> None:
        relation = model.__mapper__.relationships[key]
        self.session, self.key, self.parent = session, key, parent
        self.target: Any = relation.mapper.class_
        self.back: str = relation.back_populates or ""
        label: str = relation.info["ui"].label
        self.label = gettext(label)
        self.entity = self.target.__tablename__
        self._parents_entity = model.__tablename__
        self._is_part = "__screen__" not in vars(self.target)
        self._form_class = build_form(self.target)
        stored = [] if parent is None else self._stored()
        self.is_large = len(stored) > MOST_ROWS
        self.rows: list[GridRow] = []
        if not self.is_large:
            self.rows = self._shown(stored) if sent is None else self._sent(stored, sent)

    # --- what is shown

    @property
    def may_add(self) -> bool:
        return self._level("create") is not None

    def _level(self, action: str) -> int | None:
        """Return up to which field level somebody may do ``action`` with rows here; None for not at all.

        A child without a screen of its own is part of its parent: who may write that writes it too.
        """
        if self._is_part:
            permit = actor_of(self.session).permit(self._parents_entity, "create" if self.parent is None else "edit")
        else:
            offers = getattr(screen_of(self.target), action)
            permit = actor_of(self.session).permit(self.entity, action) if offers else None
        return None if permit is None else permit.level

    def _may(self, action: str, row: Any) -> bool:
        """Return whether somebody may do ``action`` with one row; of a part the parent's form has asked already."""
        return self._level(action) is not None and (self._is_part or may(self.session, self.entity, action, row))

    @property
    def all_url(self) -> str:
        """Where the rows are that are too many for a grid; "" for parts, which have no list of their own."""
        return "" if self._is_part else url_for(f"{self.entity}.index_view", **{f"f.{self.back}": self.parent.id})

    @property
    def add_url(self) -> str:
        """Where a row more is added to those that are too many for a grid."""
        return (
            ""
            if self._is_part or not self.may_add
            else url_for(f"{self.entity}.create_view", **{self.back: self.parent.id})
        )

    @property
    def columns(self) -> list[tuple[str, Attribute]]:
        """The fields somebody may fill in, on a new row or an old one, in the order of the model."""
        writable = {**self._writable(is_new=True), **self._writable(is_new=False)}
        return [(key, attribute) for key, attribute in attributes(self.target).items() if key in writable]

    @property
    def blank(self) -> GridRow:
        """A row as it is added; its index is filled in by ``static/js/grid.js``."""
        return GridRow(self._form("__n__", None, None, is_new=True), None, index="__n__")

    def copy_from(self, source: Any) -> None:
        """Show the children of another parent as new rows, to be saved with the copy of it."""
        children = self._children_of(source)
        if self.may_add and len(children) <= MOST_ROWS:
            self.rows = [
                GridRow(self._form(str(place), None, child, is_new=True), None, index=str(place))
                for place, child in enumerate(children)
            ]

    def _stored(self) -> Sequence[Any]:
        return self._children_of(self.parent)

    def _children_of(self, parent: Any) -> Sequence[Any]:
        """Return the children that the actor may see, one more than a grid holds at most."""
        found = select(self.target).where(getattr(self.target, self.back) == parent).order_by(self.target.id)
        order = self.parent.__mapper__.relationships[self.key].order_by if self.parent is not None else False
        found = found.order_by(None).order_by(*order, self.target.id) if order else found
        return self.session.scalars(found.limit(MOST_ROWS + 1)).all()

    def _writable(self, *, is_new: bool) -> dict[str, Attribute]:
        level = self._level("create" if is_new else "edit")
        if level is None:
            return {}
        found = form_attributes(self.target, is_new=is_new, level=level)
        return {key: attribute for key, attribute in found.items() if key != self.back and attribute.kind != "many"}

    def _form(self, index: str, sent: MultiDict[str, str] | None, row: Any, *, is_new: bool) -> GeneratedForm:
        form = self._form_class(sent, obj=row, prefix=f"{self.key}-{index}-")
        writable = self._writable(is_new=is_new)
        if row is not None and not is_new and not self._may("edit", row):
            writable = {}
        for name in list(form._fields):
            if name not in writable and name not in HIDDEN:
                del form[name]
        return form

    def _shown(self, stored: Sequence[Any]) -> list[GridRow]:
        return [self._row(str(place), None, row) for place, row in enumerate(stored)]

    def _row(self, index: str, sent: MultiDict[str, str] | None, row: Any) -> GridRow:
        found = GridRow(self._form(index, sent, row, is_new=row is None), row, index=index)
        if row is not None:
            actor = actor_of(self.session)
            readable = cells.child_attributes(self.target, actor)
            found.texts = {key: cells.cell(row, readable[key], actor) for key, _a in self.columns if key in readable}
            found.may_remove = self._may("delete", row)
        return found

    def _sent(self, stored: Sequence[Any], sent: MultiDict[str, str]) -> list[GridRow]:
        by_key = {str(row.id): row for row in stored}
        rows = []
        for index in list(dict.fromkeys(sent.getlist(f"{self.key}-n")))[: 2 * MOST_ROWS]:
            prefix = f"{self.key}-{index}-"
            key = sent.get(f"{prefix}id", "")
            found = self._row(index, sent, by_key.pop(key, None))
            found.is_removed = sent.get(f"{prefix}removed") == "1" and found.may_remove
            if key and found.row is None:
                found.errors.append(gettext("This row was deleted meanwhile. Remove it here, or keep it as a new one."))
            elif found.row is not None and sent.get(f"{prefix}version", "") != found.version:
                found.errors.append(gettext("Somebody else changed this row meanwhile. Look at it, then save again."))
            elif not key and not self.may_add and any(v for name, v in sent.items() if name.startswith(prefix)):
                found.errors.append(gettext("You may not add rows here."))
            rows.append(found)
        return rows

    # --- what is saved

    @property
    def has_errors(self) -> bool:
        return any(row.problems for row in self.rows if not row.is_removed)

    @property
    def problems(self) -> list[str]:
        """Everything that is wrong, each with the number of its row."""
        return [
            f"{self.label}, {gettext('row %(number)s', number=number)}: {problem}"
            for number, row in enumerate(self.rows, start=1)
            if not row.is_removed
            for problem in row.problems
        ]

    def validate(self) -> bool:
        """Return whether every row can be saved as it was typed."""
        for row in self.rows:
            if not row.is_removed and not row.is_blank:
                row.form.validate()
        return not self.has_errors

    def save(self, parent: Any, *, at: datetime) -> bool:
        """Delete, change and add the rows as they were typed; return whether all could be, else say why beside each."""
        order = sorted(self.rows, key=lambda row: (not row.is_removed, row.row is None))
        saved = [self._save(row, parent, at) for row in order]
        return all(saved)

    def _save(self, row: GridRow, parent: Any, at: datetime) -> bool:
        if row.is_blank or (row.is_removed and row.row is None):
            return True
        try:
            with self.session.begin_nested():
                child = row.row if row.row is not None else self.target(**{self.back: parent})
                if row.is_removed:
                    put_away(self.session, child, at=at)  # the right was asked for when the row was read
                    return True
                with self.session.no_autoflush:
                    self._fill(row.form, child)
                self.session.add(child)
                self.session.flush()
                if not self._may("create" if row.row is None else "edit", child):
                    raise _OutOfReachError
        except UserError as error:
            row.errors.append(gettext(error.message_id) % error.values)
        except StaleDataError:
            row.errors.append(gettext("Somebody else changed this row meanwhile. Look at it, then save again."))
        except IntegrityError:
            row.errors.append(gettext("Another row already has these values, or they contradict a rule of the data."))
        except ValueError as error:
            row.errors.append(gettext(str(error)))
        return not row.errors

    def _fill(self, form: GeneratedForm, child: Any) -> None:
        for name, field in form._fields.items():
            if name not in HIDDEN:
                field.populate_obj(child, name)


class _OutOfReachError(UserError):
    message = _("You may not put this row where you could no longer work with it.")


def child_grids(
    session: Session, model: type[Base], parent: Any, *, sent: MultiDict[str, str] | None
) -> list[ChildGrid]:
    """Return the grids of ``model``'s form, without those of children that the actor may not read."""
    actor = actor_of(session)
    keys = screen_of(model).grid
    targets = {key: model.__mapper__.relationships[key].mapper.class_ for key in keys}
    readable = [key for key in keys if cells.child_attributes(targets[key], actor)]
    return [ChildGrid(session, model, key, parent, sent=sent) for key in readable]
