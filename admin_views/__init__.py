"""Screens of the back office, generated from the models."""

from flask import Flask


def init_app(app: Flask) -> None:
    """Add every generated screen and every screen of our own to ``app``."""
