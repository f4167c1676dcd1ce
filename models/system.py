"""Rows that keep the machinery honest: code counters and keys of requests already answered."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, String
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base


class CodeCounter(Base):
    """The last number given in a series on a local day; taken in the transaction that uses it."""

    __tablename__ = "code_counter"
    __table_args__ = (CheckConstraint("last_number >= 0", name="last_number_not_negative"),)

    series: Mapped[str] = mapped_column(String(60), primary_key=True)
    local_date: Mapped[date] = mapped_column(primary_key=True)
    last_number: Mapped[int]


class IdempotencyKey(Base):
    """A request that was carried out, with its answer: the same request again has no second effect."""

    __tablename__ = "idempotency_key"

    scope: Mapped[str] = mapped_column(String(60), primary_key=True)
    key: Mapped[str] = mapped_column(String(80), primary_key=True)
    body_hash: Mapped[str] = mapped_column(String(64))
    answer: Mapped[dict[str, Any]]
    at: Mapped[datetime]
