"""The files of a new entity: its model and its catalogue."""

from collections.abc import Iterable, Mapping
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po, write_po

from commands.new_entity.spec import EntitySpec, FieldSpec
from models.base import Base

WIDTH = 120
_TYPES = {
    "text": ("str", "String(200)"), "code": ("str", "String(40)"), "phone": ("str", "String(40)"),
    "long_text": ("str", ""), "integer": ("int", ""), "money": ("int", ""), "boolean": ("bool", "default=False"),
    "decimal": ("Decimal", "Numeric(18, 4)"), "date": ("date", ""), "datetime": ("datetime", ""),
}  # fmt: skip
_FORMATS = {"money": "money", "code": "code", "phone": "phone"}


def write_model(spec: EntitySpec) -> str:
    """Return the text of ``models/NAME.py``, formatted as the repository's formatter would."""
    everything = (spec, *spec.children)
    body = "\n\n\n".join(_class(one, parent=spec if one is not spec else None) for one in everything)
    return f'"""{spec.title[0]}: what the screens show and keep of them."""\n\n{_imports(spec)}\n\n\n{body}\n'


def _imports(spec: EntitySpec) -> str:
    fields = [one for entity in (spec, *spec.children) for one in entity.fields]
    kinds = {one.kind for one in fields}
    standard = []
    moments = sorted({kind for kind in kinds if kind in ("date", "datetime")})
    if moments:
        standard.append(f"from datetime import {', '.join(moments)}")
    if "decimal" in kinds:
        standard.append("from decimal import Decimal")
    standard.append("from typing import ClassVar")
    has_relation = bool(spec.children) or any(one.target for one in fields)
    core = {"String": kinds & {"text", "code", "phone"}, "Numeric": kinds & {"decimal"}, "ForeignKey": has_relation}
    orm = ["Mapped", "mapped_column", *(["relationship"] if has_relation else [])]
    names = sorted(name for name, is_used in core.items() if is_used)
    base = ["Base", *(["Key"] if spec.children else []), "Screen", *(["Versioned"] if spec.children else [])]
    ours = {
        "models.base": [*base, "_", "grant", "ui"],
        "models.entity": ["Entity"],
        "models.organisation": ["READ_ALL", *(["BY_DEPARTMENT"] if _has_department(spec) else [])],
    }
    for target in sorted({one.target for one in fields if one.target}):
        model = _model_of(target)
        ours.setdefault(model.__module__, []).append(model.__name__)
    lines = [
        f"from {module} import {', '.join(sorted(found, key=_import_order))}" for module, found in sorted(ours.items())
    ]
    third = [f"from sqlalchemy import {', '.join(names)}", f"from sqlalchemy.orm import {', '.join(orm)}"]
    return "\n\n".join("\n".join(block) for block in (standard, third, lines))


def _import_order(name: str) -> tuple[int, str]:
    return (0 if name.isupper() and name != "_" else 1 if name[0].isupper() else 2, name)


def _has_department(spec: EntitySpec) -> bool:
    return any(one.name == "department" and one.target == "department" for one in spec.fields)


def _model_of(entity: str) -> type[Base]:
    return next(m.class_ for m in Base.registry.mappers if m.class_.__tablename__ == entity)


def _class(spec: EntitySpec, *, parent: EntitySpec | None) -> str:
    lines = [f"class {spec.class_name}({'Entity' if parent is None else 'Versioned'}, Base):"]
    lines += [f'    """{_article(spec.singular[0])}."""', "", f'    __tablename__ = "{spec.name}"']
    if parent is None:
        lines += _screen(spec)
        if spec.fields[0].name != "name":
            lines.append(f'    called_by: ClassVar = "{spec.fields[0].name}"')
        lines.append("")
    else:
        lines += ["", "    id: Mapped[Key]", *_parent_link(spec, parent)]
    for position, one in enumerate(spec.fields, 1):
        lines += _column(one, position, is_name=position == 1 and parent is None)
    for child in spec.children:
        kept = [f'back_populates="{spec.name}"', 'cascade="all, delete-orphan"', f'order_by="{child.class_name}.id"']
        info = f'info=ui(_("{child.title[0]}"), form=False)'
        lines += _wrapped(f'{_plural(child)}: Mapped[list["{child.class_name}"]] = relationship', [*kept, info])
    if parent is not None:
        lines += ["", "    def __str__(self) -> str:", f"        return self.{spec.fields[0].name}"]
    return "\n".join(lines)


def _plural(child: EntitySpec) -> str:
    return f"{child.name}s"


