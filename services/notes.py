"""Notes on a record: who is mentioned, asked to do something or follows it is told; messages to applicants apart."""

import re
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session, joinedload, selectinload

from models import screens
from models.access import User, normalise_user_name
from models.base import Base, _
from models.dossier import Dossier
from models.notice import Follow, Note, NoteAudience, NoteErrand, NoteMention, NotificationKind
from services.errors import ConflictError, DeniedError, UserError
from services.notices import News, tell
from services.roles import build_actor
from services.session import acting, actor_of, require, unscoped

LONGEST_NOTE = 4000
NOTES_SHOWN = 50

_MENTION = re.compile(r"(?<![\w@.])@([a-z0-9](?:[a-z0-9.\-]{0,58}[a-z0-9])?)", re.IGNORECASE)


class NoteEmptyError(UserError):
    message = _("Write something first.")


class NoteTooLongError(UserError):
    message = _("A note has at most 4,000 letters. Shorten it.")


class MentionUnknownError(UserError):
    message = _("Nobody can be told as @%(name)s. Check the user name.")


class MentionBlindError(UserError):
    message = _("%(name)s may not see this record, so they cannot be mentioned or asked here.")


class MessageNotPossibleError(UserError):
    message = _("Only a dossier has an applicant to write to.")


class ErrandDoneError(ConflictError):
    message = _("This was already done.")


def find_record(session: Session, entity: str, row_id: int) -> Base | None:
    """Return the row of a screen's entity as the actor may see it; None for every other."""
    model = next((model for model in screens() if model.__tablename__ == entity), None)
    if model is None or "id" not in model.__mapper__.columns:
        return None
    return session.scalar(select(model).where(model.__mapper__.columns["id"] == row_id))


def write_note(
    session: Session,
    row: Base,
    *,
    body: str,
    at: datetime,
    audience: NoteAudience = NoteAudience.OFFICE,
    assignee: User | None = None,
) -> Note:
    """Write a note on a record that the actor may read; from then on the writer follows it.

    ``@user.name`` mentions somebody. A note to the applicant is read behind the code on the slip and mentions
    nobody. Raises: DeniedError, NoteEmptyError, NoteTooLongError, MentionUnknownError, MentionBlindError,
    MessageNotPossibleError.
    """
    entity, row_id = row.__tablename__, _key(row)
    require(session, entity, "read", row)
    text = body.replace("\r\n", "\n").replace("\x00", "").strip()
    if not text:
        raise NoteEmptyError
    if len(text) > LONGEST_NOTE:
        raise NoteTooLongError
    if audience is NoteAudience.APPLICANT and not isinstance(row, Dossier):
        raise MessageNotPossibleError
    author_id = actor_of(session).user_id
    note = Note(entity=entity, row_id=row_id, audience=audience, body=text, author_id=author_id, written_at=at)
    session.add(note)
    session.flush()  # mentions and errands refer to it
    mentioned = _mentioned(session, text, row) if audience is NoteAudience.OFFICE else []
    for person in mentioned:
        session.add(NoteMention(note_id=note.id, user_id=person.id))
    if assignee is not None:
        _check_sees(session, assignee, row)
        session.add(NoteErrand(note_id=note.id, assignee_id=assignee.id))
    session.flush()
    if author_id is not None:
        follow_record(session, row, at=at)
    _tell_all(session, row, note, mentioned, assignee, at)
    return note


def _tell_all(
    session: Session, row: Base, note: Note, mentioned: Sequence[User], assignee: User | None, at: datetime
) -> None:
    """Tell each person once: asked goes before mentioned, mentioned before follows. Training tells nobody."""
    if getattr(row, "is_training", False):
        return
    asked = {assignee.id} if assignee is not None else set()
    named = {person.id for person in mentioned} - asked
    following = {key for key in list_followers(session, row) if key not in asked | named and _sees(session, key, row)}
    for people, kind, message in (
        (asked, NotificationKind.ERRAND, _("%(author)s asks you on %(name)s: %(text)s")),
        (named, NotificationKind.MENTION, _("%(author)s mentions you on %(name)s: %(text)s")),
        (following, NotificationKind.FOLLOWED, _("%(author)s wrote on %(name)s: %(text)s")),
    ):
        news = News(
            kind=kind,
            entity=note.entity,
            row_id=note.row_id,
            message=message,
            key=f"note:{note.id}",
            values={"author": actor_of(session).name or "–", "name": str(row)[:120], "text": note.body[:200]},
        )
        tell(session, people, news, at=at)


