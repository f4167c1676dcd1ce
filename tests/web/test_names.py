"""Names of roles: ours in the reader's language, whichever they were stored in; those of the office as typed."""

from flask import Flask
from flask_babel import force_locale

from models.access import Role
from web.names import entity_name, name_of, say_stored


def test_seeded_names_are_translated_and_typed_ones_are_not(app: Flask) -> None:
    stored = [
        Role(code="AUDITOR", name="Auditor", description="Reads everything that was done, and changes nothing."),
        Role(code="AUDITOR", name="Kiểm soát viên"),
        Role(code="AUDITOR", name="Open"),
        Role(code="ARCHIVIST", name="Auditor"),
    ]

    with app.test_request_context():
        with force_locale("en"):
            english = [name_of(role) for role in stored]
        with force_locale("vi"):
            vietnamese = [name_of(role) for role in stored]
            description = say_stored(stored[0], stored[0].description)
            kinds = [entity_name(entity) for entity in ("dossier", "report", "nothing")]

    assert english == ["Auditor", "Auditor", "Open", "Auditor"]
    assert vietnamese == ["Kiểm soát viên", "Kiểm soát viên", "Open", "Auditor"]
    assert description != stored[0].description
    assert kinds == ["Hồ sơ", "Báo cáo giải quyết hồ sơ", "nothing"]
