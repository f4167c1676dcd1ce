"""Rights lent to somebody else for a while: who acts for whom, on what, from when until when."""

from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import CheckConstraint, ForeignKey, Index, or_
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.access import User
from models.actor import Actor, ScopeLevel
from models.base import Base, Choice, Key, Screen, Versioned, _, grant, ui

NEVER_DELEGATED = frozenset({"user_account", "role", "permission", "delegation"})
"""Entities that stay with the person: the own account, and all that hands out rights."""
NEVER_LENT = frozenset({("staff", "clear_pin"), ("batch", "undo")})
"""Single rights that stay with the person: they open an account, or change rows of areas that were never lent."""


class Extent(Choice):
    """How much is delegated."""

    EVERYTHING = "EVERYTHING", _("Everything but accounts and rights")
    SELECTED = "SELECTED", _("Selected areas")


_OWN = grant("read delegate revoke", ScopeLevel.OWN)


class Delegation(Versioned, Base):
    """One person's rights, or a part of them, lent to another between two instants; revoked rather than deleted."""

    __tablename__ = "delegation"
    __table_args__ = (
        Index("ix_delegation_to_user_until", "to_user_id", "until_at"),
        Index("ix_delegation_from_user_until", "from_user_id", "until_at"),
        CheckConstraint("until_at > from_at", name="ends_after_start"),
        CheckConstraint("from_user_id <> to_user_id", name="to_somebody_else"),
    )
    __screen__: ClassVar = Screen(
        title=_("Delegations"),
        singular=_("Delegation"),
        group=_("Access"),
        icon="person-check",
        help=_("Everybody delegates under My account; here is who acts for whom."),
        order="-from_at",
        grants={
            "ADMIN": grant("oversee delegate revoke"),
            "SUPERVISOR": (grant("oversee"), _OWN),
            "AUDITOR": (grant("oversee"), _OWN),
            "DIRECTOR": (grant("oversee"), _OWN),
            "DEPARTMENT_HEAD": _OWN,
            "RECEIVING_OFFICER": _OWN,
            "PROCESSING_OFFICER": _OWN,
        },
        scopes={ScopeLevel.OWN: lambda m, a: _concerns(m, a)},
        create=False,
        edit=False,
    )

    id: Mapped[Key]
    from_user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id", ondelete="RESTRICT"))
    from_user: Mapped[User] = relationship(foreign_keys=from_user_id, info=ui(_("Rights of"), list=1, filter=True))
    to_user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id", ondelete="RESTRICT"))
    to_user: Mapped[User] = relationship(foreign_keys=to_user_id, info=ui(_("Used by"), list=2, filter=True))
    extent: Mapped[Extent] = mapped_column(info=ui(_("Covers"), list=3, filter=True))
    entities: Mapped[list[Any]] = mapped_column(default=list)
    from_at: Mapped[datetime] = mapped_column(index=True, info=ui(_("From"), list=4, filter=True))
    until_at: Mapped[datetime] = mapped_column(info=ui(_("Until"), list=5, filter=True))
    reason: Mapped[str] = mapped_column(info=ui(_("Reason"), list=6, multiline=True))
    revoked_at: Mapped[datetime | None] = mapped_column(info=ui(_("Ended early"), list=7))
    revoked_by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id", ondelete="RESTRICT"))
    revoked_by: Mapped[User | None] = relationship(foreign_keys=revoked_by_id, info=ui(_("Ended by")))

    def covers(self, entity: str, action: str) -> bool:
        """Return whether the right to do ``action`` with ``entity`` is part of what is lent."""
        if entity in NEVER_DELEGATED or (entity, action) in NEVER_LENT:
            return False
        return self.extent is Extent.EVERYTHING or entity in self.entities

    def is_over(self, at: datetime) -> bool:
        """Return whether it ended, by itself or early."""
        return self.revoked_at is not None or at >= self.until_at

    def is_valid(self, at: datetime) -> bool:
        """Return whether it may be used at an instant."""
        return self.from_at <= at and not self.is_over(at) and self.from_user.is_active and self.to_user.is_active

    def __str__(self) -> str:
        return f"{self.from_user} → {self.to_user}"


def _concerns(model: Any, actor: Actor) -> Any:
    return or_(model.from_user_id == actor.user_id, model.to_user_id == actor.user_id)
