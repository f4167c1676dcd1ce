"""Commands: ``flask --app app ...``; each area keeps its own in ``commands/``."""

from importlib import import_module
from pkgutil import iter_modules

import click
from flask import Flask

import commands


def register(app: Flask) -> None:
    """Add the commands of every module in ``commands/`` to the application."""
    for module in sorted(module.name for module in iter_modules(commands.__path__)):
        for command in import_module(f"commands.{module}").commands:
            known = app.cli.commands.get(command.name)
            if isinstance(known, click.Group) and isinstance(command, click.Group):
                known.commands.update(command.commands)  # e.g. a second `import ...`
            else:
                app.cli.add_command(command)
