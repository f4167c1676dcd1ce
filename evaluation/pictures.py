"""Where the points and lines of the review's pictures lie, in units of the drawing; the templates draw them."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from evaluation import statistics
from evaluation.statistics import HIDDEN_BELOW, Mark
from services.review import ServantFigures

WIDTH, HEIGHT = 720, 260
LEFT, RIGHT, TOP, BOTTOM = 52, 12, 10, 34
Z_ALERT, Z_ALARM = 1.959964, 3.090232
LINES = 60


@dataclass(frozen=True, slots=True)
class Point:
    """One servant: the place in the drawing, and how far out by the exact tail."""

    servant: ServantFigures
    x: float
    y: float
    mark: Mark


@dataclass(frozen=True, slots=True)
class Tick:
    """A value on an axis (a count, or a share from 0 to 1) and its place."""

    at: float
    value: float


@dataclass(frozen=True, slots=True)
class Funnel:
    """Shares over the number of ratings, with the limits of chance as polylines."""

    points: list[Point]
    centre: float
    alert: list[str]
    alarm: list[str]
    x_ticks: list[Tick]
    y_ticks: list[Tick]
    width: int = WIDTH
    height: int = HEIGHT
    left: int = LEFT
    right: int = WIDTH - RIGHT


def draw_funnel(servants: Iterable[ServantFigures], general: float) -> Funnel | None:
    """Return the funnel around the ``general`` share; None where nobody has as many ratings as may be shown."""
    shown = [servant for servant in servants if servant.figures.rated >= HIDDEN_BELOW]
    if not shown:
        return None
    step = _step(max(servant.figures.rated for servant in shown))
    most = step * 5
    least = min(servant.figures.satisfied / servant.figures.rated for servant in shown)
    bottom = min(0.8, int(min(least, general) * 10) / 10)

    def x(n: float) -> float:
        return round(LEFT + n / most * (WIDTH - LEFT - RIGHT), 1)

    def y(share: float) -> float:
        return round(TOP + (1 - max(share, bottom)) / (1 - bottom) * (HEIGHT - TOP - BOTTOM), 1)

    def lines(z: float) -> list[str]:
        counts = [max(1.0, (i / LINES) ** 2 * most) for i in range(LINES + 1)]
        limits = [(n, statistics.funnel_limits(n, general, z)) for n in counts]
        return [
            " ".join(f"{x(n)},{y(limit.low)}" for n, limit in limits),
            " ".join(f"{x(n)},{y(limit.high)}" for n, limit in limits),
        ]

    return Funnel(
        points=[_place(servant, general, x, y) for servant in shown],
        centre=y(general),
        alert=lines(Z_ALERT),
        alarm=lines(Z_ALARM),
        x_ticks=[Tick(x(step * i), step * i) for i in range(6)],
        y_ticks=[Tick(y(share), share) for share in (bottom, (1 + bottom) / 2, 1.0)],
    )


def _place(servant: ServantFigures, general: float, x: Callable[[float], float], y: Callable[[float], float]) -> Point:
    k, n = servant.figures.satisfied, servant.figures.rated
    return Point(servant, x(n), y(k / n), statistics.mark_of(k, n, general))


def _step(most: int) -> int:
    """Return a round fifth of the axis that reaches ``most``."""
    return next(step for exponent in range(9) for step in (m * 10**exponent for m in (1, 2, 5)) if step * 5 >= most)
