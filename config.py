"""Typed settings from environment variables; defaults are right in production, or the program refuses to start."""

import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

_LOOPBACK = ("localhost", "127.0.0.1", "::1")
_TELLTALE = ("changeme", "change-me", "change_me", "secret-key", "secretkey", "example", "password", "insecure")


class SettingError(RuntimeError):
    """A setting is missing or wrong; the message says which and how to mend it."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Settings:
    """Everything that differs between installations. ``MOTCUA_<NAME>`` sets it; ``DATABASE_URL`` picks the database.

    environment   production or development; where it is not set, an installation that is addressed by anything
                  but this machine's own name is in production
    """

    environment: str = ""
    database_url: str = ""
    secret_key: str = ""
    instance_path: str = ""
    base_url: str = "http://127.0.0.1:8000"
    hosts: str = ""
    testing: bool = False
    proxies: int = 0
    idle_minutes: int = 30
    session_hours: int = 12
    upload_megabytes: int = 20

    @property
    def is_production(self) -> bool:
        return self.environment == "production"

    @property
    def trusted_hosts(self) -> tuple[str, ...]:
        """The names under which this installation may be addressed; none are checked in tests."""
        if self.testing:
            return ()
        own = urlsplit(self.base_url).hostname or ""
        local = () if self.is_production else ("localhost", "127.0.0.1", "[::1]")
        return tuple(dict.fromkeys([own, *local, *(self.hosts.replace(",", " ").split())]))

    @property
    def is_https(self) -> bool:
        return self.base_url.startswith("https://")


def load_settings(overrides: Mapping[str, Any] | None = None, environ: Mapping[str, str] | None = None) -> Settings:
    """Return the settings of ``environ`` (default: the process's) with ``overrides`` on top, checked.

    Raises: SettingError naming the variable and the mend.
    """
    environ = os.environ if environ is None else environ
    values: dict[str, Any] = {}
    for setting in fields(Settings):
        text = environ.get(f"MOTCUA_{setting.name.upper()}")
        if text is not None:
            values[setting.name] = _parse(setting.name, text, setting.type)
    if "DATABASE_URL" in environ:
        values["database_url"] = environ["DATABASE_URL"]
    values.update({key.lower(): value for key, value in (overrides or {}).items()})
    return _complete(Settings(**values))


def _parse(name: str, text: str, kind: object) -> Any:
    try:
        if kind is bool:
            return {"1": True, "true": True, "0": False, "false": False}[text.lower()]
        return int(text) if kind is int else text
    except (KeyError, ValueError):
        raise SettingError(f"MOTCUA_{name.upper()}={text!r} is not a {getattr(kind, '__name__', kind)}") from None


def _complete(settings: Settings) -> Settings:
    instance = Path(settings.instance_path or Path(__file__).parent / "instance")
    settings = replace(settings, instance_path=str(instance))
    if not settings.database_url:
        settings = replace(settings, database_url=f"sqlite:///{instance / 'motcua.db'}")
    if not settings.environment:
        is_local = urlsplit(settings.base_url).hostname in _LOOPBACK
        settings = replace(settings, environment="development" if is_local else "production")
    check_settings(settings)
    if settings.is_production and not settings.testing:
        check_production(settings)
    elif not settings.secret_key:
        settings = replace(settings, secret_key=_local_secret(instance))
    return settings


def check_settings(settings: Settings) -> None:
    """Raise SettingError where a value makes no sense in any installation."""
    if settings.environment not in ("production", "development"):
        raise SettingError(f"MOTCUA_ENVIRONMENT={settings.environment!r}: use production or development.")
    parsed = urlsplit(settings.base_url)
    if parsed.scheme not in ("http", "https") or not parsed.hostname:
        raise SettingError(
            f"MOTCUA_BASE_URL={settings.base_url!r} is no address. "
            "Use what people type into the browser, for example https://motcua.example.vn"
        )
    bounds = {"idle_minutes": (1, 120), "session_hours": (1, 24), "proxies": (0, 5), "upload_megabytes": (1, 200)}
    for name, (least, most) in bounds.items():
        if not least <= getattr(settings, name) <= most:
            raise SettingError(f"MOTCUA_{name.upper()}={getattr(settings, name)}: use {least} to {most}.")


def check_production(settings: Settings) -> None:
    """Raise SettingError where the settings could not protect a real office."""
    check_secret(settings.secret_key)
    if not settings.is_https and urlsplit(settings.base_url).hostname not in _LOOPBACK:
        raise SettingError(
            f"MOTCUA_BASE_URL={settings.base_url!r}: passwords must not travel in the clear. "
            "Put a server with a certificate in front and give its https:// address, "
            "or for a trial on this machine only set MOTCUA_ENVIRONMENT=development."
        )


def check_secret(secret: str) -> None:
    """Raise SettingError unless ``secret`` can protect a production installation."""
    known = secret.casefold()
    if len(secret) < 32 or len(set(secret)) < 10 or any(word in known for word in _TELLTALE):
        raise SettingError(
            "MOTCUA_SECRET_KEY is missing or weak. Make one with: "
            "python3 -c 'import secrets; print(secrets.token_urlsafe(48))' and set it in the environment. "
            "For a trial on this machine only, set MOTCUA_ENVIRONMENT=development."
        )


def _local_secret(instance: Path) -> str:
    """Return the secret of a development installation, made the first time and kept in its instance folder."""
    path = instance / "secret-key"
    if not path.exists():
        instance.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600)
        path.write_text(secrets.token_urlsafe(48))
    return path.read_text()
