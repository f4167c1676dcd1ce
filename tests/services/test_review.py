"""What supervisors see, what departments do not, and what nobody sees about themselves."""

from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise

import pytest
from sqlalchemy import select

from evaluation.statistics import Band
from models.actor import Actor, Permit, ScopeLevel
from models.audit import AuditEvent
from models.evaluation import AskState, RatingEventKind, Surface
from models.rating_scale import RatingScale
from services.asks import issue_ask, record_ask_event
from services.own_review import summarise_own_review
from services.ratings import CitizenEvent, record_phone_event, record_rating_event
from services.review import (
    Filter,
    Period,
    find_servant,
    list_comments,
    list_departments,
    list_reasons,
    summarise_review,
)
from services.scales import find_default_scale, publish_scale
from services.session import DeniedError, acting
from tests.support.evaluation import Hall


@dataclass
class Centre:
    """A hall whose visits are rated in one line."""

    session: object
    hall: Hall
    count: int = 0

    def visit(self, level=None, *, staff=None, at=None, reasons=(), text="", is_training=False, end=None):
        """Have a visitor served, asked, and rating with ``level`` (None: keeping silent)."""
        at = at or self.hall.at
        visit = self.hall.make_visit(at, is_training=is_training)
        dealing = self.hall.make_dealing(visit, at, **({"staff": staff} if staff else {}))
        ask = issue_ask(self.session, transaction=dealing, at=at)
        facts = {"surface": Surface.TABLET, "occurred_at": at, "at": at}
        record_ask_event(self.session, ask=ask, state=AskState.SHOWN, **facts)
        if end is not None:
            record_ask_event(self.session, ask=ask, state=end, **facts)
        if level is not None:
            self._answer(ask, at, RatingEventKind.SCORE, level=level)
            if reasons:
                self._answer(ask, at, RatingEventKind.REASONS, reasons=reasons)
            if text:
                self._answer(ask, at, RatingEventKind.TEXT, text=text)

    def _answer(self, ask, at, kind, **facts):
        self.count += 1
        scale = find_default_scale(self.session)
        if kind is RatingEventKind.SCORE:
            facts["level_order"] = tuple(level.value for level in scale.levels)
        record_phone_event(
            self.session,
            ask=ask,
            key=f"event-{self.count}",
            rating_key=f"rating-{ask.id}",
            kind=kind,
            scale_id=scale.id,
            at=at,
            **facts,
        )


@pytest.fixture
def centre(session, now) -> Centre:
    return Centre(session, Hall(session, now))


DAY = date(2017, 5, 17)
WANTED = Filter(period=Period(DAY - timedelta(days=29), DAY))


def reader(reach=ScopeLevel.ALL, *, staff_id=None, departments=()) -> Actor:
    own = frozenset(departments)
    return Actor(
        user_id=1,
        staff_id=staff_id,
        department_ids=own,
        tree_ids=own,
        permits={("review", "read"): Permit(reach)},
        name="reader",
    )


def test_figures_count_what_happened_and_silence_is_no_satisfaction(session, centre):
    for level in (5, 5, 4, 3, 1):
        centre.visit(level)
    centre.visit(end=AskState.DECLINED)
    centre.visit(end=AskState.TIMED_OUT)
    centre.visit(5, is_training=True)

    with acting(session, reader()):
        total = summarise_review(session, wanted=WANTED).total

    assert (total.finished, total.shown, total.rated, total.satisfied, total.bad) == (7, 7, 5, 3, 1)
    assert (total.declined, total.timed_out, dict(total.levels)) == (1, 1, {1: 1, 3: 1, 4: 1, 5: 2})
    assert (total.coverage.bounds.low, total.coverage.bounds.high) == (3 / 7, 5 / 7)


def test_days_outside_the_period_are_left_out(session, centre, now):
    centre.visit(5, at=now - timedelta(days=30))
    centre.visit(5, at=now - timedelta(days=29))

    with acting(session, reader()):
        assert summarise_review(session, wanted=WANTED).total.rated == 1


