"""Wiring: settings, extensions, screens and commands put together. No rules live here."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from flask import Flask

import admin_views
import cli
import portal
from config import load_settings
from evaluation import phone, review, tablet
from extensions import babel, csrf, db, migrate
from web import access, database, errors, formats, health, logs, names, preferences, security, sessions, shell, tables
from web.catalogues import compile_catalogues, domains, select_locale


def create_app(config: Mapping[str, Any] | None = None) -> Flask:
    """Return the application; ``config`` overrides settings by name (``{"DATABASE_URL": ...}``)."""
    settings = load_settings(config)
    root = Path(__file__).parent
    Path(settings.instance_path).mkdir(parents=True, exist_ok=True)
    app = Flask("motcua", root_path=str(root), instance_path=settings.instance_path)
    app.config.update(
        SETTINGS=settings,
        SECRET_KEY=settings.secret_key,
        TESTING=settings.testing,
        SQLALCHEMY_DATABASE_URI=settings.database_url,
        MAX_CONTENT_LENGTH=settings.upload_megabytes * 1024 * 1024,
        MAX_FORM_PARTS=5000,
        WTF_CSRF_TIME_LIMIT=None,
        BABEL_DEFAULT_LOCALE="vi",
        BABEL_DEFAULT_TIMEZONE="Asia/Ho_Chi_Minh",
        BABEL_DOMAIN=";".join(domains(root / "translations")),
        BABEL_TRANSLATION_DIRECTORIES=";".join([str(root / "translations")] * len(domains(root / "translations"))),
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SECURE=settings.is_https,
    )
    compile_catalogues(root / "translations")
    db.init_app(app)
    migrate.init_app(app, db)
    babel.init_app(app, locale_selector=select_locale)
    # Each of these acts before every request in this order, and after it in the opposite one.
    logs.init_app(app)
    security.init_app(app)
    sessions.init_app(app)
    database.init_app(app)
    csrf.init_app(app)
    access.init_app(app)
    errors.init_app(app)
    shell.init_app(app)
    preferences.init_app(app)
    app.register_blueprint(health.bp)
    formats.register(app)
    names.init_app(app)
    tables.register(app)
    tablet.init_app(app)
    phone.init_app(app)
    review.init_app(app)
    admin_views.init_app(app, db)
    portal.init_app(app)
    cli.register(app)
    return app
