"""Form 07: as long as it has to be, readable page by page."""

from datetime import datetime
from io import BytesIO

from pypdf import PdfReader

from services.slips.register import RegisterLine, render_register
from services.slips.typesetting import Letterhead
from tests.services.slips.test_receipt import squeezed


def test_the_register_of_a_quarter_repeats_its_headings_on_every_page(now: datetime) -> None:
    line = RegisterLine(
        code="H99.10-170517-0001", procedure_name="Cấp lại Giấy phép lái xe", applicant_name="Nguyễn Văn Bình",
        contact="Số 1", department_name="Sở Xây dựng", received_at=now, due_at=None, returned_at=None,
        handed_over="Tại quầy", state="Đang xử lý",
    )  # fmt: skip
    today = now.date()

    pdf = render_register(Letterhead(site_name="Trung tâm"), [line] * 300, since=today, until=today, issued_at=now)
    pages = [squeezed(page.extract_text()) for page in PdfReader(BytesIO(pdf)).pages]

    assert len(pages) > 5
    assert all("Mãhồsơ" in page for page in pages)
