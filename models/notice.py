"""Notes on records, who follows them, and what people are told: inside the office, and to citizens, kept apart."""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.access import User
from models.base import Base, Choice, Key, Versioned, _
from models.ddl import append_only


class NoteAudience(Choice):
    """Who reads a note: the office among itself, or the applicant, whom it is sent to."""

    OFFICE = "OFFICE", _("Inside the office")
    APPLICANT = "APPLICANT", _("To the applicant")


class Note(Base):
    """Something written on a record; never changed, so that nobody was told something else."""

    __tablename__ = "note"
    __table_args__ = (Index("ix_note_row", "entity", "row_id", "audience", "id"),)

    id: Mapped[Key]
    entity: Mapped[str] = mapped_column(String(60))
    row_id: Mapped[int]
    audience: Mapped[NoteAudience]
    body: Mapped[str]
    author_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id", ondelete="RESTRICT"), index=True)
    author: Mapped[User | None] = relationship(foreign_keys=author_id)
    written_at: Mapped[datetime]
    mentioned: Mapped[list["NoteMention"]] = relationship(order_by="NoteMention.id")
    errand: Mapped["NoteErrand | None"] = relationship(back_populates="note")

    def __str__(self) -> str:
        return self.body[:80]


append_only(Note)


class NoteMention(Base):
    """Somebody named in a note with "@"; they are told."""

    __tablename__ = "note_mention"
    __table_args__ = (UniqueConstraint("note_id", "user_id"),)

    id: Mapped[Key]
    note_id: Mapped[int] = mapped_column(ForeignKey("note.id", ondelete="RESTRICT"))
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id", ondelete="RESTRICT"), index=True)
    user: Mapped[User] = relationship()


class NoteErrand(Versioned, Base):
    """A note that asks one person to do something, until they say it is done."""

    __tablename__ = "note_errand"
    __table_args__ = (
        Index(
            "ix_note_errand_open",
            "assignee_id",
            sqlite_where=text("done_at IS NULL"),
            postgresql_where=text("done_at IS NULL"),
        ),
    )

    id: Mapped[Key]
    note_id: Mapped[int] = mapped_column(ForeignKey("note.id", ondelete="RESTRICT"), unique=True)
    note: Mapped[Note] = relationship(back_populates="errand")
    assignee_id: Mapped[int] = mapped_column(ForeignKey("user_account.id", ondelete="RESTRICT"))
    assignee: Mapped[User] = relationship()
    done_at: Mapped[datetime | None]


class Follow(Base):
    """Somebody who wants to be told of what is written on a record."""

    __tablename__ = "follow"
    __table_args__ = (UniqueConstraint("entity", "row_id", "user_id"),)

    id: Mapped[Key]
    entity: Mapped[str] = mapped_column(String(60))
    row_id: Mapped[int]
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id", ondelete="CASCADE"), index=True)
    since_at: Mapped[datetime]


class NotificationKind(Choice):
    """Why somebody is told."""

    MENTION = "MENTION", _("You were mentioned")
    ERRAND = "ERRAND", _("You were asked to do something")
    FOLLOWED = "FOLLOWED", _("News on what you follow")
    WORK = "WORK", _("Work was given to you")
    REQUEST = "REQUEST", _("Another department asks")
    ANSWER = "ANSWER", _("An answer came")
    ESCALATION = "ESCALATION", _("A deadline")


class Notification(Base):
    """One thing one person is told; ``key`` makes sure that it is told once. ``message`` is a message id."""

    __tablename__ = "notification"
    __table_args__ = (
        UniqueConstraint("user_id", "key"),
        Index("ix_notification_user_at", "user_id", "at"),
        Index(
            "ix_notification_unread",
            "user_id",
            sqlite_where=text("read_at IS NULL"),
            postgresql_where=text("read_at IS NULL"),
        ),
        CheckConstraint("read_at IS NULL OR read_at >= at", name="read_after_told"),
    )

    id: Mapped[Key]
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id", ondelete="CASCADE"))
    key: Mapped[str] = mapped_column(String(120))
    kind: Mapped[NotificationKind]
    entity: Mapped[str] = mapped_column(String(60))
    row_id: Mapped[int]
    message: Mapped[str]
    message_values: Mapped[dict[str, Any]] = mapped_column(default=dict)
    at: Mapped[datetime]
    read_at: Mapped[datetime | None]
