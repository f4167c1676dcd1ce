"""What somebody says about a new entity, and everything that is wrong with it at once."""

import keyword
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

FIELD_TYPES = ("text", "long_text", "integer", "money", "decimal", "boolean", "date", "datetime", "code", "phone")
FLAGS = ("required", "search", "filter", "list", "personal", "unique")
RESERVED = {
    "id", "search_text", "name_sort", "row_version", "deleted_at", "metadata", "registry", "called_by", "data",
    "errors", "process", "validate", "populate_obj", "meta", "query", "nonce", "search_parts", "sort_text",
}  # fmt: skip
_NAME = re.compile(r"[a-z][a-z0-9_]{1,39}")


class EntityNotValidError(ValueError):
    """What was said cannot become an entity; ``faults`` names everything that is wrong, each with its mend."""

    def __init__(self, faults: Sequence[str]) -> None:
        super().__init__("\n".join(faults))
        self.faults = faults


@dataclass(frozen=True, kw_only=True, slots=True)
class FieldSpec:
    """One field: ``kind`` is one of FIELD_TYPES or ``reference:entity``; labels are (English, Vietnamese)."""

    name: str
    kind: str
    label: tuple[str, str]
    flags: frozenset[str] = frozenset()
    level: int = 0

    @property
    def target(self) -> str:
        """The entity that a reference leads to; "" for any other field."""
        return self.kind.removeprefix("reference:") if self.kind.startswith("reference:") else ""


@dataclass(frozen=True, kw_only=True, slots=True)
class EntitySpec:
    """A new entity: its names (English, Vietnamese), where it stands in the menu, and its fields."""

    name: str
    singular: tuple[str, str]
    title: tuple[str, str]
    group: str = "Organisation"
    icon: str = "table"
    fields: tuple[FieldSpec, ...] = ()
    children: tuple["EntitySpec", ...] = field(default_factory=tuple)

    @property
    def class_name(self) -> str:
        return "".join(word.capitalize() for word in self.name.split("_"))

    def labels(self) -> Iterator[tuple[str, str]]:
        """Yield every label with its translation, those of the children too."""
        yield from (self.title, self.singular, *(one.label for one in self.fields))
        for child in self.children:
            yield from child.labels()


def read_spec(given: Mapping[str, Any], *, is_child: bool = False) -> EntitySpec:
    """Return the entity that a mapping, as of a TOML file, describes.

    Raises: EntityNotValidError where its shape is wrong; ``check_spec`` finds what is wrong in its content.
    """
    known = {"name", "singular", "title", "group", "icon", "fields", "children"}
    faults = [f"{key}: no such entry; known: {', '.join(sorted(known))}" for key in sorted(set(given) - known)]
    faults += [f"{key}: missing" for key in ("name", "singular", "title", "fields") if not given.get(key)]
    if faults:
        raise EntityNotValidError(faults)
    children = [read_spec(child, is_child=True) for child in given.get("children", ()) if not is_child]
    return EntitySpec(
        name=str(given["name"]),
        singular=_labels("singular", given["singular"]),
        title=_labels("title", given["title"]),
        group=str(given.get("group", "Organisation")),
        icon=str(given.get("icon", "table")),
        fields=tuple(_read_field(one) for one in given["fields"]),
        children=tuple(children),
    )


def _read_field(given: Mapping[str, Any]) -> FieldSpec:
    known = {"name", "type", "label", "level", *FLAGS}
    name = str(given.get("name", "?"))
    faults = [f"{name}.{key}: no such entry; known: {', '.join(sorted(known))}" for key in sorted(set(given) - known)]
    faults += [f"{name}.{key}: missing" for key in ("name", "type", "label") if not given.get(key)]
    if faults:
        raise EntityNotValidError(faults)
    flags = frozenset(flag for flag in FLAGS if given.get(flag))
    return FieldSpec(
        name=name,
        kind=str(given["type"]),
        label=_labels(f"{name}.label", given["label"]),
        flags=flags,
        level=int(given.get("level", 0)),
    )


def _labels(where: str, given: Any) -> tuple[str, str]:
    if not isinstance(given, list | tuple) or len(given) != 2 or not all(str(text).strip() for text in given):
        raise EntityNotValidError([f'{where}: two texts are needed, ["English", "Tiếng Việt"]'])
    return str(given[0]).strip(), str(given[1]).strip()


def parse_field(text: str) -> FieldSpec:
    """Return the field of an option ``name|type|English label|Vietnamese label|required,search``.

    Raises: EntityNotValidError.
    """
    name, kind, english, vietnamese, *more = [*(part.strip() for part in text.split("|")), "", "", ""][:5]
    flags = [flag.strip() for flag in ",".join(more).split(",") if flag.strip()]
    level = next((int(flag[6:]) for flag in flags if re.fullmatch(r"level=\d", flag)), 0)
    unknown = [flag for flag in flags if flag not in FLAGS and not flag.startswith("level=")]
    if unknown:
        raise EntityNotValidError([f"{name}: {', '.join(unknown)} is unknown; known: {', '.join(FLAGS)}, level=1"])
    given = {"name": name, "type": kind, "label": [english, vietnamese], "level": level}
    return _read_field(given | dict.fromkeys((flag for flag in flags if flag in FLAGS), True))


def check_spec(spec: EntitySpec, *, entities: Collection[str], taken: Collection[str], groups: Collection[str]) -> None:
    """Raise EntityNotValidError with everything that is wrong in ``spec``; return where it can be made.

    entities  tables that a reference may lead to; ``taken``: names of tables and modules that exist already
    """
    faults = list(_faults(spec, entities=entities, taken=taken))
    if spec.group not in groups:
        faults.append(f"group {spec.group!r}: choose one of {', '.join(groups)}")
    for child in spec.children:
        faults += [f"{child.name}: {fault}" for fault in _faults(child, entities=entities, taken={*taken, spec.name})]
    if faults:
        raise EntityNotValidError(faults)


def _faults(spec: EntitySpec, *, entities: Collection[str], taken: Collection[str]) -> Iterator[str]:
    yield from _name_faults("name", spec.name)
    if spec.name in taken:
        yield f"name {spec.name!r}: exists already; choose another"
    first = spec.fields[0]
    if first.kind not in ("text", "code") or "required" not in first.flags:
        yield f"{first.name}: the first field is what a row is called by; make it a required text"
    names = [one.name for one in spec.fields]
    for name in sorted({name for name in names if names.count(name) > 1}):
        yield f"{name}: there are two fields of this name"
    for one in spec.fields:
        yield from _name_faults("field", one.name)
        if one.name in RESERVED:
            yield f"field {one.name!r}: every entity has it, or forms use it; choose another name"
        if one.target and one.target not in entities:
            yield f"{one.name}: there is no entity {one.target!r}; known: {', '.join(sorted(entities))}"
        if not one.target and one.kind not in FIELD_TYPES:
            yield f"{one.name}: type {one.kind!r} is unknown; known: {', '.join(FIELD_TYPES)}, reference:ENTITY"
        if "search" in one.flags and one.kind not in ("text", "long_text", "code", "phone"):
            yield f"{one.name}: only texts are searched; leave search out"


def _name_faults(what: str, name: str) -> Iterator[str]:
    if not _NAME.fullmatch(name):
        yield f"{what} {name!r}: 2 to 40 small letters, digits and underscores, a letter first"
    elif keyword.iskeyword(name):
        yield f"{what} {name!r}: a word of Python; choose another"
