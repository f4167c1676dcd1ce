"""The tablet that stands at a counter and faces the citizen."""

from datetime import UTC, datetime
from typing import ClassVar

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.actor import ScopeLevel
from models.base import Base, Choice, Key, Screen, SoftDeleted, Versioned, _, grant, ui
from models.ddl import searchable
from models.ids import public_id
from models.organisation import Counter
from models.search import Searchable


class TabletState(Choice):
    """Whether the device at the counter may speak for it."""

    UNPAIRED = "UNPAIRED", _("Not paired")
    PAIRED = "PAIRED", _("Paired")
    REVOKED = "REVOKED", _("Revoked")


class Tablet(Searchable, SoftDeleted, Versioned, Base):
    """The place of a tablet at a counter; a one-time code binds a device to it, revoking ends that at the next call."""

    __tablename__ = "tablet"
    __screen__: ClassVar = Screen(
        title=_("Tablets"),
        singular=_("Tablet"),
        group=_("Evaluation"),
        icon="tablet",
        help=_("Add one tablet per counter, then make a pairing code and type it on the device at /tablet/."),
        order="name",
        grants={
            "ADMIN": grant("manage delete pair revoke"),
            "SUPERVISOR": grant("manage delete pair revoke"),
            "DIRECTOR": grant("oversee"),
            "AUDITOR": grant("oversee"),
        },
        scopes={
            ScopeLevel.COUNTER: lambda m, a: m.counter_id == a.counter_id,
        },
        delete=True,
    )

    id: Mapped[Key]
    public_id: Mapped[str] = mapped_column(
        String(36),
        unique=True,
        default=lambda: public_id(datetime.now(UTC)),
        info=ui(_("Device number"), read_only=True),
    )
    name: Mapped[str] = mapped_column(String(80), index=True, info=ui(_("Name"), list=1, search=True, example="Quầy 3"))
    counter_id: Mapped[int] = mapped_column(ForeignKey("counter.id", ondelete="RESTRICT"), unique=True)
    counter: Mapped[Counter] = relationship(
        info=ui(_("Counter"), list=2, filter=True, create_only=True, help=_("One tablet stands at each counter."))
    )
    state: Mapped[TabletState] = mapped_column(
        default=TabletState.UNPAIRED, info=ui(_("State"), list=3, filter=True, read_only=True)
    )
    pairing_hash: Mapped[str | None] = mapped_column(
        String(64), unique=True, info=ui(_("Pairing code"), secret=True, form=False, detail=False)
    )
    pairing_expires_at: Mapped[datetime | None] = mapped_column(info=ui(_("Pairing code valid until"), read_only=True))
    key_hash: Mapped[str | None] = mapped_column(
        String(64), unique=True, info=ui(_("Device key"), secret=True, form=False, detail=False)
    )
    paired_at: Mapped[datetime | None] = mapped_column(info=ui(_("Paired"), list=4, read_only=True))
    revoked_at: Mapped[datetime | None] = mapped_column(info=ui(_("Revoked"), read_only=True))
    health: Mapped["TabletHealth | None"] = relationship(back_populates="tablet")

    def __str__(self) -> str:
        return self.name


searchable(Tablet)


class TabletHealth(Base):
    """What a tablet last said about itself: health only, never a rating."""

    __tablename__ = "tablet_health"
    __audited__: ClassVar = False

    tablet_id: Mapped[int] = mapped_column(ForeignKey("tablet.id", ondelete="CASCADE"), primary_key=True)
    tablet: Mapped[Tablet] = relationship(back_populates="health")
    seen_at: Mapped[datetime]
    app_version: Mapped[str] = mapped_column(String(40), default="")
    queue_length: Mapped[int] = mapped_column(default=0)
    oldest_unsent_at: Mapped[datetime | None]
    battery_percent: Mapped[int | None]
    is_plugged: Mapped[bool | None]
    clock_skew_ms: Mapped[int] = mapped_column(default=0)
    scale_version: Mapped[str] = mapped_column(String(40), default="")
