"""Imports: which file was read, how far, and what became of each of its records."""

from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.access import User
from models.base import Base, Choice, Key, Screen, Versioned, _, grant, ui
from models.ddl import append_only
from models.organisation import READ_ALL


class ImportKind(Choice):
    """What a file holds."""

    PROCEDURES = "PROCEDURES", _("Procedures")
    DOSSIERS = "DOSSIERS", _("Dossiers")
    DOSSIER_EVENTS = "DOSSIER_EVENTS", _("History of dossiers")


class ImportState(Choice):
    """How far an import is; a running one whose process died goes on when the file is imported again."""

    RUNNING = "RUNNING", _("Running")
    FINISHED = "FINISHED", _("Finished")
    CANCELLED = "CANCELLED", _("Cancelled")


class ImportOutcome(Choice):
    """What became of one record."""

    CREATED = "CREATED", _("Created")
    UPDATED = "UPDATED", _("Changed")
    UNCHANGED = "UNCHANGED", _("Unchanged")
    REFUSED = "REFUSED", _("Set aside")


class ImportBatch(Versioned, Base):
    """One run of a file; ``lines_done`` grows with each chunk that is committed, so that a run can go on."""

    __tablename__ = "import_batch"
    __table_args__ = (
        Index("ix_import_batch_file", "kind", "file_hash"),
        CheckConstraint("lines_done <= lines_total", name="lines_done_within_total"),
        CheckConstraint(
            "created_count + updated_count + unchanged_count + refused_count = lines_done", name="counts_add_up"
        ),
    )
    __screen__: ClassVar = Screen(
        title=_("Imports"),
        singular=_("Import"),
        group=_("Procedures"),
        icon="box-arrow-in-down",
        help=_("Every file that was imported, with what became of its records."),
        order="-id",
        grants={"ADMIN": grant("read"), **READ_ALL},
        create=False,
        edit=False,
    )

    id: Mapped[Key]
    public_id: Mapped[str] = mapped_column(String(36), unique=True)
    kind: Mapped[ImportKind] = mapped_column(info=ui(_("Kind"), list=1, filter=True))
    file_name: Mapped[str] = mapped_column(String(300), info=ui(_("File"), list=2))
    file_hash: Mapped[str] = mapped_column(String(64), info=ui(_("Fingerprint of the file"), format="code"))
    size_bytes: Mapped[int] = mapped_column(info=ui(_("Size in bytes")))
    state: Mapped[ImportState] = mapped_column(info=ui(_("State"), list=3, filter=True))
    lines_total: Mapped[int] = mapped_column(info=ui(_("Records"), list=4))
    lines_done: Mapped[int] = mapped_column(default=0, info=ui(_("Records read")))
    last_line: Mapped[int] = mapped_column(default=0, info=ui(_("Last line read"), form=False, detail=False))
    created_count: Mapped[int] = mapped_column(default=0, info=ui(_("Created"), list=5))
    updated_count: Mapped[int] = mapped_column(default=0, info=ui(_("Changed"), list=6))
    unchanged_count: Mapped[int] = mapped_column(default=0, info=ui(_("Unchanged"), list=7))
    refused_count: Mapped[int] = mapped_column(default=0, info=ui(_("Set aside"), list=8))
    started_at: Mapped[datetime] = mapped_column(info=ui(_("Started"), list=9))
    finished_at: Mapped[datetime | None] = mapped_column(info=ui(_("Finished")))
    user_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id", ondelete="SET NULL"), index=True)
    user: Mapped[User | None] = relationship(info=ui(_("User"), list=10))

    def __str__(self) -> str:
        return self.file_name


class ImportRow(Base):
    """What became of one record of a file; refused ones keep their text, so that they can be mended."""

    __tablename__ = "import_row"
    __table_args__ = (
        UniqueConstraint("batch_id", "line_number"),
        Index("ix_import_row_code", "batch_id", "code"),
        Index("ix_import_row_outcome", "batch_id", "outcome", "line_number"),
    )

    id: Mapped[Key]
    batch_id: Mapped[int] = mapped_column(ForeignKey("import_batch.id", ondelete="RESTRICT"))
    batch: Mapped[ImportBatch] = relationship()
    line_number: Mapped[int]
    fingerprint: Mapped[str] = mapped_column(String(64))
    outcome: Mapped[ImportOutcome]
    code: Mapped[str | None] = mapped_column(String(60))
    entity: Mapped[str | None] = mapped_column(String(60))
    entity_id: Mapped[int | None]
    reason: Mapped[str | None]
    reason_values: Mapped[dict[str, Any] | None]
    raw: Mapped[str | None]


append_only(ImportRow)
