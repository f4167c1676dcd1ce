"""Three versions of a form: as its writer loaded it, as others saved it meanwhile, as its writer wants it.

Values are compared as a browser would send them, so that what the form cannot show (seconds, blanks at the end) makes
no difference. What was loaded travels in the page, signed and bound to person and row.
Source: docs/adr/0016-history-and-merge.md.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Literal

import wtforms
from flask import current_app
from itsdangerous import BadSignature, URLSafeSerializer
from werkzeug.datastructures import MultiDict

from admin_views.forms import HIDDEN, ChoiceField, GeneratedForm
from web.forms import LocalDateTimeField, LookupField, LookupMultipleField, clean

Values = tuple[str, ...]
Side = Literal["theirs", "yours"]


@dataclass(frozen=True, slots=True)
class Loaded:
    """What a form held when its page was made: its values, and those of fields over which the writer has to decide.

    ``asked`` holds what these were before either side changed them, None where nobody knows.
    """

    values: Mapping[str, Values]
    asked: Mapping[str, Values | None] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Merge:
    """What becomes of each field that is not the same for all: taken from one side, or to be asked."""

    taken: Mapping[str, Side]
    asked: Mapping[str, Values | None]


def _serializer(entity: str, key: int) -> URLSafeSerializer:
    return URLSafeSerializer(current_app.config["SECRET_KEY"], salt=f"form:{entity}:{key}")


def pack(loaded: Loaded, *, entity: str, key: int, user_id: int | None) -> str:
    """Return ``loaded`` as the page carries it, readable for nobody but the same person on the same row."""
    return str(_serializer(entity, key).dumps([user_id, dict(loaded.values), dict(loaded.asked)]))


def unpack(packed: str | None, *, entity: str, key: int, user_id: int | None) -> Loaded | None:
    """Return what ``pack`` packed; None where it is missing, damaged, another person's or another row's."""
    try:
        owner, values, asked = _serializer(entity, key).loads(packed or "")
    except (BadSignature, ValueError, TypeError):
        return None
    if owner != user_id:
        return None
    return Loaded(
        {name: tuple(sent) for name, sent in values.items()},
        {name: None if sent is None else tuple(sent) for name, sent in asked.items()},
    )


def values_of(form: GeneratedForm) -> dict[str, Values]:
    """Return what a browser would send for every field of ``form`` that somebody fills in."""
    return {name: sent(one) for name, one in form._fields.items() if name not in HIDDEN}


def sent(one: wtforms.Field) -> Values:
    """Return what a browser would send for a field; for one whose input could not be read, what was typed."""
    if one.process_errors:
        return tuple(value for value in one.raw_data or () if value.strip())
    if isinstance(one, LookupMultipleField):
        return tuple(sorted((str(row.id) for row in one.data or ()), key=int))
    if isinstance(one, wtforms.BooleanField):
        return ("y",) if one.data else ()
    if one.data is None:
        return ()
    if isinstance(one, LookupField):
        return (str(one.data.id),)
    text = _text(one)
    return (text,) if text else ()


def _text(one: wtforms.Field) -> str | None:
    if isinstance(one, ChoiceField):
        return str(getattr(one.data, "value", one.data))
    if isinstance(one, LocalDateTimeField):
        return f"{one.data:%Y-%m-%dT%H:%M}"
    if isinstance(one.data, Decimal):
        return f"{one.data.normalize():f}"
    return clean(str(one.data))


def fill(one: wtforms.Field, values: Values) -> None:
    """Have ``one`` hold what a browser would send as ``values``."""
    kept = one.object_data if isinstance(one, LookupField) else None  # what the row has may stay, seen or not
    one.process(MultiDict([(one.name, value) for value in values]), data=kept)


def merge(base: Mapping[str, Values | None], theirs: Mapping[str, Values], yours: Mapping[str, Values]) -> Merge:
    """Return how the fields of both writers go together: who alone changed one has it, both are asked.

    Without a base nobody knows who changed what, so every difference is asked.
    """
    taken: dict[str, Side] = {}
    asked: dict[str, Values | None] = {}
    for name, mine in yours.items():
        before = base.get(name)
        if mine == theirs[name]:
            continue
        if before is not None and mine == before:
            taken[name] = "theirs"
        elif before is not None and theirs[name] == before:
            taken[name] = "yours"
        else:
            asked[name] = before
    return Merge(taken, asked)
