"""What a person can do with a row beyond editing it: buttons that screens of an entity offer.

A module that has a verb's route adds it here with ``offer``; the generated detail page shows it to whoever
holds the permission, where ``when`` allows it. The route itself asks for the right again.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import url_for
from flask_babel import gettext
from sqlalchemy.orm import Session

from admin_views.pages import Extra, VerbButton
from models.actor import Actor
from services.bulk import BulkVerb, offer_for_many
from services.session import may
from web.database import database


def _always(row: Any) -> bool:
    return True


def _by_id(row: Any) -> dict[str, Any]:
    return {"id": row.id}


@dataclass(frozen=True, kw_only=True, slots=True)
class Verb:
    """One button: the permission it needs, the endpoint it leads to and the rows it makes sense for.

    label, confirm  message ids; ``confirm`` is asked before a POST
    arguments       the endpoint's arguments for a row; its id unless said otherwise
    bulk            does it to one of many selected rows (session, row, instant), for verbs that need nothing else
    """

    action: str
    label: str
    endpoint: str
    icon: str = ""
    method: str = "get"
    is_primary: bool = False
    is_danger: bool = False
    confirm: str = ""
    bulk: Callable[[Session, Any, datetime], None] | None = None
    when: Callable[[Any], bool] = _always
    arguments: Callable[[Any], dict[str, Any]] = _by_id


@dataclass(frozen=True, kw_only=True, slots=True)
class ListVerb:
    """One button above a list: for acts that concern no single row, such as an import."""

    action: str
    label: str
    endpoint: str
    icon: str = ""
    is_primary: bool = False


_ROW_VERBS: dict[str, list[Verb]] = {}
_LIST_VERBS: dict[str, list[ListVerb]] = {}
_EXTRAS: dict[str, list[tuple[str, Callable[[Any], Mapping[str, Any]]]]] = {}


def offer(entity: str, *verbs: Verb | ListVerb) -> None:
    """Add ``verbs`` to the screens of ``entity`` (its table name); offering one twice has no effect."""
    for verb in verbs:
        registry: Any = _ROW_VERBS if isinstance(verb, Verb) else _LIST_VERBS
        offered = registry.setdefault(entity, [])
        if all(other.endpoint != verb.endpoint for other in offered):
            offered.append(verb)
            if isinstance(verb, Verb) and verb.bulk is not None:
                offer_for_many(entity, _for_many(verb, verb.bulk))


def _no_facts(row: Any) -> Mapping[str, Any]:
    return {}


def _for_many(verb: Verb, run: Callable[[Session, Any, datetime], None]) -> BulkVerb:
    return BulkVerb(
        name=verb.endpoint,
        label=verb.label,
        action=verb.action,
        run=run,
        when=verb.when,
        is_danger=verb.is_danger,
    )


def show_below(entity: str, template: str, facts: Callable[[Any], Mapping[str, Any]] = _no_facts) -> None:
    """Have ``template`` included below the sections of the detail page of ``entity``.

    It is given ``row`` and, as ``facts``, what ``facts(row)`` returns.
    """
    offered = _EXTRAS.setdefault(entity, [])
    if all(other != template for other, _facts in offered):
        offered.append((template, facts))


def extras_below(entity: str, row: Any) -> list[Extra]:
    """Return what stands below the sections of the detail page of ``row``."""
    return [Extra(template, facts(row)) for template, facts in _EXTRAS.get(entity, [])]


def row_verbs(entity: str) -> list[Verb]:
    """Return every verb that modules offer for a row of ``entity``."""
    return list(_ROW_VERBS.get(entity, []))


def row_buttons(entity: str, row: Any) -> list[VerbButton]:
    """Return the buttons of ``row`` that the session's actor may press now."""
    session = database().session()
    return [
        VerbButton(
            label=gettext(verb.label),
            url=url_for(verb.endpoint, **verb.arguments(row)),
            icon=verb.icon,
            method=verb.method,
            primary=verb.is_primary,
            danger=verb.is_danger,
            confirm=gettext(verb.confirm) if verb.confirm else "",
        )
        for verb in row_verbs(entity)
        if verb.when(row) and may(session, entity, verb.action, row)
    ]


def has_list_verb(entity: str, action: str) -> bool:
    """Return whether ``entity`` has a way of its own to do ``action`` above its list."""
    return any(verb.action == action for verb in _LIST_VERBS.get(entity, []))


def list_buttons(entity: str, actor: Actor) -> list[VerbButton]:
    """Return the buttons above the list of ``entity`` that ``actor`` may press."""
    return [
        VerbButton(label=gettext(verb.label), url=url_for(verb.endpoint), icon=verb.icon, primary=verb.is_primary)
        for verb in _LIST_VERBS.get(entity, [])
        if actor.may(entity, verb.action)
    ]
