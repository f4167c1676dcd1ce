"""Limits as they are written, read and refused."""

from decimal import Decimal

import pytest

from models.procedure_terms import LimitUnit
from services.limits import Limit, LimitMonthsError, LimitQuantityError, LimitUnreadableError


@pytest.mark.parametrize(
    ("text", "quantity", "unit", "written"),
    [
        ("3.5 working_day", "3.5", LimitUnit.WORKING_DAY, "3.5 working_day"),
        (" 6,25  Working Days ", "6.25", LimitUnit.WORKING_DAY, "6.25 working_day"),
        ("2 hour", "2", LimitUnit.HOUR, "2 hour"),
        ("10.00 DAY", "10", LimitUnit.DAY, "10 day"),
        ("100 days", "100", LimitUnit.DAY, "100 day"),
        ("1 month", "1", LimitUnit.MONTH, "1 month"),
        ("1e1 month", "10", LimitUnit.MONTH, "10 month"),
    ],
)
def test_limit_is_read_and_written(text, quantity, unit, written):
    limit = Limit.parse(text)

    assert limit == Limit(Decimal(quantity), unit)
    assert str(limit) == written
    assert Limit.parse(str(limit)) == limit


@pytest.mark.parametrize("text", ["", "3", "working_day", "three day", "3 year", "3 working", "3day"])
def test_limit_that_cannot_be_read_says_how_to_write_one(text):
    with pytest.raises(LimitUnreadableError, match=r"write a number and a unit, such as 3\.5 working_day"):
        Limit.parse(text)


@pytest.mark.parametrize("quantity", ["0", "-1", "NaN", "Infinity", "10000", "0.00001"])
def test_quantity_that_cannot_be_counted_is_refused(quantity):
    with pytest.raises(LimitQuantityError, match="enter more than 0, at most 9999"):
        Limit(Decimal(quantity), LimitUnit.DAY)


def test_part_of_a_month_is_refused():
    with pytest.raises(LimitMonthsError, match="enter whole months"):
        Limit.parse("1.5 month")


@pytest.mark.parametrize(
    ("text", "microseconds"),
    [
        ("0.5 working_day", 240 * 60_000_000),
        ("0.0001 working_day", 2_880_000),
        ("2 hour", 120 * 60_000_000),
        ("1.5 day", 36 * 3600 * 1_000_000),
        ("1 month", None),
    ],
)
def test_limit_grants_its_budget(text, microseconds):
    assert Limit.parse(text).budget_microseconds == microseconds
