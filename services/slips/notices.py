"""Forms 02 to 05: letters to the applicant about a dossier that does not go its plain way."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from models.text import normalise
from services.slips.typesetting import (
    Form,
    Letterhead,
    Paper,
    compile_pdf,
    head_values,
    joined,
    long_date_time,
    signature,
)


@dataclass(frozen=True, kw_only=True, slots=True)
class NoticeFacts(Letterhead):
    """What a letter says.

    issued_at     when what it tells happened
    items         what is missing, a line each (form 02)
    reason        why, in the words of whoever decided it
    answer_by     last day to answer (form 02), None where none was set
    old_due_at, new_due_at  the appointment before and the one asked for (form 04)
    money         what becomes of fees already paid, in words (form 05)
    officer_*     who wrote it and helps on; ``signer_*`` the leader who signs form 04
    """

    form: Form
    issued_at: datetime
    applicant_name: str
    procedure_name: str
    reason: str
    applicant_address: str = ""
    applicant_contact: str = ""
    department_name: str = ""
    received_at: datetime | None = None
    items: Sequence[str] = ()
    answer_by: date | None = None
    old_due_at: datetime | None = None
    new_due_at: datetime | None = None
    money: str = ""
    officer_name: str = ""
    officer_title: str = ""
    officer_phone: str = ""
    signer_name: str = ""
    signer_title: str = ""


@dataclass(frozen=True, slots=True)
class Wording:
    """The fixed words of a form: its name, the sentences around the reason, and who signs."""

    title: str
    english: str
    before: str
    after: str
    is_signed_by_leader: bool = False


_WORDINGS: dict[tuple[Form, str], Wording] = {
    (Form.SUPPLEMENT, "2025"): Wording(
        title="Phiếu yêu cầu bổ sung, hoàn thiện hồ sơ",
        english="Request to supplement a dossier",
        before="Hồ sơ dưới đây chưa đầy đủ. Đề nghị ông (bà) bổ sung, hoàn thiện những nội dung sau:",
        after="Nếu có vướng mắc trong khi hoàn thiện hồ sơ, ông (bà) liên hệ người hướng dẫn dưới đây.",
    ),
    (Form.REFUSAL, "2025"): Wording(
        title="Phiếu từ chối tiếp nhận, giải quyết hồ sơ",
        english="Refusal of a dossier",
        before="Sau khi xem xét, cơ quan không tiếp nhận, giải quyết hồ sơ dưới đây. Lý do cụ thể:",
        after="Xin thông báo để ông (bà) được biết và thực hiện.",
    ),
    (Form.APOLOGY, "2018"): Wording(
        title="Phiếu xin lỗi và hẹn lại ngày trả kết quả",
        english="Apology and new appointment",
        before="Hồ sơ dưới đây chưa được giải quyết xong theo thời gian đã hẹn. Lý do:",
        after="Chúng tôi xin lỗi ông (bà) về sự chậm trễ này và mong nhận được sự thông cảm.",
        is_signed_by_leader=True,
    ),
    (Form.APOLOGY, "2025"): Wording(
        title="Văn bản xin lỗi và đề nghị gia hạn",
        english="Apology and request for more time",
        before="Hồ sơ dưới đây cần thêm thời gian để giải quyết. Lý do:",
        after="Chúng tôi xin lỗi ông (bà) về sự chậm trễ này và đề nghị ông (bà) chấp thuận thời gian trả kết quả mới.",
        is_signed_by_leader=True,
    ),
    (Form.STOP, "2025"): Wording(
        title="Thông báo dừng giải quyết hồ sơ",
        english="Notice that a dossier is stopped",
        before="Cơ quan dừng giải quyết hồ sơ dưới đây. Lý do:",
        after="Xin thông báo để ông (bà) được biết. Khi cần, ông (bà) có thể nộp hồ sơ mới.",
    ),
}


def render_notice(facts: NoticeFacts, *, paper: Paper = "a4") -> bytes:
    """Return the letter as a PDF/A-2a file, worded by the rules the dossier was received under.

    Source: forms 02 to 05 of Circular 03/2025/TT-VPCP; form 04 of Circular 01/2018/TT-VPCP for older dossiers.
    """
    wording = _WORDINGS.get((facts.form, facts.rule_set)) or _WORDINGS[facts.form, "2025"]
    return compile_pdf("notice.typ", {**_values(facts, wording), "paper": paper})


def _values(facts: NoticeFacts, wording: Wording) -> dict[str, Any]:
    officer = signature("Người lập phiếu", facts.officer_name, facts.officer_title)
    leader = signature("Thủ trưởng cơ quan", facts.signer_name, facts.signer_title)
    return {
        **head_values(facts, facts.form, wording.title, facts.issued_at),
        "heading": wording.title.upper().replace("HỒ SƠ", "HỒ\N{NO-BREAK SPACE}SƠ"),
        "english": wording.english,
        "before": wording.before,
        "after": wording.after,
        "applicant_name": normalise(facts.applicant_name),
        "applicant_address": normalise(facts.applicant_address),
        "applicant_contact": normalise(facts.applicant_contact),
        "procedure_name": normalise(facts.procedure_name),
        "department_name": normalise(facts.department_name),
        "received": long_date_time(facts.received_at) if facts.received_at else "",
        "items": [normalise(item) for item in facts.items],
        "reason": normalise(facts.reason),
        "answer_by": f"{facts.answer_by:%d/%m/%Y}" if facts.answer_by else "",
        "old_due": long_date_time(facts.old_due_at) if facts.old_due_at else "",
        "new_due": long_date_time(facts.new_due_at) if facts.new_due_at else "",
        "money": normalise(facts.money),
        "officer": joined(", ", facts.officer_name, facts.officer_phone),
        "signatures": [leader if wording.is_signed_by_leader else officer],
    }
