"""Mapping files, and finding the columns of a table by them."""

from pathlib import Path

import pytest

from models.batch import BatchKind
from services.legacy.mapping import ColumnMapping, ColumnsMissingError, MappingUnreadableError, parse_mapping
from services.legacy.source import open_source
from tests.support.legacy import open_table

EXAMPLE = Path(__file__).parents[3] / "docs" / "examples" / "permit-receipt-log.toml"


def test_example_is_read_for_both_kinds():
    dossiers = parse_mapping(EXAMPLE.read_text(), BatchKind.DOSSIERS)
    events = parse_mapping(EXAMPLE.read_text(), BatchKind.DOSSIER_EVENTS)

    assert dossiers.columns["due_at"] == "case:deadline"
    assert dossiers.values["channel"]["e-mail"] == "online"
    assert dossiers.defaults == {"procedure_code": "WABO"}
    assert events.columns["reference"] == "concept:instance"
    assert ColumnMapping(**dossiers.to_json()) == dossiers


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("[dossiers", "Expected"),
        ("dossiers = 3", "dossiers has to be a table"),
        ("[dossier.columns]", "dossier: no such name"),
        ("[dossiers.colums]", "dossiers.colums: no such name"),
        ('[dossiers.columns]\ncolour = "x"', "colour: no such name"),
        ('[dossiers.values]\nchannel = "x"', "channel has to be a table"),
    ],
)
def test_mistake_in_a_mapping_file_is_named(text, fault):
    with pytest.raises(MappingUnreadableError, match=fault):
        parse_mapping(text, BatchKind.DOSSIERS)


def test_header_is_found_below_titles_whatever_its_case_and_what_is_not_read_is_told(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text(
        "Sổ theo dõi hồ sơ năm 2016,,\nĐơn vị: Sở Tư pháp,,\n"
        "Procedure_Code,RECEIVED_AT,Ghi chú\n1.004194,04/04/2016,x\n"
    )

    source = open_source(path, tmp_path / "spool", kind=BatchKind.DOSSIERS, mapping=ColumnMapping())

    assert [(record.line, record.cells) for record in source.records()] == [
        (4, {"procedure_code": "1.004194", "received_at": "04/04/2016"})
    ]
    assert (source.left_out, source.count(), source.name) == (["Ghi chú"], 1, "a.csv")


def test_values_are_translated_and_empty_cells_filled(tmp_path):
    mapping = ColumnMapping(
        columns={"received_at": "Ngày nhận", "channel": "Hình thức"},
        values={"channel": {"truc tuyen": "online"}},
        defaults={"procedure_code": "P", "channel": "post"},
    )
    rows = [
        {"Ngày nhận": "04/04/2016", "Hình thức": " Trực tuyến "},
        {"Ngày nhận": "05/04/2016", "Hình thức": ""},
        {"Ngày nhận": "06/04/2016", "Hình thức": "fax"},
    ]

    source = open_table(tmp_path / "a.csv", rows, mapping=mapping)

    assert [record.cells["channel"] for record in source.records()] == ["online", "post", "fax"]
    assert {record.cells["procedure_code"] for record in source.records()} == {"P"}


@pytest.mark.parametrize(
    ("kind", "row", "missing"),
    [
        (BatchKind.DOSSIERS, {"received_at": "x"}, "procedure_code"),
        (BatchKind.DOSSIERS, {"a": "x"}, "procedure_code, received_at"),
        (BatchKind.DOSSIER_EVENTS, {"event": "x", "occurred_at": "x"}, "legacy_code"),
    ],
)
def test_file_without_the_needed_columns_is_refused_as_a_whole(tmp_path, kind, row, missing):
    with pytest.raises(ColumnsMissingError, match=f"no column for: {missing}\\."):
        open_table(tmp_path / "a.csv", [row], kind)
