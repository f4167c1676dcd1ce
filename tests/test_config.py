"""Settings: typed, bounded, and no start in production with what could not protect an office."""

from pathlib import Path

import pytest

from config import SettingError, load_settings

GOOD = "Wc4mJ0vXn8ZpT2qLr7KsYb5HdF9gEa3u"


def _environ(tmp_path: Path, **values: str) -> dict[str, str]:
    given = {"MOTCUA_INSTANCE_PATH": str(tmp_path), "MOTCUA_BASE_URL": "https://motcua.example.vn", **values}
    return {key: value for key, value in given.items() if value}


@pytest.mark.parametrize(
    "secret", ["", "short", "a" * 64, "changeme" * 8, "my-secret-key-for-the-office-0123456789", "0123456789" * 3]
)
def test_production_does_not_start_with_a_missing_or_weak_secret(tmp_path: Path, secret: str) -> None:
    with pytest.raises(SettingError, match=r"MOTCUA_SECRET_KEY.*token_urlsafe"):
        load_settings(environ=_environ(tmp_path, MOTCUA_SECRET_KEY=secret))


def test_production_starts_with_a_good_secret_over_https(tmp_path: Path) -> None:
    settings = load_settings(environ=_environ(tmp_path, MOTCUA_SECRET_KEY=GOOD))

    assert (settings.environment, settings.is_https, settings.proxies) == ("production", True, 0)
    assert settings.trusted_hosts == ("motcua.example.vn",)
    assert settings.database_url == f"sqlite:///{tmp_path / 'motcua.db'}"


def test_production_does_not_send_passwords_in_the_clear(tmp_path: Path) -> None:
    with pytest.raises(SettingError, match="MOTCUA_BASE_URL"):
        load_settings(environ=_environ(tmp_path, MOTCUA_SECRET_KEY=GOOD, MOTCUA_BASE_URL="http://motcua.example.vn"))
    local = load_settings(environ=_environ(tmp_path, MOTCUA_SECRET_KEY=GOOD, MOTCUA_BASE_URL="http://127.0.0.1:8000"))
    assert not local.is_https


def test_without_a_word_only_this_machine_s_own_address_is_no_production(tmp_path: Path) -> None:
    local = load_settings(environ=_environ(tmp_path, MOTCUA_BASE_URL="http://localhost:8123"))
    assert not local.is_production
    with pytest.raises(SettingError, match="MOTCUA_SECRET_KEY"):
        load_settings(environ=_environ(tmp_path, MOTCUA_BASE_URL="http://10.0.0.7:8000"))
    with pytest.raises(SettingError, match="MOTCUA_SECRET_KEY"):
        load_settings(environ=_environ(tmp_path, MOTCUA_BASE_URL="", MOTCUA_ENVIRONMENT="production"))


def test_development_makes_its_own_secret_and_keeps_it_to_its_owner(tmp_path: Path) -> None:
    environ = _environ(tmp_path, MOTCUA_ENVIRONMENT="development")

    first, second = load_settings(environ=environ), load_settings(environ=environ)

    assert len(first.secret_key) >= 60
    assert first.secret_key == second.secret_key
    assert (tmp_path / "secret-key").stat().st_mode & 0o777 == 0o600
    assert "localhost" in first.trusted_hosts


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("ENVIRONMENT", "prod"),
        ("BASE_URL", "motcua.example.vn"),
        ("BASE_URL", "ftp://motcua.example.vn"),
        ("IDLE_MINUTES", "0"),
        ("IDLE_MINUTES", "a lot"),
        ("SESSION_HOURS", "100"),
        ("PROXIES", "-1"),
        ("UPLOAD_MEGABYTES", "9999"),
    ],
)
def test_a_value_that_makes_no_sense_is_named(tmp_path: Path, name: str, value: str) -> None:
    with pytest.raises(SettingError, match=f"MOTCUA_{name}="):
        load_settings(environ=_environ(tmp_path, MOTCUA_SECRET_KEY=GOOD, **{f"MOTCUA_{name}": value}))


def test_the_database_is_picked_by_its_own_variable(tmp_path: Path) -> None:
    environ = _environ(tmp_path, MOTCUA_SECRET_KEY=GOOD, DATABASE_URL="postgresql+psycopg:///motcua")

    assert load_settings(environ=environ).database_url == "postgresql+psycopg:///motcua"
