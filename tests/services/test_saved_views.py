"""Saved views: whose they are, who sees them, one default each, and the same request twice is one view."""

from datetime import datetime

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from models.access import Role
from models.actor import Actor, Permit, ScopeLevel
from models.saved_view import Audience, SavedView
from services.errors import DeniedError
from services.saved_views import (
    ViewNameMissingError,
    ViewNameTakenError,
    ViewNotFoundError,
    ViewRoleMissingError,
    ViewTooLargeError,
    can_change,
    default_view,
    delete_view,
    list_views,
    save_view,
)
from services.session import acting
from tests.support.people import make_user
from tests.support.roles import have_roles

READ = {("dossier", "read"): Permit(ScopeLevel.DEPARTMENT)}
SHARE = READ | {("saved_view", "share"): Permit(ScopeLevel.ALL)}


@pytest.fixture
def people(session: Session, now: datetime) -> dict[str, Actor]:
    """A clerk, a colleague of the same role, a specialist, and a director who may share."""
    have_roles(session)
    made = {}
    for name, role, permits in (
        ("clerk", "RECEIVING_OFFICER", READ),
        ("colleague", "RECEIVING_OFFICER", READ),
        ("specialist", "PROCESSING_OFFICER", READ),
        ("director", "DIRECTOR", SHARE),
    ):
        user = make_user(session, name, role, at=now)
        made[name] = Actor(user_id=user.id, roles=frozenset({role}), permits=permits)
    return made


def seen(session: Session, actor: Actor) -> list[str]:
    with acting(session, actor):
        return [view.name for view in list_views(session, "dossier")]


def test_a_view_is_seen_by_its_owner_its_role_or_everybody(session: Session, people: dict[str, Actor]) -> None:
    role_id = session.scalars(select(Role.id).where(Role.code == "RECEIVING_OFFICER")).one()
    with acting(session, people["clerk"]):
        own = save_view(session, entity="dossier", name="  Của tôi ", parameters=[("f.state", "2")])
        again = save_view(session, entity="dossier", name="Của tôi", parameters=[("f.state", "2")])
    with acting(session, people["director"]):
        save_view(session, entity="dossier", name="Mọi người", parameters=[], audience=Audience.ALL, is_default=True)
        shared = save_view(
            session, entity="dossier", name="Tiếp nhận", parameters=[], audience=Audience.ROLE, role_id=role_id
        )

    assert own.id == again.id
    assert {name: seen(session, actor) for name, actor in people.items()} == {
        "clerk": ["Của tôi", "Tiếp nhận", "Mọi người"],
        "colleague": ["Tiếp nhận", "Mọi người"],
        "specialist": ["Mọi người"],
        "director": ["Tiếp nhận", "Mọi người"],
    }
    with acting(session, people["clerk"]):
        assert [can_change(session, view) for view in (own, shared)] == [True, False]
        with pytest.raises(ViewNotFoundError):
            delete_view(session, entity="dossier", view_id=shared.id)
    with acting(session, people["colleague"]), pytest.raises(ViewNotFoundError):
        save_view(session, entity="dossier", name="Gì", parameters=[], view_id=own.id)
    with acting(session, people["director"]):
        assert delete_view(session, entity="dossier", view_id=shared.id) == "Tiếp nhận"
        with pytest.raises(ViewNotFoundError):
            delete_view(session, entity="dossier", view_id=shared.id)


def test_the_own_default_goes_before_that_for_everybody_and_there_is_one(
    session: Session, people: dict[str, Actor]
) -> None:
    with acting(session, people["director"]):
        save_view(session, entity="dossier", name="Chung", parameters=[], audience=Audience.ALL, is_default=True)
    with acting(session, people["clerk"]):
        before = default_view(list_views(session, "dossier"))
        first = save_view(session, entity="dossier", name="A", parameters=[], is_default=True)
        second = save_view(session, entity="dossier", name="B", parameters=[("q", "x")], is_default=True)
        views = list_views(session, "dossier")
        after = default_view(views)
        save_view(session, entity="dossier", name="B2", parameters=[("q", "y")], view_id=second.id)
        last = default_view(list_views(session, "dossier"))

    assert (before.name if before else "", after.id if after else 0) == ("Chung", second.id)
    assert first.is_default is False
    assert last is not None
    assert (last.name, second.name, second.parameters) == ("Chung", "B2", [["q", "y"]])


def test_what_cannot_be_kept_is_refused_in_words(session: Session, people: dict[str, Actor]) -> None:
    with acting(session, people["clerk"]):
        save_view(session, entity="dossier", name="A", parameters=[])
        for error, wanted in (
            (ViewNameMissingError, {"name": " "}),
            (ViewNameMissingError, {"name": "x" * 81}),
            (ViewNameTakenError, {"name": "A", "parameters": [("q", "other")]}),
            (ViewTooLargeError, {"parameters": [("q", "x" * 301)]}),
            (ViewTooLargeError, {"parameters": [("q", "x")] * 301}),
            (DeniedError, {"audience": Audience.ALL}),
            (DeniedError, {"entity": "staff"}),
        ):
            with pytest.raises(error):
                save_view(session, **{"entity": "dossier", "name": "B", "parameters": []} | wanted)  # type: ignore[arg-type]
    with acting(session, people["director"]), pytest.raises(ViewRoleMissingError):
        save_view(session, entity="dossier", name="R", parameters=[], audience=Audience.ROLE, role_id=999)
    with acting(session, Actor(system=True)):
        assert list_views(session, "dossier") == []
    assert session.scalars(select(SavedView.name)).all() == ["A"]
