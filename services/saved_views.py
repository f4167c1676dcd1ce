"""Saved views of lists: kept, shared with a role or with everybody, and opened by default.

A view is a kept address; what it shows is decided anew for whoever opens it, so that it never widens a right.
"""

from collections.abc import Sequence

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session

from models.access import Role
from models.base import _
from models.saved_view import Audience, SavedView
from models.text import normalise
from services.errors import UserError
from services.session import actor_of, may, require

MOST_VIEWS = 50
MOST_PARAMETERS = 300
LONGEST_NAME = 80
LONGEST_VALUE = 300

Parameters = Sequence[tuple[str, str]]


class ViewNameMissingError(UserError):
    """A view cannot be kept without a name."""

    message = _("Give the view a name of at most 80 characters.")


class ViewNameTakenError(UserError):
    """The person already has a view of this name that shows something else."""

    message = _("You already have a view named “%(name)s”. Choose another name, or change that view.")
    status = 409


class ViewNotFoundError(UserError):
    """There is no such view, or it is somebody else's."""

    message = _("This view is no longer there. Open the list again.")
    status = 404


class ViewTooLargeError(UserError):
    """More than a view can hold, or more views than a person can keep."""

    message = _("This is more than can be kept. Use fewer filters, or delete a view that you no longer need.")


class ViewRoleMissingError(UserError):
    """A view for a role needs the role."""

    message = _("Choose the role that shall see the view.")


def list_views(session: Session, entity: str) -> list[SavedView]:
    """Return the views of ``entity`` that the session's actor sees: the own ones first, each kind by name."""
    if actor_of(session).user_id is None:
        return []
    found = list(session.scalars(select(SavedView).where(SavedView.entity == entity, _is_visible(session))))
    order = list(Audience)
    return sorted(found, key=lambda view: (order.index(view.audience), view.name))


def default_view(views: Sequence[SavedView]) -> SavedView | None:
    """Return the view the list opens with: the person's own, else the role's, else that for everybody."""
    return next((view for view in views if view.is_default), None)


def can_change(session: Session, view: SavedView) -> bool:
    """Return whether the actor may change or delete a view they see: the own ones, shared ones with the right."""
    return view.user_id == actor_of(session).user_id or may(session, "saved_view", "share")


def save_view(
    session: Session,
    *,
    entity: str,
    name: str,
    parameters: Parameters,
    audience: Audience = Audience.OWN,
    role_id: int | None = None,
    is_default: bool = False,
    view_id: int | None = None,
) -> SavedView:
    """Keep a view under a name, or change the one with ``view_id``; the same twice is one view.

    Raises: DeniedError without the right to read the entity or to share; the UserErrors above.
    """
    require(session, entity, "read")
    if audience is not Audience.OWN:
        require(session, "saved_view", "share")
    name = _checked_name(name)
    kept = [[key, value] for key, value in parameters]
    if len(kept) > MOST_PARAMETERS or any(len(part) > LONGEST_VALUE for pair in kept for part in pair):
        raise ViewTooLargeError
    view = _new_view(session, entity, name, kept) if view_id is None else _changeable(session, entity, view_id)
    _check_free(session, view, name)
    view.name, view.parameters, view.audience, view.is_default = name, kept, audience, is_default
    view.role_id = _checked_role(session, role_id) if audience is Audience.ROLE else None
    session.add(view)
    session.flush()  # the others can only step back from a view that has its key
    if is_default:
        _keep_one_default(session, view)
    return view


def delete_view(session: Session, *, entity: str, view_id: int) -> str:
    """Delete a view; return its name."""
    view = _changeable(session, entity, view_id)
    session.delete(view)
    session.flush()  # a second deletion finds nothing
    return view.name


def _is_visible(session: Session) -> ColumnElement[bool]:
    actor = actor_of(session)
    roles = select(Role.id).where(Role.code.in_(actor.roles))
    return or_(
        SavedView.user_id == actor.user_id,
        SavedView.audience == Audience.ALL,
        (SavedView.audience == Audience.ROLE) & SavedView.role_id.in_(roles),
    )


def _checked_name(name: str) -> str:
    cleaned = normalise(name)
    if not 0 < len(cleaned) <= LONGEST_NAME:
        raise ViewNameMissingError
    return cleaned


def _checked_role(session: Session, role_id: int | None) -> int:
    if role_id is None or session.get(Role, role_id) is None:
        raise ViewRoleMissingError
    return role_id


def _new_view(session: Session, entity: str, name: str, kept: list[list[str]]) -> SavedView:
    user_id = actor_of(session).user_id
    own = list(session.scalars(select(SavedView).where(SavedView.user_id == user_id, SavedView.entity == entity)))
    same = next((view for view in own if view.name == name and view.parameters == kept), None)
    if same is None and len(own) >= MOST_VIEWS:
        raise ViewTooLargeError
    return same or SavedView(entity=entity, user_id=user_id)


def _check_free(session: Session, view: SavedView, name: str) -> None:
    taken = select(SavedView.id).where(
        SavedView.user_id == view.user_id, SavedView.entity == view.entity, SavedView.name == name
    )
    with session.no_autoflush:
        found = session.scalar(taken)
    if found is not None and found != view.id:
        raise ViewNameTakenError(name=name)


def _changeable(session: Session, entity: str, view_id: int) -> SavedView:
    statement = select(SavedView).where(SavedView.id == view_id, SavedView.entity == entity, _is_visible(session))
    view = session.scalar(statement)
    if view is None or not can_change(session, view):
        raise ViewNotFoundError
    return view


def _keep_one_default(session: Session, view: SavedView) -> None:
    """Take the mark from every other view for the same people."""
    others = [SavedView.entity == view.entity, SavedView.audience == view.audience, SavedView.id != view.id]
    if view.audience is Audience.OWN:
        others.append(SavedView.user_id == view.user_id)
    if view.audience is Audience.ROLE:
        others.append(SavedView.role_id == view.role_id)
    for other in session.scalars(select(SavedView).where(*others, SavedView.is_default)):
        other.is_default = False
    session.flush()  # what is read next in this request sees one default
