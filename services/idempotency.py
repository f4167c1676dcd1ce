"""Requests that may arrive twice and take effect once; the primary key of ``idempotency_key`` is the judge."""

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from models.base import _
from models.system import IdempotencyKey
from services.errors import UserError
from services.session import audit_value


class KeyReusedError(UserError):
    """A key came back with another body: the form was sent, changed in place and sent again."""

    message = _("This form was already sent with other content. Open it again before you change anything.")


def once(session: Session, *, scope: str, key: str, body: Mapping[str, Any], at: datetime) -> dict[str, Any] | None:
    """Claim ``key`` for this request, or return the answer of the same request carried out before.

    A concurrent request with the same key waits for the first one's commit. After doing its work the caller
    stores its answer with ``record_answer`` in the same transaction; if that rolls back, the key is free again.

    Shape:  None for the first, the stored answer for every other.
    Raises: KeyReusedError if the key was used with another body.
    Source: design decision 11.
    """
    body_hash = _hash(body)
    if _claim(session, scope, key, body_hash, at):
        return None
    row = session.execute(
        select(IdempotencyKey.body_hash, IdempotencyKey.answer).where(
            IdempotencyKey.scope == scope, IdempotencyKey.key == key
        )
    ).one()
    if row.body_hash != body_hash:
        raise KeyReusedError
    return row.answer


def record_answer(session: Session, *, scope: str, key: str, answer: Mapping[str, Any]) -> None:
    """Store what the request ``key`` was answered, for those that repeat it."""
    session.execute(
        update(IdempotencyKey)
        .where(IdempotencyKey.scope == scope, IdempotencyKey.key == key)
        .values(answer=dict(answer))
        .execution_options(synchronize_session=False)
    )


def _claim(session: Session, scope: str, key: str, body_hash: str, at: datetime) -> bool:
    dialect = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
    statement = (
        dialect.insert(IdempotencyKey)
        .values(scope=scope, key=key, body_hash=body_hash, answer={}, at=at)
        .on_conflict_do_nothing()
        .returning(IdempotencyKey.key)
    )
    return session.scalar(statement) is not None


def _hash(body: Mapping[str, Any]) -> str:
    text = json.dumps({name: audit_value(value) for name, value in body.items()}, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()
