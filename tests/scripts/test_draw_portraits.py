"""The drawn portraits: as the script draws them, safe to show anywhere, none of them twice."""

from pathlib import Path
from xml.etree import ElementTree

import pytest

from scripts.draw_portraits import FOLDER, PORTRAITS, draw

FILES = sorted(Path(FOLDER).glob("*.svg"))


def test_files_are_what_the_script_draws():
    assert {file.stem: file.read_text(encoding="utf-8") for file in FILES} == {p.name: draw(p) for p in PORTRAITS}


def test_no_portrait_is_drawn_twice():
    assert len({draw(p) for p in PORTRAITS}) == len({p.name for p in PORTRAITS}) == len(PORTRAITS)


@pytest.mark.parametrize("portrait", PORTRAITS, ids=lambda p: p.name)
def test_drawing_needs_no_style_script_or_link(portrait):
    for element in ElementTree.fromstring(draw(portrait)).iter():  # noqa: S314 -- our own drawing
        assert element.tag.split("}")[1] in {"svg", "g", "path", "ellipse", "circle", "rect"}
        assert not {name for name in element.attrib if name.startswith("on") or name in {"style", "href"}}
