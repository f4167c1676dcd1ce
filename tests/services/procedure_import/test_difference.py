import json
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from models.procedure_terms import AgencyRole, LimitUnit, OnlineService
from services.procedure_import.content import Agency, CodedName, ProcedureContent, SubjectArea, fingerprint
from services.procedure_import.difference import LABELS, compare
from services.procedure_import.mapping import map_record
from tests.support.procedures import records


@pytest.fixture
def content() -> ProcedureContent:
    return map_record(json.loads(json.dumps(records()[0]), parse_float=Decimal))


def test_same_content_has_no_difference(content: ProcedureContent) -> None:
    assert compare(content, replace(content)) == []


def test_names_of_agencies_and_fields_are_no_difference(content: ProcedureContent) -> None:
    renamed = replace(
        content,
        agencies=tuple(replace(agency, name=f"{agency.name} (cũ)") for agency in content.agencies),
        classification=replace(content.classification, field=SubjectArea(content.classification.field.code, "Văn hóa")),
    )

    assert compare(renamed, content) == []
    assert fingerprint(renamed) == fingerprint(content)


def test_another_agency_and_field_are_told_by_name(content: ProcedureContent) -> None:
    moved = replace(
        content,
        agencies=(*content.agencies[:1], Agency(AgencyRole.PUBLISHING, "T17", "Bộ Lễ nghi")),
        classification=replace(content.classification, field=SubjectArea("T17-LN01", "Lễ nghi")),
    )

    assert compare(content, moved) == [
        {
            "part": "field",
            "before": {"code": "T19-VH01", "name": "Văn hóa cơ sở"},
            "after": {"code": "T17-LN01", "name": "Lễ nghi"},
        },
        {
            "part": "agencies",
            "removed": [{"role": "PUBLISHING", "code": "T16", "name": "Bộ Văn hóa cơ sở"}],
            "added": [{"role": "PUBLISHING", "code": "T17", "name": "Bộ Lễ nghi"}],
        },
    ]


@pytest.mark.parametrize(
    ("change", "part"),
    [
        (lambda c: replace(c, name="Tên khác"), "name"),
        (lambda c: replace(c, note="Ghi chú"), "note"),
        (lambda c: replace(c, return_methods=None), "return_methods"),
        (lambda c: replace(c, results=(CodedName("KQ.1", "Giấy khác"),)), "results"),
        (lambda c: replace(c, legal_bases=c.legal_bases[::-1]), "legal_bases"),
        (lambda c: replace(c, national_cases=()), "national_cases"),
        (lambda c: replace(c, methods=(replace(c.methods[0], limit_unit=LimitUnit.DAY), *c.methods[1:])), "methods"),
        (
            lambda c: replace(c, classification=replace(c.classification, online_service=OnlineService.NONE)),
            "online_service",
        ),
        (lambda c: replace(c, classification=replace(c.classification, keywords=None)), "keywords"),
    ],
)
def test_each_part_is_compared_and_named(content: ProcedureContent, change: Any, part: str) -> None:
    changed = change(content)

    (entry,) = compare(content, changed)

    assert entry["part"] == part
    assert part in LABELS
    assert fingerprint(changed) != fingerprint(content)
    assert json.loads(json.dumps(entry)) == entry  # it can be stored
