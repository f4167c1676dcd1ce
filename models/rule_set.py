"""The rules dossiers live under, dated: what the law says about supplements, extensions and apologies."""

from datetime import date
from typing import ClassVar

from sqlalchemy import CheckConstraint, String
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Choice, Key, Screen, _, grant, ui
from models.ddl import append_only
from models.organisation import READ_ALL
from models.states import RuleSet


class SupplementRule(Choice):
    """How the limit counts once the missing papers arrived."""

    RESTART = "RESTART", _("The whole limit counts anew")
    CONTINUE = "CONTINUE", _("What is left of the limit goes on")


class RuleTerms(Base):
    """What a rule set says from a day on; never changed, a later row takes its place for dossiers received then.

    A dossier keeps the row it was received under.
    """

    __tablename__ = "rule_terms"
    __table_args__ = (
        CheckConstraint("supplement_requests > 0", name="supplement_requests_positive"),
        CheckConstraint("supplement_days > 0", name="supplement_days_positive"),
        CheckConstraint("extensions >= 0 AND extension_lead_days >= 0", name="extensions_not_negative"),
    )
    __screen__: ClassVar = Screen(
        title=_("Rule sets"),
        singular=_("Rule set"),
        group=_("Procedures"),
        icon="journal-text",
        help=_("New rules are a new row from their first day on; dossiers received before keep the earlier ones."),
        order="-valid_from_date",
        grants={"ADMIN": grant("read history export create"), **READ_ALL},
        edit=False,
    )

    id: Mapped[Key]
    valid_from_date: Mapped[date] = mapped_column(
        unique=True, info=ui(_("For dossiers received from"), list=1, help=_("The first day of intake they hold for."))
    )
    code: Mapped[RuleSet] = mapped_column(info=ui(_("Rule set"), list=2, filter=True))
    supplement_rule: Mapped[SupplementRule] = mapped_column(info=ui(_("After a supplement"), list=3))
    supplement_requests: Mapped[int | None] = mapped_column(
        info=ui(
            _("Supplement requests allowed"),
            list=4,
            help=_("A further one needs a leader and a ground, and is marked; empty: as many as it takes."),
        )
    )
    supplement_days: Mapped[int | None] = mapped_column(
        info=ui(
            _("Working days to ask for a supplement"),
            list=5,
            help=_("Counted from receipt; a later request is marked. Empty: at any time."),
        )
    )
    extensions: Mapped[int] = mapped_column(default=1, info=ui(_("Extensions allowed"), list=6))
    extension_lead_days: Mapped[int] = mapped_column(
        default=1,
        info=ui(
            _("Days before the due date"),
            list=7,
            help=_(
                "An extension with its apology is signed so many days before at the latest; 0: before the due time."
            ),
        ),
    )
    source: Mapped[str | None] = mapped_column(
        String(300), info=ui(_("Source"), list=8, help=_("The text of law the rules come from."))
    )

    def __str__(self) -> str:
        return f"{self.code.value} · {self.valid_from_date:%d/%m/%Y}"


append_only(RuleTerms)
