"""What is wrong with a process before it may carry dossiers: every fault at once, each with the step it is about."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from graphlib import CycleError, TopologicalSorter
from typing import Any

from models.base import _
from models.procedure_terms import LimitUnit
from models.process import ProcessStep, ProcessTransition, StepKind, StepPlace, TransitionKind
from services.limits import Limit

K, W = StepKind, TransitionKind

DAYS_OF_A_MONTH = 30
WORKING_DAYS_OF_A_MONTH = 22
HOURS_OF_A_DAY = 8


@dataclass(frozen=True, slots=True)
class Problem:
    """One fault: a message id and its values."""

    message: str
    values: Mapping[str, Any]


def _problem(message: str, **values: Any) -> Problem:
    return Problem(message, values)


def list_problems(
    steps: Sequence[ProcessStep], ways: Sequence[ProcessTransition], *, limit: Limit | None, today: date
) -> list[Problem]:
    """Return every reason why this process cannot be published; ``limit`` is the procedure's shortest one.

    Source: docs/adr/0023-processes-as-data.md.
    """
    if not steps:
        return [_problem(_("The process has no steps."))]
    by_code = {step.code: step for step in steps}
    known = [way for way in ways if way.from_code in by_code and way.to_code in by_code]
    found = [*_ends(steps), *_unknown_codes(ways, by_code), *_places(steps, today)]
    found += [problem for way in known for problem in _direction(way, by_code)]
    found += [*_exits(steps, known), *_reach(steps, known)]
    found += _budget(steps, known, limit) if limit is not None else _circle(steps, known)
    return found


def _ends(steps: Sequence[ProcessStep]) -> Iterator[Problem]:
    starts = [step.name for step in steps if step.kind is K.RECEIVE]
    if not starts:
        yield _problem(_("No step is the receipt: give one the kind Receipt, with which every dossier begins."))
    if len(starts) > 1:
        yield _problem(_("More than one step is the receipt: %(steps)s. Keep one."), steps=", ".join(starts))
    if not any(step.kind is K.RETURN for step in steps):
        yield _problem(_("No step returns the result: give one the kind Return of the result, where dossiers end."))


def _unknown_codes(ways: Sequence[ProcessTransition], by_code: Mapping[str, ProcessStep]) -> Iterator[Problem]:
    for way in ways:
        for code in (way.from_code, way.to_code):
            if code not in by_code:
                yield _problem(_("“%(way)s” names the step %(code)s, which does not exist."), way=way.name, code=code)


def _places(steps: Sequence[ProcessStep], today: date) -> Iterator[Problem]:
    for step in steps:
        if step.place is StepPlace.NAMED and step.department is None:
            yield _problem(_("“%(step)s”: choose the department whose turn it is."), step=step.name)
        if step.kind is K.AGENCY and step.place is not StepPlace.NAMED:
            yield _problem(_("“%(step)s” is at another agency: choose a certain department."), step=step.name)
        department = step.department if step.place is StepPlace.NAMED else None
        if department is not None and department.valid_to_date is not None and department.valid_to_date < today:
            yield _problem(
                _("“%(step)s”: %(department)s no longer exists; choose its successor."),
                step=step.name,
                department=department.name,
            )


def _direction(way: ProcessTransition, by_code: Mapping[str, ProcessStep]) -> Iterator[Problem]:
    source, target = by_code[way.from_code], by_code[way.to_code]
    if target.kind is K.RECEIVE:
        yield _problem(_("“%(way)s” leads back to the receipt, which happens only once."), way=way.name)
    if (target.kind is K.RETURN) != (way.kind is W.FINISH):
        yield _problem(
            _("“%(way)s”: ways to the return of the result, and only they, have the direction To the result."),
            way=way.name,
        )
    if way.kind is W.FINISH and source.kind not in (K.WORK, K.DECIDE):
        yield _problem(_("“%(way)s”: a result comes from work or from a decision, nowhere else."), way=way.name)


def _exits(steps: Sequence[ProcessStep], ways: Sequence[ProcessTransition]) -> Iterator[Problem]:
    for step in steps:
        out = [way for way in ways if way.from_code == step.code]
        if step.kind is K.RETURN and out:
            yield _problem(_("“%(step)s” is an end: remove the way that leads on from it."), step=step.name)
        if step.kind is K.RECEIVE and len(out) != 1:
            yield _problem(
                _("“%(step)s” needs exactly one way on; it has %(number)s."), step=step.name, number=len(out)
            )
        if step.kind not in (K.RETURN, K.RECEIVE) and not out:
            yield _problem(_("“%(step)s” leads nowhere: add a way on from it."), step=step.name)


def _reach(steps: Sequence[ProcessStep], ways: Sequence[ProcessTransition]) -> Iterator[Problem]:
    onward = _walk([step.code for step in steps if step.kind is K.RECEIVE], {}, ways)
    backward = _walk([step.code for step in steps if step.kind is K.RETURN], {}, ways, is_backward=True)
    for step in steps:
        if step.code not in onward and step.kind is not K.RECEIVE:
            yield _problem(_("“%(step)s” cannot be reached from the receipt."), step=step.name)
        elif step.code not in backward and step.kind is not K.RETURN:
            yield _problem(_("From “%(step)s” no way leads to the return of the result."), step=step.name)


def _walk(
    start: list[str], seen: dict[str, None], ways: Sequence[ProcessTransition], *, is_backward: bool = False
) -> dict[str, None]:
    waiting = list(start)
    while waiting:
        code = waiting.pop()
        if code not in seen:
            seen[code] = None
            waiting += [
                way.from_code if is_backward else way.to_code
                for way in ways
                if (way.to_code if is_backward else way.from_code) == code
            ]
    return seen


def _order(steps: Sequence[ProcessStep], ways: Sequence[ProcessTransition]) -> tuple[list[str], dict[str, set[str]]]:
    """Return the steps in an order in which every way that is no way back leads on. Raises: CycleError."""
    before: dict[str, set[str]] = {step.code: set() for step in steps}
    for way in ways:
        if way.kind is not W.BACK:
            before[way.to_code].add(way.from_code)
    return list(TopologicalSorter(before).static_order()), before


def _circle(steps: Sequence[ProcessStep], ways: Sequence[ProcessTransition]) -> list[Problem]:
    try:
        _order(steps, ways)
    except CycleError as error:
        names = {step.code: step.name for step in steps}
        circle = " → ".join(names[code] for code in reversed(error.args[1]))
        return [
            _problem(_("These steps lead in a circle: %(steps)s. Give the way back the direction Back."), steps=circle)
        ]
    return []


def _budget(steps: Sequence[ProcessStep], ways: Sequence[ProcessTransition], limit: Limit) -> list[Problem]:
    """Compare the longest way forward with the limit; what is done again counts once."""
    try:
        order, before = _order(steps, ways)
    except CycleError:
        return _circle(steps, ways)
    by_code = {step.code: step for step in steps}
    longest: dict[str, tuple[Fraction, tuple[str, ...]]] = {}
    for code in order:
        step = by_code[code]
        own = step_days(step, worked=limit.is_worked)
        best = max((longest[other] for other in before[code]), default=(Fraction(0), ()))
        longest[code] = (best[0] + own, (*best[1], step.name) if own else best[1])
    total, names = max(longest.values())
    granted = _days(Fraction(limit.quantity), limit.unit, worked=limit.is_worked)
    if total <= granted:
        return []
    message = (
        _("The steps take %(total)s working days (%(steps)s), but the procedure grants %(granted)s.")
        if limit.is_worked
        else _("The steps take %(total)s calendar days (%(steps)s), but the procedure grants %(granted)s.")
    )
    return [_problem(message, total=_plain(total), steps=", ".join(names), granted=_plain(granted))]


def step_days(step: ProcessStep, *, worked: bool) -> Fraction:
    """Return a step's time in working days, or in calendar days; 0 without one."""
    if step.budget_quantity is None or step.budget_unit is None:
        return Fraction(0)
    return _days(Fraction(step.budget_quantity), step.budget_unit, worked=worked)


def _days(quantity: Fraction, unit: LimitUnit, *, worked: bool) -> Fraction:
    """Return a time as days; between working and calendar days by five of seven, cautiously."""
    if worked:
        per_unit = {
            LimitUnit.WORKING_DAY: Fraction(1),
            LimitUnit.HOUR: Fraction(1, HOURS_OF_A_DAY),
            LimitUnit.DAY: Fraction(1),
            LimitUnit.MONTH: Fraction(WORKING_DAYS_OF_A_MONTH),
        }
    else:
        per_unit = {
            LimitUnit.WORKING_DAY: Fraction(7, 5),
            LimitUnit.HOUR: Fraction(7, 5 * HOURS_OF_A_DAY),
            LimitUnit.DAY: Fraction(1),
            LimitUnit.MONTH: Fraction(DAYS_OF_A_MONTH),
        }
    return quantity * per_unit[unit]


def _plain(days: Fraction) -> str:
    return f"{float(days):.2f}".rstrip("0").rstrip(".")
