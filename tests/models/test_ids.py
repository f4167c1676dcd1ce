"""Keys made in Python: unique at the same instant, in the order of writing."""

import os
import time

import pytest

from models.ids import ordered_id


def test_keys_of_one_instant_never_meet():
    made = [ordered_id() for _ in range(200_000)]

    assert len(set(made)) == 200_000


def test_keys_sort_by_time_and_fit_into_63_bits():
    earlier = ordered_id()
    time.sleep(0.002)

    assert earlier < ordered_id() < 2**63


@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")  # Python 3.12 warns where threads run
def test_a_forked_process_counts_from_elsewhere():
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:  # pragma: no cover -- runs in the other process
        os.write(writer, str(ordered_id()).encode())
        os._exit(0)
    os.waitpid(child, 0)
    os.close(writer)
    other = int(os.read(reader, 40))
    os.close(reader)
    low = (1 << 22) - 1

    assert abs((ordered_id() & low) - (other & low)) > 1
