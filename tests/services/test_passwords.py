"""Passwords and PINs: what is a good one, what hashing costs, and that an unknown name takes as long."""

import statistics
import threading
import time
from collections.abc import Callable

import pytest

from services import passwords
from services.passwords import (
    Hashing,
    PasswordHoldsNameError,
    PasswordTooCommonError,
    PasswordTooLongError,
    PasswordTooShortError,
    PinNotValidError,
    PinTooEasyError,
    TooBusyError,
    check_password,
    check_pin,
    make_one_time_password,
    password_hashing,
)


@pytest.mark.parametrize(
    "password",
    [
        "con ga trong nha",
        "Ngọn đèn đầu ngõ cũ",
        "ngon den dau ngo",
        "aB3$ kL9! tR7& zM2?",
        "密碼不容易被別人猜到喔我想",
        "🦆 lội 🌾 sang 🌧 chợ",
        "x7Kq" * 4 + "vua lua Thái Bình " * 6,
    ],
)
def test_any_composition_of_enough_length_is_welcome(password: str) -> None:
    check_password(password, user_name="khai.ntm", display_name="Nguyễn Thị Minh Khai")


@pytest.mark.parametrize(
    ("password", "error"),
    [
        ("ngọn đèn", PasswordTooShortError),
        ("x" * 257, PasswordTooLongError),
        ("password1234", PasswordTooCommonError),
        ("P@ssw0rd12345", PasswordTooCommonError),
        ("123456789012", PasswordTooCommonError),
        ("qwertyuiop12", PasswordTooCommonError),
        ("aaaaaaaaaaaaaa", PasswordTooCommonError),
        ("Mật khẩu 12345", PasswordTooCommonError),
        ("motcua202611", PasswordTooCommonError),
        ("nguyenthiminhkhai", PasswordTooCommonError),
        ("vua lua khai.ntm 77", PasswordHoldsNameError),
        ("vua lua KHAI.NTM 77", PasswordHoldsNameError),
    ],
)
def test_a_bad_password_is_refused_with_its_reason(password: str, error: type[Exception]) -> None:
    with pytest.raises(error):
        check_password(password, user_name="khai.ntm", display_name="Nguyễn Thị Minh Khai")


@pytest.mark.parametrize("pin", ["2580", "73915", "408213"])
def test_a_pin_of_four_to_six_digits_is_taken(pin: str) -> None:
    check_pin(pin, badge_number="1042")


@pytest.mark.parametrize(
    ("pin", "error"),
    [
        ("123", PinNotValidError),
        ("1234567", PinNotValidError),
        ("12a4", PinNotValidError),
        ("٢٥٨٠", PinNotValidError),
        ("0000", PinTooEasyError),
        ("1234", PinTooEasyError),
        ("9876", PinTooEasyError),
        ("7890", PinTooEasyError),
        ("1212", PinTooEasyError),
        ("1042", PinTooEasyError),
    ],
)
def test_a_bad_pin_is_refused_with_its_reason(pin: str, error: type[Exception]) -> None:
    with pytest.raises(error):
        check_pin(pin, badge_number="1042")


def test_one_time_passwords_are_random_and_pass_the_rules() -> None:
    made = {make_one_time_password() for _index in range(200)}

    assert len(made) == 200
    for password in made:
        check_password(password, user_name="khai.ntm")


def test_the_stored_hash_is_argon2id_and_never_twice_the_same() -> None:
    hashing = password_hashing()

    first, second = hashing.hash("ngọn đèn đầu ngõ"), hashing.hash("ngọn đèn đầu ngõ")

    assert first.startswith("$argon2id$")
    assert first != second
    assert hashing.verify(first, "ngọn đèn đầu ngõ").is_right
    assert not hashing.verify(first, "ngọn đèn đầu ngỏ").is_right


def test_the_cost_in_earnest_follows_rfc_9106() -> None:
    assert passwords.PASSWORDS.hasher.hash("x").startswith("$argon2id$v=19$m=65536,t=3,p=4$")


def test_a_hash_of_another_cost_is_renewed_when_the_password_is_right() -> None:
    old, new = Hashing(1, 8, 1), Hashing(2, 16, 1)
    stored = old.hash("ngọn đèn đầu ngõ")

    right, wrong = new.verify(stored, "ngọn đèn đầu ngõ"), new.verify(stored, "ngọn đèn")

    assert right.new_hash is not None
    assert "$m=16,t=2,p=1$" in right.new_hash
    assert wrong.new_hash is None
    assert new.verify(right.new_hash, "ngọn đèn đầu ngõ").new_hash is None


@pytest.mark.parametrize("stored", [None, "", "not a hash", "$argon2id$v=19$m=8,t=1,p=1$broken"])
def test_nothing_is_right_without_a_proper_hash(stored: str | None) -> None:
    assert not password_hashing().verify(stored, "").is_right
    assert not password_hashing().verify(stored, "ngọn đèn đầu ngõ").is_right


def test_an_unknown_name_takes_as_long_as_a_known_one() -> None:
    hashing = Hashing(time_cost=2, memory_kib=2048, parallelism=1)
    known = hashing.hash("ngọn đèn đầu ngõ")
    times: dict[str | None, list[float]] = {known: [], None: []}
    hashing.verify(None, "warm up")
    for _index in range(60):
        for stored, taken in times.items():
            before = time.thread_time()  # not the clock on the wall: other tests run beside this one
            hashing.verify(stored, "wrong password")
            taken.append(time.thread_time() - before)

    medians = [statistics.median(taken) for taken in times.values()]

    assert abs(medians[0] - medians[1]) / max(medians) < 0.10, medians


def _hold_places(count: int, check: Callable[[], None]) -> None:
    """Run ``check`` while ``count`` threads hash or wait for their turn to."""
    asked, done = threading.Semaphore(0), threading.Event()

    def _hold() -> None:
        asked.release()
        with passwords._turn():
            done.wait(10)

    holders = [threading.Thread(target=_hold) for _index in range(count)]
    for holder in holders:
        holder.start()
    try:
        for _holder in holders:
            assert asked.acquire(timeout=5)
        time.sleep(0.05)
        check()
    finally:
        done.set()
        for holder in holders:
            holder.join()


def test_only_two_hashes_run_at_once_and_the_third_waits_a_while(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passwords, "_WAIT_SECONDS", 0.05)

    def _refused() -> None:
        with pytest.raises(TooBusyError):
            password_hashing().hash("ngọn đèn đầu ngõ")

    _hold_places(2, _refused)
    assert password_hashing().hash("ngọn đèn đầu ngõ")


def test_where_many_wait_the_next_is_told_at_once_to_come_back() -> None:
    def _refused() -> None:
        before = time.monotonic()
        with pytest.raises(TooBusyError):
            password_hashing().hash("ngọn đèn đầu ngõ")
        assert time.monotonic() - before < 1

    _hold_places(4, _refused)
    assert password_hashing().hash("ngọn đèn đầu ngõ")