def _mentioned(session: Session, text: str, row: Base) -> list[User]:
    names = dict.fromkeys(normalise_user_name(name) for name in _MENTION.findall(text))
    people = []
    for name in names:
        person = find_person(session, name)
        _check_sees(session, person, row)
        people.append(person)
    return people


def find_person(session: Session, name: str) -> User:
    """Return the active login of a user name, with or without "@". Raises: MentionUnknownError."""
    wanted = normalise_user_name(name.strip().lstrip("@"))
    with unscoped(session, "who is mentioned"):
        person = session.scalar(select(User).where(User.user_name == wanted, User.is_active))
    if person is None:
        raise MentionUnknownError(name=wanted[:60])
    return person


def _check_sees(session: Session, person: User, row: Base) -> None:
    """Raise MentionBlindError unless ``person`` may read the record: a note must not lead anybody to what is hidden."""
    with unscoped(session, "rights of who is mentioned"):
        actor = build_actor(session, person, None)
    with acting(session, actor):
        try:
            require(session, row.__tablename__, "read", row)
        except DeniedError:
            raise MentionBlindError(name=person.display_name) from None


def _sees(session: Session, user_id: int, row: Base) -> bool:
    """Return whether somebody who follows a record may still read it."""
    with unscoped(session, "rights of who follows"):
        person = session.get_one(User, user_id)
    try:
        _check_sees(session, person, row)
    except MentionBlindError:
        return False
    return person.is_active


def list_notes(session: Session, row: Base, *, audience: NoteAudience) -> Sequence[Note]:
    """Return the last notes on a record for one audience, the newest first; for who may read the record."""
    return session.scalars(
        select(Note)
        .where(Note.entity == row.__tablename__, Note.row_id == _key(row), Note.audience == audience)
        .options(joinedload(Note.author), joinedload(Note.errand).joinedload(NoteErrand.assignee))
        .options(selectinload(Note.mentioned).joinedload(NoteMention.user))
        .order_by(Note.id.desc())
        .limit(NOTES_SHOWN)
    ).all()


def finish_errand(session: Session, errand: NoteErrand, *, at: datetime) -> NoteErrand:
    """Say that what a note asked for is done: who was asked does, or who asked.

    Raises: DeniedError, ErrandDoneError.
    """
    user_id = actor_of(session).user_id
    if user_id is None or user_id not in (errand.assignee_id, errand.note.author_id):
        raise DeniedError("note", "done")
    if errand.done_at is not None:
        raise ErrandDoneError
    errand.done_at = at
    session.flush()
    return errand


def follow_record(session: Session, row: Base, *, at: datetime) -> None:
    """Have the actor told of what is written on a record; following twice is following."""
    require(session, row.__tablename__, "read", row)
    dialect = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
    values = {"entity": row.__tablename__, "row_id": _key(row), "user_id": actor_of(session).user_id, "since_at": at}
    session.execute(dialect.insert(Follow).values(values).on_conflict_do_nothing())


def unfollow_record(session: Session, row: Base) -> None:
    """Have the actor told no more."""
    follow = _find_follow(session, row)
    if follow is not None:
        session.delete(follow)
        session.flush()


def is_following(session: Session, row: Base) -> bool:
    """Return whether the actor follows a record."""
    return _find_follow(session, row) is not None


def _find_follow(session: Session, row: Base) -> Follow | None:
    return session.scalar(
        select(Follow).where(
            Follow.entity == row.__tablename__,
            Follow.row_id == _key(row),
            Follow.user_id == actor_of(session).user_id,
        )
    )


def list_followers(session: Session, row: Base) -> Sequence[int]:
    """Return the logins that follow a record."""
    return session.scalars(
        select(Follow.user_id)
        .where(Follow.entity == row.__tablename__, Follow.row_id == _key(row))
        .order_by(Follow.user_id)
    ).all()


def _key(row: Base) -> int:
    return row.id  # type: ignore[attr-defined]
