"""Where the funnel's points and lines lie."""

from types import SimpleNamespace

import pytest

from evaluation import statistics
from evaluation.pictures import draw_funnel
from evaluation.statistics import Band, Mark
from models.rating_scale import Polarity
from services.review import Figures, ServantFigures


def make_servant(satisfied: int, rated: int) -> ServantFigures:
    figures = Figures()
    figures.levels[5] = rated
    figures.polarities[Polarity.POSITIVE] = satisfied
    return ServantFigures(SimpleNamespace(full_name="Trần Văn Bình"), figures, Band.TYPICAL)


def test_marks_lie_higher_with_the_share_and_further_right_with_the_number():
    funnel = draw_funnel([make_servant(90, 100), make_servant(60, 100), make_servant(200, 210)], 0.9)
    good, bad, many = funnel.points

    assert good.y == funnel.centre
    assert bad.y > good.y > many.y > 0
    assert funnel.left < good.x == bad.x < many.x < funnel.right
    assert [point.mark for point in funnel.points] == [Mark.WITHIN, Mark.LOW_ALARM, Mark.HIGH_ALERT]


def test_too_few_ratings_make_no_mark_and_nobody_no_funnel():
    assert len(draw_funnel([make_servant(4, 4), make_servant(5, 5)], 0.9).points) == 1
    assert draw_funnel([make_servant(4, 4)], 0.9) is None


@pytest.mark.parametrize(("most", "last"), [(5, 5), (26, 50), (210, 250), (1001, 2500)])
def test_the_axis_ends_at_a_round_number_that_holds_everybody(most, last):
    funnel = draw_funnel([make_servant(most, most)], 0.9)

    assert [tick.value for tick in funnel.x_ticks] == [last * i // 5 for i in range(6)]
    assert [tick.value for tick in funnel.y_ticks] == [0.8, 0.9, 1.0]


def test_lines_end_where_the_limits_are_and_stay_in_the_drawing():
    funnel = draw_funnel([make_servant(450, 500)], 0.9)
    low, high = (line.split()[-1] for line in funnel.alert)
    limits = statistics.funnel_limits(500, 0.9)
    share_at = {tick.value: tick.at for tick in funnel.y_ticks}
    height = share_at[0.8] - share_at[1.0]

    for end, limit in ((low, limits.low), (high, limits.high)):
        x, y = (float(value) for value in end.split(","))
        assert x == funnel.right
        assert y == pytest.approx(share_at[1.0] + (1 - limit) / 0.2 * height, abs=0.1)
    heights = [float(pair.split(",")[1]) for line in (*funnel.alert, *funnel.alarm) for pair in line.split()]
    assert min(heights) >= share_at[1.0]
    assert max(heights) <= share_at[0.8]
