"""The audit trail: who did what when, chained by hashes; what may have to be erased stands beside the chain."""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Key
from models.ddl import append_only


class AuditEvent(Base):
    """One link of the chain, numbered from 1 without gap.

    ``payload_hash`` commits to the payload, so erasing the payload is not tampering.
    """

    __tablename__ = "audit_event"
    __table_args__ = (
        Index("ix_audit_event_entity_key", "entity", "entity_key", "id"),
        Index("ix_audit_event_batch_id", "batch_id", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    at: Mapped[datetime] = mapped_column(primary_key=True)
    entity: Mapped[str] = mapped_column(String(60))
    entity_key: Mapped[str] = mapped_column(String(60))
    action: Mapped[str] = mapped_column(String(40))
    user_id: Mapped[int | None]
    staff_id: Mapped[int | None]
    acting_for_id: Mapped[int | None]
    tablet_id: Mapped[int | None]
    address: Mapped[str] = mapped_column(String(60), default="")
    request_id: Mapped[str] = mapped_column(String(40), default="")
    batch_id: Mapped[int | None]
    reason: Mapped[str] = mapped_column(String(300), default="")
    payload_hash: Mapped[str] = mapped_column(String(64))
    previous_hash: Mapped[str] = mapped_column(String(64))
    hash: Mapped[str] = mapped_column(String(64))


append_only(AuditEvent)


class AuditPayload(Base):
    """The field differences of an audit event, with the salt of their hash; may be erased, never edited."""

    __tablename__ = "audit_payload"

    audit_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    at: Mapped[datetime] = mapped_column(primary_key=True)
    salt: Mapped[str] = mapped_column(String(32))
    body: Mapped[dict[str, Any] | None]


class AuditHead(Base):
    """The last link; its one row is the lock that orders writers."""

    __tablename__ = "audit_head"
    __table_args__ = (CheckConstraint("id = 1", name="single_row"),)

    id: Mapped[Key]
    seq: Mapped[int]
    hash: Mapped[str] = mapped_column(String(64))
