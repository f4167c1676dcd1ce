"""A small hall for tests of asks and ratings: a site, a department, counters, people and their dealings."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.ids import public_id
from models.organisation import Counter, Department, DepartmentKind, Site
from models.staff import Staff, StaffKind
from models.tablet import Tablet
from models.visit import Presence, Transaction, TransactionKind, Visit
from services.scales import seed_rating_scales

_numbers = count(1)


@dataclass
class Hall:
    """Makes what asks hang on, or finds it where it is there already; every row is flushed at once."""

    session: Session
    at: datetime
    department: Department = field(init=False)
    site: Site = field(init=False)
    counter: Counter = field(init=False)
    servant: Staff = field(init=False)

    def __post_init__(self) -> None:
        seed_rating_scales(self.session, at=self.at)
        site = self.session.scalar(select(Site).where(Site.code == "TT"))
        if site is not None:
            self.site = site
            self.department = self.session.scalars(select(Department).where(Department.code == "H19.07")).one()
            self.counter = self.session.scalars(select(Counter).where(Counter.number == 3)).one()
            self.servant = self.session.scalars(select(Staff).where(Staff.badge_number == "1001")).one()
            return
        self.department = self.add(Department(code="H19.07", name="Sở Xây dựng", kind=DepartmentKind.DEPARTMENT))
        self.site = self.add(Site(code="TT", name="Trung tâm", unit_code="H19.07"))
        self.counter = self.make_counter(3)
        self.servant = self.make_staff("Nguyễn Thị Minh Khai", badge="1001")

    def add(self, row: Any) -> Any:
        self.session.add(row)
        self.session.flush()
        return row

    def make_counter(self, number: int, department: Department | None = None) -> Counter:
        return self.add(
            Counter(number=number, name="Xây dựng", site=self.site, department=department or self.department)
        )

    def make_department(self, name: str = "Sở Tư pháp") -> Department:
        return self.add(Department(code=f"H19.{next(_numbers) + 100}", name=name, kind=DepartmentKind.DEPARTMENT))

    def make_staff(
        self,
        name: str,
        kind: StaffKind = StaffKind.SERVANT,
        department: Department | None = None,
        badge: str = "",
    ) -> Staff:
        return self.add(
            Staff(
                badge_number=badge or str(2000 + next(_numbers)),
                full_name=name,
                kind=kind,
                department=department or self.department,
            )
        )

    def make_tablet(self, counter: Counter | None = None) -> Tablet:
        counter = counter or self.counter
        return self.add(Tablet(public_id=public_id(self.at), name=f"Quầy {counter.number}", counter=counter))

    def make_visit(self, at: datetime | None = None, *, is_training: bool = False) -> Visit:
        at = at or self.at
        return self.add(
            Visit(
                public_id=public_id(at),
                site=self.site,
                ticket_number=next(_numbers),
                local_date=at.date(),
                arrived_at=at - timedelta(minutes=10),
                called_at=at,
                counter=self.counter,
                is_training=is_training,
            )
        )

    def make_dealing(self, visit: Visit | None = None, at: datetime | None = None, **values: Any) -> Transaction:
        """Add a dealing that began five minutes before ``at`` and is finished at it."""
        at = at or self.at
        visit = visit or self.make_visit(at)
        defaults = {
            "public_id": public_id(at),
            "kind": TransactionKind.INTAKE,
            "presence": Presence.COUNTER,
            "visit": visit,
            "staff": self.servant,
            "counter": self.counter,
            "started_at": at - timedelta(minutes=5),
            "finished_at": at,
            "recorded_at": at,
            "is_training": visit.is_training,
        }
        return self.add(Transaction(**{**defaults, **values}))
