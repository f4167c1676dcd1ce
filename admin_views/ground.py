"""What every page of a generated screen stands on: the model, who asks, and one road to a row."""

from collections.abc import Callable
from typing import Any, ClassVar

from flask import abort, request
from sqlalchemy import select
from sqlalchemy.orm import Session

from models.actor import Actor
from models.base import Screen
from services.listing import bin_conditions, may_see_bin
from services.session import actor_of, including_deleted
from web.database import database


class Ground:
    """The ground under the pages of a generated screen; each kind of page is a class on top, named ``<Kind>Pages``.

    ``endpoints`` of such a class says which action of the entity's rights each of its endpoints needs. Every road
    to a row goes through the session, which applies the actor's row scope, and through ``may``, which asks again.
    Not a view itself: Flask-Admin copies the pages of a view into each class made from it, which would hide those
    of the classes beside it.
    """

    endpoints: ClassVar[dict[str, str]] = {}
    model: type[Any]
    entity: str
    screen: Screen
    create_form: Callable[..., Any]
    edit_form: Callable[..., Any]

    @property
    def database_session(self) -> Session:
        """The session of this request, acting for the person who asks."""
        return database().session()

    @property
    def actor(self) -> Actor:
        return actor_of(self.database_session)

    def get_one(self, id: Any) -> Any:  # noqa: A002 -- Flask-Admin's name
        """Return the row of a key as the actor may see it; None for every other key, whatever it looks like."""
        key = str(id or "")
        if not (key.isascii() and key.isdigit() and len(key) < 19):
            return None
        return self.database_session.scalar(select(self.model).where(self.model.id == int(key)))

    def get_deleted(self, id: Any) -> Any:  # noqa: A002 -- as above
        """Return the row of a key in the bin, for who may restore it; None for every other key."""
        session, key = self.database_session, str(id or "")
        if not (key.isascii() and key.isdigit() and len(key) < 19) or not may_see_bin(session, self.model):
            return None
        with including_deleted(session):
            found = select(self.model).where(self.model.id == int(key), *bin_conditions(session, self.model))
            return session.scalar(found)

    def _row_or_404(self) -> Any:
        row = self.get_one(request.args.get("id"))
        if row is None:
            abort(404)
        return row
