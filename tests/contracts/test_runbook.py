"""The runbook names every setting, and no command that does not exist."""

import re
from dataclasses import fields
from pathlib import Path

from flask import Flask

from config import Settings

RUNBOOK = Path("docs/runbook.md").read_text(encoding="utf-8")
OWN_COMMANDS = (
    "seed-roles seed-calendar seed-rating-scales create-user reset-password expire-asks check-ratings backup restore "
    "worker"
)


def test_every_setting_is_explained():
    named = set(re.findall(r"^\| `(MOTCUA_\w+|DATABASE_URL)`", RUNBOOK, re.MULTILINE))

    expected = {f"MOTCUA_{setting.name.upper()}" for setting in fields(Settings)} - {"MOTCUA_DATABASE_URL"}
    assert named == expected | {"DATABASE_URL"}


def test_every_command_of_the_runbook_exists(app: Flask):
    typed = set(re.findall(r"flask --app app ([a-z-]+)", RUNBOOK)) | set(OWN_COMMANDS.split())

    assert typed <= set(app.cli.commands) | {"db"}
    assert all(f"`{name}" in RUNBOOK or f"app {name}" in RUNBOOK for name in OWN_COMMANDS.split())


def test_links_of_the_runbook_lead_somewhere():
    for target in re.findall(r"\]\(([^)#]+)\)", RUNBOOK):
        assert (Path("docs") / target).exists(), target
