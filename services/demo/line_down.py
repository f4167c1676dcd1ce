"""A morning without a line at the demonstration centre: papers with numbers, entered afterwards."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from models.actor import Actor
from models.organisation import Counter
from services.demo.texts import LINE_DOWN
from services.dossiers import Intake
from services.emergency_receipts import prepare_booklet
from services.late_entries import begin_intake, confirm_late_entry, enter_intake
from services.session import acting


def lose_the_line(session: Session, *, clerk: Actor, leader: Actor, intakes: Sequence[Intake], at: datetime) -> None:
    """Prepare a booklet and enter ``intakes`` from it; the leader has confirmed all but the last."""
    with acting(session, clerk, at=at):
        counter = session.get_one(Counter, clerk.counter_id)
        booklet = prepare_booklet(session, counter=counter, count=20, at=at - timedelta(days=30))
        entries = []
        for place, intake in enumerate(intakes):
            entry = begin_intake(
                session,
                counter=counter,
                receipt_number=booklet.receipts[place].number,
                happened_at=at - timedelta(minutes=95 - 10 * place),
                reason=LINE_DOWN,
                at=at,
            )
            entries.append(enter_intake(session, entry, intake=intake, at=at))
    with acting(session, leader, at=at):
        for entry in entries[:-1]:
            confirm_late_entry(session, entry, at=at)
