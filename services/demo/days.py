"""Three months at the demonstration centre, told through the services in the order of time.

Everything that happens is an entry of a queue sorted by time: visitors come, specialists decide, results go out, and
each entry may add later ones. What lies after ``at`` does not happen, and so is open, due or overdue.
"""

import heapq
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from itertools import count
from random import Random

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.access import User
from models.actor import Actor
from models.dossier import Dossier
from models.organisation import Counter
from models.postal_list import PostalList
from models.reminder import CallOutcome, ReminderKind
from models.states import Channel, DossierState, ProofKind, ResultKind, ReturnMethod
from models.visit import Presence, Transaction, TransactionKind, Visit
from services.applicants import ApplicantFacts
from services.asks import expire_asks
from services.calendar import load_calendar
from services.counter_sessions import close_counter_session, find_open_counter_session, open_counter_session
from services.demo.centre import Centre
from services.demo.citizens import Voice
from services.demo.desks import Desk, Offer, read_desks
from services.demo.handing_over import make_collector, put_on_postal_list
from services.demo.line_down import lose_the_line
from services.demo.people import make_citizen, make_firm
from services.demo.texts import (
    ANNULMENTS,
    DELIVERY_FAILURES,
    MERITS,
    PAYMENTS,
    REFUSALS,
    REOPENINGS,
    SUPPLEMENTS,
    WITHDRAWALS,
)
from services.demo.together import work_together
from services.dossiers import (
    Chosen,
    Intake,
    annul_dossier,
    collect_results,
    confirm_delivery,
    fail_delivery,
    finish_dossier,
    receive_dossier,
    receive_supplement,
    refuse_at_intake,
    reopen_dossier,
    request_payment,
    request_supplement,
    request_withdrawal,
    send_result,
    settle_payment,
    shelve_result,
    start_work,
    stop_dossier,
)
from services.localtime import LOCAL_ZONE, local_date
from services.postal_lists import list_items, send_postal_list
from services.roles import build_actor
from services.session import acting
from services.visits import call_next, finish_transaction, leave, open_transaction, register_visit
from services.waiting_results import record_reminder

DAYS_LIVED = 92
HURRY = {3: 22, 6: 20, 5: 14, 2: 10, 8: 8, 10: 6, 4: 5, 11: 5, 7: 4, 9: 4, 13: 4, 12: 3, 1: 2}
"""How many of a hundred come to each counter of the main hall; the outlying hall's counters get seven each."""

WAITING_TODAY = 9


