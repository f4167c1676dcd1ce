"""The brake on guessing: it slows an attacker down and lets colleagues behind the same address in."""

from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from services.guessing import (
    HOT_ADDRESS,
    PER_BADGE,
    PER_NAME,
    PER_NAME_AND_ADDRESS,
    Delay,
    Guess,
    find_badge_retry_time,
    find_retry_time,
    guess_at_badge,
    guess_at_user,
    record_guess,
    trust_device,
)

OFFICE = "203.0.113.7"
SECOND = timedelta(seconds=1)


def _fail(session: Session, guess: Guess, times: int, at: datetime) -> datetime:
    """Guess wrong ``times`` times, a second apart, whatever the brake says; give the time of the last."""
    for index in range(times):
        record_guess(session, guess, succeeded=False, at=at + index * SECOND)
    return at + (times - 1) * SECOND


def test_delays_grow_from_free_tries_to_a_longest() -> None:
    delay = Delay(3, timedelta(seconds=30), timedelta(minutes=5))

    waits = [delay.after(failures).total_seconds() for failures in range(10)]

    assert waits == [0, 0, 0, 30, 60, 120, 240, 300, 300, 300]
    assert delay.after(10**9) == timedelta(minutes=5)


def test_one_name_from_one_address_is_held_up_after_five_and_ever_longer(session: Session, now: datetime) -> None:
    guess = guess_at_user("khai.ntm", OFFICE)
    last = _fail(session, guess, 5, now)

    assert find_retry_time(session, guess, at=last) == last + timedelta(seconds=30)
    assert find_retry_time(session, guess, at=last + timedelta(seconds=30)) is None
    last = _fail(session, guess, 1, last + timedelta(seconds=31))
    assert find_retry_time(session, guess, at=last) == last + timedelta(seconds=60)
    last = _fail(session, guess, 10, last)
    assert find_retry_time(session, guess, at=last) == last + PER_NAME_AND_ADDRESS.longest


def test_case_blanks_and_spelling_of_a_name_share_one_count(session: Session, now: datetime) -> None:
    last = now
    for name in ("khai.ntm", " KHAI.ntm", "Khai.Ntm ", "khai.NTM", "KHAI.NTM"):
        last = _fail(session, guess_at_user(name, OFFICE), 1, last + SECOND)

    assert find_retry_time(session, guess_at_user("khai.ntm", OFFICE), at=last) is not None


def test_colleagues_behind_the_attackers_address_are_let_in(session: Session, now: datetime) -> None:
    known = guess_at_user("known", OFFICE)
    record_guess(session, known, succeeded=True, at=now - timedelta(days=1))
    last = now
    for index in range(200):  # spraying one password over many names, and guessing at one
        last = _fail(session, guess_at_user(f"name{index}", OFFICE), 1, now + index * SECOND)
    _fail(session, guess_at_user("victim", OFFICE), 50, now)

    assert find_retry_time(session, known, at=last) is None
    assert find_retry_time(session, guess_at_user("first.day", OFFICE), at=last) is None
    assert find_retry_time(session, guess_at_user("victim", OFFICE), at=last) is not None


def test_at_a_suspect_address_a_second_wrong_try_waits_at_once(session: Session, now: datetime) -> None:
    for index in range(HOT_ADDRESS):
        _fail(session, guess_at_user(f"name{index}", OFFICE), 1, now)
    sprayed = guess_at_user("name0", OFFICE)

    assert find_retry_time(session, sprayed, at=now) == now + timedelta(minutes=1)
    assert find_retry_time(session, guess_at_user("name0", "198.51.100.9"), at=now) is None
    assert find_retry_time(session, sprayed, at=now + timedelta(minutes=16)) is None


def test_a_known_browser_is_held_up_only_by_its_own_mistakes(session: Session, now: datetime) -> None:
    own = guess_at_user("victim", OFFICE, "mark of the victim's computer")
    record_guess(session, own, succeeded=True, at=now - timedelta(days=30))
    last = _fail(session, guess_at_user("victim", OFFICE), 300, now)

    trusted = trust_device(session, own, at=last)

    assert trusted == own
    assert find_retry_time(session, trusted, at=last) is None
    last = _fail(session, trusted, 8, last)
    assert find_retry_time(session, trusted, at=last) == last + timedelta(seconds=30)


def test_a_mark_counts_only_for_the_name_that_signed_in_with_it_and_not_for_ever(
    session: Session, now: datetime
) -> None:
    record_guess(session, guess_at_user("khai", OFFICE, "mark"), succeeded=True, at=now)

    assert trust_device(session, guess_at_user("victim", OFFICE, "mark"), at=now).device == ""
    assert trust_device(session, guess_at_user("khai", OFFICE, "other"), at=now).device == ""
    assert trust_device(session, guess_at_user("khai", "198.51.100.9", "mark"), at=now).device != ""
    assert trust_device(session, guess_at_user("khai", OFFICE, "mark"), at=now + timedelta(days=91)).device == ""


def test_guesses_from_many_addresses_are_slowed_down_softly(session: Session, now: datetime) -> None:
    last = now
    for index in range(40):
        last = _fail(session, guess_at_user("victim", f"198.51.100.{index}"), 1, now + index * SECOND)
    at_home = guess_at_user("victim", OFFICE)

    assert find_retry_time(session, at_home, at=last) == last + PER_NAME.longest
    record_guess(session, at_home, succeeded=True, at=now - timedelta(days=2))
    assert find_retry_time(session, at_home, at=last) is None


def test_a_success_forgives_and_a_day_forgets(session: Session, now: datetime) -> None:
    guess = guess_at_user("khai.ntm", OFFICE)
    last = _fail(session, guess, 6, now)
    assert find_retry_time(session, guess, at=last + timedelta(hours=25)) is None

    record_guess(session, guess, succeeded=True, at=last + SECOND)

    assert find_retry_time(session, guess, at=last + 2 * SECOND) is None
    _fail(session, guess, 4, last + 2 * SECOND)
    assert find_retry_time(session, guess, at=last + 6 * SECOND) is None


def test_a_badge_is_counted_from_whichever_counter(session: Session, now: datetime) -> None:
    last = now
    for index in range(PER_BADGE.free):
        last = _fail(session, guess_at_badge("1042", f"10.1.1.{index}"), 1, now + index * SECOND)

    assert find_badge_retry_time(session, guess_at_badge("1042 ", "10.1.1.99"), at=last) == last + PER_BADGE.first
    assert find_badge_retry_time(session, guess_at_badge("1043", "10.1.1.0"), at=last) is None


def test_a_pin_holds_out_for_half_a_year(session: Session, now: datetime) -> None:
    """Guessing as fast as the brake allows, 10,000 PINs take more than that."""
    guess, at, tries = guess_at_badge("1042", OFFICE), now, 0
    while at < now + timedelta(days=3):
        at = find_badge_retry_time(session, guess, at=at) or at
        record_guess(session, guess, succeeded=False, at=at)
        tries += 1

    assert tries / 3 * 183 < 10_000
