"""Form classes generated from the models: one field per described attribute."""

from collections.abc import Callable, Sequence
from typing import Any

import wtforms
from flask import url_for
from flask_babel import gettext
from sqlalchemy import Numeric, select
from sqlalchemy.sql.schema import ScalarElementColumnDefault
from wtforms.form import BaseForm
from wtforms.validators import Length, NumberRange
from wtforms.validators import Optional as OptionalValue

from models.base import Base
from models.describe import Attribute, form_attributes
from web.database import database
from web.forms import (
    Form,
    LocalDateTimeField,
    LookupField,
    LookupMultipleField,
    Required,
    WholeNumber,
    clean,
    option,
)
from web.texts import lazy_gettext as _


class GeneratedForm(Form):
    """Base of the generated forms: which state of the row was read, a mark of the form shown, and what it held."""

    row_version = wtforms.HiddenField()
    nonce = wtforms.HiddenField()
    base = wtforms.HiddenField()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.grids: Sequence[Any] = ()  # of children (admin_views.child_grid), which imports this

    def validate(self, *args: Any, **kwargs: Any) -> bool:
        """Return whether the fields and every row of the grids hold what can be saved."""
        are_valid = [super().validate(*args, **kwargs), *(grid.validate() for grid in self.grids)]
        return all(are_valid)


HIDDEN = frozenset({"row_version", "nonce", "base"})
"""What a generated form carries beside the fields of its model."""


def build_form(model: type[Base]) -> type[GeneratedForm]:
    """Return the form class of ``model``; a request removes the fields its writer has no right to."""
    fields: dict[str, Any] = {
        key: _field(model, attribute) for key, attribute in form_attributes(model, is_new=True, level=99).items()
    }
    return type(f"{model.__name__}Form", (GeneratedForm,), fields)


def _field(model: type[Base], attribute: Attribute) -> wtforms.Field:
    options: dict[str, Any] = {
        "label": _(attribute.field.label),
        "description": _(attribute.field.help) if attribute.field.help else "",
        "validators": [Required() if attribute.is_required and attribute.kind != "boolean" else OptionalValue()],
        "render_kw": _render_keywords(attribute),
    }
    default = (
        attribute.column.default if attribute.column is not None and attribute.kind not in ("one", "many") else None
    )
    if isinstance(default, ScalarElementColumnDefault):
        options["default"] = default.arg
    return _MAKERS[attribute.kind](attribute, options)


def _render_keywords(attribute: Attribute) -> dict[str, str]:
    keywords = {}
    if attribute.field.example:
        keywords["placeholder"] = attribute.field.example
    if attribute.field.depends_on:
        keywords["data-depends"] = attribute.field.depends_on
    return keywords


def _text(attribute: Attribute, options: dict[str, Any]) -> wtforms.Field:
    options["filters"] = [clean]
    if attribute.length:
        options["validators"].append(Length(max=attribute.length))
    return (wtforms.TextAreaField if attribute.field.multiline else wtforms.StringField)(**options)


def _choice(attribute: Attribute, options: dict[str, Any]) -> wtforms.Field:
    members = attribute.choices
    assert members is not None  # noqa: S101 -- a choice attribute always has them

    def choices() -> list[Any]:
        blank = [] if attribute.is_required and not attribute.nullable else [option("", "—")]
        return blank + [option(member.value, gettext(member.label)) for member in members]

    def coerce(value: Any) -> Any:
        if value in (None, ""):
            return None
        return members(getattr(value, "value", value))

    return ChoiceField(choices=choices, coerce=coerce, **options)


class ChoiceField(wtforms.SelectField):
    """A closed list whose value is the stored code; empty means none."""

    def pre_validate(self, form: BaseForm) -> None:
        if self.data is not None:
            super().pre_validate(form)


def _integer(attribute: Attribute, options: dict[str, Any]) -> wtforms.Field:
    options["validators"].append(WholeNumber())
    return wtforms.IntegerField(**options)


def _decimal(attribute: Attribute, options: dict[str, Any]) -> wtforms.Field:
    kind = attribute.column.type if attribute.column is not None else None
    digits = (kind.precision or 18) - (kind.scale or 0) if isinstance(kind, Numeric) else 18
    options["validators"].append(NumberRange(min=-(10**digits) + 1, max=10**digits - 1))
    return wtforms.DecimalField(places=None, **options)


def _boolean(attribute: Attribute, options: dict[str, Any]) -> wtforms.Field:
    options["validators"] = []
    return wtforms.BooleanField(**options)


def _one(attribute: Attribute, options: dict[str, Any]) -> wtforms.Field:
    if attribute.is_required:
        options["validators"] = [Required(_("Choose a row from the list."))]
    return LookupField(find=_finder(attribute), address=_address(attribute), **options)


def _many(attribute: Attribute, options: dict[str, Any]) -> wtforms.Field:
    return LookupMultipleField(find=_finder(attribute), address=_address(attribute), **options)


def _finder(attribute: Attribute) -> Callable[[int], Any | None]:
    target: Any = attribute.target

    def find(key: int) -> Any | None:
        return database().session().scalar(select(target).where(target.id == key))

    return find


def _address(attribute: Attribute) -> Callable[[], str]:
    assert attribute.target is not None  # noqa: S101 -- a relation always has one
    endpoint = f"{attribute.target.__tablename__}.lookup_view"
    return lambda: url_for(endpoint)


def _date(attribute: Attribute, options: dict[str, Any]) -> wtforms.Field:
    return wtforms.DateField(**options)


def _datetime(attribute: Attribute, options: dict[str, Any]) -> wtforms.Field:
    return LocalDateTimeField(**options)


_MAKERS: dict[str, Callable[[Attribute, dict[str, Any]], wtforms.Field]] = {
    "text": _text,
    "choice": _choice,
    "boolean": _boolean,
    "integer": _integer,
    "decimal": _decimal,
    "date": _date,
    "datetime": _datetime,
    "one": _one,
    "many": _many,
}
