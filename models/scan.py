"""Scanned papers: files kept once by their content, and what each of them is to a dossier."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.access import User
from models.base import Base, Choice, Key, _
from models.dossier import Dossier, DossierDocument


class FileType(Choice):
    """What a stored file is, by its content; nothing else is taken."""

    PDF = "PDF", _("PDF file")
    JPEG = "JPEG", _("JPEG picture")
    PNG = "PNG", _("PNG picture")


class StoredFile(Base):
    """One file under ``uploads/``, named by the SHA-256 of its content, with the number of its pages."""

    __tablename__ = "stored_file"
    __table_args__ = (CheckConstraint("size_bytes > 0 AND page_count > 0", name="holds_something"),)

    sha256: Mapped[str] = mapped_column(String(64), primary_key=True)
    file_type: Mapped[FileType]
    size_bytes: Mapped[int]
    page_count: Mapped[int]
    stored_at: Mapped[datetime]


class Scan(Base):
    """One scanned paper: of a dossier, or still of the intake form ``intake_key`` that somebody is filling in.

    ``checked_at`` says that somebody has looked at it and found it to be the paper it stands for.
    """

    __tablename__ = "scan"
    __table_args__ = (
        Index("ix_scan_intake", "uploaded_by_id", "intake_key"),
        CheckConstraint("dossier_id IS NOT NULL OR intake_key IS NOT NULL", name="belongs_somewhere"),
    )

    id: Mapped[Key]
    public_id: Mapped[str] = mapped_column(String(36), unique=True)
    sha256: Mapped[str] = mapped_column(ForeignKey("stored_file.sha256", ondelete="RESTRICT"), index=True)
    file: Mapped[StoredFile] = relationship(lazy="joined", innerjoin=True)
    name: Mapped[str] = mapped_column(String(200))
    intake_key: Mapped[str | None] = mapped_column(String(80))
    dossier_id: Mapped[int | None] = mapped_column(ForeignKey("dossier.id", ondelete="RESTRICT"), index=True)
    dossier: Mapped[Dossier | None] = relationship()
    required_document_id: Mapped[int | None] = mapped_column(
        ForeignKey("required_document.id", ondelete="RESTRICT"), index=True
    )
    dossier_document_id: Mapped[int | None] = mapped_column(
        ForeignKey("dossier_document.id", ondelete="RESTRICT"), index=True
    )
    dossier_document: Mapped[DossierDocument | None] = relationship()
    uploaded_by_id: Mapped[int] = mapped_column(ForeignKey("user_account.id", ondelete="RESTRICT"))
    uploaded_by: Mapped[User] = relationship(foreign_keys=uploaded_by_id)
    uploaded_at: Mapped[datetime]
    checked_at: Mapped[datetime | None]
    checked_by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id", ondelete="RESTRICT"), index=True)

    def __str__(self) -> str:
        return self.name
