"""Time limits as they are written: ``3.5 working_day``, ``2 hour``, ``10 day``, ``1 month``."""

from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from models.base import _
from models.procedure_terms import LimitUnit
from services.errors import UserError

MICROSECONDS_PER_MINUTE = 60_000_000
MICROSECONDS_PER_HOUR = 60 * MICROSECONDS_PER_MINUTE
WORKING_DAY_MICROSECONDS = 480 * MICROSECONDS_PER_MINUTE
"""What a full working day counts, however long it is at a site. Source: domain.md 2.4, design decision 2."""

LONGEST_QUANTITY = 9999
_MOST_DECIMALS = 4

_WORDS = {unit.value.lower(): unit for unit in LimitUnit} | {f"{unit.value.lower()}s": unit for unit in LimitUnit}

_PHRASES = {
    LimitUnit.WORKING_DAY: (_("%(quantity)s working day"), _("%(quantity)s working days")),
    LimitUnit.HOUR: (_("%(quantity)s working hour"), _("%(quantity)s working hours")),
    LimitUnit.DAY: (_("%(quantity)s calendar day"), _("%(quantity)s calendar days")),
    LimitUnit.MONTH: (_("%(quantity)s month"), _("%(quantity)s months")),
}


class LimitUnreadableError(UserError):
    """A limit was written in a way that cannot be read."""

    message = _(
        "%(text)s is not a time limit: write a number and a unit, such as 3.5 working_day, 2 hour, 10 day or 1 month."
    )


class LimitQuantityError(UserError):
    """The quantity of a limit is not one that can be computed with."""

    message = _("%(quantity)s is not a usable number: enter more than 0, at most 9999, with at most four decimals.")


class LimitMonthsError(UserError):
    """A part of a month has no length."""

    message = _("%(quantity)s months cannot be counted: enter whole months, or give the limit in days.")


@dataclass(frozen=True, slots=True)
class Limit:
    """How long a procedure may take.

    Raises: LimitQuantityError, LimitMonthsError where it cannot be computed with.
    """

    quantity: Decimal
    unit: LimitUnit

    def __post_init__(self) -> None:
        quantity = self.quantity
        usable = quantity.is_finite() and 0 < quantity <= LONGEST_QUANTITY
        if not usable or quantity != round(quantity, _MOST_DECIMALS):
            raise LimitQuantityError(quantity=quantity)
        if self.unit is LimitUnit.MONTH and quantity != quantity.to_integral_value():
            raise LimitMonthsError(quantity=quantity)

    @classmethod
    def parse(cls, text: str) -> "Limit":
        """Return the limit that ``text`` says; the unit in any case, singular or plural, comma or point.

        Raises: LimitUnreadableError, LimitQuantityError, LimitMonthsError.
        """
        number, _blank, word = text.strip().partition(" ")
        unit = _WORDS.get("_".join(word.lower().split()))
        try:
            quantity = Decimal(number.replace(",", "."))
        except InvalidOperation:
            raise LimitUnreadableError(text=text) from None
        if unit is None:
            raise LimitUnreadableError(text=text)
        return cls(quantity, unit)

    def __str__(self) -> str:
        """Return the limit as ``parse`` reads it, without needless zeros."""
        return f"{self.plain_quantity} {self.unit.value.lower()}"

    @property
    def plain_quantity(self) -> str:
        """The quantity without trailing zeros or an exponent."""
        text = f"{self.quantity:f}"
        return text.rstrip("0").rstrip(".") if "." in text else text

    @property
    def is_worked(self) -> bool:
        """Whether only working time uses it up."""
        return self.unit in (LimitUnit.WORKING_DAY, LimitUnit.HOUR)

    @property
    def phrase(self) -> str:
        """The message id that says the limit in words; its one value is ``quantity``."""
        return _PHRASES[self.unit][self.quantity != 1]

    @property
    def budget_microseconds(self) -> int | None:
        """The time it grants: working time for working days and hours, elapsed time for days, None for months."""
        per_unit = {
            LimitUnit.WORKING_DAY: WORKING_DAY_MICROSECONDS,
            LimitUnit.HOUR: MICROSECONDS_PER_HOUR,
            LimitUnit.DAY: 24 * MICROSECONDS_PER_HOUR,
        }.get(self.unit)
        return None if per_unit is None else int(self.quantity * per_unit)
