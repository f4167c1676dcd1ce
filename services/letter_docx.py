"""The letter of a period as a DOCX file, set as official letters are.

Paper, margins, type and the places of every part follow Decree 30/2020/ND-CP, appendix I. Figures are those that were
frozen; what people wrote stands around them as paragraphs. The language of the letter is Vietnamese.
"""

from collections.abc import Iterator, Mapping, Sequence
from io import BytesIO
from typing import Any

from docx import Document
from docx.document import Document as DocumentFile
from docx.enum.section import WD_ORIENT, WD_SECTION
from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Length, Mm, Pt

from models.frozen_figures import FrozenFigures
from services.form_06a import column_number
from services.freezing import DEPARTMENT, FORM, SERVICE, SETTLEMENT
from services.letters import LetterText
from services.localtime import to_local
from services.settlement import Rate, SettlementCounts
from services.settlement_figures import FORM_FIGURES
from services.settlement_slices import Dimension
from services.slips.typesetting import long_day

MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
FONT = "Times New Roman"
NATION, MOTTO = "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", "Độc lập - Tự do - Hạnh phúc"
ROMAN = ("I", "II", "III", "IV", "V")
SECTIONS = (
    ("assessment", "ĐÁNH GIÁ CHUNG"),
    ("difficulties", "KHÓ KHĂN, VƯỚNG MẮC"),
    ("plans", "PHƯƠNG HƯỚNG, NHIỆM VỤ"),
)
FORM_HEADINGS = {
    "population": "Tổng số tiếp nhận",
    "received_online": "Trực tuyến",
    "received_directly": "Trực tiếp, bưu chính",
    "carried_over": "Từ kỳ trước",
    "resolved": "Tổng số đã giải quyết",
    "early": "Trước hạn",
    "punctual": "Đúng hạn",
    "late": "Quá hạn",
    "open": "Tổng số đang giải quyết",
    "in_time": "Trong hạn",
    "overdue": "Quá hạn",
}
CENTRE, RIGHT, JUSTIFY = WD_ALIGN_PARAGRAPH.CENTER, WD_ALIGN_PARAGRAPH.RIGHT, WD_ALIGN_PARAGRAPH.JUSTIFY


def write_letter(text: LetterText, frozen: FrozenFigures) -> bytes:
    """Return the letter as a DOCX file: the words of ``text`` around the figures of ``frozen``."""
    file = Document()
    _prepare(file, f"{text.agency}: {frozen.period.name}")
    _head(file, text)
    _line(file, "BÁO CÁO", align=CENTRE, size=14, is_bold=True, before=14)
    subject = "Kết quả tiếp nhận, giải quyết thủ tục hành chính"
    _line(file, f"{subject} {_lower(frozen.period.name)}", align=CENTRE, size=14, is_bold=True, after=10)
    for line in _lines(text.recipients):
        _line(file, f"Kính gửi: {line}.", align=CENTRE, after=6)
    _prose(file, text.opening)
    _body(file, text, frozen)
    _prose(file, f"Trên đây là báo cáo kết quả {_lower(frozen.period.name)}, {text.agency} kính báo cáo./.")
    _signature(file, text)
    _appendix(file, frozen)
    out = BytesIO()
    file.save(out)
    return out.getvalue()