def test_servants_stand_in_the_order_of_given_names_with_bands(session, centre):
    good, bad = centre.hall.make_staff("Trần Văn Ân"), centre.hall.make_staff("Lê Thị Bình")
    for number in range(40):
        centre.visit(5, staff=good)
        centre.visit(5 if number < 12 else 1, staff=bad)
    for _ in range(4):
        centre.visit(5)

    with acting(session, reader()):
        servants = summarise_review(session, wanted=WANTED).servants

    assert [(each.staff.full_name, each.band) for each in servants] == [
        ("Trần Văn Ân", Band.ABOVE),
        ("Lê Thị Bình", Band.BELOW),
        ("Nguyễn Thị Minh Khai", Band.HIDDEN),
    ]


def test_scales_are_never_mixed_silently(session, centre, now):
    centre.visit(5)
    centre.visit(4)
    publish_scale(session, scale=session.scalar(select(RatingScale).where(RatingScale.code == "THREE")), at=now)
    centre.visit(1)

    with acting(session, reader()):
        review = summarise_review(session, wanted=WANTED)

    assert (review.scale.code, review.on_other_scales, review.total.rated, review.total.rated_in_all) == (
        "FIVE",
        1,
        2,
        3,
    )


def test_a_head_of_department_sees_the_own_people_only(session, centre):
    other = centre.hall.make_staff("Lê Thị Bình", department=centre.hall.make_department())
    centre.visit(5)
    centre.visit(1, staff=other, text="Chờ lâu", reasons=("LATE",))
    head = reader(ScopeLevel.TREE, departments=[centre.hall.department.id])

    with acting(session, head):
        review = summarise_review(session, wanted=WANTED)
        seen = (
            [each.staff.id for each in review.servants],
            review.total.rated,
            list_comments(session, wanted=WANTED),
            list_reasons(session, wanted=WANTED),
            [department.id for department in list_departments(session)],
            find_servant(session, staff_id=other.id),
        )

    assert seen == ([centre.hall.servant.id], 1, [], [], [centre.hall.department.id], None)


def test_a_demand_for_money_goes_outside_the_unit(session, centre):
    centre.visit(1, text="Gợi ý tiền", reasons=("MONEY", "LATE"))
    head = reader(ScopeLevel.TREE, departments=[centre.hall.department.id])

    with acting(session, head):
        assert [each.reason.code for each in list_reasons(session, wanted=WANTED)] == ["LATE"]
        assert list_comments(session, wanted=WANTED) == []
    with acting(session, reader()):
        assert sorted(each.reason.code for each in list_reasons(session, wanted=WANTED)) == ["LATE", "MONEY"]
        assert [comment.text for comment in list_comments(session, wanted=WANTED)] == ["Gợi ý tiền"]


def test_a_rated_supervisor_sees_nothing_of_themselves_nor_can_subtract_it(session, centre):
    other = centre.hall.make_staff("Lê Thị Bình")
    for _ in range(6):
        centre.visit(1, text="Chậm", reasons=("LATE",))
    centre.visit(5, staff=other)
    supervisor = reader(staff_id=centre.hall.servant.id)

    with acting(session, supervisor):
        review = summarise_review(session, wanted=WANTED)
        seen = (
            review.total.rated,
            review.total.finished,
            [(each.is_own, each.figures.finished, each.figures.rated) for each in review.servants],
            list_reasons(session, wanted=WANTED),
            list_comments(session, wanted=WANTED),
            find_servant(session, staff_id=centre.hall.servant.id),
        )

    assert seen == (1, 1, [(False, 1, 1), (True, 0, 0)], [], [], None)


def test_reading_single_ratings_is_written_down(session, centre):
    centre.visit(1, text="Chờ lâu")
    session.commit()

    with acting(session, reader()):
        list_comments(session, wanted=WANTED)
        session.commit()

    acts = session.execute(
        select(AuditEvent.entity, AuditEvent.action, AuditEvent.user_id).where(AuditEvent.action == "read")
    )
    assert [tuple(act) for act in acts] == [("rating", "read", 1)]


