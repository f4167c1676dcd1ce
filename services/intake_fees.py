"""What a dossier is charged: the fees that fit its channel and case, how often, and at what amount."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from models.base import _
from models.cash import DossierFee
from models.dossier import Dossier
from models.procedure_content import FeeRule
from models.text import fold
from services.errors import UserError
from services.intake_quote import Quote

MOST_TIMES = 999
MOST_VND = 100_000_000_000


class FeeAmountMissingError(UserError):
    message = _("Enter the amount of: %(fee)s. The rules do not fix it.")


@dataclass(frozen=True, kw_only=True, slots=True)
class Charge:
    """A fee that applies, how often, and its amount a time where the rules leave it to the clerk (whole đồng)."""

    fee_id: int
    quantity: int = 1
    amount_vnd: int | None = None


def is_open_amount(fee: FeeRule) -> bool:
    """Return whether only the words of a fee say how much: no amount, or a nought that its words explain."""
    return fee.amount_vnd is None or (fee.amount_vnd == 0 and bool(fee.description))


def suggest_fees(quote: Quote) -> frozenset[int]:
    """Return the fees ticked beforehand: the only one there is, or those whose words name the chosen case.

    The catalogue keeps fees by channel; that one belongs to a case only its words say.
    """
    if len(quote.fees) == 1:
        return frozenset(fee.id for fee in quote.fees)
    case = fold(quote.case.name or "") if quote.case else ""
    if not case:
        return frozenset()
    return frozenset(fee.id for fee in quote.fees if case in fold(fee.description or ""))


def charges_total(quote: Quote, charges: Iterable[Charge]) -> int:
    """Return what ``charges`` come to in whole đồng. Raises: FeeAmountMissingError."""
    return sum(amount for _rule, _charge, amount in _priced(quote, charges))


def add_fees(session: Session, dossier: Dossier, quote: Quote, charges: Sequence[Charge]) -> None:
    """Keep what ``dossier`` is charged, as it is now; fees that change later change nothing of it."""
    for position, (rule, charge, amount) in enumerate(_priced(quote, charges), start=1):
        session.add(
            DossierFee(
                dossier_id=dossier.id,
                fee_rule_id=rule.id,
                position=position,
                kind=rule.kind,
                description=rule.description,
                quantity=charge.quantity,
                amount_vnd=amount,
            )
        )


def _priced(quote: Quote, charges: Iterable[Charge]) -> list[tuple[FeeRule, Charge, int]]:
    chosen = {charge.fee_id: charge for charge in charges}
    return [(fee, charge, _amount(fee, charge)) for fee in quote.fees if (charge := chosen.get(fee.id)) is not None]


def _amount(fee: FeeRule, charge: Charge) -> int:
    once = charge.amount_vnd if is_open_amount(fee) else fee.amount_vnd
    if once is None:
        raise FeeAmountMissingError(fee=fee.description or fee.kind.value)
    return min(once, MOST_VND) * min(max(charge.quantity, 1), MOST_TIMES)
