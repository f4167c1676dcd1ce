"""Centres of any size for measuring: the organisation through the ORM, dossiers in bulk, the same every time.

Names repeat as they do in life (38 % Nguyễn), procedures are as unevenly popular, one department in forty-one
holds a ten-thousandth of the dossiers. A peer gets the same rows in tables of its own.
"""

import random
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, insert, inspect, select
from sqlalchemy.orm import Session

from models import Base, ddl
from models.dossier import NO_DUE_TIME, Dossier, DossierAccess
from models.organisation import Department, Site
from models.procedure import Procedure, ProcedureVersion
from models.search import BAR
from models.staff import Staff
from models.states import DossierState
from models.text import search_document
from services.database import make_engine
from services.roles import seed_roles
from services.session import unscoped
from services.users import change_password, create_user
from tests.factories import make_row

SEED = 20261122
BEGIN = datetime(2024, 1, 1, tzinfo=UTC)
SPAN_SECONDS = 3 * 365 * 86400
CHUNK = 5000
DEPARTMENTS, PROCEDURES, STAFF = 40, 2000, 500
SMALL_SHARE = 10_000
"""The small department has one dossier in so many."""
ADMINISTRATOR, CLERK, PASSWORD = "bench.admin", "bench.clerk", "Thuoc-Do-Toc-Do-2026"
RARE = "Đặng Quỳnh Như"
RARE_EVERY = 200_000
"""Of so many applicants, one bears the rare name."""

FAMILY = (
    *("Nguyễn",) * 38, *("Trần",) * 12, *("Lê",) * 10, *("Phạm",) * 7, *("Phan", "Hoàng", "Vũ", "Võ", "Bùi", "Đỗ") * 4,
    *"Hồ Ngô Dương Lý Đinh Trịnh Đặng Mai Cao".split(),
)  # fmt: skip
MIDDLE = (
    *("Thị",) * 12, *("Văn",) * 12,
    *"Hữu Đức Minh Ngọc Thanh Quốc Xuân Thu Hồng Kim Quỳnh Bảo Gia Anh Đình".split(),
)  # fmt: skip
GIVEN = (
    "An Anh Bình Bích Châu Chi Cường Cúc Dũng Dung Duy Đạt Đông Giang Hà Hải Hạnh Hằng Hiền Hiếu Hoa Hòa Hùng Huy "
    "Hương Khoa Kiên Lan Lâm Linh Loan Long Lộc Mai Mạnh Nam Nga Ngân Nghĩa Nhung Như Oanh Phát Phong Phúc Phương "
    "Quân Quang Quyên Sơn Tài Tâm Thảo Thắng Thu Thủy Tiến Toàn Trang Trí Trung Tú Tuấn Tuyết Uyên Vân Việt Vinh Yến"
).split()
WORK = (
    "giấy chứng nhận quyền sử dụng đất", "giấy phép xây dựng nhà ở riêng lẻ", "giấy phép lái xe",
    "phiếu lý lịch tư pháp", "giấy phép lao động cho người nước ngoài", "đăng ký hộ kinh doanh", "trích lục hộ tịch",
    "giấy phép môi trường",
)  # fmt: skip
ACTS = ("Cấp", "Cấp lại", "Điều chỉnh", "Thu hồi", "Gia hạn", "Xác nhận")
STATES = (
    *(DossierState.ACCEPTED,) * 5, *(DossierState.PROCESSING,) * 15,
    *(DossierState.DECIDED,) * 10, *(DossierState.RETURNED,) * 70,
)  # fmt: skip


REPEATED = sorted(
    {column.key for column in inspect(DossierAccess).columns}
    & {column.key for column in inspect(Dossier).columns} - {"department_id"}
)
"""What the table of who may see a dossier repeats of it."""


def build(url: str, dossiers: int, *, now: datetime) -> None:
    """Make the schema at ``url`` and fill it with ``dossiers`` dossiers; two accounts can sign in."""
    engine = make_engine(url)
    Base.metadata.create_all(engine)
    example, keys = _fill_organisation(engine, now)
    engine.dispose()
    engine = create_engine(url)  # without the gate of the application: nobody else is there
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", lambda connection, _record: connection.execute("PRAGMA synchronous = OFF"))
    with engine.connect() as connection:
        with connection.begin():
            ddl.drop_attached(connection)  # one build of the search index is quicker than a million small steps
        for chunk in batched(_dossiers(example, keys, dossiers), CHUNK):
            with connection.begin():
                connection.execute(insert(Base.metadata.tables[Dossier.__tablename__]), chunk)
                connection.execute(
                    insert(Base.metadata.tables[DossierAccess.__tablename__]), list(_access(chunk, keys))
                )
        with connection.begin():
            ddl.create_attached(connection)
        _finish(connection)
    engine.dispose()


def _finish(connection: Connection) -> None:
    """Bring sequences and the planner's statistics up to date, as a database in use has them."""
    if connection.dialect.name == "postgresql":
        with connection.begin():
            connection.exec_driver_sql("SELECT setval('dossier_id_seq', (SELECT max(id) FROM dossier))")
    with connection.execution_options(isolation_level="AUTOCOMMIT") as idle:
        idle.exec_driver_sql("VACUUM ANALYZE" if idle.dialect.name == "postgresql" else "ANALYZE")


