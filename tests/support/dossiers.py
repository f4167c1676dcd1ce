"""A dossier with as little around it as the database allows, for tests of what hangs on one."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.applicant import Applicant
from models.dossier import Dossier
from models.ids import opaque_token, public_id
from models.organisation import Department, DepartmentKind, Site
from models.procedure import Procedure, ProcedureField, ProcedureVersion
from models.states import Channel, DossierState, RuleSet
from services.codes import allocate_code


def make_bare_dossier(session: Session, site: Site, at: datetime) -> Dossier:
    """Return a stored dossier received at ``site``; neither clock nor events nor papers."""
    version = session.scalars(select(ProcedureVersion)).first() or _make_version(session, at)
    department = session.scalars(select(Department)).first() or Department(
        code="H19.04", name="Sở Tư pháp", kind=DepartmentKind.DEPARTMENT
    )
    applicant = Applicant(public_id=public_id(at), full_name="Lê Thị Hoà", created_at=at)
    session.add_all([department, applicant])
    session.flush()
    dossier = Dossier(
        code=allocate_code(session, unit_code=site.unit_code, at=at),
        public_id=public_id(at),
        slip_token=opaque_token(),
        procedure_id=version.procedure_id,
        procedure_version_id=version.id,
        rule_set=RuleSet.BEFORE_2018,
        applicant=applicant,
        applicant_name=applicant.full_name,
        department=department,
        site=site,
        channel=Channel.COUNTER,
        state=DossierState.ACCEPTED,
        received_at=at,
        recorded_at=at,
    )
    session.add(dossier)
    session.flush()
    return dossier


def _make_version(session: Session, at: datetime) -> ProcedureVersion:
    field = ProcedureField(code="G15-TP01", name="Hộ tịch")
    procedure = Procedure(code="1.004884", name="Đăng ký lại khai sinh", field=field)
    version = ProcedureVersion(
        procedure=procedure, number=1, name=procedure.name, content_hash="0" * 64, recorded_at=at
    )
    session.add(version)
    session.flush()
    return version
