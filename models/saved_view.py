"""Views of a list that somebody keeps: for oneself, for a role or for everybody who may read the entity."""

from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.access import Role, User
from models.base import Base, Choice, Key, Versioned, _


class Audience(Choice):
    """Who sees a saved view."""

    OWN = "OWN", _("Only me")
    ROLE = "ROLE", _("A role")
    ALL = "ALL", _("Everybody")


class SavedView(Versioned, Base):
    """What a list shows and how, under a name: a kept address. It carries no rights, whoever opens it.

    parameters   names and values of the address: search, filters, order, columns, density, rows per page
    is_default   whether the list opens with it: for its owner, its role or everybody
    """

    __tablename__ = "saved_view"
    __table_args__ = (
        UniqueConstraint("user_id", "entity", "name"),
        Index("ix_saved_view_entity", "entity", "audience"),
        CheckConstraint("(audience = 'ROLE') = (role_id IS NOT NULL)", name="role_where_for_one"),
    )

    id: Mapped[Key]
    entity: Mapped[str] = mapped_column(String(60))
    name: Mapped[str] = mapped_column(String(80))
    audience: Mapped[Audience] = mapped_column(default=Audience.OWN)
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id", ondelete="CASCADE"))
    user: Mapped[User] = relationship()
    role_id: Mapped[int | None] = mapped_column(ForeignKey("role.id", ondelete="CASCADE"), index=True)
    role: Mapped[Role | None] = relationship()
    parameters: Mapped[list[Any]] = mapped_column(default=list)
    is_default: Mapped[bool] = mapped_column(default=False)

    def __str__(self) -> str:
        return self.name
