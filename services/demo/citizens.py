"""How the citizens of the demonstration rate: what they tap on the tablet, and what they do not."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import count
from random import Random

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from models.actor import Actor
from models.evaluation import Ask, AskState, RatingEventKind, Surface
from models.organisation import Counter
from models.staff import Staff
from models.tablet import Tablet
from models.visit import Transaction, Visit
from services.asks import record_ask_event
from services.demo.texts import BAD_REASONS, COMPLAINTS, PRAISE
from services.ratings import CitizenEvent, record_rating_event
from services.scales import find_default_scale
from services.session import acting
from services.tablets import tablet_actor

LOW = 2


@dataclass(frozen=True, slots=True)
class Temper:
    """How people answer at a counter: the share that rates, and the weights of the five levels, worst first."""

    answers: float
    levels: tuple[int, ...]


USUAL = Temper(0.56, (1, 4, 9, 42, 44))
TEMPERS = {
    5: Temper(0.62, (0, 1, 4, 30, 65)),  # liked
    6: Temper(0.60, (5, 13, 17, 40, 25)),  # much waiting
    8: Temper(0.18, (1, 3, 8, 44, 44)),  # few answer
}


def draw_temper(rng: Random, number: int) -> Temper:
    """Return how people answer at counter ``number``."""
    known = TEMPERS.get(number, USUAL)
    return Temper(min(0.9, max(0.05, known.answers + rng.uniform(-0.06, 0.06))), known.levels)


class Voice:
    """Answers asks on behalf of citizens, through the tablet of the counter."""

    def __init__(self, session: Session, rng: Random) -> None:
        self.session, self.rng = session, rng
        scale = find_default_scale(session)
        if scale is None:
            raise LookupError("no rating scale is in use")
        self.scale_id = scale.id
        self.values = tuple(level.value for level in scale.levels)
        self.numbers = count(1)
        options = joinedload(Tablet.counter).joinedload(Counter.site)
        self.tablets = {
            tablet.counter_id: (tablet.id, tablet_actor(tablet))
            for tablet in session.scalars(select(Tablet).options(options))
        }

    def staff(self, actor: Actor) -> Staff:
        """Return the person behind a clerk's actor."""
        return self.session.get_one(Staff, actor.staff_id)

    def answer(self, temper: Temper, *, visit: Visit, dealing: Transaction, at: datetime) -> None:
        """Show the ask of a finished dealing and let the citizen answer, decline or walk away."""
        if dealing.counter_id is None:
            return
        tablet_id, device = self.tablets[dealing.counter_id]
        with acting(self.session, device, at=at):
            ask = self.session.scalar(select(Ask).where(Ask.visit_id == visit.id, Ask.staff_id == dealing.staff_id))
            if ask is None:
                return
            shown_at = at + timedelta(seconds=2)
            self._tell(ask, AskState.SHOWN, shown_at, tablet_id)
            if self.rng.random() < temper.answers:
                self._rate(ask, temper, shown_at + timedelta(seconds=self.rng.uniform(3, 14)), tablet_id)
            elif self.rng.random() < 0.35:
                self._tell(ask, AskState.DECLINED, shown_at + timedelta(seconds=self.rng.uniform(2, 12)), tablet_id)
            else:
                self._tell(ask, AskState.TIMED_OUT, shown_at + timedelta(seconds=90), tablet_id)

    def _tell(self, ask: Ask, state: AskState, at: datetime, tablet_id: int) -> None:
        record_ask_event(
            self.session, ask=ask, state=state, surface=Surface.TABLET, occurred_at=at, at=at, tablet_id=tablet_id
        )

    def _rate(self, ask: Ask, temper: Temper, at: datetime, tablet_id: int) -> None:
        number = next(self.numbers)
        level = self.rng.choices(self.values, temper.levels)[0]
        reason = self.rng.choices([code for code, _ in BAD_REASONS], [weight for _, weight in BAD_REASONS])[0]
        steps: list[dict[str, object]] = [
            {"kind": RatingEventKind.SCORE, "level": level, "level_order": self.values},
        ]
        if level <= LOW and self.rng.random() < 0.8:
            steps.append({"kind": RatingEventKind.REASONS, "reasons": (reason,)})
            if self.rng.random() < 0.6:
                steps.append({"kind": RatingEventKind.TEXT, "text": self.rng.choice(COMPLAINTS[reason])})
        elif level == self.values[-1] and self.rng.random() < 0.12:
            steps.append({"kind": RatingEventKind.TEXT, "text": self.rng.choice(PRAISE)})
        for sequence, step in enumerate(steps, 1):
            moment = at + timedelta(seconds=5 * (sequence - 1))
            event = CitizenEvent(
                key=f"demo-{ask.public_id}-{sequence}", rating_key=f"demo-{ask.public_id}-{number}", sequence=sequence,
                occurred_at=moment, scale_id=self.scale_id, **step,  # type: ignore[arg-type]
            )  # fmt: skip
            record_rating_event(
                self.session, ask=ask, event=event, surface=Surface.TABLET, at=moment, tablet_id=tablet_id
            )
