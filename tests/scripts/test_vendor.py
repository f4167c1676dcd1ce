"""The front-end files are what the manifest says, and every icon that is named exists."""

import re
from pathlib import Path

from models import Base
from scripts import vendor

ROOT = Path(__file__).resolve().parents[2]


def test_vendored_files_hold_their_hashes():
    assert vendor.differences() == []


def test_a_changed_a_missing_and_an_unlisted_file_are_told(tmp_path, monkeypatch):
    (tmp_path / "changed.js").write_text("other")
    (tmp_path / "unlisted.js").write_text("")
    (tmp_path / "manifest.json").write_text('[{"files": {"changed.js": "0", "missing.js": "0"}}]')
    monkeypatch.setattr(vendor, "VENDOR", tmp_path)
    monkeypatch.setattr(vendor, "MANIFEST", tmp_path / "manifest.json")

    assert vendor.differences() == [
        "missing.js is missing",
        "unlisted.js is not in the manifest",
        "changed.js was changed",
    ]


def test_every_icon_that_is_named_is_in_the_sprite():
    drawn = set(re.findall(r'<symbol id="([^"]+)"', (vendor.VENDOR / vendor.ICON_SPRITE).read_text()))
    named = {screen.icon for mapper in Base.registry.mappers if (screen := getattr(mapper.class_, "__screen__", None))}
    for page in (ROOT / "templates").rglob("*.html"):
        named |= set(re.findall(r'icon\("([a-z0-9-]+)"', page.read_text()))

    assert sorted(named - drawn) == []