def say_results(frozen: FrozenFigures) -> list[str]:
    """Return the sentences that carry the frozen figures, as the letter prints them and its screen shows them."""
    form = _Told(frozen.figures[FORM][DEPARTMENT.value]["total"])
    service = _Told(frozen.figures[SERVICE][DEPARTMENT.value]["total"])
    counts = SettlementCounts(**frozen.figures[SETTLEMENT][DEPARTMENT.value]["total"])
    waiting = frozen.figures["waiting"]
    said = [
        f"Tổng số hồ sơ: {form['population']}; trong đó tiếp nhận trực tuyến {form['received_online']}, trực tiếp và "
        f"qua bưu chính {form['received_directly']}, từ kỳ trước chuyển sang {form['carried_over']}.",
        f"Đã giải quyết {form['resolved']} hồ sơ: trước hạn {form['early']}, đúng hạn {form['punctual']}, quá hạn "
        f"{form['late']}. Tỷ lệ đúng hạn {percent(counts.on_time_rate)}; tính cả hồ sơ đang giải quyết còn trong hạn: "
        f"{percent(counts.national_on_time_rate)}.",
        f"Đang giải quyết {form['open']} hồ sơ: trong hạn {form['in_time']}, quá hạn {form['overdue']}.",
        f"Tiếp nhận qua dịch vụ bưu chính {service['received_by_post']} hồ sơ, trả kết quả qua dịch vụ bưu chính "
        f"{service['returned_by_post']} hồ sơ. Yêu cầu bổ sung {service['supplement_requests']} lần đối với "
        f"{service['asked_for_papers']} hồ sơ; xin lỗi và gia hạn {service['extended']} hồ sơ.",
    ]
    if waiting.get("called"):
        half, most = (round(waiting[name] / 60) for name in ("median_seconds", "most_seconds"))
        said.append(
            f"Tại Trung tâm, một nửa trong {number(waiting['called'])} lượt người chờ không quá {half} phút, chín phần "
            f"mười chờ không quá {most} phút."
        )
    return said


class _Told(dict[str, int]):
    """Counts that are written as letters write them."""

    def __getitem__(self, name: str) -> Any:
        return number(super().__getitem__(name))


def number(value: int) -> str:
    """Return a count as Vietnamese letters write it: ``1.234``."""
    return f"{value:,}".replace(",", ".")


def percent(rate: Rate) -> str:
    """Return a share with what it is made of: ``92,64 % (9.314/10.054)``; a dash on an empty denominator."""
    if rate.percent is None:
        return str(rate)
    return f"{str(rate).replace('.', ',')} % ({number(rate.numerator)}/{number(rate.denominator)})"


def _prepare(file: DocumentFile, title: str) -> None:
    style: Any = file.styles["Normal"]
    style.font.name, style.font.size = FONT, Pt(13)
    style.element.rPr.rFonts.set(qn("w:eastAsia"), FONT)
    style.paragraph_format.space_after = Pt(6)
    style.paragraph_format.line_spacing = 1.15
    file.core_properties.title = title
    file.core_properties.author = ""
    section = file.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.top_margin = section.bottom_margin = Mm(20)
    section.left_margin, section.right_margin = Mm(30), Mm(20)
    section.different_first_page_header_footer = True  # the first page has no number
    _page_number(section.header.paragraphs[0])


def _page_number(paragraph: Any) -> None:
    paragraph.alignment = CENTRE
    field = OxmlElement("w:fldSimple")
    field.set(qn("w:instr"), "PAGE")
    paragraph._p.append(field)


def _head(file: DocumentFile, text: LetterText) -> None:
    """Set issuer and number on the left, the nation's name with its motto, place and date on the right."""
    left, right = _columns(file, Mm(70), Mm(90))
    if text.authority:
        _put(left, text.authority.upper(), size=12)
    _put(left, text.agency.upper(), size=12, is_bold=True)
    _rule(left, 25)
    _put(left, f"Số: {text.document_number}", size=13)
    _put(right, NATION, size=12, is_bold=True)
    _put(right, MOTTO, size=13, is_bold=True)
    _rule(right, 55)
    day = long_day(text.letter_date) if text.letter_date else "ngày      tháng      năm"
    _put(right, f"{text.place}, {day}" if text.place else day, size=13, is_italic=True)


