"""The review pages: who may open which, what is asked of the address, and that reading is written down."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from models.audit import AuditEvent
from models.evaluation import RatingStanding
from models.staff import Staff
from services.asks import issue_ask
from tests.support.clients import client_as, make_user, sign_in
from tests.support.tablets import Counter3, send

PAGES = ("/review/", "/review/servants", "/review/comments", "/review/method")


@pytest.fixture
def counter(any_app, now) -> Counter3:
    counter = Counter3(any_app, now)
    device = counter.pair()
    for number, level in enumerate((5, 5, 4, 4, 3, 1)):
        token = counter.finish_dealing()
        rating = f"rating-{number}"
        same = {"rating": rating, "scale": counter.scale_id()}
        send(device, counter.event(token, "SHOWN"), counter.score(token, level, rating=rating))
        if level == 1:
            send(
                device,
                counter.event(token, "REASONS", reasons=["LATE"], **same),
                counter.event(token, "TEXT", text="<b>Chờ lâu</b>", **same),
            )
        counter.pass_time(60)
    return counter


def supervisor(counter):
    counter.app.config.pop("CLOCK")
    return client_as(counter.app, "SUPERVISOR")


def servant_id(counter) -> int:
    with counter.session() as session:
        return session.scalars(select(Staff.id).where(Staff.badge_number == "1001")).one()


DAYS = "?from=2017-05-17&to=2017-05-17"


def test_a_supervisor_sees_the_figures_with_what_they_rest_on(counter):
    client = supervisor(counter)

    page = client.get(f"/review/{DAYS}").text
    table = client.get(f"/review/servants{DAYS}").text

    assert "hài lòng: 4 trên 6 lượt đánh giá" in page
    assert "66,67" in page
    assert "Chưa đủ lượt đánh giá để so sánh kỳ này với kỳ trước: mỗi bên cần ít nhất 30 lượt." in page
    assert (
        "Nguyễn Thị Minh Khai: 66,67\N{NO-BREAK SPACE}% hài lòng trên 6 lượt đánh giá. Trong phạm vi ngẫu nhiên"
        in table
    )
    assert "Nguyễn Thị Minh Khai" in table
    assert "Chưa đủ dữ liệu" in table


def test_below_five_ratings_no_page_shows_a_share(counter):
    with counter.session() as session:
        for standing in session.scalars(select(RatingStanding).order_by(RatingStanding.rating_id).limit(2)):
            standing.local_date -= timedelta(days=9)
    client = supervisor(counter)

    page = client.get(f"/review/{DAYS}").text
    table = client.get(f"/review/servants{DAYS}").text

    assert "4 lượt đánh giá: quá ít để tính tỷ lệ" in page
    assert 'card-value">50' not in page
    assert "funnel-plot" not in table


def test_a_servants_page_shows_comments_as_text_and_says_that_reading_is_logged(counter):
    client, key = supervisor(counter), servant_id(counter)

    page = client.get(f"/review/staff/{key}{DAYS}").text

    assert "&lt;b&gt;Chờ lâu&lt;/b&gt;" in page
    with counter.session() as session:
        reads = session.scalars(select(AuditEvent).where(AuditEvent.entity == "rating", AuditEvent.action == "read"))
        assert [read.entity_key for read in reads] == [str(key)]


@pytest.mark.parametrize("role", ["ADMIN", "AUDITOR", None])
def test_who_reviews_nobody_is_kept_out(counter, role):
    counter.app.config.pop("CLOCK")
    client = client_as(counter.app, role)

    statuses = {path: client.get(path).status_code for path in (*PAGES, "/review/own")}

    assert set(statuses.values()) == {403 if role else 303}


def test_a_servant_gets_the_own_page_only(counter):
    counter.app.config.pop("CLOCK")
    client = client_as(counter.app, "RECEIVING_OFFICER")

    for path in ("/review/", "/review/servants", "/review/comments"):
        answer = client.get(path)
        assert (answer.status_code, answer.headers["Location"]) == (303, "/review/own")
    assert client.get(f"/review/staff/{servant_id(counter)}").status_code == 404
    assert "Chưa đủ lượt đánh giá" in client.get("/review/own").text


def test_a_rated_supervisor_finds_nothing_of_themselves_among_the_others(counter):
    counter.app.config.pop("CLOCK")
    key = servant_id(counter)
    with counter.session() as session:
        user = make_user(session, "SUPERVISOR")
        user.staff_id = key
        session.flush()
        user_id = user.id
    client = sign_in(counter.app, user_id)

    answer = client.get(f"/review/staff/{key}")
    own = client.get("/review/own")
    table = client.get(f"/review/servants{DAYS}").text

    assert (answer.status_code, own.status_code) == (404, 200)
    assert "Đánh giá về chính bạn nằm ở trang riêng của bạn." in table
    assert "Chờ lâu" not in client.get(f"/review/comments{DAYS}").text


def test_a_head_of_another_department_finds_nobody(counter):
    counter.app.config.pop("CLOCK")
    client = client_as(counter.app, "DEPARTMENT_HEAD", department_code="H19.55")

    assert client.get(f"/review/staff/{servant_id(counter)}{DAYS}").status_code == 404
    assert "Nguyễn Thị Minh Khai" not in client.get(f"/review/servants{DAYS}").text
    assert "Chờ lâu" not in client.get(f"/review/comments{DAYS}").text


@pytest.mark.parametrize(
    "query",
    [
        "from=x&to=y",
        "from=2017-05-17",
        "from=2017-05-18&to=2017-05-17",
        "from=2010-01-01&to=2017-01-01",
        "from=0001-01-01&to=0001-01-02",
    ],
)
def test_days_that_are_no_period_are_refused(counter, query):
    assert supervisor(counter).get(f"/review/?{query}").status_code == 422


@pytest.mark.parametrize("query", ["department=x", "department=999", "scale=9" * 5, "department=" + "9" * 30])
def test_other_nonsense_in_the_address_is_no_fault(counter, query):
    client = supervisor(counter)

    assert {client.get(f"{path}?{query}").status_code for path in PAGES} == {200}


def test_no_page_of_a_servant_that_does_not_exist(counter):
    client = supervisor(counter)

    assert [client.get(f"/review/staff/{key}").status_code for key in (999_999, 2**63, 2**80)] == [404] * 3


@pytest.mark.parametrize("people", [1, 4])
def test_the_servants_page_costs_the_same_for_one_and_for_four(counter, people, count_queries):
    with counter.hall() as hall:
        for letter in "ABC"[: people - 1]:
            dealing = hall.make_dealing(staff=hall.make_staff(f"Lê Văn {letter}"))
            issue_ask(hall.session, transaction=dealing, at=counter.at)
    client = supervisor(counter)
    client.get(f"/review/servants{DAYS}")
    with counter.app.app_context():
        engine = counter.app.extensions["sqlalchemy"].engine

    with count_queries(engine) as seen:
        client.get(f"/review/servants{DAYS}")

    selects = [statement for statement in seen if statement.startswith("SELECT") and "rating" in statement]
    assert len(selects) == 4, "\n".join(selects)


def test_ratings_and_asks_have_no_screen_of_their_own(counter):
    client = client_as(counter.app, "ADMIN")

    for entity in ("rating", "rating_event", "rating_standing", "ask", "ask_event"):
        assert client.get(f"/admin/{entity}/").status_code == 404


def test_the_day_after_nothing_is_left_of_the_first(counter):
    counter.at += timedelta(days=1)
    page = supervisor(counter).get("/review/?from=2017-05-18&to=2017-05-18").text

    assert "Không có lượt phục vụ nào" in page
