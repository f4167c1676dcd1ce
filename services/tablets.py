"""Tablets at the counters: paired by a one-time code, known by a device key, revoked at the next call."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session, joinedload

from models.actor import Actor, Permit, ScopeLevel
from models.base import _
from models.organisation import Counter
from models.tablet import Tablet, TabletHealth, TabletState
from services.session import UserError, require, unscoped

PAIRING_MINUTES = 15
CODE_LETTERS = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"  # without 0 O 1 I L, which are misread
CODE_LENGTH = 8


class PairingCodeError(UserError):
    """The typed code opens nothing: mistyped, used or too old."""

    message = _("This pairing code is not valid. Make a new one on the tablet's page and type it within 15 minutes.")


@dataclass(frozen=True, slots=True)
class Pairing:
    """A device that was just paired, with the key it must keep; the key is not stored anywhere else."""

    tablet: Tablet
    key: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Health:
    """What a tablet says about itself once a minute; ``clock_skew_ms`` is its clock minus the server's."""

    app_version: str = ""
    scale_version: str = ""
    queue_length: int = 0
    oldest_unsent_at: datetime | None = None
    battery_percent: int | None = None
    is_plugged: bool | None = None
    clock_skew_ms: int = 0


def create_pairing_code(session: Session, *, tablet: Tablet, at: datetime) -> str:
    """Return a new one-time code for ``tablet``, shown as ``ABCD-EFGH``; it ends an older unused one.

    A device that is paired goes on working until the new code is used on another one.
    """
    require(session, "tablet", "pair", tablet)
    code = "".join(secrets.choice(CODE_LETTERS) for _ in range(CODE_LENGTH))
    tablet.pairing_hash = _hash(code)
    tablet.pairing_expires_at = at + timedelta(minutes=PAIRING_MINUTES)
    session.flush()
    return f"{code[:4]}-{code[4:]}"


def pair_tablet(session: Session, *, code: str, at: datetime) -> Pairing:
    """Bind the device that typed ``code``; the device paired before, if any, is cut off.

    Raises: PairingCodeError
    """
    typed = "".join(c for c in code.upper() if c.isalnum())
    with unscoped(session, "pairing a tablet"):
        tablet = session.scalar(select(Tablet).where(Tablet.pairing_hash == _hash(typed)))
        if tablet is None or tablet.pairing_expires_at is None or tablet.pairing_expires_at < at:
            raise PairingCodeError
        key = secrets.token_urlsafe(32)
        tablet.key_hash = _hash(key)
        tablet.pairing_hash = tablet.pairing_expires_at = tablet.revoked_at = None
        tablet.paired_at = at
        tablet.state = TabletState.PAIRED
        session.flush()
    return Pairing(tablet, key)


def can_revoke(tablet: Tablet) -> bool:
    """Return whether anything lets the device in, now or by a code it was given."""
    return tablet.state is TabletState.PAIRED or tablet.key_hash is not None or tablet.pairing_hash is not None


def revoke_tablet(session: Session, *, tablet: Tablet, at: datetime) -> None:
    """Cut the device off: its key opens nothing from its next call on. One without key or code stays as it is."""
    require(session, "tablet", "revoke", tablet)
    if not can_revoke(tablet):
        return
    tablet.key_hash = tablet.pairing_hash = tablet.pairing_expires_at = None
    tablet.revoked_at = at
    tablet.state = TabletState.REVOKED
    session.flush()


def find_tablet_by_key(session: Session, *, key: str) -> Tablet | None:
    """Return the paired tablet that ``key`` belongs to, with its counter and site; None for any other key."""
    with unscoped(session, "signing in a tablet"):
        return session.scalar(
            select(Tablet)
            .where(Tablet.key_hash == _hash(key))
            .options(joinedload(Tablet.counter).joinedload(Counter.site))
        )


def tablet_actor(tablet: Tablet) -> Actor:
    """Return the device as an actor: it may pass on what citizens do at its own counter, and nothing else."""
    return Actor(
        tablet_id=tablet.id,
        counter_id=tablet.counter_id,
        site_id=tablet.counter.site_id,
        roles=frozenset({"DEVICE"}),
        permits={("rating", "create"): Permit(ScopeLevel.COUNTER)},
        name=tablet.name,
    )


def record_heartbeat(session: Session, *, tablet_id: int, health: Health, at: datetime) -> None:
    """Store what the tablet says about itself, replacing what it said before."""
    values = {field: getattr(health, field) for field in Health.__dataclass_fields__}
    known = session.scalar(
        update(TabletHealth)
        .where(TabletHealth.tablet_id == tablet_id)
        .values(seen_at=at, **values)
        .returning(TabletHealth.tablet_id)
    )
    if known is None:
        session.add(TabletHealth(tablet_id=tablet_id, seen_at=at, **values))
        session.flush()


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
