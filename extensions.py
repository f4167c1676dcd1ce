"""The Flask extensions, made once and bound to an application in ``app.create_app``."""

from pathlib import Path
from typing import Any

import sqlalchemy as sa
from flask import Flask
from flask_babel import Babel
from flask_migrate import Migrate
from flask_sqlalchemy import SQLAlchemy
from flask_wtf import CSRFProtect

from models import Base
from services.database import make_engine


class Database(SQLAlchemy):
    """Flask-SQLAlchemy on our own declarative base and engines."""

    def _make_engine(self, bind_key: str | None, options: dict[str, Any], app: Flask) -> sa.Engine:
        return make_engine(**options)

    def _apply_driver_defaults(self, options: dict[str, Any], app: Flask) -> None:
        """Leave the URL and the pool as they are: ``services.database`` decides."""


db = Database(metadata=Base.metadata, session_options={"autoflush": True})
migrate = Migrate(directory=str(Path(__file__).parent / "migrations"))
csrf = CSRFProtect()
babel = Babel()
