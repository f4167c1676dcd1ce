"""What citizens are asked: versioned questionnaires with their question, levels, faces and reasons.

Once a version is in use its wording never changes (``services/scales.py`` refuses it), so that what a rating meant
can be read years later; a change is a new version.
"""

from datetime import datetime
from typing import ClassVar, Literal

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Base, Choice, Key, Screen, Versioned, _, grant, ui
from models.ddl import searchable
from models.search import Searchable

Language = Literal["vi", "en", "zh"]
LANGUAGES: tuple[Language, ...] = ("vi", "en", "zh")

GRANTS = {
    "ADMIN": grant("manage publish"),
    "SUPERVISOR": grant("oversee"),
    "DIRECTOR": grant("oversee"),
    "AUDITOR": grant("oversee"),
}


class Polarity(Choice):
    """Whether a level or a reason is praise or blame; figures use this and never the number of a level."""

    POSITIVE = "POSITIVE", _("Positive")
    NEUTRAL = "NEUTRAL", _("Neutral")
    NEGATIVE = "NEGATIVE", _("Negative")


class Face(Choice):
    """A drawn face; mouth and brow differ, so that it is told apart without colour."""

    VERY_BAD = "VERY_BAD", _("Very unhappy")
    BAD = "BAD", _("Unhappy")
    NEUTRAL = "NEUTRAL", _("Neutral face")
    GOOD = "GOOD", _("Happy")
    VERY_GOOD = "VERY_GOOD", _("Very happy")


class ScaleState(Choice):
    """A draft can be edited; what was shown to citizens cannot."""

    DRAFT = "DRAFT", _("Draft")
    IN_USE = "IN_USE", _("In use")
    RETIRED = "RETIRED", _("Retired")


class ReasonAbout(Choice):
    """What a reason blames or praises; only the first is about the person."""

    OFFICER = "OFFICER", _("The public servant")
    PROCESS = "PROCESS", _("The procedure")
    HALL = "HALL", _("The hall and its equipment")


class ReasonIcon(Choice):
    """The picture on a reason's button."""

    SPEECH = "SPEECH", _("Speech bubble")
    DOCUMENT = "DOCUMENT", _("Document")
    ARROWS = "ARROWS", _("Arrows back and forth")
    PAPERS = "PAPERS", _("Stack of papers")
    CLOCK = "CLOCK", _("Clock")
    MONEY = "MONEY", _("Money")
    PERSON = "PERSON", _("Person")
    HALL = "HALL", _("Building")
    HEART = "HEART", _("Heart")
    DOTS = "DOTS", _("Three dots")


class Worded:
    """Mixin: one wording per language that citizens see."""

    wording_vi: Mapped[str] = mapped_column(
        String(120), info=ui(_("Vietnamese"), list=3, search=True, section=_("Wording"))
    )
    wording_en: Mapped[str] = mapped_column(
        String(120), info=ui(_("English"), list=4, search=True, section=_("Wording"))
    )
    wording_zh: Mapped[str] = mapped_column(
        String(120), info=ui(_("Chinese"), list=5, search=True, section=_("Wording"))
    )

    def wording(self, language: str) -> str:
        """Return the wording in ``language``, Vietnamese for one that is not kept."""
        wording: str = getattr(self, f"wording_{language if language in LANGUAGES else 'vi'}")
        return wording