def _body(file: DocumentFile, text: LetterText, frozen: FrozenFigures) -> None:
    """Set the numbered parts: the figures, then what was written about them; an empty part is left out."""
    _heading(file, f"{ROMAN[0]}. KẾT QUẢ TIẾP NHẬN, GIẢI QUYẾT HỒ SƠ")
    for place, sentence in enumerate(say_results(frozen), 1):
        _prose(file, f"{place}. {sentence}")
    _prose(file, "Kết quả theo từng cơ quan, đơn vị:")
    _departments(file, frozen)
    written = [(title, getattr(text, name)) for name, title in SECTIONS if getattr(text, name)]
    for place, (title, prose) in enumerate(written, 1):
        _heading(file, f"{ROMAN[place]}. {title}")
        _prose(file, prose)


def _departments(file: DocumentFile, frozen: FrozenFigures) -> None:
    table = frozen.figures[FORM][DEPARTMENT.value]
    rates = {row["key"]: SettlementCounts(**row["values"]) for row in frozen.figures[SETTLEMENT]["department"]["rows"]}
    total = SettlementCounts(**frozen.figures[SETTLEMENT][DEPARTMENT.value]["total"])
    lines = [
        [str(place), row["name"], *_short(row["values"], rates.get(row["key"]))]
        for place, row in enumerate(table["rows"], 1)
    ]
    lines.append(["", "Tổng cộng", *_short(table["total"], total)])
    headings = ["TT", "Cơ quan, đơn vị", "Tiếp nhận", "Đã giải quyết", "Quá hạn", "Đang giải quyết", "Đúng hạn (%)"]
    _grid(file, headings, lines, widths=(9, 62, 18, 18, 16, 19, 18), size=11)


def _short(form: Mapping[str, int], counts: SettlementCounts | None) -> list[str]:
    rate = str((counts or SettlementCounts()).on_time_rate).replace(".", ",")
    return [number(form[name]) for name in ("population", "resolved", "late", "open")] + [rate]


def _signature(file: DocumentFile, text: LetterText) -> None:
    left, right = _columns(file, Mm(80), Mm(80))
    _put(left, "Nơi nhận:", size=12, is_bold=True, is_italic=True, align=None)
    for line in _lines(text.copies):
        _put(left, f"- {line.lstrip('- ')}", size=11, align=None)
    _put(right, text.signer_title.upper(), size=13, is_bold=True)
    for _ in range(4):
        _put(right, "", size=13)
    _put(right, text.signer_name, size=13, is_bold=True)


def _appendix(file: DocumentFile, frozen: FrozenFigures) -> None:
    """Set form II.06a by subject area on a page of its own, across, with what the figures stand for."""
    section = file.add_section(WD_SECTION.NEW_PAGE)
    section.orientation, section.page_width, section.page_height = WD_ORIENT.LANDSCAPE, Mm(297), Mm(210)
    section.left_margin = section.right_margin = Mm(20)
    section.different_first_page_header_footer = False
    _line(file, "PHỤ LỤC", align=CENTRE, size=14, is_bold=True)
    _line(file, f"Biểu II.06a: tình hình giải quyết thủ tục hành chính, {_lower(frozen.period.name)}", align=CENTRE,
          is_bold=True)  # fmt: skip
    table = frozen.figures[FORM][Dimension.FIELD.value]
    headings = ["TT (1)", "Lĩnh vực (2)", *(f"{FORM_HEADINGS[name]} ({column_number(name)})" for name in FORM_FIGURES)]
    lines = [
        [str(place), row["name"], *(number(row["values"][name]) for name in FORM_FIGURES)]
        for place, row in enumerate(table["rows"], 1)
    ]
    lines.append(["", "Tổng cộng", *(number(table["total"][name]) for name in FORM_FIGURES)])
    _grid(file, headings, lines, widths=(10, 60, *[17] * len(FORM_FIGURES)), size=10)
    at = f"{to_local(frozen.known_at):%H:%M ngày %d/%m/%Y}"
    days = f"từ {frozen.since_date:%d/%m/%Y} đến {frozen.until_date:%d/%m/%Y}"
    _line(file, f"Số liệu {days}, chốt lúc {at}, bản {frozen.version}.", size=11, is_italic=True, before=6)


