"""The forms of a page as a browser would send them."""

from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any

from werkzeug.datastructures import MultiDict

_UNSENT = frozenset({"submit", "button", "reset", "image", "file"})


@dataclass
class Form:
    """A form: where it leads, and what it would send as it stands, buttons left out."""

    action: str
    values: MultiDict[str, str] = field(default_factory=MultiDict)

    def filled(self, **changes: str | None) -> dict[str, list[str]]:
        """Return what is sent after ``changes``; None leaves a field out, like a box without its tick."""
        sent = self.values.to_dict(flat=False)
        for name, value in changes.items():
            if value is None:
                sent.pop(name, None)
            else:
                sent[name] = [value]
        return sent


class _Reader(HTMLParser):
    """Collects forms; a control may stand outside its form and name it."""

    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self._by_id: dict[str, Form] = {}
        self._open: Form | None = None
        self._select: dict[str, Any] | None = None
        self._area: tuple[Form, str] | None = None
        self._text = ""
        self._is_template = False  # what scripts make rows of is not sent

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        self._is_template = self._is_template or tag == "template"
        if self._is_template:
            return
        if tag == "form":
            self._open = Form(given.get("action", ""))
            self._by_id[given.get("id", "")] = self._open
            self.forms.append(self._open)
            return
        owner = self._by_id.get(given["form"]) if "form" in given else self._open
        name = given.get("name", "")
        if tag == "option" and self._select is not None:
            self._select["options"].append((given.get("value", ""), "selected" in given))
        elif owner is None or not name or "disabled" in given:
            return
        elif tag == "input":
            self._add_input(owner, name, given)
        elif tag == "select":
            self._select = {"form": owner, "name": name, "multiple": "multiple" in given, "options": []}
        elif tag == "textarea":
            self._area, self._text = (owner, name), ""

    def _add_input(self, owner: Form, name: str, given: dict[str, str]) -> None:
        kind = given.get("type", "text")
        if kind in _UNSENT or (kind in ("checkbox", "radio") and "checked" not in given):
            return
        owner.values.add(name, given.get("value", "on" if kind in ("checkbox", "radio") else ""))

    def handle_data(self, data: str) -> None:
        if self._area is not None:
            self._text += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "template":
            self._is_template = False
        elif tag == "form":
            self._open = None
        elif tag == "textarea" and self._area is not None:
            owner, name = self._area
            owner.values.add(name, self._text.removeprefix("\n"))
            self._area = None
        elif tag == "select" and self._select is not None:
            self._end_select(self._select)
            self._select = None

    def _end_select(self, select: dict[str, Any]) -> None:
        chosen = [value for value, is_selected in select["options"] if is_selected]
        if not chosen and not select["multiple"]:
            chosen = [value for value, _is_selected in select["options"][:1]]
        for value in chosen:
            select["form"].values.add(select["name"], value)


def forms_of(page: str) -> list[Form]:
    """Return the forms of a page in their order."""
    reader = _Reader()
    reader.feed(page)
    return reader.forms


def form_with(page: str, name: str) -> Form | None:
    """Return the first form of a page that has a control of that name."""
    return next((form for form in forms_of(page) if name in form.values), None)
