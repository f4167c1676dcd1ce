"""The permit log taken back as a whole: gone from every list, search and figure, and taken in anew."""

import pytest
from flask import Flask
from sqlalchemy import func, select

from extensions import db
from models.applicant import Applicant
from models.base import Base
from models.batch import Batch, BatchRow, RowOutcome
from models.dossier import Dossier, DossierEvent
from models.procedure import Procedure
from models.states import EventKind
from services.session import including_deleted, unscoped
from tests.commands.test_legacy import LOG, MAPPING, figures, report, run
from tests.support.clients import client_as
from tests.support.screens import send


def count(model: type[Base], *conditions: object) -> int:
    return db.session.scalar(select(func.count()).select_from(model).where(*conditions)) or 0


@pytest.mark.data
@pytest.mark.skipif(not LOG.exists(), reason="the shared permit log is missing")
def test_the_permit_log_is_taken_back_as_a_whole_and_comes_in_again(app: Flask) -> None:
    dossiers = ("import", "dossiers", str(LOG), "--create-missing", "--mapping", str(MAPPING))
    run(app, *dossiers)
    run(app, "import", "dossier-events", str(LOG), "--mapping", str(MAPPING))
    admin = client_as(app, "ADMIN")
    with app.app_context(), unscoped(db.session(), "test"):
        names = db.session.scalars(select(Batch.public_id).order_by(Batch.id.desc())).all()
        code = db.session.scalar(select(Dossier.code).limit(1))
        before = report(app)

    for name in names:
        assert send(admin, f"/admin/batches/{name}/undo", {}).status_code == 303
        assert app.test_cli_runner().invoke(args=["worker", "--once"]).exit_code == 0

    assert before["received"] == 1434
    assert {name: value for name, value in report(app).items() if value not in (0, "–", None)} == {}
    shown = {
        address: "/details/?id=" in admin.get(address).text
        for address in ("/admin/dossier/", f"/admin/dossier/?q={code}", f"/search?q={code}", "/admin/applicant/")
    }
    assert shown == dict.fromkeys(shown, False)
    assert len(admin.get("/admin/dossier/export/?format=csv").text.splitlines()) == 1
    with app.app_context(), unscoped(db.session(), "test"):
        assert count(BatchRow, BatchRow.outcome == RowOutcome.REFUSED) == 0
        assert [count(model) for model in (Dossier, Applicant, Procedure)] == [0, 0, 0]
        assert count(DossierEvent, DossierEvent.kind == EventKind.IMPORTED) == 8577
        with including_deleted(db.session()):
            assert count(Dossier, Dossier.annulled_at.is_not(None)) == 1434
    assert figures(run(app, *dossiers)) == [1434, 0, 7143, 0, 8577]
    assert report(app) == before
