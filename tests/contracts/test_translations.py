"""Everything a person reads is there in Vietnamese, and in Chinese where citizens read it."""

import re
from functools import cache
from pathlib import Path

import pytest
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

ROOT = Path(__file__).parents[2]
PYTHON = ("models", "services", "web", "admin_views", "evaluation", "portal", "commands")
METHODS = [("**.py", "python"), ("**.html", "jinja2.ext:babel_extract")]
KEYWORDS = {"_": None, "_l": None, "gettext": None, "lazy_gettext": None, "ngettext": (1, 2), "mark": None, "N_": None}
CITIZENS = ("templates/evaluation/tablet", "templates/evaluation/rate", "templates/layouts/citizen", "templates/portal")


@cache
def messages() -> dict[str, set[str]]:
    """Return every message id of the code and templates with the files it stands in."""
    found: dict[str, set[str]] = {}
    for folder in (*PYTHON, "templates"):
        for file, _line, message, _comments, _context in extract_from_dir(
            ROOT / folder, method_map=METHODS, keywords=KEYWORDS, options_map={"**.html": {"trimmed": "true"}}
        ):
            text = message[-1] if isinstance(message, tuple) else message  # of a plural, the form with the number
            if text:
                found.setdefault(text, set()).add(f"{folder}/{file}")
    return found


@cache
def catalogue(language: str) -> dict[str, str]:
    """Return the translations of all areas of a language."""
    merged: dict[str, str] = {}
    for path in sorted((ROOT / "translations" / language / "LC_MESSAGES").glob("*.po")):
        with path.open("rb") as file:
            for entry in read_po(file, locale=language):
                if entry.id and entry.string and not entry.fuzzy:
                    key = entry.id[0] if isinstance(entry.id, tuple) else entry.id
                    text = entry.string[0] if isinstance(entry.string, tuple) else entry.string
                    merged[key] = text
                    if isinstance(entry.id, tuple):
                        merged[entry.id[1]] = text
                        del merged[key]  # Vietnamese and Chinese have one form, which carries the number
    return merged


def seen_by_citizens() -> list[str]:
    return [text for text, files in messages().items() if any(file.startswith(CITIZENS) for file in files)]


def test_everything_is_there_in_vietnamese() -> None:
    missing = {text: sorted(files) for text, files in messages().items() if text not in catalogue("vi")}

    assert missing == {}
    assert len(messages()) > 400


def test_what_citizens_see_is_there_in_chinese() -> None:
    assert [text for text in seen_by_citizens() if text not in catalogue("zh")] == []
    assert seen_by_citizens()


@pytest.mark.parametrize("language", ["vi", "zh"])
def test_a_translation_has_the_placeholders_of_its_message(language: str) -> None:
    pattern = re.compile(r"%\(\w+\)[sd]")
    wrong = {
        text: translation
        for text, translation in catalogue(language).items()
        if set(pattern.findall(text)) != set(pattern.findall(translation))
    }

    assert wrong == {}


@pytest.mark.parametrize("language", ["vi", "zh"])
def test_no_area_says_the_same_message_differently(language: str) -> None:
    said: dict[str, dict[str, str]] = {}
    for path in sorted((ROOT / "translations" / language / "LC_MESSAGES").glob("*.po")):
        with path.open("rb") as file:
            for entry in read_po(file, locale=language):
                if entry.id and isinstance(entry.id, str) and isinstance(entry.string, str):
                    said.setdefault(entry.id, {})[path.stem] = entry.string

    assert {text: areas for text, areas in said.items() if len(set(areas.values())) > 1} == {}
