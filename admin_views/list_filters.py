"""Typed filters in the address of a list: read, written, shown as chips and offered in the filter panel.

``f.state=A&f.state=B`` asks for either; ``f.state.how=none`` turns it round; ``f.received_at.when=week``,
``.from``, ``.to`` and ``.empty`` are further questions. ``f2.`` to ``f5.`` are groups of which one may hold instead.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from flask import url_for
from flask_babel import gettext
from sqlalchemy import select
from werkzeug.datastructures import MultiDict

from admin_views.pages import Chip, ChipGroup, FilterGroup, FilterInput
from models.base import Base
from models.describe import Attribute, screen_of
from services.filters import MOST_GROUPS, MOST_VALUES, QUICK, RELATIVE_DAYS, Group, Problem, questions
from web.database import database
from web.formats import local_date, number
from web.names import name_of
from web.texts import lazy_gettext as _

Asked = Mapping[str, Attribute]
_WAYS = ("none", "has", "starts")
_ENDS = ("from", "to", "when", "empty")
_KINDS = {"one": "lookup", "many": "lookup", "datetime": "date", "integer": "number", "decimal": "number"}
_WORDS = {
    "none": _("none of %(value)s"),
    "has": _("contains %(value)s"),
    "starts": _("begins with %(value)s"),
    "from": _("from %(value)s"),
    "to": _("until %(value)s"),
}


def prefix(group: int) -> str:
    """Return what the parameters of a group begin with: "f." for the first, "f2." for the second."""
    return "f." if group == 0 else f"f{group + 1}."


PREFIXES = tuple(prefix(group) for group in range(MOST_GROUPS))


def is_filter(parameter: str) -> bool:
    """Return whether a parameter of an address belongs to the filters."""
    return parameter.startswith(PREFIXES)


def asked_attributes(shown: Asked) -> Asked:
    """Return the attributes of those that somebody may read which can be filtered by."""
    return {key: attribute for key, attribute in shown.items() if questions(attribute)}


def read_groups(args: MultiDict[str, str], shown: Asked) -> list[Group]:
    """Return the groups that an address asks for, by place; what it asks of other attributes is nothing."""
    groups = []
    for begin in PREFIXES:
        group: dict[str, list[str]] = {}
        quick = _values(args, f"{begin}{QUICK}")
        if quick:
            group[QUICK] = quick
        for key, attribute in asked_attributes(shown).items():
            group |= _read(args, f"{begin}{key}", key, questions(attribute))
        groups.append(group)
    return groups


def _read(args: MultiDict[str, str], parameter: str, key: str, known: Sequence[str]) -> dict[str, list[str]]:
    how = args.get(f"{parameter}.how", "")
    found = {key if how not in known or not how else f"{key}.{how}": _values(args, parameter)}
    found |= {f"{key}.{end}": _values(args, f"{parameter}.{end}")[:1] for end in _ENDS if end in known}
    return {asked: values for asked, values in found.items() if values}


def _values(args: MultiDict[str, str], parameter: str) -> list[str]:
    return [value for value in args.getlist(parameter)[:MOST_VALUES] if value.strip()]


# --- chips ----------------------------------------------------------------------------------------------------


def chip_groups(
    model: type[Base], groups: Sequence[Group], shown: Asked, problems: Sequence[Problem], address: Any
) -> list[ChipGroup]:
    """Return the filters in force in words, group by group; each chip with the address of the list without it."""
    refused = {(problem.group, problem.key): gettext(problem.message) for problem in problems}
    found = []
    for place, group in enumerate(groups):
        chips = []
        for asked, values in group.items():
            key, _dot, question = asked.partition(".")
            text = _in_words(model, shown.get(key), question, values)
            if (place, asked) in refused:
                text = f"{text} {refused[place, asked]}"
            label = gettext("Among") if key == QUICK else gettext(shown[key].field.label)
            chips.append(Chip(label, text, address.without(*_parameters(place, key, question)), place, key))
        if chips:
            found.append(ChipGroup(chips))
    return found


def _parameters(place: int, key: str, question: str) -> tuple[str, ...]:
    parameter = f"{prefix(place)}{key}"
    return (f"{parameter}.{question}",) if question in _ENDS else (parameter, f"{parameter}.how")


def _in_words(model: type[Base], attribute: Attribute | None, question: str, values: Sequence[str]) -> str:
    if attribute is None:
        labels = {view.name: gettext(view.label) for view in screen_of(model).quick}
        return ", ".join(labels.get(value, value) for value in values)
    if question == "empty":
        return {"1": gettext("empty"), "0": gettext("not empty")}.get(values[0], values[0])
    if question == "when":
        return gettext(RELATIVE_DAYS[values[0]][0]) if values[0] in RELATIVE_DAYS else values[0]
    text = ", ".join(_value_texts(attribute, values))
    return str(_WORDS[question]) % {"value": text} if question else text


def _value_texts(attribute: Attribute, values: Sequence[str]) -> list[str]:
    if attribute.choices is not None:
        labels = {member.value: gettext(member.label) for member in attribute.choices}
        return [labels.get(value, value) for value in values]
    if attribute.kind == "boolean":
        return [{"1": gettext("Yes"), "0": gettext("No")}.get(value, value) for value in values]
    if attribute.target is not None:
        names = dict(_chosen(attribute, values))
        return [names.get(value, value) for value in values]
    return [_plain(attribute, value) for value in values]


def _plain(attribute: Attribute, value: str) -> str:
    """Return a typed date or number as it is written on screens; anything else as it was typed."""
    try:
        if attribute.kind in ("date", "datetime"):
            return local_date(date.fromisoformat(value.strip()))
        return number(int(value)) if attribute.kind == "integer" else value
    except (ValueError, OverflowError):
        return value


def _chosen(attribute: Attribute, values: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Yield key and text of the rows a look-up filter names, as far as the actor may see them."""
    target: Any = attribute.target
    keys = [int(value) for value in values if value.isascii() and value.isdigit() and len(value) < 19]
    if keys:
        for row in database().session().scalars(select(target).where(target.id.in_(keys))):
            yield str(row.id), name_of(row)