def _fill_organisation(engine: Engine, now: datetime) -> tuple[dict[str, Any], dict[str, list[int]]]:
    """Make departments, staff, procedures and the two accounts; return a dossier to copy from, and the keys."""
    chance = random.Random(SEED)  # noqa: S311 -- chance that repeats itself
    with Session(engine) as session, unscoped(session, "benchmark data"):
        seed_roles(session)
        root = make_row(session, Department, code="H98", name="Ủy ban nhân dân tỉnh", parent=None)
        small = make_row(session, Department, code="H98.99", name="Ban Quản lý khu kinh tế", parent=root)
        departments = [
            make_row(session, Department, code=f"H98.{n:02}", name=f"Cơ quan chuyên môn số {n}", parent=root)
            for n in range(1, DEPARTMENTS + 1)
        ]
        site = make_row(session, Site, code="TT", name="Trung tâm", unit_code="H98.20")
        staff = [
            make_row(session, Staff, full_name=_name(chance), department=chance.choice(departments))
            for _ in range(STAFF)
        ]
        clerk = make_row(session, Staff, full_name="Lê Thị Ánh", department=small)
        procedures = [
            make_row(
                session, Procedure, code=f"1.{n:06}", name=f"{chance.choice(ACTS)} {chance.choice(WORK)} (loại {n})"
            )
            for n in range(1, PROCEDURES + 1)
        ]
        versions = [make_row(session, ProcedureVersion, procedure=procedure) for procedure in procedures]
        example = make_row(
            session, Dossier, procedure=procedures[0], procedure_version=versions[0], department=small, site=site
        )
        for name, role, member in ((ADMINISTRATOR, "ADMIN", None), (CLERK, "RECEIVING_OFFICER", clerk)):
            made = create_user(session, user_name=name, roles=[role], at=now, staff=member, department=small)
            change_password(session, user=made.user, present=made.password, new=PASSWORD, at=now)
        table = Base.metadata.tables[Dossier.__tablename__]
        stored = session.connection().execute(select(table).where(table.c.id == example.id)).mappings().one()
        keys = {
            "root": [root.id],
            "small": [small.id],
            "department": [department.id for department in departments],
            "staff": [member.id for member in staff],
            "procedure": [procedure.id for procedure in procedures],
            "version": [version.id for version in versions],
        }
        session.connection().execute(table.delete())
        session.commit()
        return {name: value for name, value in stored.items() if value is not None}, keys


def _dossiers(example: dict[str, Any], keys: dict[str, list[int]], number: int) -> Iterator[dict[str, Any]]:
    """Yield dossiers in the order of their ids and, but for two days of jitter, of their intake."""
    chance = random.Random(SEED + 1)  # noqa: S311 -- chance that repeats itself
    for n in range(1, number + 1):
        received_at = BEGIN + timedelta(seconds=int(SPAN_SECONDS * n / number + chance.random() * 2 * 86400))
        popular = int(chance.random() * chance.random() * PROCEDURES)
        due_at = received_at + timedelta(days=1 + popular % 30) if popular % 8 else None
        state = chance.choice(STATES)
        name = RARE if n % RARE_EVERY == 177 else _name(chance)
        phone = f"09{chance.randrange(10**8):08}"
        code = f"H98.20-{received_at:%y%m%d}-{n:07}"
        yield example | {
            "id": n,
            "code": code,
            "public_id": f"{n:036}",
            "slip_token": f"{n:040}",
            "procedure_id": keys["procedure"][popular],
            "procedure_version_id": keys["version"][popular],
            "department_id": keys["small"][0] if n % SMALL_SHARE == 0 else chance.choice(keys["department"]),
            "responsible_id": chance.choice(keys["staff"]),
            "received_by_id": chance.choice(keys["staff"]),
            "applicant_name": name,
            "applicant_phone": phone,
            "search_text": f"{search_document(code, name)}{BAR}{search_document(phone)}",
            "state": state,
            "received_at": received_at,
            "recorded_at": received_at,
            "due_at": due_at,
            "due_sort_at": due_at or NO_DUE_TIME,
        }


def _access(dossiers: Sequence[dict[str, Any]], keys: dict[str, list[int]]) -> Iterator[dict[str, Any]]:
    """Yield who may see the dossiers: their department itself, and the one above it."""
    for dossier in dossiers:
        for department_id, is_direct in ((dossier["department_id"], True), (keys["root"][0], False)):
            repeated = {name: dossier[name] for name in REPEATED}
            yield {"dossier_id": dossier["id"], "department_id": department_id, "is_direct": is_direct, **repeated}


def _name(chance: random.Random) -> str:
    return f"{chance.choice(FAMILY)} {chance.choice(MIDDLE)} {chance.choice(GIVEN)}"


def batched(rows: Iterable[dict[str, Any]], size: int) -> Iterator[list[dict[str, Any]]]:
    """Yield ``rows`` in lists of at most ``size``."""
    rest = iter(rows)
    while chunk := list(islice(rest, size)):
        yield chunk
