"""Parts of a procedure in words of the reader's language: limits, fees, differences between versions."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from flask_babel import gettext

from models.base import Choice, _
from models.procedure import Procedure, ProcedureVersion
from models.procedure_content import ExecutionMethod, FeeRule
from models.procedure_terms import AgencyRole, FeeKind, LimitUnit, OnlineService, ProcedureKind
from models.states import Channel, ReturnMethod
from services.limits import Limit
from services.procedure_import.difference import LABELS
from services.procedures import limit_of
from web.formats import local_date, money, number, yes_no

LEVELS = {
    "is_ministry_level": _("Ministry"),
    "is_province_level": _("Province"),
    "is_commune_level": _("Commune or ward"),
    "is_vertical_level": _("Vertical agency"),
    "is_other_level": _("Other agency"),
}
NOT_STATED = _("not stated")
_CHOICES: Mapping[str, type[Choice]] = {"kind": ProcedureKind, "online_service": OnlineService}
_DATES = ("decision_date", "publication_date")


def levels_of(procedure: Procedure) -> list[str]:
    """Return the levels of government that carry the procedure out."""
    return [gettext(label) for attribute, label in LEVELS.items() if getattr(procedure, attribute)]


def limit_words(limit: Limit) -> str:
    """Return a time limit in words: "3,5 ngày làm việc"."""
    return gettext(limit.phrase) % {"quantity": number(Decimal(limit.plain_quantity))}


def method_limit(method: ExecutionMethod) -> str:
    """Return the limit of a way to apply; its own words, or that none is stated, where it cannot be computed."""
    limit = limit_of(method)
    if limit is not None:
        return limit_words(limit)
    if method.limit_text:
        return method.limit_text
    if method.limit_quantity:
        return gettext("%(quantity)s, unit not stated", quantity=number(method.limit_quantity.normalize()))
    return gettext(NOT_STATED)


def fee_amount(fee: FeeRule) -> str:
    """Return the amount; "" where only the words of the fee say it.

    Nothing to pay with words beside it is no promise: the words often say that the province sets the amount.
    """
    if fee.foreign_amount is not None:
        return f"{number(fee.foreign_amount)} {fee.foreign_currency}"
    if fee.amount_vnd is None or (fee.amount_vnd == 0 and fee.description):
        return ""
    return gettext("Free of charge") if fee.amount_vnd == 0 else money(fee.amount_vnd)


def fee_span(fees: Sequence[FeeRule]) -> str:
    """Return the smallest and the largest amount of several fees; "" where only words say them."""
    amounts = [fee.amount_vnd for fee in fees if fee.amount_vnd]
    if not amounts:
        return ""
    return money(amounts[0]) if len(set(amounts)) == 1 else f"{money(min(amounts))} – {money(max(amounts))}"


def return_lines(version: ProcedureVersion) -> list[str]:
    """Return how results come back, one line for each way of applying: "Online: at the counter, by post"."""
    return [_return_line(line) for line in (version.return_methods or "").split("\n") if line]


def _return_line(line: str) -> str:
    way, _colon, places = line.partition(": ")
    names = ", ".join(gettext(ReturnMethod(place).label) for place in places.split())
    return f"{gettext(Channel(way).label)}: {names}"


@dataclass(frozen=True, slots=True)
class Change:
    """One part that changed: its name, what was there and what is there now, in readable lines."""

    label: str
    removed: Sequence[str]
    added: Sequence[str]


def changes_of(version: ProcedureVersion) -> list[Change]:
    """Return what ``version`` says otherwise than the one before it."""
    return [_change(entry) for entry in version.difference or ()]


def _change(entry: Mapping[str, Any]) -> Change:
    part = entry["part"]
    removed = entry["removed"] if "removed" in entry else [entry["before"]]
    added = entry["added"] if "added" in entry else [entry["after"]]
    return Change(gettext(LABELS[part]), _written(part, removed), _written(part, added))


def _written(part: str, items: Sequence[Any]) -> list[str]:
    return [line for line in (_item(part, item) for item in items if item is not None) if line]


def _item(part: str, item: Any) -> str:
    if part in _CHOICES:
        return gettext(_CHOICES[part](item).label)
    if part in _DATES:
        return local_date(date.fromisoformat(item))
    if part == "levels":
        return gettext(LEVELS[item])
    if part == "return_methods":
        return _return_line(item)
    if isinstance(item, bool):
        return yes_no(item)
    return _object(part, item) if isinstance(item, dict) else str(item)


def _object(part: str, item: Mapping[str, Any]) -> str:
    if part == "methods":
        return _method(item)
    if part == "documents":
        return _document(item)
    if part == "agencies":
        return f"{gettext(AgencyRole(item['role']).label)}: {item['name']}"
    return " · ".join(filter(None, [item["code"], item["name"], _limit(item)]))


def _limit(item: Mapping[str, Any]) -> str:
    if not item.get("limit_unit"):
        return item.get("limit_text") or ""
    return limit_words(Limit(Decimal(item["limit_quantity"]), LimitUnit(item["limit_unit"])))


def _method(item: Mapping[str, Any]) -> str:
    fees = [
        " ".join(
            filter(
                None,
                [
                    gettext(FeeKind(fee["kind"]).label),
                    money(fee["amount_vnd"]),
                    f"{fee['foreign_amount']} {fee['foreign_currency']}" if fee["foreign_amount"] is not None else "",
                    f"({fee['description']})" if fee["description"] else "",
                ],
            )
        )
        for fee in item["fees"]
    ]
    parts = [gettext(Channel(item["channel"]).label), _limit(item) or gettext(NOT_STATED), item["description"], *fees]
    return " · ".join(part for part in parts if part)


def _document(item: Mapping[str, Any]) -> str:
    counts = gettext("originals: %(originals)s, copies: %(copies)s", originals=item["originals"], copies=item["copies"])
    forms = ", ".join(form["name"] for form in item["forms"])
    return " · ".join(filter(None, [item["case"], item["name"] or item["code"], counts, forms]))
