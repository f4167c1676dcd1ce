"""Files on their way in: what was uploaded and is being prepared, and what was decided about files like it."""

from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.access import User
from models.base import Base, Key
from models.batch import Batch


class ImportDraft(Base):
    """A file that somebody prepares for import: its sheet, its header, which column is what, what words mean.

    ``columns`` says by position (as text, from "0") which attribute a column fills; ``words`` says by attribute and
    folded text which row or choice a text means: {"department": {"so gtvt": 7}}, {"kind": {"so": "BOARD"}}. ``batch``
    is the last rehearsal or, once ``is_sent``, the import itself; after that nothing of the draft changes.
    """

    __tablename__ = "import_draft"
    __audited__: ClassVar = False
    __table_args__ = (Index("ix_import_draft_created_at", "created_at"),)

    id: Mapped[Key]
    public_id: Mapped[str] = mapped_column(String(36), unique=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id", ondelete="CASCADE"), index=True)
    user: Mapped[User] = relationship()
    entity: Mapped[str] = mapped_column(String(60))
    title: Mapped[str] = mapped_column(String(300))
    file_hash: Mapped[str] = mapped_column(String(64))
    size_bytes: Mapped[int]
    sheets: Mapped[list[Any]]
    notices: Mapped[list[Any]]
    sheet: Mapped[int] = mapped_column(default=0)
    header_line: Mapped[int] = mapped_column(default=0)
    headers: Mapped[list[Any]]
    columns: Mapped[dict[str, Any]]
    month_first: Mapped[dict[str, Any]]
    words: Mapped[dict[str, Any]]
    unknown: Mapped[dict[str, Any]]
    total_count: Mapped[int] = mapped_column(default=0)
    is_all_or_nothing: Mapped[bool] = mapped_column(default=False)
    is_sent: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime]
    batch_id: Mapped[int | None] = mapped_column(ForeignKey("batch.id", ondelete="SET NULL"), index=True)
    batch: Mapped[Batch | None] = relationship()


class ImportBlock(Base):
    """Some hundred rows of an uploaded file, in the database so that any process can go on with the import."""

    __tablename__ = "import_block"
    __audited__: ClassVar = False
    __table_args__ = (Index("ix_import_block_place", "draft_id", "sheet", "last_line"),)

    id: Mapped[Key]
    draft_id: Mapped[int] = mapped_column(ForeignKey("import_draft.id", ondelete="CASCADE"))
    sheet: Mapped[int]
    first_line: Mapped[int]
    last_line: Mapped[int]
    rows: Mapped[list[Any]]


class ImportMapping(Base):
    """What was decided about files with the same columns, for the next one of them."""

    __tablename__ = "import_mapping"
    __audited__: ClassVar = False
    __table_args__ = (UniqueConstraint("entity", "fingerprint"),)

    id: Mapped[Key]
    entity: Mapped[str] = mapped_column(String(60))
    fingerprint: Mapped[str] = mapped_column(String(64))
    columns: Mapped[dict[str, Any]]
    words: Mapped[dict[str, Any]]
    used_at: Mapped[datetime]
