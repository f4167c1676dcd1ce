"""What a list offers for the rows that are chosen in it."""

from collections.abc import Sequence
from urllib.parse import urlencode

from flask import url_for
from flask_babel import gettext
from sqlalchemy.orm import Session

from admin_views.list_address import ListAddress
from admin_views.pages import BulkAct, BulkBar
from models.base import Base
from models.describe import screen_of
from services.bulk import DELETE, RESTORE, SET, fields_for_many, verbs_for_many
from services.listing import is_bin
from services.session import actor_of


def bulk_bar(session: Session, address: ListAddress, *, count: str) -> BulkBar | None:
    """Return the bar of a list; None where its reader may do nothing with many rows."""
    model = address.model
    acts = _acts(session, model, in_bin=is_bin(session, model, address.request()))
    if not acts or not actor_of(session).may(model.__tablename__, "bulk"):
        return None
    listed = urlencode(address.parameters())
    return BulkBar(url=url_for(f"{model.__tablename__}.bulk_view"), listed=listed, count=count, acts=acts)


def _acts(session: Session, model: type[Base], *, in_bin: bool) -> Sequence[BulkAct]:
    actor, entity, screen = actor_of(session), model.__tablename__, screen_of(model)
    may_delete = screen.delete and actor.may(entity, "delete")
    if in_bin:
        return [BulkAct(RESTORE, gettext("Restore"), "arrow-counterclockwise")]
    acts = [BulkAct(SET, gettext("Set a field"), "pencil")] if fields_for_many(model, actor) else []
    acts += [
        BulkAct(verb.name, gettext(verb.label), "play-fill", is_danger=verb.is_danger)
        for verb in verbs_for_many(entity)
        if actor.may(entity, verb.action)
    ]
    if may_delete:
        acts.append(BulkAct(DELETE, gettext("Delete"), "trash", is_danger=True))
    return acts
