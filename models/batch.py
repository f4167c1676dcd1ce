"""Batches: acts over many rows at once, such as an import; how far each is, and what became of its rows."""

from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.access import User
from models.base import Base, Choice, Key, Screen, Versioned, _, grant, ui
from models.ddl import append_only
from models.organisation import READ_ALL


class BatchKind(Choice):
    """What a batch does."""

    PROCEDURES = "PROCEDURES", _("Procedures")
    DOSSIERS = "DOSSIERS", _("Dossiers")
    DOSSIER_EVENTS = "DOSSIER_EVENTS", _("History of dossiers")
    ROWS = "ROWS", _("Rows of a table")
    ACTION = "ACTION", _("Action on many rows")
    UNDO = "UNDO", _("Undo of a batch")
    REPROJECTION = "REPROJECTION", _("Due times computed again")


class BatchState(Choice):
    """How far a batch is; a running one whose process died goes on where its last chunk ended."""

    QUEUED = "QUEUED", _("Waiting")
    RUNNING = "RUNNING", _("Running")
    FINISHED = "FINISHED", _("Finished")
    CANCELLED = "CANCELLED", _("Cancelled")
    FAILED = "FAILED", _("Failed")

    @property
    def tone(self) -> str:
        return {"RUNNING": "info", "FINISHED": "success", "FAILED": "danger"}.get(self.value, "warning")


class RowOutcome(Choice):
    """What became of one record."""

    CREATED = "CREATED", _("Created")
    UPDATED = "UPDATED", _("Changed")
    UNCHANGED = "UNCHANGED", _("Unchanged")
    REFUSED = "REFUSED", _("Set aside")


class Batch(Versioned, Base):
    """One act over many rows, whose changes the audit trail carries as ``batch_id``.

    ``done_count`` grows with each chunk that is committed, so that an interrupted run can go on.
    """

    __tablename__ = "batch"
    __table_args__ = (
        Index("ix_batch_file", "kind", "file_hash"),
        CheckConstraint("done_count <= total_count", name="done_within_total"),
        CheckConstraint(
            "created_count + updated_count + unchanged_count + refused_count = done_count", name="counts_add_up"
        ),
    )
    __screen__: ClassVar = Screen(
        title=_("Batches"),
        singular=_("Batch"),
        group=_("Procedures"),
        icon="box-arrow-in-down",
        help=_("Every import and every action on many rows, with what became of each of them."),
        order="-id",
        grants={"ADMIN": grant("oversee undo"), **READ_ALL},
        create=False,
        edit=False,
    )

    id: Mapped[Key]
    public_id: Mapped[str] = mapped_column(String(36), unique=True)
    kind: Mapped[BatchKind] = mapped_column(info=ui(_("Kind"), list=1, filter=True))
    title: Mapped[str] = mapped_column(String(300), info=ui(_("File or action"), list=2))
    entity: Mapped[str | None] = mapped_column(String(60))
    arguments: Mapped[dict[str, Any] | None]
    file_hash: Mapped[str] = mapped_column(String(64), default="", info=ui(_("Fingerprint of the file"), format="code"))
    size_bytes: Mapped[int] = mapped_column(default=0, info=ui(_("Size in bytes")))
    state: Mapped[BatchState] = mapped_column(info=ui(_("State"), list=3, filter=True))
    total_count: Mapped[int] = mapped_column(info=ui(_("Records"), list=4))
    done_count: Mapped[int] = mapped_column(default=0, info=ui(_("Records read")))
    last_line: Mapped[int] = mapped_column(default=0, info=ui(_("Last line read"), form=False, detail=False))
    created_count: Mapped[int] = mapped_column(default=0, info=ui(_("Created"), list=5))
    updated_count: Mapped[int] = mapped_column(default=0, info=ui(_("Changed"), list=6))
    unchanged_count: Mapped[int] = mapped_column(default=0, info=ui(_("Unchanged"), list=7))
    refused_count: Mapped[int] = mapped_column(default=0, info=ui(_("Set aside"), list=8))
    failure: Mapped[str | None] = mapped_column(info=ui(_("Why it ended"), form=False, detail=False))
    """A message id; set where the state is FAILED."""
    started_at: Mapped[datetime] = mapped_column(info=ui(_("Started"), list=9))
    finished_at: Mapped[datetime | None] = mapped_column(info=ui(_("Finished")))
    user_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id", ondelete="SET NULL"), index=True)
    user: Mapped[User | None] = relationship(info=ui(_("User"), list=10))

    undone_by_id: Mapped[int | None] = mapped_column(ForeignKey("batch.id", ondelete="SET NULL"))
    undone_by: Mapped["Batch | None"] = relationship(remote_side="Batch.id", info=ui(_("Undone by")))

    def __str__(self) -> str:
        return self.title


class Worker(Base):
    """A process that does batches in the background, and when it last said so."""

    __tablename__ = "worker"
    __audited__: ClassVar = False

    id: Mapped[Key]
    name: Mapped[str] = mapped_column(String(80), unique=True)
    started_at: Mapped[datetime]
    seen_at: Mapped[datetime]


class BatchRow(Base):
    """What became of one record of a file; refused ones keep their text, so that they can be mended."""

    __tablename__ = "batch_row"
    __table_args__ = (
        UniqueConstraint("batch_id", "line_number"),
        Index("ix_batch_row_code", "batch_id", "code"),
        Index("ix_batch_row_outcome", "batch_id", "outcome", "line_number"),
        Index("ix_batch_row_fingerprint", "entity", "fingerprint"),
    )

    id: Mapped[Key]
    batch_id: Mapped[int] = mapped_column(ForeignKey("batch.id", ondelete="RESTRICT"))
    batch: Mapped[Batch] = relationship()
    line_number: Mapped[int]
    fingerprint: Mapped[str] = mapped_column(String(64))
    outcome: Mapped[RowOutcome]
    code: Mapped[str | None] = mapped_column(String(60))
    entity: Mapped[str | None] = mapped_column(String(60))
    entity_id: Mapped[int | None]
    reason: Mapped[str | None]
    reason_values: Mapped[dict[str, Any] | None]
    raw: Mapped[str | None]


append_only(BatchRow)
