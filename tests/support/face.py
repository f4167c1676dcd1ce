"""A small application that shows the theme's templates with sample data, ordinary and extreme; no database."""

from datetime import UTC, date, datetime
from itertools import cycle, islice
from pathlib import Path
from typing import Any

from flask import Blueprint, Flask, abort, flash, jsonify, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import Babel
from flask_wtf import CSRFProtect, FlaskForm
from wtforms import (
    BooleanField,
    DateField,
    DateTimeLocalField,
    DecimalField,
    IntegerField,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length, Optional

from admin_views.merge_pages import MergePage, Question, Taken
from admin_views.pages import (
    ArrangePanel,
    Cell,
    ChildTable,
    Chip,
    ChipGroup,
    Column,
    DetailPage,
    FilterGroup,
    FilterInput,
    FilterPanel,
    FormPage,
    FormSection,
    Item,
    ListPage,
    Row,
    SavedViewForm,
    Section,
    Tab,
    VerbButton,
)
from services.history import Change
from web import formats, tables
from web.catalogues import compile_catalogues, domains
from web.shell import MenuEntry, MenuGroup, Viewer
from web.worddiff import word_differences

ROOT = Path(__file__).resolve().parents[2]
POLICY = "default-src 'self'; style-src 'self'; script-src 'self'; img-src 'self'; object-src 'none'; base-uri 'none'"
PAGES = (
    "list",
    "list?q=giay",
    "empty",
    "nothing",
    "wide",
    "filters",
    "arrange",
    "detail",
    "form",
    "refused",
    "conflict",
    "start",
    "quiet",
    "login",
    "citizen",
)
ERRORS = (403, 404, 409, 422, 429, 500, 503)

PHRASE = (
    "Cấp giấy chứng nhận quyền sử dụng đất, quyền sở hữu nhà ở và tài sản khác gắn liền với đất đối với trường hợp "
    "chuyển nhượng, thừa kế, tặng cho, góp vốn bằng quyền sử dụng đất của hộ gia đình, cá nhân "
)
LONG_NAME = (PHRASE * 6)[:1094]
NAMES = (
    "Nguyễn Thị Minh Khai",
    "Đặng Hữu Phước",
    "Trần Ngọc Diễm Quỳnh",
    "Lê Vũ",
    "Huỳnh Công Trứ",
    "Phạm Thị Thuỷ Tiên",
    "Công ty trách nhiệm hữu hạn một thành viên Thương mại Dịch vụ Xuất nhập khẩu Đông Nam Bộ",
)
PROCEDURES = ("Đăng ký khai sinh", "Cấp phiếu lý lịch tư pháp số 1", "Cấp giấy phép xây dựng nhà ở riêng lẻ", LONG_NAME)
STATES = (("Được tiếp nhận", "info"), ("Đang xử lý", ""), ("Quá hạn", "danger"), ("Đã trả kết quả", "success"))

bp = Blueprint("face", __name__)


class LookupField(StringField):
    lookup_url = "/lookup"
    shown = "Sở Tài nguyên và Môi trường"


class LookupMultipleField(StringField):
    lookup_url = "/lookup"
    chosen = ((1, "Quản trị"), (2, "Cán bộ tiếp nhận"))


class SampleForm(FlaskForm):
    full_name = StringField("Họ và tên", [InputRequired()], description="Như trên căn cước công dân.")
    department = LookupField("Cơ quan", [InputRequired()])
    kind = SelectField("Loại", choices=[SelectChoice("A", "Công chức"), SelectChoice("B", "Tình nguyện viên")])
    copies = IntegerField("Số bộ hồ sơ", [Optional()])
    limit = DecimalField("Thời hạn giải quyết", [Optional()])
    birth_date = DateField("Ngày sinh", [Optional()])
    received_at = DateTimeLocalField("Tiếp nhận lúc", [Optional()])
    is_active = BooleanField("Đang làm việc", description="Người đã nghỉ không đứng quầy được.")
    has_note = SelectField("Có ghi chú", choices=[SelectChoice("no", "Không"), SelectChoice("yes", "Có")])
    note = TextAreaField("Ghi chú", [Length(max=20)], render_kw={"data-depends": "has_note=yes"})
    reason = StringField("Lý do nghỉ việc", render_kw={"data-depends": "is_active"})
    roles = LookupMultipleField("Vai trò")


def rows(count: int, width: int = 0) -> list[Row]:
    """Return sample rows of the list, each with ``width`` more columns of words."""
    made = []
    for index, name, procedure, (state, tone) in zip(
        range(count), cycle(NAMES), islice(cycle(PROCEDURES), 1, None), cycle(STATES), strict=False
    ):
        cells = [
            Cell(f"H19.07-170517-{index + 1:04}", "code"),
            Cell(name),
            Cell(procedure),
            Cell(state, "choice", tone=tone),
            Cell(datetime(2017, 5, 17, 2, index % 60, tzinfo=UTC), "datetime"),
            Cell(date(2017, 5, 24) if index % 3 else None, "date"),
            Cell(index * 1_234_567, "money"),
            Cell(index % 2 == 0, "boolean"),
            *(Cell(PHRASE.split()[word % 30]) for word in range(width)),
        ]
        made.append(Row(str(index), name, f"/detail?id={index}", cells))
    return made


def columns(width: int = 0) -> list[Column]:
    """Return the columns that ``rows`` fills."""
    return [
        Column("code", "Mã hồ sơ", "code", "/list?order=code"),
        Column("applicant", "Chủ hồ sơ"),
        Column("procedure", "Thủ tục hành chính"),
        Column("state", "Trạng thái", "choice"),
        Column("received_at", "Tiếp nhận lúc", "datetime", "/list?order=received_at", "desc"),
        Column("due_date", "Ngày hẹn trả", "date"),
        Column("fee", "Phí, lệ phí", "money"),
        Column("is_paid", "Đã nộp", "boolean"),
        *(Column(f"c{index}", f"Cột số {index}") for index in range(width)),
    ]


FILTERS = (
    FilterInput(
        key="f.state",
        label="Trạng thái",
        kind="choice",
        values=("2",),
        choices=(("1", "Mới đăng ký"), ("2", "Được tiếp nhận"), ("4", "Đang xử lý")),
        ways=("none",),
    ),
    FilterInput(key="f.is_paid", label="Đã nộp", kind="boolean"),
    FilterInput(
        key="f.received",
        label="Ngày tiếp nhận",
        kind="date",
        ends={"from": "2017-05-01", "to": "2017-05-31", "when": "", "empty": ""},
        relative=(("week", "tuần này"),),
    ),
    FilterInput(key="f.fee", label="Phí, lệ phí", kind="number", ends={"from": "", "to": ""}),
    FilterInput(
        key="f.department",
        label="Cơ quan",
        kind="lookup",
        lookup_url="/lookup",
        chosen=((1, "Sở Tư pháp"),),
        values=("1",),
        ways=("none",),
    ),
    FilterInput(key="f.note", label="Ghi chú", kind="text", ways=("has", "starts"), ends={"empty": "1"}),
)


@bp.get("/filters")
def show_filters() -> str:
    panel = FilterPanel("Hồ sơ", "/list", "/filters", "/list", [FilterGroup(FILTERS)] * 2, True, (("order", "code"),))
    return render_template("admin/filters.html", panel=panel, is_part="HX-Request" in request.headers)


@bp.get("/arrange")
def show_arrange() -> str:
    view = SavedViewForm(
        id=1, name=PHRASE[:80], audience="ROLE", role_id=2, is_default=True, delete_url="/post", is_changeable=True
    )
    panel = ArrangePanel(
        title="Hồ sơ",
        url="/list",
        save_url="/post",
        columns=[(column.key, column.label, index < 5) for index, column in enumerate(columns(9))],
        sizes=((25, False), (50, True)),
        compact="compact",
        is_compact=False,
        hidden=(("order", "code"),),
        view=view,
        roles=((1, "Quản trị"), (2, "Cán bộ tiếp nhận")),
        can_share=True,
    )
    return render_template("admin/arrange.html", panel=panel, is_part="HX-Request" in request.headers)


def sample_list(**changes: Any) -> str:
    """Return the list page with what ``changes`` says."""
    facts: dict[str, Any] = {
        "title": "Hồ sơ",
        "singular": "Hồ sơ",
        "help": "Mọi hồ sơ mà đơn vị của bạn tiếp nhận hoặc giải quyết.",
        "icon": "folder2-open",
        "columns": columns(),
        "rows": rows(50),
        "count": "1.000+",
        "url": "/list",
        "query": request.args.get("q", ""),
        "searchable": True,
        "filter_url": "/filters",
        "arrange_url": "/arrange",
        "chips": (
            ChipGroup((Chip("Trạng thái", "Được tiếp nhận", "/list?"), Chip("Mã", "từ A", "/list?", 0, "code"))),
            ChipGroup((Chip("Ngày tiếp nhận", "từ 01/05/2017", "/list?", 1, "received"),)),
        ),
        "clear_url": "/list",
        "page_number": 3,
        "tabs": (
            Tab("Tất cả", "/list", True),
            Tab("Của tôi", "/list?v=mine", False),
            Tab("Quá hạn", "/list?v=late", False),
            Tab(PHRASE[:80], "/list?s=1", False, True),
        ),
        "next_url": "/list?after=x",
        "previous_url": "/list?before=x",
        "create_url": "/form",
    }
    return render_template("admin/list.html", page=ListPage(**facts | changes))


@bp.get("/list")
def show_list() -> str:
    flash("Đã lưu hồ sơ H19.07-170517-0001.", "success")
    return sample_list()


@bp.get("/empty")
def show_empty() -> str:
    return sample_list(rows=(), count="0", chips=(), next_url="", previous_url="")


@bp.get("/nothing")
def show_nothing() -> str:
    return sample_list(rows=(), count="0", query="không có ai", next_url="", previous_url="")


@bp.get("/wide")
def show_wide() -> str:
    return sample_list(columns=columns(60), rows=rows(12, 60), title="Danh mục rất rộng " + "Nghiêngngảkhôngngắt" * 5)


@bp.get("/detail")
def show_detail() -> str:
    flash("Hồ sơ này đã quá hạn ba ngày.", "warning")
    facts = Section(
        "Hồ sơ",
        (
            Item("Mã hồ sơ", Cell("H19.07-170517-0001", "code")),
            Item("Trạng thái", Cell("Chờ bổ sung", "choice", tone="warning")),
            Item("Tiếp nhận lúc", Cell(datetime(2017, 5, 17, 2, 5, tzinfo=UTC), "datetime")),
            Item("Hẹn trả", Cell(None, "datetime"), "Thủ tục này không có thời hạn tính được."),
            Item("Phí, lệ phí", Cell(1_234_567, "money")),
            Item("Thủ tục hành chính", Cell(LONG_NAME, "link", "/detail")),
            Item("Giấy tờ", Cell((("Tờ khai", "/detail"), ("Bản sao chứng thực", "")), "links")),
            Item("Màu", Cell("#a93420", "color")),
        ),
    )
    person = Section(
        "Chủ hồ sơ",
        (*(Item("Họ và tên", Cell(name)) for name in NAMES[:3]), Item("Điện thoại", Cell("0903 123 456", "phone"))),
    )
    page = DetailPage(
        title=f"H19.07-170517-0001 · {LONG_NAME}",
        singular="Hồ sơ",
        list_title="Hồ sơ",
        list_url="/list",
        icon="folder2-open",
        sections=(facts, person),
        children=(ChildTable("Quá trình", columns(), rows(4), "/list"), ChildTable("Kết quả", columns(), ())),
        verbs=(
            VerbButton("Trả kết quả", "/post", "box-arrow-up", "post", primary=True),
            VerbButton("In giấy hẹn", "/detail", "printer"),
            VerbButton(
                "Huỷ hồ sơ",
                "/post",
                "slash-circle",
                "post",
                danger=True,
                confirm="Huỷ hồ sơ này? Mã hồ sơ vẫn được giữ lại.",
            ),
        ),
        edit_url="/form",
        delete_url="/post",
    )
    return render_template("admin/detail.html", page=page)


def sample_form(form: SampleForm, errors: tuple[str, ...] = ()) -> str:
    """Return the form page around ``form``."""
    page = FormPage(
        title="Sửa Nguyễn Thị Minh Khai",
        singular="Cán bộ",
        list_title="Cán bộ",
        list_url="/list",
        icon="people",
        form=form,
        is_new=False,
        cancel_url="/list",
        errors=errors,
        sections=(
            FormSection("", [form.full_name, form.department, form.kind, form.copies, form.limit]),
            FormSection("Thời gian", [form.birth_date, form.received_at]),
            FormSection("Khác", [form.is_active, form.reason, form.has_note, form.note, form.roles]),
        ),
    )
    return render_template("admin/form.html", page=page)


@bp.route("/form", methods=["GET", "POST"])
def show_form() -> ResponseReturnValue:
    form = SampleForm(
        birth_date=date(1990, 2, 28), received_at=datetime(2017, 5, 17, 9, 5, tzinfo=UTC), full_name=NAMES[0]
    )
    if form.is_submitted():
        sent = {key: request.form.getlist(key) for key in request.form if key != "csrf_token"}
        return jsonify(sent) if form.validate() else (sample_form(form), 422)
    return sample_form(form)


@bp.get("/refused")
def show_refused() -> str:
    form = SampleForm(has_note="yes", note=LONG_NAME)
    form.full_name.errors = ["Vui lòng nhập trường này."]
    form.department.errors = ["Vui lòng nhập trường này."]
    form.birth_date.errors = ["Ngày không hợp lệ. Viết theo mẫu 31/12/2016."]
    form.note.errors = ["Không được dài quá 20 ký tự."]
    return sample_form(form, errors=("Đã có người khác dùng số hiệu này.",))


@bp.get("/conflict")
def show_conflict() -> str:
    form = SampleForm(full_name=NAMES[2], note=LONG_NAME, is_active=True)
    at = datetime(2017, 5, 17, 2, 5, tzinfo=UTC)
    by = Change(
        id=1,
        at=at,
        action="edit",
        who=NAMES[1],
        acting_for="",
        is_by_device=False,
        reason="",
        batch_id=None,
        batch_title="",
        is_erased=False,
        differences=(),
    )
    old, new = word_differences(LONG_NAME, LONG_NAME.replace(LONG_NAME.split()[1], "khác"))
    page = MergePage(
        title=NAMES[0],
        list_title="Cán bộ",
        list_url="/list",
        row_url="/detail",
        history_url="/list",
        form=form,
        newest=by,
        questions=(
            Question(control=form.full_name, before=Cell(NAMES[0]), theirs=Cell(NAMES[1]), by=by),
            Question(
                control=form.note,
                before=Cell(LONG_NAME),
                theirs=Cell(LONG_NAME),
                by=by,
                before_words=old,
                theirs_words=new,
                error="Hãy chọn một bên.",
            ),
            Question(control=form.department, before=None, theirs=Cell("Sở Tư pháp"), by=None),
            Question(control=form.is_active, before=Cell(False, "boolean"), theirs=Cell(True, "boolean"), by=by),
        ),
        taken=(
            Taken(label="Ngày sinh", side="theirs", before=Cell(None), after=Cell(date(1990, 2, 28), "date"), by=by),
            Taken(label="Ghi chú", side="yours", before=Cell(None), after=Cell(LONG_NAME), by=None),
        ),
        sections=(FormSection("Thời gian", [form.birth_date, form.received_at]),),
        carried=(),
        is_undecided=True,
    )
    return render_template("admin/merge.html", page=page)


@bp.get("/start")
def show_start() -> str:
    cards = [
        {"group": "Hồ sơ", "label": "Tiếp nhận hôm nay", "value": "128", "url": "/list", "tone": ""},
        {"group": "Hồ sơ", "label": "Sắp đến hạn", "value": "17", "url": "/list", "tone": "warning"},
        {"group": "Hồ sơ", "label": "Quá hạn", "value": "3", "url": "/list", "tone": "danger"},
        {
            "group": "Số liệu",
            "label": "Tỷ lệ đúng hạn",
            "value": formats.percent(9314, 10054),
            "url": "",
            "tone": "success",
        },
    ]
    quick = [
        VerbButton("Tiếp nhận hồ sơ", "/form", "folder-plus", primary=True),
        VerbButton("Trả kết quả", "/list", "box-arrow-up"),
    ]
    return render_template(
        "admin/index.html", greeting="Chào buổi sáng, Khải", today=date(2017, 5, 17), cards=cards, quick_actions=quick
    )


@bp.get("/quiet")
def show_quiet() -> str:
    return render_template("admin/index.html")


@bp.get("/login")
def show_login() -> str:
    return render_template("access/login.html", error="Tên đăng nhập hoặc mật khẩu không đúng.", user_name="khai.ntm")


@bp.get("/citizen")
def show_citizen() -> str:
    return render_template("layouts/citizen.html")


@bp.get("/errors/<int:code>")
def show_error(code: int) -> ResponseReturnValue:
    return render_template(f"errors/{code}.html", incident="7f3a-91c2") if code in ERRORS else abort(404)


@bp.post("/post")
def do_post() -> str:
    return "done"


@bp.get("/lookup")
def find() -> ResponseReturnValue:
    query = formats.fold(request.args.get("q", ""))
    found = [(index, name) for index, name in enumerate(NAMES) if query in formats.fold(name)]
    return jsonify(
        results=[{"id": key, "text": name, "note": f"Số hiệu {1000 + key}"} for key, name in found], more=not query
    )


def shell() -> dict[str, object]:
    """Return the frame around the sample pages."""
    groups = {
        "": [("Trang đầu", "house", "/start")],
        "Hồ sơ": [
            ("Hồ sơ", "folder2-open", "/list"),
            ("Tiếp nhận", "folder-plus", "/form"),
            ("Lượt khách", "ticket-perforated", "/wide"),
        ],
        "Danh mục": [("Thủ tục hành chính", "journal-text", "/empty"), ("Lĩnh vực", "collection", "/nothing")],
        "Tổ chức": [
            ("Sở, ban, ngành", "building", "/detail"),
            ("Cán bộ", "people", "/conflict"),
            ("Quầy", "window", "/refused"),
        ],
        "Truy cập": [
            ("Người dùng", "person-badge", "/quiet"),
            ("Vai trò", "shield", "/login"),
            ("Quyền", "key", "/citizen"),
        ],
    }
    menu = [
        MenuGroup(label, [MenuEntry(text, url, picture, url == request.path) for text, picture, url in entries])
        for label, entries in groups.items()
    ]
    viewer = Viewer(
        name=NAMES[0],
        roles=("Cán bộ tiếp nhận",),
        counter="Quầy 07 · Tư pháp",
        sign_out_url="/post",
        account_url="/start",
        counter_url="/start",
        is_training=request.path == "/form",
    )
    return {"menu": menu, "viewer": viewer, "search_url": "/list", "home_url": "/start", "citizen_home_url": "/citizen"}


def make_app() -> Flask:
    """Return the sample application."""
    app = Flask("motcua", root_path=str(ROOT))
    names = domains(ROOT / "translations")
    app.config.update(
        SECRET_KEY="t" * 40,
        TESTING=True,
        BABEL_DOMAIN=";".join(names),
        BABEL_TRANSLATION_DIRECTORIES=";".join([str(ROOT / "translations")] * len(names)),
    )
    compile_catalogues(ROOT / "translations")
    Babel(app, locale_selector=lambda: request.cookies.get("language", "vi"))
    CSRFProtect(app)
    formats.register(app)
    tables.register(app)
    app.register_blueprint(bp)
    app.context_processor(shell)
    app.add_url_rule("/bell", "notes.show_bell", show_list)
    app.add_template_global(lambda: "12", "unread_count")
    app.add_template_global(lambda _row: None, "notes_on")

    @app.after_request
    def add_policy(response: Any) -> Any:
        response.headers["Content-Security-Policy"] = POLICY
        return response

    return app