def _article(noun: str) -> str:
    return f"{'An' if noun[0].lower() in 'aeiou' else 'A'} {noun[0].lower()}{noun[1:]}"


def _screen(spec: EntitySpec) -> list[str]:
    values = {
        "title": f'_("{spec.title[0]}")',
        "singular": f'_("{spec.singular[0]}")',
        "group": f'_("{spec.group}")',
        **({"icon": f'"{spec.icon}"'} if spec.icon != "table" else {}),
        "order": '"name_sort"',
        "grants": '{"ADMIN": grant("manage delete", level=1), **READ_ALL}',
        **({"scopes": "BY_DEPARTMENT"} if _has_department(spec) else {}),
        "delete": "True",
        **({key: f'("{_plural(spec.children[0])}",)' for key in ("children", "grid")} if spec.children else {}),
    }
    inner = [f"        {name}={value}," for name, value in values.items()]
    return ["    __screen__: ClassVar = Screen(", *inner, "    )"]


def _parent_link(spec: EntitySpec, parent: EntitySpec) -> list[str]:
    key = [f'ForeignKey("{parent.name}.id", ondelete="CASCADE")', "index=True"]
    return [
        *_wrapped(f"{parent.name}_id: Mapped[int] = mapped_column", key),
        f'    {parent.name}: Mapped[{parent.class_name}] = relationship(back_populates="{_plural(spec)}")',
    ]


def _column(one: FieldSpec, position: int, *, is_name: bool) -> list[str]:
    is_required = "required" in one.flags
    info = f"info=ui({', '.join(_ui(one, position, is_name=is_name))})"
    if one.target:
        model = _model_of(one.target).__name__
        null = "" if is_required else " | None"
        rule = "RESTRICT" if is_required else "SET NULL"
        key = f"{one.name}_id: Mapped[int{null}] = mapped_column"
        return [
            *_wrapped(key, [f'ForeignKey("{one.target}.id", ondelete="{rule}")', "index=True"]),
            *_wrapped(f"{one.name}: Mapped[{model}{null}] = relationship", [info]),
        ]
    python, argument = _TYPES[one.kind]
    null = "" if is_required or one.kind == "boolean" else " | None"
    arguments = [argument] if argument else []
    arguments += ["unique=True"] if "unique" in one.flags else []
    return _wrapped(f"{one.name}: Mapped[{python}{null}] = mapped_column", [*arguments, info])


def _ui(one: FieldSpec, position: int, *, is_name: bool) -> list[str]:
    parts = [f'_("{one.label[0]}")']
    if "list" in one.flags or is_name:
        parts.append(f"list={position}")
    if is_name:
        parts.append('order="name_sort"')
    parts += [f"{flag}=True" for flag in ("search", "filter", "personal") if flag in one.flags]
    if one.kind == "long_text":
        parts.append("multiline=True")
    if one.kind in _FORMATS:
        parts.append(f'format="{_FORMATS[one.kind]}"')
    if one.level:
        parts.append(f"level={one.level}")
    return parts


def _wrapped(head: str, arguments: list[str]) -> list[str]:
    """Return ``head(arguments)`` as lines of the class, broken where it is too wide."""
    whole = f"    {head}({', '.join(arguments)})"
    if len(whole) <= WIDTH:
        return [whole]
    inner = f"        {', '.join(arguments)}"
    if len(inner) <= WIDTH:
        return [f"    {head}(", inner, "    )"]
    return [f"    {head}(", *(f"        {argument}," for argument in arguments), "    )"]


def find_translations(folder: Path, language: str) -> dict[str, str]:
    """Return every message of the catalogues of ``language`` with its translation."""
    known: dict[str, str] = {}
    for path in sorted((folder / language / "LC_MESSAGES").glob("*.po")):
        with path.open("rb") as file:
            known |= {str(m.id): str(m.string) for m in read_po(file, locale=language) if m.id and m.string}
    return known


def write_catalogue(path: Path, labels: Iterable[tuple[str, str]], known: Mapping[str, str]) -> list[str]:
    """Write the labels that no catalogue has yet to ``path``; return those that are translated differently already."""
    catalogue = Catalog(locale="vi", charset="utf-8", fuzzy=False)
    catalogue.header_comment = ""
    kept = []
    for english, vietnamese in sorted(set(labels)):
        if english not in known:
            catalogue.add(english, vietnamese)
        elif known[english] != vietnamese:
            kept.append(english)
    with path.open("wb") as file:
        write_po(file, catalogue, sort_output=True, omit_header=False, no_location=True, width=0)
    return kept
