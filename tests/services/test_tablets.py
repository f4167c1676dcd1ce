"""Pairing, keys and revocation of the tablets."""

from datetime import timedelta

import pytest

from models.actor import Actor
from models.tablet import TabletHealth, TabletState
from services.session import DeniedError, acting
from services.tablets import (
    Health,
    PairingCodeError,
    create_pairing_code,
    find_tablet_by_key,
    pair_tablet,
    record_heartbeat,
    revoke_tablet,
    tablet_actor,
)
from tests.support.evaluation import Hall


@pytest.fixture
def hall(session, now):
    return Hall(session, now)


def test_a_code_pairs_a_device_once(session, hall, now):
    tablet = hall.make_tablet()
    code = create_pairing_code(session, tablet=tablet, at=now)

    pairing = pair_tablet(session, code=code.lower(), at=now + timedelta(minutes=14))

    assert (pairing.tablet.id, tablet.state) == (tablet.id, TabletState.PAIRED)
    assert find_tablet_by_key(session, key=pairing.key) is tablet
    with pytest.raises(PairingCodeError):
        pair_tablet(session, code=code, at=now + timedelta(minutes=14))


@pytest.mark.parametrize(("typed", "minutes"), [("ABCD-EFGH", 0), ("", 0), (None, 16)])
def test_a_wrong_or_old_code_pairs_nothing(session, hall, now, typed, minutes):
    tablet = hall.make_tablet()
    code = create_pairing_code(session, tablet=tablet, at=now)

    with pytest.raises(PairingCodeError):
        pair_tablet(session, code=code if typed is None else typed, at=now + timedelta(minutes=minutes))

    assert tablet.state is TabletState.UNPAIRED


def test_pairing_another_device_cuts_the_first_off(session, hall, now):
    tablet = hall.make_tablet()
    first = pair_tablet(session, code=create_pairing_code(session, tablet=tablet, at=now), at=now)
    second = pair_tablet(session, code=create_pairing_code(session, tablet=tablet, at=now), at=now)

    assert find_tablet_by_key(session, key=first.key) is None
    assert find_tablet_by_key(session, key=second.key) is tablet


def test_a_revoked_tablet_is_nobody(session, hall, now):
    tablet = hall.make_tablet()
    pairing = pair_tablet(session, code=create_pairing_code(session, tablet=tablet, at=now), at=now)

    revoke_tablet(session, tablet=tablet, at=now)

    assert find_tablet_by_key(session, key=pairing.key) is None
    assert (tablet.state, tablet.revoked_at) == (TabletState.REVOKED, now)


def test_a_tablet_may_pass_on_ratings_and_nothing_else(hall):
    actor = tablet_actor(hall.make_tablet())

    assert set(actor.permits) == {("rating", "create")}
    assert (actor.counter_id, actor.user_id, actor.staff_id) == (hall.counter.id, None, None)


def test_a_clerk_can_neither_pair_nor_revoke(session, hall, now):
    tablet = hall.make_tablet()

    with acting(session, Actor(user_id=1, staff_id=hall.servant.id, name="clerk")):
        with pytest.raises(DeniedError):
            create_pairing_code(session, tablet=tablet, at=now)
        with pytest.raises(DeniedError):
            revoke_tablet(session, tablet=tablet, at=now)


def test_the_last_heartbeat_stands(session, hall, now):
    tablet = hall.make_tablet()

    record_heartbeat(session, tablet_id=tablet.id, health=Health(queue_length=3), at=now)
    record_heartbeat(session, tablet_id=tablet.id, health=Health(battery_percent=40, is_plugged=False), at=now)

    session.expire_all()
    health = session.get(TabletHealth, tablet.id)
    assert (health.seen_at, health.queue_length, health.battery_percent) == (now, 0, 40)
