"""The list as it is served: small, and the same whatever stands in it."""

from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from models.dossier import Dossier
from models.organisation import Department
from models.procedure import Procedure
from services.session import unscoped
from tests.factories import make_row
from tests.support.clients import client_as
from web.database import database

LONG_NAME = "Cấp giấy chứng nhận quyền sử dụng đất, quyền sở hữu nhà ở và tài sản khác gắn liền với đất " * 5
LARGEST_BYTES = 60 * 1024


def test_fifty_dossiers_are_at_most_60_kib_of_html(app: Flask) -> None:
    client = client_as(app, "ADMIN")
    with app.app_context(), Session(database().engine) as session, unscoped(session, "test"):
        department = session.scalars(select(Department)).one()
        department.name = "Sở Tài nguyên và Môi trường tỉnh Đồng Nai"
        procedures = [make_row(session, Procedure, name=f"{number} {LONG_NAME}") for number in range(20)]
        for number in range(60):
            make_row(
                session, Dossier, procedure=procedures[number % 20], code=f"H19.07.01-170517-{number:04}",
                applicant_name="Công tằng Tôn nữ Thị Minh Khai",
            )  # fmt: skip
        session.commit()

    page = client.get("/admin/dossier/").data

    assert page.count(b'class="row-link"') == 50
    assert len(page) <= LARGEST_BYTES