def _columns(file: DocumentFile, *widths: Length) -> list[Any]:
    """Return the cells of a table without lines: what stands beside each other on a letter."""
    table = file.add_table(rows=1, cols=len(widths))
    table.autofit, table.alignment = False, WD_TABLE_ALIGNMENT.CENTER
    for cell, width in zip(table.rows[0].cells, widths, strict=True):
        cell.width = width
    return list(table.rows[0].cells)


def _put(cell: Any, text: str, *, align: Any = CENTRE, **look: Any) -> Any:
    """Add a line to a cell, into its first paragraph while that is empty."""
    first = cell.paragraphs[0]
    paragraph = cell.add_paragraph() if first.runs else first
    return _fill(paragraph, text, align=align, after=0, **look)


def _line(file: DocumentFile, text: str, **look: Any) -> Any:
    return _fill(file.add_paragraph(), text, **look)


def _fill(
    paragraph: Any, text: str, *, align: Any = None, size: float = 13, is_bold: bool = False, is_italic: bool = False,
    before: float = 0, after: float = 6,
) -> Any:  # fmt: skip
    run = paragraph.add_run(text)
    run.font.size, run.bold, run.italic = Pt(size), is_bold, is_italic
    paragraph.alignment = align
    paragraph.paragraph_format.space_before, paragraph.paragraph_format.space_after = Pt(before), Pt(after)
    return paragraph


def _heading(file: DocumentFile, text: str) -> None:
    paragraph = _line(file, text, is_bold=True, before=6)
    paragraph.paragraph_format.keep_with_next = True
    paragraph.paragraph_format.first_line_indent = Mm(10)


def _prose(file: DocumentFile, text: str) -> None:
    for line in _lines(text):
        _line(file, line, align=JUSTIFY).paragraph_format.first_line_indent = Mm(10)


def _rule(cell: Any, width_mm: float) -> None:
    """Draw the line under a part of the head: a third to a half of the words above it, centred."""
    paragraph = _put(cell, "", size=4)
    side = (cell.width - Mm(width_mm)) // 2
    paragraph.paragraph_format.left_indent = paragraph.paragraph_format.right_indent = side
    borders, top = OxmlElement("w:pBdr"), OxmlElement("w:top")
    for name, value in (("val", "single"), ("sz", "6"), ("space", "1"), ("color", "auto")):
        top.set(qn(f"w:{name}"), value)
    borders.append(top)
    paragraph._p.get_or_add_pPr().append(borders)


def _grid(
    file: DocumentFile, headings: Sequence[str], lines: Sequence[Sequence[str]], *, widths: Sequence[int], size: float
) -> None:
    """Set a ruled table whose first line repeats on every page and whose last one is the total."""
    table = file.add_table(rows=0, cols=len(headings), style="Table Grid")
    table.autofit, table.alignment = False, WD_TABLE_ALIGNMENT.CENTER
    for place, line in enumerate([headings, *lines]):
        row = table.add_row()
        is_strong = place in (0, len(lines))
        for column, (cell, text) in enumerate(zip(row.cells, line, strict=True)):
            cell.width = Mm(widths[column])
            align = CENTRE if place == 0 or column == 0 else None if column == 1 else RIGHT
            _put(cell, text, size=size, is_bold=is_strong, align=align)
    repeated = OxmlElement("w:tblHeader")
    repeated.set(qn("w:val"), "true")
    table.rows[0]._tr.get_or_add_trPr().append(repeated)
    file.add_paragraph().paragraph_format.space_after = Pt(0)


def _lines(text: str) -> Iterator[str]:
    return (line.strip() for line in text.splitlines() if line.strip())


def _lower(name: str) -> str:
    return name[:1].lower() + name[1:]
