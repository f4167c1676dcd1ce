"""A small centre for tests of dossiers: two departments, their counters, people with real rights, procedures."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from itertools import count
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.access import Role, User
from models.dossier import Dossier
from models.organisation import Counter, Department, DepartmentKind, Site
from models.procedure import Procedure, ProcedureField, ProcedureVersion
from models.procedure_content import ExecutionMethod, FeeRule, ProcedureCase, RequiredDocument
from models.procedure_terms import FeeKind, LimitUnit, ProcedureState, VersionState
from models.staff import Staff
from models.states import Channel
from services.applicants import ApplicantFacts
from services.calendar import give_default_hours, seed_calendar
from services.dossiers import Intake, Paper, receive_dossier
from services.intake_fees import Charge
from services.passwords import password_hashing
from services.roles import build_actor
from services.session import acting
from tests.support.people import PASSWORD
from tests.support.roles import have_roles

KHAI_ID = "075190000123"


@dataclass
class Centre:
    """Everything dossiers need, made with the session of a test; rows are flushed."""

    session: Session
    at: datetime
    numbers: Iterator[int] = field(default_factory=lambda: count(1))

    def __post_init__(self) -> None:
        have_roles(self.session)
        seed_calendar(self.session, range(self.at.year - 1, self.at.year + 3), self.at)
        self.hall = self.make_department("H19.00", "Trung tâm Phục vụ hành chính công", kind=DepartmentKind.CENTRE)
        self.transport = self.make_department("H19.07", "Sở Giao thông vận tải")
        self.vehicles = self.make_department("H19.07.01", "Phòng Phương tiện", parent=self.transport)
        self.justice = self.make_department("H19.08", "Sở Tư pháp")
        self.site = self.add(Site(code="TT", name="Trung tâm", unit_code="H19.07"))
        give_default_hours(self.session, self.site, self.at.date().replace(year=self.at.year - 1))
        self.counter = self.make_counter(3, self.transport)
        self.other_counter = self.make_counter(4, self.transport)
        self.justice_counter = self.make_counter(5, self.justice)
        self.clerk = self.make_user("RECEIVING_OFFICER", self.transport)
        self.officer = self.make_user("PROCESSING_OFFICER", self.transport)
        self.head = self.make_user("DEPARTMENT_HEAD", self.transport)
        self.stranger = self.make_user("RECEIVING_OFFICER", self.justice)
        self.field = self.add(ProcedureField(code="G11-GT01", name="Đường bộ"))
        self.licence = self.make_procedure("Đổi giấy phép lái xe", self.transport, Decimal("3.5"))

    def add(self, row: Any) -> Any:
        self.session.add(row)
        self.session.flush()
        return row

    def make_department(self, code: str, name: str, **facts: Any) -> Department:
        return self.add(Department(**{"code": code, "name": name, "kind": DepartmentKind.DEPARTMENT, **facts}))

    def make_counter(self, number: int, department: Department) -> Counter:
        return self.add(Counter(number=number, name=department.name, site=self.site, department=department))

    def make_user(self, role: str, department: Department) -> User:
        number = next(self.numbers)
        staff = self.add(
            Staff(badge_number=str(1000 + number), full_name=f"Nguyễn Văn {number}", department=department)
        )
        return self.add(
            User(
                user_name=f"user{number}",
                display_name=staff.full_name,
                staff=staff,
                department=department,
                roles=list(self.session.scalars(select(Role).where(Role.code == role))),
                password_hash=password_hashing().hash(PASSWORD),
                must_change_password=False,
                password_changed_at=self.at,
            )
        )

    def make_procedure(
        self, name: str, department: Department | None, quantity: Decimal | None, **facts: Any
    ) -> Procedure:
        """Make a procedure in force with one case, a required paper and a fee; ``quantity`` in working days."""
        number = next(self.numbers)
        procedure = self.add(
            Procedure(
                **{"code": f"1.{number:06d}", "name": name, "field": self.field, "department": department}
                | {"state": ProcedureState.IN_FORCE, **facts}
            )
        )
        version = ProcedureVersion(
            procedure=procedure,
            number=1,
            name=name,
            state=VersionState.PUBLISHED,
            recorded_at=self.at,
            content_hash="0" * 64,
        )
        self.add(version)
        self.add(
            ProcedureCase(
                version=version,
                position=1,
                name="Cấp đổi",
                documents=[
                    RequiredDocument(position=1, name="Đơn đề nghị", originals=1, is_required=True),
                    RequiredDocument(position=2, name="Giấy khám sức khỏe", originals=1, copies=1),
                ],
            )
        )
        self.add(
            ExecutionMethod(
                version=version,
                position=1,
                channel=Channel.COUNTER,
                limit_quantity=quantity,
                limit_unit=LimitUnit.WORKING_DAY if quantity else None,
                fees=[FeeRule(position=1, kind=FeeKind.FEE, amount_vnd=135_000)],
            )
        )
        procedure.current_version = version
        self.session.flush()
        return procedure

    def intake(self, procedure: Procedure | None = None, **facts: Any) -> Intake:
        """Return a complete intake for a known citizen; ``facts`` replace parts of it."""
        chosen = procedure or self.licence
        version = chosen.current_version
        assert version is not None
        case = version.cases[0]
        return Intake(
            **{
                "procedure_id": chosen.id,
                "case_id": case.id,
                "applicant": khai(),
                "papers": (Paper(name="Đơn đề nghị", required_document_id=case.documents[0].id, original_count=1),),
                "charges": (Charge(fee_id=version.methods[0].fees[0].id),),
                **facts,
            }
        )

    @contextmanager
    def acting_as(self, user: User, counter: Counter | None = None) -> Iterator[Session]:
        """Work as ``user``, with the rights the database gives, at ``counter``."""
        self.session.flush()
        actor = build_actor(self.session, user, counter.id if counter else None)
        with acting(self.session, actor):
            yield self.session


def khai(**facts: Any) -> ApplicantFacts:
    """Return the citizen of most tests as typed at the counter."""
    known = {"full_name": "Nguyễn Thị Minh Khai", "id_number": KHAI_ID, "phone": "0912 345 678"}
    return ApplicantFacts(**{**known, "address": "12 Phạm Văn Thuận, Biên Hòa", **facts})


def receive(centre: Centre, *, at: datetime | None = None, nonce: str | None = None, **facts: Any) -> Dossier:
    """Receive a dossier as the clerk at the first counter; ``facts`` replace parts of the intake."""
    with centre.acting_as(centre.clerk, centre.counter) as session:
        return receive_dossier(
            session, intake=centre.intake(**facts), counter=centre.counter, at=at or centre.at, nonce=nonce
        )
