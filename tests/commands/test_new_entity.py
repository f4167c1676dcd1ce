"""A new entity from a few answers: the same file as by hand, nothing overwritten unasked, mistakes named together."""

import re
import tomllib
from pathlib import Path

import pytest

from commands.new_entity.spec import EntityNotValidError, EntitySpec, check_spec, parse_field, read_spec
from commands.new_entity.writing import write_catalogue, write_model

ROOT = Path(__file__).parents[2]
DOCUMENT = (ROOT / "docs" / "adding-an-entity.md").read_text("utf-8")


def block(language: str) -> str:
    found = re.search(rf"```{language}\n(.*?)```", DOCUMENT, re.S)
    assert found is not None
    return found[1]


def checked(given: dict[str, object], taken: tuple[str, ...] = ()) -> EntitySpec:
    spec = read_spec(given)
    check_spec(spec, entities={"department"}, taken={"department", *taken}, groups=("Organisation",))
    return spec


def test_the_documents_answers_give_the_documents_file_byte_for_byte() -> None:
    spec = checked(tomllib.loads(block("toml")))

    assert write_model(spec) == block("python")


def test_a_plain_entity_has_ten_lines_of_its_own() -> None:
    fields = [parse_field("name|text|Name|Tên|required,search"), parse_field("seats|integer|Seats|Số chỗ|list")]
    text = write_model(
        EntitySpec(name="room", singular=("Room", "Phòng"), title=("Rooms", "Phòng họp"), fields=tuple(fields))
    )

    assert text.split("class Room")[1].count("\n") - text.count("\n\n") <= 14
    assert (
        'name: Mapped[str] = mapped_column(String(200), info=ui(_("Name"), list=1, order="name_sort", search=True))'
        in text
    )
    assert "called_by" not in text


def test_everything_that_is_wrong_is_said_at_once() -> None:
    given = {
        "name": "class", "singular": ["A", "B"], "title": ["A", "B"], "group": "Nowhere",
        "fields": [
            {"name": "price", "type": "monney", "label": ["Price", "Giá"]},
            {"name": "id", "type": "integer", "label": ["Id", "Số"], "search": True},
            {"name": "unit", "type": "reference:departmnt", "label": ["Unit", "Đơn vị"]},
            {"name": "unit", "type": "date", "label": ["Unit", "Đơn vị"]},
        ],
    }  # fmt: skip

    with pytest.raises(EntityNotValidError) as error:
        checked(given)

    assert [fault.split(":")[0] for fault in error.value.faults] == [
        "name 'class'", "price", "unit", "price", "field 'id'", "id", "unit", "group 'Nowhere'",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({}, "name: missing"),
        ({"name": "x", "titel": "y"}, "titel: no such entry"),
        ({"name": "room", "singular": "Room", "title": ["a", "b"], "fields": [1]}, "singular: two texts are needed"),
        ({"name": "room", "singular": ["a", "b"], "title": ["a", "b"], "fields": [{"name": "x"}]}, "x.type: missing"),
    ],
)
def test_a_file_of_the_wrong_shape_is_explained(given: dict[str, object], said: str) -> None:
    with pytest.raises(EntityNotValidError) as error:
        read_spec(given)

    assert any(said in fault for fault in error.value.faults)


def test_a_name_in_use_and_a_misspelt_flag_are_refused() -> None:
    with pytest.raises(EntityNotValidError, match="exists already"):
        checked(tomllib.loads(block("toml")), taken=("vehicle",))
    with pytest.raises(EntityNotValidError, match="serch is unknown"):
        parse_field("name|text|Name|Tên|serch")


def test_labels_that_are_known_are_not_said_twice(tmp_path: Path) -> None:
    known = {"Name": "Tên", "In use": "Đang sử dụng"}

    kept = write_catalogue(tmp_path / "x.po", [("Name", "Tên"), ("In use", "Đang dùng"), ("Plate", 'Biển "số"')], known)

    assert kept == ["In use"]
    assert re.findall(r'msgid "(.+)"\nmsgstr "(.+)"', (tmp_path / "x.po").read_text("utf-8")) == [
        ("Plate", r"Biển \"số\"")
    ]