def test_who_may_not_read_reviews_is_refused(session, centre):
    with acting(session, Actor(user_id=1, staff_id=centre.hall.servant.id, name="clerk")):
        for read in (summarise_review, list_reasons, list_comments):
            with pytest.raises(DeniedError):
                read(session, wanted=WANTED)
        with pytest.raises(DeniedError):
            summarise_own_review(session, today=DAY)


def test_own_figures_come_in_closed_runs_of_days_a_week_late(session, centre, now):
    servant = reader(ScopeLevel.OWN, staff_id=centre.hall.servant.id)
    for days_ago, levels in (
        (20, (5, 5, 1)),
        (19, (5, 4)),
        (18, (1,)),
        (12, (5, 5, 5, 5)),
        (9, (3,)),
        (3, (1, 1, 1, 1, 1)),
    ):
        for level in levels:
            centre.visit(level, at=now - timedelta(days=days_ago))

    with acting(session, servant):
        own = summarise_own_review(session, today=DAY)

    assert [(str(b.first), str(b.last), b.satisfied, b.neutral, b.bad) for b in own.blocks] == [
        ("2017-04-27", "2017-04-28", 4, 0, 1),
        ("2017-04-29", "2017-05-05", 4, 0, 1),
    ]
    assert own.total.rated == 10


def test_a_closed_run_never_changes_and_the_next_one_adds_five(session, centre, now):
    """Whatever two days one looks on, what was added is nothing or a whole run of five or more."""
    servant = reader(ScopeLevel.OWN, staff_id=centre.hall.servant.id)
    for days_ago in range(30, 7, -1):
        centre.visit(1 + days_ago % 5, at=now - timedelta(days=days_ago))

    seen = []
    for later in range(-22, 8):
        with acting(session, servant):
            seen.append(summarise_own_review(session, today=DAY + timedelta(days=later)).blocks)

    for before, after in pairwise(seen):
        assert after[: len(before)] == before
        assert all(block.rated >= 5 for block in after[len(before) :])
    assert len(seen[-1]) == 4


def test_an_answer_that_arrives_after_its_run_closed_is_left_out(session, centre, now):
    servant = reader(ScopeLevel.OWN, staff_id=centre.hall.servant.id)
    for _ in range(5):
        centre.visit(5, at=now - timedelta(days=20))
    with acting(session, servant):
        before = summarise_own_review(session, today=DAY).blocks
    dealing = centre.hall.make_dealing(at=now - timedelta(days=20))
    ask = issue_ask(session, transaction=dealing, at=now - timedelta(days=20))
    scale = find_default_scale(session)

    record_rating_event(
        session,
        ask=ask,
        event=CitizenEvent(
            key="late",
            rating_key="late",
            kind=RatingEventKind.SCORE,
            sequence=1,
            occurred_at=now - timedelta(days=20),
            scale_id=scale.id,
            level=1,
            level_order=(1, 2, 3, 4, 5),
        ),
        surface=Surface.TABLET,
        at=now,
    )

    with acting(session, servant):
        assert summarise_own_review(session, today=DAY).blocks == before


def test_own_comments_come_shuffled_in_weeks_of_eight_without_what_goes_outside(session, centre, now):
    servant = reader(ScopeLevel.OWN, staff_id=centre.hall.servant.id)
    for number in range(9):
        centre.visit(2, at=now - timedelta(days=22, minutes=-number), text=f"Ý kiến {number}")
    centre.visit(1, at=now - timedelta(days=22), text="Đòi tiền", reasons=("MONEY",))
    centre.visit(1, at=now - timedelta(days=10), text="Một mình")

    with acting(session, servant):
        batches = summarise_own_review(session, today=DAY).batches
        again = summarise_own_review(session, today=DAY).batches

    assert [(str(batch.first), str(batch.last)) for batch in batches] == [("2017-04-24", "2017-04-30")]
    assert sorted(batches[0].texts) == [f"Ý kiến {number}" for number in range(9)]
    assert list(batches[0].texts) != sorted(batches[0].texts)
    assert batches == again
