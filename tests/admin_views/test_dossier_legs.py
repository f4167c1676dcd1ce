"""The table of legs on a dossier's page."""

import re
from html import unescape

from flask import Flask
from sqlalchemy import select

from models.dossier import Dossier
from services import dossiers
from tests.support.browser import Browser, database_of, set_clock
from tests.support.centre import Centre, receive
from tests.support.people import PASSWORD


def text_of(page: str) -> str:
    section = page[page.index('<h2 id="legs-title"') :].split("</section>")[0]
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", section)).split())


def test_the_page_of_a_dossier_says_who_used_its_time(any_app: Flask, now) -> None:
    set_clock(any_app, now)
    with database_of(any_app) as session:
        centre = Centre(session, now)
        dossier = receive(centre)
        late = now.replace(day=26, hour=1)
        with centre.acting_as(centre.officer):
            dossiers.start_work(session, dossier, at=now)
            dossiers.request_payment(session, dossier, reason="Lệ phí trước bạ", at=now.replace(hour=4))
            dossiers.settle_payment(session, dossier, at=now.replace(day=18, hour=4))
        user_name = centre.officer.user_name
        session.commit()
        key = session.scalars(select(Dossier.id)).one()

    set_clock(any_app, late)
    browser = Browser(any_app)
    browser.sign_in(user_name, PASSWORD)
    shown = text_of(browser.get(f"/admin/dossier/details/?id={key}").get_data(as_text=True))

    name = "Sở Giao thông vận tải"
    assert shown == (
        f"Thời gian đã dùng ở đâu Trễ 2 ngày 3 giờ {name} {name} "
        "Đã dùng 5 ngày 7 giờ trong 3 ngày 4 giờ. Ngoài ra đồng hồ dừng 1 ngày. "
        "Một ngày ở đây là một ngày làm việc 8 giờ. "
        "Đơn vị giữ hồ sơ Bước Từ Đến Thời gian đã dùng Thời gian được giao Thời gian chờ Phần trễ phải chịu "
        f"{name} Xử lý 17/05/2017 09:00 hiện tại 5 ngày 7 giờ – 1 ngày 2 ngày 3 giờ"
    )
