"""Many dossiers alike from a list, in the browser: looked at, received, mended."""

from datetime import datetime

import pytest
from flask import Flask

from models.dossier import Dossier
from models.visit import Transaction
from tests.admin_views.test_counter import text
from tests.support.counter import Hall, make_hall


@pytest.fixture
def hall(any_app: Flask, now: datetime) -> Hall:
    return make_hall(any_app, now)


def test_a_list_is_looked_at_received_and_mended(hall):
    clerk = hall.browser("clerk")
    people = "Lê Văn Tám\t075090000001\t0912345671\nHồ Hai\t07519000"
    form = {key: value for key, value in hall.form().items() if key not in ("act", "full_name", "id_number", "phone")}
    empty = clerk.get("/counter/intake/many/").status_code
    looked = text(clerk.post("/counter/intake/many/", **form, people=people, act="check"))
    seen = hall.all(Dossier)
    received = text(clerk.post("/counter/intake/many/", **form, people=people, act="receive"))
    hall.clock.forward(seconds=2)
    mended = people.replace("07519000", "075190000005")
    done = text(clerk.post("/counter/intake/many/", **form, people=mended, act="receive"))
    nothing = clerk.post("/counter/intake/many/", **form, people=" ", act="receive")
    dossiers = hall.all(Dossier)

    assert (empty, seen, "Số định danh có 8 chữ số" in looked, nothing.status_code) == (200, [], True, 422)
    assert ('maxlength="60000"' in received, "Hồ Hai\t07519000</textarea>" in received) == (True, True)
    assert [dossier.applicant_name for dossier in dossiers] == ["Lê Văn Tám", "Hồ Hai"]
    assert [dossier.code in done for dossier in dossiers] == [True, True]
    assert [row.dossier_id for row in hall.all(Transaction)] == [dossier.id for dossier in dossiers]