# --- the panel ------------------------------------------------------------------------------------------------


def filter_groups(model: type[Base], groups: Sequence[Group], shown: Asked, *, is_longer: bool) -> list[FilterGroup]:
    """Return the groups of the filter panel: those in use, at least one, and one more where ``is_longer``."""
    used = [place for place, group in enumerate(groups) if group]
    count = min(max([*used, 0]) + 1 + int(is_longer), MOST_GROUPS)
    return [FilterGroup(_inputs(model, place, groups[place], shown)) for place in range(count)]


def _inputs(model: type[Base], place: int, group: Group, shown: Asked) -> list[FilterInput]:
    quick = screen_of(model).quick
    views = [(view.name, gettext(view.label)) for view in quick]
    name = f"{prefix(place)}{QUICK}"
    found = [FilterInput(key=name, label=gettext("Among"), kind="choice", values=group.get(QUICK, ()), choices=views)]
    inputs = [_input(place, key, attribute, group) for key, attribute in asked_attributes(shown).items()]
    return [*(found if quick else []), *inputs]


def _input(place: int, key: str, attribute: Attribute, group: Group) -> FilterInput:
    known = questions(attribute)
    ways = [way for way in _WAYS if way in known]
    how = next((way for way in ways if f"{key}.{way}" in group), "")
    values = group.get(f"{key}.{how}" if how else key, ())
    return FilterInput(
        key=f"{prefix(place)}{key}",
        label=gettext(attribute.field.label),
        kind=_KINDS.get(attribute.kind, attribute.kind),
        values=values,
        choices=[(member.value, gettext(member.label)) for member in attribute.choices or ()],
        lookup_url=url_for(f"{attribute.target.__tablename__}.lookup_view") if attribute.target is not None else "",
        chosen=list(_chosen(attribute, values)) if attribute.target is not None else (),
        ways=ways,
        how=how,
        ends={end: next(iter(group.get(f"{key}.{end}", ())), "") for end in _ENDS if end in known},
        relative=[(name, gettext(label)) for name, (label, _days) in RELATIVE_DAYS.items()] if "when" in known else (),
    )
