"""What a counter is found by: its number and its name."""

import pytest
from sqlalchemy.orm import Session

from models.organisation import Counter
from services.listing import ListRequest, list_rows
from tests.support.people import seed_hall


@pytest.mark.parametrize(("typed", "found"), [("2", [2]), ("quay 3", [3]), ("23", [])])
def test_a_counter_is_found_by_its_number(session: Session, now, typed, found):
    seed_hall(session)

    rows = list_rows(session, Counter, ListRequest(search=typed), at=now).rows

    assert [row.number for row in rows] == found
