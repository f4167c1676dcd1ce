"""The commands of the evaluation."""

from datetime import timedelta

import pytest
from sqlalchemy import select, text

from models.evaluation import Ask, AskState
from models.rating_scale import RatingScale
from tests.support.tablets import Counter3, send


@pytest.fixture
def counter(app, now) -> Counter3:
    return Counter3(app, now)


def run(app, *arguments):
    return app.test_cli_runner().invoke(args=list(arguments))


def test_an_empty_centre_gets_its_scales(app):
    first, second = run(app, "seed-rating-scales"), run(app, "seed-rating-scales")

    assert (first.exit_code, second.exit_code, first.output) == (0, 0, second.output)


def test_asks_that_are_over_are_closed(counter):
    counter.finish_dealing()
    counter.pass_time(timedelta(days=8).total_seconds())

    assert [run(counter.app, "expire-asks").output for _ in range(2)] == ["1 asks closed.\n", "0 asks closed.\n"]
    with counter.session() as session:
        assert session.scalars(select(Ask.state)).all() == [AskState.EXPIRED]
        assert len(session.scalars(select(RatingScale)).all()) == 3


def test_a_rating_changed_by_plain_sql_is_named(counter):
    send(counter.pair(), counter.score(counter.finish_dealing(), 1))
    assert run(counter.app, "check-ratings").exit_code == 0

    with counter.session() as session:
        session.execute(text("UPDATE rating_standing SET value = 5, polarity = 'POSITIVE'"))

    answer = run(counter.app, "check-ratings")
    assert (answer.exit_code, answer.output) == (1, "Error: not what their events say: ratings 1\n")
