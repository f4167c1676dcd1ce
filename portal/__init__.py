"""The citizens' side."""

from importlib import import_module
from pkgutil import iter_modules

from flask import Flask


def init_app(app: Flask) -> None:
    """Add every page of the citizens' side to ``app``."""
    for name in sorted(module.name for module in iter_modules(__path__)):
        app.register_blueprint(import_module(f"{__name__}.{name}").bp)
