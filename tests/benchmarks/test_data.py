"""The measured centre is what the report says it is, whatever becomes of the models."""

from datetime import datetime

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from benchmarks import data, figures
from models.access import User
from models.dossier import Dossier
from services.database import make_engine
from services.listing import ListRequest, list_rows
from services.roles import build_actor
from services.session import acting, unscoped


def test_a_measured_centre_is_filled(database_url: str, now: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    """The administrator sees every dossier, the clerk those of the small department; search finds all spellings."""
    for name, number in {"DEPARTMENTS": 3, "PROCEDURES": 8, "STAFF": 4, "SMALL_SHARE": 100, "RARE_EVERY": 200}.items():
        monkeypatch.setattr(data, name, number)
    data.build(database_url, 400, now=now)
    engine = make_engine(database_url)
    with Session(engine) as session:
        with unscoped(session, "test"):
            users = session.scalars(select(User).where(User.user_name.in_((data.ADMINISTRATOR, data.CLERK)))).all()
            actors = {user.user_name: build_actor(session, user) for user in users}
            assert session.scalar(select(func.count()).select_from(Dossier)) == 400
        with acting(session, actors[data.ADMINISTRATOR]):
            everything = list_rows(session, Dossier, ListRequest(), at=now)
            found = {
                words: {row.id for row in list_rows(session, Dossier, ListRequest(search=words), at=now).rows}
                for words in (data.RARE, data.RARE.lower(), "dang quynh nhu")
            }
        with acting(session, actors[data.CLERK]):
            own = list_rows(session, Dossier, ListRequest(), at=now)
    engine.dispose()

    assert everything.count == 400
    assert list(found.values()) == [{177, 377}] * 3
    assert {row.id for row in own.rows} == {100, 200, 300, 400}


def test_reports_count_what_happened_to_a_measured_centre(now: datetime, tmp_path, monkeypatch) -> None:
    """The month's report over the filled-in history holds what its own sums say; filling it in again adds nothing."""
    for name, number in {"DEPARTMENTS": 3, "PROCEDURES": 8, "STAFF": 4}.items():
        monkeypatch.setattr(data, name, number)
    url = f"sqlite:///{tmp_path / 'measured.db'}"
    data.build(url, 600, now=now)

    measured = [figures.measure_figures(url, rounds=1) for _ in range(2)]

    assert [one.received for one in measured] == [measured[0].received] * 2
    assert 10 < measured[0].received < 25  # a thirty-sixth of 600
