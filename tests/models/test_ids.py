"""Keys made in Python: unique at the same instant, in the order of time."""

import os
from datetime import UTC, datetime, timedelta

import pytest

from models.ids import ordered_id

NOW = datetime(2026, 5, 17, 2, 0, tzinfo=UTC)


def test_keys_of_one_instant_never_meet():
    before_the_epoch = datetime(2011, 1, 1, tzinfo=UTC)

    made = [ordered_id(at) for _ in range(100_000) for at in (NOW, before_the_epoch)]

    assert len(set(made)) == 200_000


def test_keys_sort_by_time_and_fit_into_63_bits():
    later = ordered_id(NOW + timedelta(milliseconds=1))

    assert ordered_id(NOW) < later < 2**63


@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")  # Python 3.12 warns where threads run
def test_a_forked_process_counts_from_elsewhere():
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:  # pragma: no cover -- runs in the other process
        os.write(writer, str(ordered_id(NOW)).encode())
        os._exit(0)
    os.waitpid(child, 0)
    other = int(os.read(reader, 40))

    assert abs(ordered_id(NOW) - other) > 1