class Days:
    """The simulation. ``run`` yields the number of dossiers so far after each day; the caller commits."""

    def __init__(self, session: Session, centre: Centre, *, rng: Random, at: datetime, dossiers: int) -> None:
        self.session, self.rng, self.at, self.wanted = session, rng, at, dossiers
        self.queue: list[tuple[datetime, int, Callable[[datetime], object]]] = []
        self.ticks = count()
        self.made = 0
        self.postal_lists: dict[int, int] = {}
        self.desks = read_desks(session, centre, rng)
        self.specialists = {key: self._actor(user_id) for key, user_id in centre.specialists.items()}
        self.director = self._actor_named("giamdoc")
        self.voice = Voice(session, rng)
        site = session.get_one(Counter, self.desks[0].counter_id).site
        self.calendar = load_calendar(session, site, at - timedelta(days=DAYS_LIVED + 10))

    # ---- what is known before the first day

    def _actor(self, user_id: int) -> Actor:
        return build_actor(self.session, self.session.get_one(User, user_id))

    def _actor_named(self, user_name: str) -> Actor:
        return self._actor(self.session.scalars(select(User.id).where(User.user_name == user_name)).one())

    # ---- time

    def run(self) -> Iterator[int]:
        """Let the days pass."""
        self._plan_arrivals()
        today: date | None = None
        while self.queue:
            at, _, happen = heapq.heappop(self.queue)
            if today is not None and local_date(at) != today:
                self._close_counters(today)
                yield self.made
            today = local_date(at)
            happen(at)
        if today is not None and today != local_date(self.at):
            self._close_counters(today)
        self._leave_waiting()
        self._train()
        self._lose_the_line()
        self._fill_the_hall()
        self._work_together()
        expire_asks(self.session, at=self.at)
        yield self.made

    def push(self, at: datetime, happen: Callable[[datetime], object]) -> bool:
        """Let something happen at the next working moment from ``at`` on; False if that has not come by now."""
        moment = self.calendar.next_working_instant(at)
        if moment != at:
            moment = self.calendar.next_working_instant(moment + timedelta(minutes=self.rng.uniform(4, 95)))
        moment = moment.astimezone(UTC).replace(microsecond=0)
        has_come = moment < self.at - timedelta(minutes=12)
        if has_come:
            heapq.heappush(self.queue, (moment, next(self.ticks), happen))
        return has_come

    def _plan_arrivals(self) -> None:
        days = [
            day
            for back in range(DAYS_LIVED, -1, -1)
            if self.calendar.day(day := local_date(self.at) - timedelta(days=back)).is_worked
        ]
        weights = [HURRY.get(desk.number, 1) if desk.is_main else 7 for desk in self.desks]
        for desk in self.rng.choices(
            self.desks, weights, k=max(self.wanted - 1, 0)
        ):  # one comes while the line is down
            while not self.push(self._draw_moment(days), lambda at, desk=desk: self.arrive(desk, at)):
                pass  # later today: draw again

    def _draw_moment(self, days: list[date]) -> datetime:
        minute = self.rng.choice([self.rng.uniform(12, 250), self.rng.uniform(395, 575)])
        return datetime.combine(self.rng.choice(days), time(7), LOCAL_ZONE) + timedelta(minutes=minute)

    def _close_counters(self, day: date) -> None:
        closing = datetime.combine(day, time(17), LOCAL_ZONE) + timedelta(minutes=self.rng.uniform(1, 20))
        for desk in self.desks:
            if not desk.is_open:
                continue
            desk.is_open = False
            with acting(self.session, desk.actor, at=closing):
                opened = find_open_counter_session(self.session, desk.counter_id)
                if opened is not None:
                    close_counter_session(self.session, counter_session=opened, at=closing)

    # ---- at the counter

    def arrive(self, desk: Desk, at: datetime) -> None:
        """Take a dossier in, most of them from somebody at the counter, some online or by post."""
        channel = self.rng.choices([Channel.COUNTER, Channel.ONLINE, Channel.POST], [68, 25, 7])[0]
        offer = self.rng.choice(desk.offers)
        if channel not in offer.fees:
            channel = Channel.COUNTER
        intake = self._intake(offer, channel)
        fate = self.rng.random()
        if fate < 0.03 and channel is Channel.COUNTER:
            self.serve(desk, at, TransactionKind.COUNSELLING, lambda counter, now: None)
        if fate > 0.975:
            self.serve(
                desk, at, TransactionKind.REFUSAL, channel=channel,
                act=lambda counter, now: refuse_at_intake(
                    self.session, intake=intake, reason=self.rng.choice(REFUSALS), counter=counter, at=now
                ),
            )  # fmt: skip
        else:
            self.serve(
                desk, at, TransactionKind.INTAKE, channel=channel,
                act=lambda counter, now: self._receive(desk, intake, counter, now),
            )  # fmt: skip
        self.made += 1

    def _receive(self, desk: Desk, intake: Intake, counter: Counter, at: datetime) -> Dossier:
        dossier = receive_dossier(self.session, intake=intake, counter=counter, at=at)
        key = dossier.id
        if self.rng.random() < 0.012:
            self.push(at + timedelta(minutes=15), lambda now: self.annul(desk, key, now))
        else:
            self.push(at + timedelta(hours=self.rng.uniform(0.3, 7)), lambda now: self.start(desk, key, now))
        return dossier

    def _intake(self, offer: Offer, channel: Channel) -> Intake:
        case_id, papers = self.rng.choice(offer.cases)
        applicant = make_firm(self.rng) if offer.for_firms else make_citizen(self.rng)
        ways = [ReturnMethod.COUNTER, ReturnMethod.POST, ReturnMethod.ONLINE]
        shares = {Channel.COUNTER: [62, 34, 4], Channel.ONLINE: [20, 42, 38], Channel.POST: [10, 88, 2]}[channel]
        sender = make_citizen(self.rng) if self.rng.random() < (0.9 if offer.for_firms else 0.12) else ApplicantFacts()
        return Intake(
            procedure_id=offer.procedure_id, case_id=case_id, applicant=applicant, channel=channel, papers=papers,
            return_method=self.rng.choices(ways, shares)[0], charges=offer.fees[channel],
            submitter_name=sender.full_name, submitter_id_number=sender.id_number,
            submitter_proof=ProofKind.MESSENGER if sender.full_name else None,
        )  # fmt: skip

    def serve(
        self,
        desk: Desk,
        at: datetime,
        kind: TransactionKind,
        act: Callable[[Counter, datetime], Dossier | None],
        *,
        channel: Channel = Channel.COUNTER,
    ) -> None:
        """Have the clerk of ``desk`` deal with somebody; at the counter within a visit, which ends with the ask."""
        at = max(at, desk.free_at)
        done = at + timedelta(seconds=self.rng.randint(150, 620))
        with acting(self.session, desk.actor, at=at):
            counter = self.session.get_one(Counter, desk.counter_id)
            if not desk.is_open:
                open_counter_session(self.session, counter=counter, staff=self.voice.staff(desk.actor), at=at)
                desk.is_open = True
            visit = self._call(counter, at) if channel is Channel.COUNTER else None
            dealing = open_transaction(
                self.session, kind=kind, counter=counter, at=at, visit=visit, presence=Presence(channel.value)
            )
            dossier = act(counter, done - timedelta(seconds=45))
            finish_transaction(self.session, transaction=dealing, at=done, dossier=dossier)
        desk.free_at = done + timedelta(seconds=self.rng.randint(60, 200))
        if visit is not None:
            self._send_off(desk, visit, dealing, done)

    def _call(self, counter: Counter, at: datetime) -> Visit | None:
        waited = timedelta(minutes=self.rng.gammavariate(2, 4))
        register_visit(self.session, site=counter.site, counter=counter, at=at - waited)
        return call_next(self.session, counter=counter, at=at)

    def _send_off(self, desk: Desk, visit: Visit, dealing: Transaction, at: datetime) -> None:
        self.voice.answer(desk.temper, visit=visit, dealing=dealing, at=at)
        with acting(self.session, desk.actor, at=at):
            leave(self.session, visit=visit, at=at + timedelta(seconds=self.rng.randint(40, 59)))

    # ---- in the department

    def _dossier(self, key: int) -> Dossier:
        return self.session.get_one(Dossier, key)

    def start(self, desk: Desk, key: int, at: datetime) -> None:
        """Begin work; what becomes of the dossier is drawn here."""
        dossier = self._work(key, at, lambda d: start_work(self.session, d, at=at))
        fate, step = self.rng.random(), self._share_of_limit(dossier, at, 0.1, 0.35)
        if fate < 0.09:
            self.push(step, lambda now: self.ask_papers(desk, key, now))
        elif fate < 0.15 and desk.number == 6:
            self.push(step, lambda now: self.ask_payment(desk, key, now))
        elif fate < 0.165:
            self.push(step, lambda now: self.withdraw(key, now))
        else:
            self._plan_finish(desk, dossier, at)

    def _work(self, key: int, at: datetime, verb: Callable[[Dossier], object]) -> Dossier:
        dossier = self._dossier(key)
        with acting(self.session, self.specialists[dossier.department_id], at=at):
            verb(dossier)
        return dossier

    def _share_of_limit(self, dossier: Dossier, at: datetime, least: float, most: float) -> datetime:
        left = (dossier.due_at - at) if dossier.due_at else timedelta(days=10)
        return at + max(left, timedelta(hours=1)) * self.rng.uniform(least, most)

    def _plan_finish(self, desk: Desk, dossier: Dossier, at: datetime) -> None:
        key, due_at = dossier.id, dossier.due_at
        if self.rng.random() < 0.02:
            return  # it lies under a pile, and will be found overdue
        if due_at is not None and self.rng.random() < 0.075:
            end = due_at + timedelta(hours=self.rng.expovariate(1 / 40))
        else:
            end = self._share_of_limit(dossier, at, 0.3, 0.95)
            if due_at is not None and self.calendar.next_working_instant(end) > due_at > at:
                end = due_at - timedelta(minutes=self.rng.uniform(2, 25))
        self.push(max(end, at + timedelta(minutes=10)), lambda now: self.finish(desk, key, now))

    def ask_papers(self, desk: Desk, key: int, at: datetime) -> None:
        """Ask for a supplement, which most applicants bring."""
        reason, answer_by = self.rng.choice(SUPPLEMENTS), local_date(at) + timedelta(days=30)
        self._work(
            key, at, lambda d: request_supplement(self.session, d, reason=reason, at=at, answer_by_date=answer_by)
        )
        if self.rng.random() < 0.8:
            self.push(at + timedelta(days=self.rng.uniform(1, 9)), lambda now: self.bring_papers(desk, key, now))

    def bring_papers(self, desk: Desk, key: int, at: datetime) -> None:
        """Take the supplement at the counter."""

        def take(counter: Counter, now: datetime) -> Dossier:
            dossier = receive_supplement(self.session, self._dossier(key), at=now)
            self._plan_finish(desk, dossier, now)
            return dossier

        self.serve(desk, at, TransactionKind.SUPPLEMENT, take)

    def ask_payment(self, desk: Desk, key: int, at: datetime) -> None:
        """Ask for taxes, which are paid within days."""
        self._work(key, at, lambda d: request_payment(self.session, d, reason=self.rng.choice(PAYMENTS), at=at))
        self.push(at + timedelta(days=self.rng.uniform(0.5, 7)), lambda now: self.settle(desk, key, now))

    def settle(self, desk: Desk, key: int, at: datetime) -> None:
        """Go on once it is paid."""
        dossier = self._work(key, at, lambda d: settle_payment(self.session, d, at=at))
        self._plan_finish(desk, dossier, at)

    def withdraw(self, key: int, at: datetime) -> None:
        """The applicant wants the dossier back, which is confirmed a little later."""
        reason = self.rng.choice(WITHDRAWALS)
        self._work(key, at, lambda d: request_withdrawal(self.session, d, reason=reason, at=at))
        self.push(
            at + timedelta(hours=self.rng.uniform(2, 60)),
            lambda now: self._work(key, now, lambda d: stop_dossier(self.session, d, reason=reason, at=now)),
        )

    def annul(self, desk: Desk, key: int, at: datetime) -> None:
        """Annul what was entered by mistake."""
        with acting(self.session, desk.actor, at=at):
            annul_dossier(self.session, self._dossier(key), reason=self.rng.choice(ANNULMENTS), at=at)

    def finish(self, desk: Desk, key: int, at: datetime) -> None:
        """Decide, and plan how the result gets to the applicant."""
        is_granted = self.rng.random() > 0.035
        dossier = self._work(
            key, at,
            lambda d: finish_dossier(
                self.session, d, kind=ResultKind.GRANTED if is_granted else ResultKind.REFUSED_ON_MERITS, at=at,
                document_number=f"{self.rng.randint(20, 4000)}/KQ-BN", document_date=local_date(at),
                reason=None if is_granted else self.rng.choice(MERITS),
            ),
        )  # fmt: skip
        if dossier.return_method is ReturnMethod.POST:
            self.push(at + timedelta(hours=self.rng.uniform(2, 20)), lambda now: self.post(desk, key, now))
        elif dossier.return_method is ReturnMethod.ONLINE:
            self.push(at + timedelta(minutes=self.rng.uniform(5, 50)), lambda now: self.send(desk, key, now))
        else:
            self.push(at + timedelta(minutes=self.rng.uniform(20, 180)), lambda now: self.shelve(desk, key, now))
            if self.rng.random() < 0.95:
                self.push(at + timedelta(days=self.rng.uniform(0.2, 7)), lambda now: self.collect(desk, key, now))
            else:
                self.push(at + timedelta(days=self.rng.uniform(8, 12)), lambda now: self.remind(desk, key, now))

    # ---- handing over

    def shelve(self, desk: Desk, key: int, at: datetime) -> None:
        """Put a result that came to the counter on its shelf, if nobody collected it before."""
        with acting(self.session, desk.actor, at=at):
            if self._dossier(key).state is DossierState.DECIDED:
                shelve_result(self.session, self._dossier(key), at=at)

    def remind(self, desk: Desk, key: int, at: datetime) -> None:
        """Call somebody who does not come."""
        with acting(self.session, desk.actor, at=at):
            outcome = self.rng.choice(list(CallOutcome))
            record_reminder(self.session, self._dossier(key), kind=ReminderKind.CALL, outcome=outcome, at=at)

    def collect(self, desk: Desk, key: int, at: datetime) -> None:
        """Hand the result over at the counter."""

        def hand_over(counter: Counter, now: datetime) -> Dossier:
            dossier = self._dossier(key)
            collect_results(self.session, [Chosen(dossier)], collector=make_collector(self.rng, dossier), at=now)
            return dossier

        self.serve(desk, at, TransactionKind.RETURN, hand_over)
        if self.rng.random() < 0.012:
            self.push(at + timedelta(days=2), lambda now: self.reopen(desk, key, now))

    def send(self, desk: Desk, key: int, at: datetime) -> None:
        """Send the electronic result."""
        with acting(self.session, desk.actor, at=at):
            send_result(self.session, self._dossier(key), at=at)

    def post(self, desk: Desk, key: int, at: datetime) -> None:
        """Put the result on the counter's list for the post, which comes a little later."""
        postal_id = self.postal_lists.get(desk.counter_id)
        with acting(self.session, desk.actor, at=at):
            counter = self.session.get_one(Counter, desk.counter_id)
            known = self.session.get_one(PostalList, postal_id) if postal_id is not None else None
            postal = put_on_postal_list(
                self.session, self.rng, known, counter=counter, dossier=self._dossier(key), at=at
            )
        if known is None:
            self.postal_lists[desk.counter_id] = postal.id
            self.push(at + timedelta(hours=self.rng.uniform(1, 6)), lambda now: self.send_list(desk, now))

    def send_list(self, desk: Desk, at: datetime) -> None:
        """Hand the counter's list to the post, which delivers what is on it or brings it back."""
        with acting(self.session, desk.actor, at=at):
            postal = self.session.get_one(PostalList, self.postal_lists.pop(desk.counter_id))
            send_postal_list(self.session, postal, at=at)
            keys = [item.dossier_id for item in list_items(self.session, postal)]
        for key in keys:
            self.push(at + timedelta(days=self.rng.uniform(1, 4)), lambda now, key=key: self.deliver(desk, key, now))

    def deliver(self, desk: Desk, key: int, at: datetime) -> None:
        """Record what the post says."""
        has_failed = self.rng.random() < 0.04
        with acting(self.session, desk.actor, at=at):
            if has_failed:
                fail_delivery(self.session, self._dossier(key), reason=DELIVERY_FAILURES[0], at=at)
            else:
                confirm_delivery(self.session, self._dossier(key), at=at)
        if has_failed:
            self.push(at + timedelta(days=self.rng.uniform(1, 5)), lambda now: self.collect(desk, key, now))

    def reopen(self, desk: Desk, key: int, at: datetime) -> None:
        """Take a wrong result back."""
        with acting(self.session, self.director, at=at):
            dossier = reopen_dossier(self.session, self._dossier(key), reason=self.rng.choice(REOPENINGS), at=at)
        self._plan_finish(desk, dossier, at)

    # ---- now

    def _leave_waiting(self) -> None:
        """See that somebody waits for a payment and somebody for the confirmation of a withdrawal."""
        now = self.at - timedelta(minutes=5)
        running = self.session.scalars(
            select(Dossier.id)
            .where(Dossier.state == DossierState.PROCESSING)
            .order_by(Dossier.due_sort_at.desc(), Dossier.id)
            .limit(2)
        ).all()
        verbs = (
            lambda dossier: request_payment(self.session, dossier, reason=PAYMENTS[-1], at=now),
            lambda dossier: request_withdrawal(self.session, dossier, reason=WITHDRAWALS[0], at=now),
        )
        for key, verb in zip(running, verbs, strict=False):
            self._work(key, now, verb)

    def _work_together(self) -> None:
        work_together(
            self.session,
            specialists=self.specialists,
            head=self._actor_named("truongphong"),
            director=self.director,
            desk=self.desks[5].actor,
            at=self.at - timedelta(minutes=2),
        )

    def _train(self) -> None:
        """Leave two training dossiers behind, which reach no figure."""
        desk = self.desks[0]
        for minutes in (50, 40):
            now = self.at - timedelta(minutes=minutes)
            with acting(self.session, desk.actor, at=now):
                counter = self.session.get_one(Counter, desk.counter_id)
                intake = self._intake(desk.offers[0], Channel.COUNTER)
                receive_dossier(self.session, intake=intake, counter=counter, at=now, is_training=True)

    def _lose_the_line(self) -> None:
        """Leave emergency receipts behind: one entered and confirmed, one that waits for a second person."""
        if not self.wanted:
            return
        desk = self.desks[0]
        intakes = [self._intake(desk.offers[0], Channel.COUNTER) for _paper in range(2)]
        lose_the_line(self.session, clerk=desk.actor, leader=self.director, intakes=intakes, at=self.at)
        self.made += 1

    def _fill_the_hall(self) -> None:
        """Let some people wait, so that "call next" has somebody to call."""
        waits = sorted((self.rng.uniform(1, 26) for _ in range(WAITING_TODAY)), reverse=True)
        busy = sorted(self.desks, key=lambda desk: -HURRY.get(desk.number, 1) if desk.is_main else 0)
        for index, minutes in enumerate(waits):
            desk, now = busy[index % 5], self.at - timedelta(minutes=minutes)
            with acting(self.session, desk.actor, at=now):
                counter = self.session.get_one(Counter, desk.counter_id)
                register_visit(self.session, site=counter.site, counter=counter, at=now)
