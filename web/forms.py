"""The form base of every page, with our catalogues, and the fields that the models' types need."""

import unicodedata
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import wtforms
from flask_babel import get_translations
from wtforms.fields import choices
from wtforms.validators import StopValidation, ValidationError

from web.names import name_of
from web.texts import lazy_gettext as _

LOCAL_ZONE = ZoneInfo("Asia/Ho_Chi_Minh")


class Catalogue:
    """WTForms's own messages, looked up in our catalogues."""

    def gettext(self, message: str) -> str:
        return get_translations().ugettext(message)

    def ngettext(self, singular: str, plural: str, number: int) -> str:
        return get_translations().ungettext(singular, plural, number)


class Form(wtforms.Form):
    """Base of all forms. The CSRF token stands in the template: one check guards every request that writes."""

    class Meta:
        def get_translations(self, form: wtforms.Form) -> Catalogue:
            return Catalogue()

        def bind_field(self, form: wtforms.Form, unbound: Any, options: dict[str, Any]) -> wtforms.Field:
            return unbound.bind(form=form, **options)


def clean(value: str | None) -> str | None:
    """Return typed text in NFC without control characters or blanks at the ends; None where nothing is left."""
    if value is None:
        return None
    text = unicodedata.normalize("NFC", value.replace("\r\n", "\n").replace("\r", "\n"))
    text = "".join(c for c in text if c in "\n\t" or unicodedata.category(c) not in {"Cc", "Cs"})
    return text.strip() or None


def option(value: object, label: str) -> Any:
    """Return one option of a select field."""
    return choices.SelectChoice(value, label)  # pyright: ignore[reportAttributeAccessIssue] -- the stubs are of 3.2


class Required:
    """Validator: something must be entered; the message is an order that names the field."""

    field_flags = {"required": True}

    def __init__(self, message: Any = None) -> None:
        self.message = message or _("Fill in this field.")

    def __call__(self, form: wtforms.Form, field: wtforms.Field) -> None:
        if field.data is None or field.data == "" or field.data == []:
            if not field.errors:
                raise StopValidation(str(self.message))
            raise StopValidation()


class WholeNumber:
    """Validator: the number fits into the 64 bits that the database keeps."""

    def __call__(self, form: wtforms.Form, field: wtforms.Field) -> None:
        if field.data is not None and not -(2**63) <= field.data < 2**63:
            raise ValidationError(str(_("Enter a smaller number.")))


class LocalDateTimeField(wtforms.DateTimeLocalField):
    """An instant typed and shown in Vietnamese time, kept aware."""

    def __init__(self, label: Any = None, validators: Any = None, **kwargs: Any) -> None:
        formats = ["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M"]
        super().__init__(label, validators, format=formats, **kwargs)

    def process_data(self, value: datetime | None) -> None:
        self.data = value.astimezone(LOCAL_ZONE).replace(tzinfo=None) if value is not None and value.tzinfo else value

    def populate_obj(self, obj: Any, name: str) -> None:
        typed = self.data.replace(tzinfo=LOCAL_ZONE) if self.data is not None else None
        kept = getattr(obj, name)
        if typed is not None and kept is not None and kept.replace(second=0, microsecond=0) == typed:
            return  # the form shows minutes: left as it was, the value keeps its seconds
        setattr(obj, name, typed)


class LookupField(wtforms.Field):
    """One row of another entity, found by typing; what is posted is its key, looked up in what one may see."""

    def __init__(
        self,
        label: Any = None,
        validators: Any = None,
        *,
        find: Callable[[int], Any | None],
        address: Callable[[], str],
        **kwargs: Any,
    ) -> None:
        super().__init__(label, validators, **kwargs)
        self._find = find
        self._address = address

    @property
    def lookup_url(self) -> str:
        """Where the page asks for rows."""
        return self._address()

    @property
    def shown(self) -> str:
        """The chosen row as text."""
        return "" if self.data is None else name_of(self.data)

    def find_row(self, key: int) -> Any | None:
        """Return the row of a key; None where there is none that the actor may see."""
        return self._find(key)

    def _value(self) -> str:
        if self.data is None:
            return self.raw_data[0] if self.raw_data else ""
        return str(self.data.id)

    def process_formdata(self, valuelist: Sequence[str]) -> None:
        if not valuelist or not valuelist[0].strip():
            self.data = None
            return
        self.data = self._find_row(valuelist[0])

    def _find_row(self, value: str) -> Any:
        key = value.strip()
        is_key = key.isascii() and key.isdigit() and len(value) < 19
        row = (self._find(int(key)) or self._kept(int(key))) if is_key else None
        if row is None:
            self.data = None
            raise ValueError(str(_("Choose a row from the list.")))
        return row

    def _kept(self, key: int) -> Any | None:
        """Return what the row holds already, which may stay though the writer could not choose it."""
        held = self.object_data if isinstance(self.object_data, list) else [self.object_data]
        return next((row for row in held if row is not None and row.id == key), None)


class LookupMultipleField(LookupField):
    """Several rows of another entity."""

    @property
    def chosen(self) -> list[tuple[str, str]]:
        """The chosen rows: key and text."""
        return [(str(row.id), name_of(row)) for row in self.data or []]

    @property
    def shown(self) -> str:
        return ", ".join(text for _, text in self.chosen)

    def _value(self) -> str:
        return ",".join(key for key, _ in self.chosen)

    def process_formdata(self, valuelist: Sequence[str]) -> None:
        keys = [value for value in valuelist if value.strip()]
        self.data = [self._find_row(value) for value in dict.fromkeys(keys)]
