"""``seed-demo``: fills an empty database once, and keeps the logins to itself."""

import re
import stat
from pathlib import Path

from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from models.organisation import Department
from models.visit import Visit
from services.session import unscoped
from web.database import database


def test_demo_is_seeded_once_and_its_logins_are_private(app: Flask):
    runner = app.test_cli_runner()

    first = runner.invoke(args=["seed-demo", "--dossiers", "0", "--at", "2026-09-16 10:00"])
    logins = Path(app.instance_path) / "demo-logins.txt"
    before = logins.read_text(encoding="utf-8")
    quiet = runner.invoke(args=["seed-demo", "--if-empty"])
    refused = runner.invoke(args=["seed-demo"])

    assert (first.exit_code, quiet.exit_code, refused.exit_code) == (0, 0, 1), first.output
    assert "already holds a centre" in refused.output
    assert stat.S_IMODE(logins.stat().st_mode) == 0o600
    assert logins.read_text(encoding="utf-8") == before
    for name in ("giamdoc", "giamsat", "quantri", "kiemtra", "truongphong", "motcua3", "motcua6", "chuyenvien"):
        assert f"\n{name} " in before
    assert len(re.findall(r"PIN \d{4} ", before)) == 15
    with app.app_context(), Session(database().engine) as session, unscoped(session, "test"):
        assert session.scalar(select(func.count()).select_from(Department)) == 14
        assert session.scalar(select(func.count()).select_from(Visit).where(Visit.called_at.is_(None))) == 9
