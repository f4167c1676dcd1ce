"""What every answer carries, which hosts are served, which addresses are believed."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask, Response, request

from app import create_app
from web.security import CONTENT_SECURITY_POLICY, HEADERS

METHODS = {"GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE"}


@pytest.fixture
def https_app(sqlite_url: str, tmp_path: Path) -> Iterator[Flask]:
    """The application as it is reached through a proxy with a certificate."""
    app = create_app(
        {
            "DATABASE_URL": sqlite_url,
            "INSTANCE_PATH": str(tmp_path),
            "SECRET_KEY": "Wc4mJ0vXn8ZpT2qLr7KsYb5HdF9gEa3u",
            "BASE_URL": "https://motcua.example.vn",
            "HOSTS": "10.0.0.5, motcua.local",
            "PROXIES": 1,
        }
    )
    yield app
    with app.app_context():
        app.extensions["sqlalchemy"].engine.dispose()


def test_every_answer_carries_the_headers_errors_and_static_files_included(app: Flask) -> None:
    client = app.test_client()
    adapter = app.url_map.bind("localhost")
    urls = {"/no/such/page", "/static/css/base.css", "/static/none.css"}
    for rule in app.url_map.iter_rules():
        values = {name: 1 for name in rule.arguments}
        urls.add(adapter.build(rule.endpoint, values, method=next(iter(rule.methods or {"GET"})), force_external=False))

    for url in sorted(urls):
        for method in ("GET", "POST"):
            answer = client.open(url, method=method)
            seen = {name: answer.headers.get(name) for name in HEADERS}
            assert seen == HEADERS, f"{method} {url}"
            assert len(answer.headers["X-Request-Id"]) == 16
            assert "Strict-Transport-Security" not in answer.headers
            if not url.startswith("/static"):
                assert answer.headers["Cache-Control"] == "no-store", f"{method} {url}"
            if answer.mimetype.startswith("text/"):
                assert "charset=utf-8" in answer.headers["Content-Type"], f"{method} {url}"
            answer.close()


def test_the_policy_allows_nothing_inline_and_nobody_else() -> None:
    assert "unsafe" not in CONTENT_SECURITY_POLICY
    assert "http" not in CONTENT_SECURITY_POLICY
    for directive in ("object-src 'none'", "base-uri 'none'", "frame-ancestors 'none'", "form-action 'self'"):
        assert directive in CONTENT_SECURITY_POLICY


def test_methods_that_are_not_listed_are_refused(app: Flask) -> None:
    client = app.test_client()

    for url, listed in (("/login", {"GET", "HEAD", "OPTIONS", "POST"}), ("/logout", {"POST", "OPTIONS"})):
        refused = {
            method
            for method in (*METHODS, "TRACE", "CONNECT", "PROPFIND")
            if client.open(url, method=method).status_code == 405
        }
        assert refused & METHODS == {"PUT", "PATCH", "DELETE", "GET", "HEAD", "POST"} - listed
        assert {"TRACE", "CONNECT", "PROPFIND"} <= refused


def test_over_https_cookies_are_bound_to_this_host_and_browsers_stay_on_https(https_app: Flask) -> None:
    client = https_app.test_client()

    answer = client.get("/login", base_url="https://motcua.example.vn")

    assert answer.headers["Strict-Transport-Security"] == "max-age=63072000; includeSubDomains"
    cookies = answer.headers.getlist("Set-Cookie")
    assert [cookie.split("=")[0] for cookie in cookies] == ["__Host-motcua-form"]
    for cookie in cookies:
        parts = {part.strip() for part in cookie.split(";")[1:]}
        assert {"Secure", "HttpOnly", "Path=/", "SameSite=Lax"} <= parts
        assert not any(part.startswith("Domain") for part in parts)


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("motcua.example.vn", 200),
        ("motcua.local", 200),
        ("10.0.0.5", 200),
        ("evil.example", 400),
        ("motcua.example.vn.evil.example", 400),
        ("localhost", 400),
    ],
)
def test_foreign_hosts_are_not_served(https_app: Flask, host: str, status: int) -> None:
    answer = https_app.test_client().get("/login", headers={"Host": host}, base_url="https://motcua.example.vn")

    assert answer.status_code == status
    assert answer.headers["Content-Security-Policy"] == CONTENT_SECURITY_POLICY


def test_forwarded_addresses_are_believed_only_from_the_proxies_that_were_set_up(
    fresh_app: Flask, https_app: Flask
) -> None:
    forged = {"X-Forwarded-For": "6.6.6.6, 1.2.3.4", "X-Forwarded-Host": "motcua.local", "X-Forwarded-Proto": "ftp"}
    seen: list[tuple[str | None, str, str]] = []
    for tested in (fresh_app, https_app):

        @tested.after_request
        def _look(response: Response) -> Response:
            seen.append((request.remote_addr, request.host, request.scheme))
            return response

    fresh_app.test_client().get("/login", headers=forged)
    https_app.test_client().get("/login", headers=forged, base_url="https://motcua.example.vn")

    assert seen == [("127.0.0.1", "localhost", "http"), ("1.2.3.4", "motcua.local", "ftp")]