class RatingScale(Searchable, Worded, Versioned, Base):
    """One version of what is asked: the question with its levels and reasons."""

    __tablename__ = "rating_scale"
    __table_args__ = (
        UniqueConstraint("code", "version"),
        CheckConstraint("version >= 1", name="version_positive"),
        Index(
            "uq_rating_scale_default",
            "is_default",
            unique=True,
            sqlite_where=text("is_default"),
            postgresql_where=text("is_default"),
        ),
    )
    __screen__: ClassVar = Screen(
        title=_("Rating scales"),
        singular=_("Rating scale"),
        group=_("Evaluation"),
        icon="sliders",
        help=_("A version in use cannot be changed: make a new version, edit it, then put it in use."),
        order="code",
        grants=GRANTS,
        children=("levels", "reasons"),
        grid=("levels", "reasons"),
    )

    id: Mapped[Key]
    code: Mapped[str] = mapped_column(
        String(40), index=True, info=ui(_("Code"), list=1, search=True, create_only=True, format="code", example="FIVE")
    )
    version: Mapped[int] = mapped_column(default=1, info=ui(_("Version"), list=2, create_only=True))
    name: Mapped[str] = mapped_column(String(120), info=ui(_("Name"), search=True, example="Năm mức"))
    state: Mapped[ScaleState] = mapped_column(
        default=ScaleState.DRAFT, info=ui(_("State"), list=6, filter=True, read_only=True)
    )
    is_default: Mapped[bool] = mapped_column(default=False, info=ui(_("Shown on the tablets"), list=7, read_only=True))
    published_at: Mapped[datetime | None] = mapped_column(info=ui(_("In use since"), read_only=True))
    retired_at: Mapped[datetime | None] = mapped_column(info=ui(_("Retired since"), read_only=True))
    levels: Mapped[list["RatingLevel"]] = relationship(
        back_populates="scale", order_by="RatingLevel.value", info=ui(_("Levels"), form=False)
    )
    reasons: Mapped[list["RatingReason"]] = relationship(
        back_populates="scale", order_by="RatingReason.position", info=ui(_("Reasons"), form=False)
    )

    def __str__(self) -> str:
        return f"{self.name} · {self.version}"


searchable(RatingScale)


class RatingLevel(Searchable, Worded, Versioned, Base):
    """One face of a scale; ``value`` runs from the worst (1) to the best."""

    __tablename__ = "rating_level"
    __table_args__ = (
        UniqueConstraint("scale_id", "value"),
        CheckConstraint("value BETWEEN 1 AND 9", name="value_in_range"),
    )
    __screen__: ClassVar = Screen(
        title=_("Rating levels"),
        singular=_("Rating level"),
        group=_("Evaluation"),
        icon="emoji-smile",
        order="scale_id",
        grants=GRANTS,
    )

    id: Mapped[Key]
    scale_id: Mapped[int] = mapped_column(ForeignKey("rating_scale.id", ondelete="RESTRICT"), index=True)
    scale: Mapped[RatingScale] = relationship(
        back_populates="levels", info=ui(_("Rating scale"), list=1, filter=True, create_only=True)
    )
    value: Mapped[int] = mapped_column(
        info=ui(_("Place"), list=2, help=_("1 is the worst level, the highest number the best."))
    )
    polarity: Mapped[Polarity] = mapped_column(
        info=ui(_("Counts as"), list=6, filter=True, help=_("Positive counts as satisfied, negative as dissatisfied."))
    )
    face: Mapped[Face] = mapped_column(info=ui(_("Face"), list=7))

    def __str__(self) -> str:
        return self.wording_vi


searchable(RatingLevel)


class RatingReason(Searchable, Worded, Versioned, Base):
    """A reason a citizen may tap after rating; what it is about decides whose figures it enters."""

    __tablename__ = "rating_reason"
    __table_args__ = (UniqueConstraint("scale_id", "code"),)
    __screen__: ClassVar = Screen(
        title=_("Rating reasons"),
        singular=_("Rating reason"),
        group=_("Evaluation"),
        icon="chat-dots",
        order="scale_id",
        grants=GRANTS,
    )

    id: Mapped[Key]
    scale_id: Mapped[int] = mapped_column(ForeignKey("rating_scale.id", ondelete="RESTRICT"), index=True)
    scale: Mapped[RatingScale] = relationship(
        back_populates="reasons", info=ui(_("Rating scale"), list=1, filter=True, create_only=True)
    )
    code: Mapped[str] = mapped_column(
        String(40), info=ui(_("Code"), list=2, search=True, create_only=True, format="code", example="ATTITUDE")
    )
    position: Mapped[int] = mapped_column(
        default=1, info=ui(_("Place"), help=_("Order on the tablet; six fit the screen."))
    )
    about: Mapped[ReasonAbout] = mapped_column(info=ui(_("About"), list=6, filter=True))
    polarity: Mapped[Polarity] = mapped_column(default=Polarity.NEGATIVE, info=ui(_("Counts as"), list=7, filter=True))
    icon: Mapped[ReasonIcon] = mapped_column(default=ReasonIcon.DOTS, info=ui(_("Icon")))
    is_sensitive: Mapped[bool] = mapped_column(
        default=False,
        info=ui(
            _("Goes outside the unit"),
            filter=True,
            help=_("Hidden from the servant and from the servant's own superiors; for demands for money."),
        ),
    )

    def __str__(self) -> str:
        return self.wording_vi


searchable(RatingReason)
